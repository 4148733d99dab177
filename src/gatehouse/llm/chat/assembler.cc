#include "gatehouse/llm/chat/assembler.h"

#include <algorithm>

#include "gatehouse/json/value.h"

namespace gatehouse::llm {
namespace {

constexpr std::string_view kServiceTier = "service_tier";
constexpr std::string_view kFingerprint = "system_fingerprint";

using Kind = ChatEvent::Kind;

Block make_block(const ChatEvent& event) {
  switch (event.block_kind) {
    case BlockKind::text: {
      Text text;
      text.item_id = event.item_id;
      return {.value = std::move(text)};
    }
    case BlockKind::refusal:
      return {.value = Refusal{}};
    case BlockKind::reasoning: {
      Reasoning reasoning;
      reasoning.id = event.id;
      reasoning.summary = event.summary;
      return {.value = std::move(reasoning)};
    }
    case BlockKind::media: {
      Media media = event.media != nullptr ? *event.media : Media{};
      media.data.clear();  // comes as text
      return {.value = std::move(media)};
    }
    case BlockKind::tool_call: {
      ToolCall call;
      call.kind = event.tool_kind;
      call.id = event.id;
      call.name = event.name;
      call.item_id = event.item_id;
      return {.value = std::move(call)};
    }
    case BlockKind::tool_result:
      return {.value = ToolResult{}};
    case BlockKind::foreign:
      return {.value = Foreign{}};
  }
  return {.value = Text{}};
}

std::string* text_of(Block& block) {
  if (auto* text = block.as<Text>()) return &text->text;
  if (auto* refusal = block.as<Refusal>()) return &refusal->text;
  if (auto* reasoning = block.as<Reasoning>()) return &reasoning->text;
  if (auto* call = block.as<ToolCall>()) return &call->arguments;
  if (auto* media = block.as<Media>()) return &media->data;
  if (auto* foreign = block.as<Foreign>()) return &foreign->text;
  return nullptr;
}

std::unexpected<Error> broken(std::string_view why) {
  return fail(Code::internal, "A run of events is not well-formed: " + std::string(why));
}

}  // namespace

Choice& AnswerAssembler::choice(std::uint32_t index) {
  const auto found = std::ranges::find(answer_.choices, index, &Choice::index);
  if (found != answer_.choices.end()) return *found;
  Choice& made = answer_.choices.emplace_back();
  made.index = index;
  return made;
}

void AnswerAssembler::append(std::string& to, std::string_view text) {
  if (text.size() > left_) {
    lost_ = true;
    return;
  }
  left_ -= text.size();
  to.append(text);
}

void AnswerAssembler::keep(const Extras& extras, Extras& to) {
  for (const Extra& extra : extras) {
    if (extra.json.size() > left_) {
      lost_ = true;
      continue;
    }
    left_ -= extra.json.size();
    to.push_back(extra);
  }
}

void AnswerAssembler::keep_told(const Extras& extras) {
  Extras others;
  for (const Extra& extra : extras) {
    std::string* const known = extra.name == kServiceTier   ? &answer_.service_tier
                               : extra.name == kFingerprint ? &answer_.fingerprint
                                                            : nullptr;
    if (known == nullptr) {
      others.push_back(extra);
    } else if (auto text = json::read_string(extra.json)) {
      known->clear();
      append(*known, *text);
    }
  }
  keep(others, answer_.extras);
}

Result<Block*> AnswerAssembler::open_block(const ChatEvent& event) {
  const auto found = places_.find({event.choice, event.block});
  if (found == places_.end()) return broken("a block that did not begin");
  if (!found->second.open) return broken("a block that has ended grows");
  return &answer_.choices[found->second.choice].blocks[found->second.block];
}

Result<> AnswerAssembler::add(const ChatEvent& event) {
  if (ended_ || error_) return broken("something follows the end");
  if (event.kind == Kind::failed) {
    error_ = event.error != nullptr ? *event.error : ChatError{};
    return {};
  }
  if (!started_ && event.kind != Kind::started) return broken("it does not begin with `started`");
  switch (event.kind) {
    case Kind::started:
      if (started_) return broken("`started` comes twice");
      started_ = true;
      answer_.id = event.id;
      answer_.model = event.name;
      answer_.created = event.created;
      return {};
    case Kind::block_started: {
      Choice& at = choice(event.choice);
      if (at.finish != FinishReason::unknown) return broken("a block begins behind `finished`");
      if (event.block != at.blocks.size()) return broken("blocks are not numbered in their order");
      if (at.blocks.size() >= kMostBlocks) {
        lost_ = true;
        return broken("more blocks than can be kept");
      }
      at.blocks.push_back(make_block(event));
      if (event.extras != nullptr) keep(*event.extras, at.blocks.back().extras);
      places_[{event.choice, event.block}] = {static_cast<std::size_t>(&at - answer_.choices.data()),
                                              at.blocks.size() - 1, true};
      return {};
    }
    case Kind::text: {
      const auto block = open_block(event);
      if (!block) return std::unexpected(block.error());
      std::string* const text = text_of(**block);
      if (text == nullptr) return broken("text of a block that has none");
      append(*text, event.text);
      return {};
    }
    case Kind::signature: {
      const auto block = open_block(event);
      if (!block) return std::unexpected(block.error());
      Opaque* to = nullptr;
      if (auto* reasoning = (*block)->as<Reasoning>()) to = &reasoning->signature;
      if (auto* call = (*block)->as<ToolCall>()) to = &call->signature;
      if (auto* text = (*block)->as<Text>()) to = &text->signature;
      if (to == nullptr) return broken("a signature of a block that has none");
      to->origin = event.opaque.origin;
      append(to->value, event.opaque.value);
      return {};
    }
    case Kind::encrypted: {
      const auto block = open_block(event);
      if (!block) return std::unexpected(block.error());
      auto* const reasoning = (*block)->as<Reasoning>();
      if (reasoning == nullptr) return broken("only thinking is encrypted");
      reasoning->encrypted.origin = event.opaque.origin;
      append(reasoning->encrypted.value, event.opaque.value);
      return {};
    }
    case Kind::citation: {
      const auto block = open_block(event);
      if (!block) return std::unexpected(block.error());
      auto* const text = (*block)->as<Text>();
      if (text == nullptr || event.citation == nullptr) return broken("only texts are cited for");
      text->citations.push_back(*event.citation);
      return {};
    }
    case Kind::logprobs: {
      const auto block = open_block(event);
      if (!block) return std::unexpected(block.error());
      auto* const text = (*block)->as<Text>();
      if (text == nullptr || event.logprobs == nullptr) return broken("only texts have probabilities");
      text->logprobs.insert(text->logprobs.end(), event.logprobs->begin(), event.logprobs->end());
      return {};
    }
    case Kind::block_ended: {
      const auto block = open_block(event);
      if (!block) return std::unexpected(block.error());
      if (auto* const foreign = (*block)->as<Foreign>(); foreign != nullptr && event.foreign != nullptr) {
        *foreign = *event.foreign;
      }
      if (auto* const media = (*block)->as<Media>(); media != nullptr && event.media != nullptr) {
        std::string data = std::move(media->data);
        *media = *event.media;
        media->data = std::move(data);
      }
      places_[{event.choice, event.block}].open = false;
      return {};
    }
    case Kind::finished: {
      Choice& at = choice(event.choice);
      if (at.finish != FinishReason::unknown) return broken("`finished` comes twice");
      const auto open = std::ranges::any_of(
          places_, [&](const auto& entry) { return entry.first.first == event.choice && entry.second.open; });
      if (open) return broken("`finished` comes before the end of a block");
      if (event.finish == FinishReason::unknown) return broken("`finished` without a reason");
      at.finish = event.finish;
      at.native_finish = event.native_finish;
      at.stop_sequence = event.stop_sequence;
      return {};
    }
    case Kind::usage:
      if (event.usage != nullptr) answer_.usage = *event.usage;
      return {};
    case Kind::told:
      if (event.extras != nullptr) keep_told(*event.extras);
      return {};
    case Kind::ended:
      if (std::ranges::any_of(places_, [](const auto& entry) { return entry.second.open; })) {
        return broken("it ends inside a block");
      }
      ended_ = true;
      return {};
    case Kind::failed:
      break;
  }
  return {};
}

std::vector<ChatEvent> run_of(const ChatAnswer& answer) {
  std::vector<ChatEvent> run;
  run.push_back({.kind = Kind::started, .created = answer.created, .id = answer.id, .name = answer.model});
  for (const Choice& choice : answer.choices) {
    std::uint32_t position = 0;
    for (const Block& block : choice.blocks) {
      ChatEvent event{.choice = choice.index, .block = position++, .block_kind = block.kind()};
      const auto say = [&](Kind kind) {
        event.kind = kind;
        run.push_back(event);
      };
      const auto opaque = [&](Kind kind, const Opaque& state) {
        if (state.empty()) return;
        event.opaque = state;
        say(kind);
        event.opaque = {};
      };
      std::string_view text;
      if (const auto* reasoning = block.as<Reasoning>()) {
        event.id = reasoning->id;
        event.summary = reasoning->summary;
        text = reasoning->text;
      } else if (const auto* call = block.as<ToolCall>()) {
        event.id = call->id;
        event.name = call->name;
        event.item_id = call->item_id;
        event.tool_kind = call->kind;
        text = call->arguments;
      } else if (const auto* media = block.as<Media>()) {
        event.media = media;
        text = media->data;
      } else if (const auto* words = block.as<Text>()) {
        text = words->text;
        event.item_id = words->item_id;
      } else if (const auto* refusal = block.as<Refusal>()) {
        text = refusal->text;
      }
      event.extras = block.extras.empty() ? nullptr : &block.extras;
      say(Kind::block_started);
      event.extras = nullptr;
      if (const auto* words = block.as<Text>(); words != nullptr && !words->logprobs.empty()) {
        event.logprobs = &words->logprobs;
        say(Kind::logprobs);
        event.logprobs = nullptr;
      }
      if (!text.empty()) {
        event.text = text;
        say(Kind::text);
        event.text = {};
      }
      if (const auto* words = block.as<Text>()) {
        for (const Citation& citation : words->citations) {
          event.citation = &citation;
          say(Kind::citation);
        }
        event.citation = nullptr;
        opaque(Kind::signature, words->signature);
      } else if (const auto* reasoning = block.as<Reasoning>()) {
        opaque(Kind::signature, reasoning->signature);
        opaque(Kind::encrypted, reasoning->encrypted);
      } else if (const auto* call = block.as<ToolCall>()) {
        opaque(Kind::signature, call->signature);
      }
      event.foreign = block.as<Foreign>();
      say(Kind::block_ended);
    }
    ChatEvent finished{.kind = Kind::finished, .choice = choice.index, .finish = choice.finish};
    if (finished.finish == FinishReason::unknown) finished.finish = FinishReason::stop;
    finished.native_finish = choice.native_finish;
    finished.stop_sequence = choice.stop_sequence;
    run.push_back(finished);
  }
  run.push_back({.kind = Kind::usage, .usage = &answer.usage});
  if (!answer.extras.empty()) run.push_back({.kind = Kind::told, .extras = &answer.extras});
  run.push_back({.kind = Kind::ended});
  return run;
}

}  // namespace gatehouse::llm
