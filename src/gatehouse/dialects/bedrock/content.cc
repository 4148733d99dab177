#include "gatehouse/dialects/bedrock/content.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/dialects/base64.h"
#include "gatehouse/json/scan.h"

namespace gatehouse::dialects::bedrock {
namespace {

using llm::Block;

constexpr std::string_view kNothing = ".";

bool is_object(std::string_view json) { return json::validate(json).value_or(json::Kind::null) == json::Kind::object; }

std::string_view without_space_behind(std::string_view text) {
  return text.substr(0, text.find_last_not_of(" \t\n\r\v\f") + 1);
}

}  // namespace

void ContentWriter::open(bool assistant) {
  content_ = {};
  assistant_ = assistant;
  writer_.begin_object().key("role").string(assistant ? "assistant" : "user").key("content").begin_array();
}

void ContentWriter::close() {
  // A document may not stand without a text (the API's Message).
  if (content_.document && !content_.text) text(kNothing);
  writer_.end_array().end_object();
}

std::string ContentWriter::param() const { return std::string(caller_name(request_.dialect, Setting::messages)); }

void ContentWriter::filler(bool assistant) {
  open(assistant);
  text(kNothing);
  close();
}

void ContentWriter::begin_block(std::string_view member) {
  content_.documents_at = 0;
  content_.after_point = false;
  content_.after_reasoning = member == "reasoningContent";
  ++content_.count;
  writer_.begin_object().key(member);
}

void ContentWriter::text(std::string_view words) {
  begin_block("text");
  writer_.string(words);
  end_block();
  content_.text = true;
}

void ContentWriter::cache_point(const llm::CacheHint& hint) {
  writer_.begin_object().key("cachePoint").begin_object().key("type").string("default");
  if (hint.one_hour && traits_.cache_ttl) writer_.key("ttl").string("1h");
  writer_.end_object().end_object();
}

// The point comes behind its block, but behind no thinking and no document (the service refuses that): then before the
// documents, if anything is there.
void ContentWriter::mark(const std::optional<llm::CacheHint>& hint) {
  if (!hint || !traits_.caches) return;
  if (!points_.take() || content_.count == 0 || content_.after_reasoning || content_.after_point) return;
  content_.after_point = true;
  if (content_.documents_at == 0) {
    cache_point(*hint);
    return;
  }
  if (content_.before_them == 0) return;
  const bool long_time = hint->one_hour && traits_.cache_ttl;
  const std::string_view point =
      long_time ? R"(,{"cachePoint":{"type":"default","ttl":"1h"}})" : R"(,{"cachePoint":{"type":"default"}})";
  out_.insert(content_.documents_at, point);
  // Nothing before it is written any more, and a second one here would be the same.
  content_.documents_at += point.size();
  content_.before_them = 0;
}

bool ContentWriter::beside_results(const Block& block) const {
  if (traits_.beside == ModelTraits::Beside::anything) return true;
  if (traits_.beside == ModelTraits::Beside::nothing) return false;
  const auto* media = block.as<llm::Media>();
  if (media == nullptr) return true;
  const auto form = form_of(*media);
  return form && form->kind == llm::Media::Kind::image;
}

bool ContentWriter::inside_results(const MediaForm& form) const {
  switch (form.kind) {
    case llm::Media::Kind::image:
      return traits_.result_images;
    case llm::Media::Kind::document:
      return traits_.result_documents;
    case llm::Media::Kind::video:
      return traits_.result_videos;
    case llm::Media::Kind::audio:
      return false;
  }
  return false;
}

ApiResult<void> ContentWriter::turn(const Turn& turn, bool last, const std::optional<llm::CacheHint>& cache) {
  aside_.clear();
  open(turn.assistant);
  for (const Item& each : turn.results) {
    if (auto done = tool_result(*each.block->as<llm::ToolResult>()); !done) return done;
    mark(each.cache);
  }
  if (!turn.results.empty()) {
    const bool together =
        std::ranges::all_of(turn.blocks, [this](const Item& each) { return beside_results(*each.block); }) &&
        (aside_.empty() || traits_.beside == ModelTraits::Beside::anything);
    if (!together && (!turn.blocks.empty() || !aside_.empty())) {
      close();
      filler(true);
      open(false);
    }
    for (std::size_t i = 0; i < aside_.size(); ++i) {
      text(fmt::format("File {} of the tools' results:", i + 1));
      if (auto done = media(*aside_[i]); !done) return done;
    }
  }
  for (std::size_t i = 0; i < turn.blocks.size(); ++i) {
    const bool prefill = last && turn.assistant && i + 1 == turn.blocks.size();
    if (auto done = block(*turn.blocks[i].block, prefill); !done) return done;
    mark(turn.blocks[i].cache);
  }
  mark(cache);
  close();
  return {};
}

ApiResult<void> ContentWriter::block(const Block& block, bool last) {
  if (const auto* words = block.as<llm::Text>()) {
    // What the model is to go on with may not end in white space.
    text(last ? without_space_behind(words->text) : std::string_view(words->text));
  } else if (const auto* refusal = block.as<llm::Refusal>()) {
    text(refusal->text);
  } else if (const auto* thought = block.as<llm::Reasoning>()) {
    reasoning(*thought);
  } else if (const auto* medium = block.as<llm::Media>()) {
    if (!assistant_) return media(*medium);
    // The assistant's turns hold no media (the API's Message); of a sound its words are left.
    if (!has_words(medium->transcript)) {
      return refuse(Code::unsupported, "The provider takes no files in what the assistant said.", param());
    }
    text(medium->transcript);
  } else if (const auto* call = block.as<llm::ToolCall>()) {
    tool_call(*call);
  } else if (const auto* result = block.as<llm::ToolResult>()) {
    return tool_result(*result);
  } else if (const auto* foreign = block.as<llm::Foreign>()) {
    if (foreign->verbatim.dialect == llm::Dialect::bedrock && !foreign->verbatim.empty()) {
      content_.documents_at = 0;
      content_.after_reasoning = content_.after_point = false;
      ++content_.count;
      writer_.raw(foreign->verbatim.json);
    } else {
      text(foreign->text);
    }
  }
  return {};
}

void ContentWriter::reasoning(const llm::Reasoning& reasoning) {
  begin_block("reasoningContent");
  writer_.begin_object();
  if (can_read(reasoning.signature, target_)) {
    writer_.key("reasoningText").begin_object().key("text").string(reasoning.text);
    writer_.key("signature").string(reasoning.signature.value).end_object();
  } else {
    // A blob: the API's JSON has it in base64. Of Claude it holds what Anthropic's own API has as it is.
    std::string blob;
    if (reasoning.encrypted.origin == llm::Origin::anthropic) {
      append_base64(reasoning.encrypted.value, blob);
    } else {
      blob = reasoning.encrypted.value;
    }
    writer_.key("redactedContent").string(blob);
  }
  writer_.end_object();
  end_block();
}

void ContentWriter::tool_call(const llm::ToolCall& call) {
  begin_block("toolUse");
  writer_.begin_object();
  writer_.key("toolUseId").string(names_.call(call.id, call.name));
  writer_.key("name").string(names_.tool(call.name));
  writer_.key("input");
  input(call);
  writer_.end_object();
  end_block();
}

void ContentWriter::input(const llm::ToolCall& call) {
  if (call.kind == llm::ToolKind::custom) {
    writer_.begin_object().key("input").string(call.arguments).end_object();
  } else if (!has_words(call.arguments)) {
    writer_.begin_object().end_object();
  } else if (is_object(call.arguments)) {
    writer_.raw(call.arguments);
  } else {
    // What the model wrote was no object: it is given back as Anthropic advises for such
    // (platform.claude.com/docs, fine-grained tool streaming).
    writer_.begin_object().key("INVALID_JSON").string(call.arguments).end_object();
  }
}

ApiResult<void> ContentWriter::tool_result(const llm::ToolResult& result) {
  begin_block("toolResult");
  writer_.begin_object();
  writer_.key("toolUseId").string(names_.result(result.call_id, result.name));
  writer_.key("content").begin_array();
  std::size_t count = 0;
  const auto* words = result.content.size() == 1 ? result.content.front().as<llm::Text>() : nullptr;
  if (result.structured && words != nullptr && is_object(words->text)) {
    writer_.begin_object().key("json").raw(words->text).end_object();
    ++count;
  } else {
    for (const Block& part : result.content) {
      if (auto done = result_block(part, count); !done) return done;
    }
  }
  if (count == 0) writer_.begin_object().key("text").string("(no output)").end_object();
  writer_.end_array();
  if (result.is_error) {
    if (traits_.result_status) {
      writer_.key("status").string("error");
    } else {
      losses_.drop("is_error");
    }
  }
  writer_.end_object();
  end_block();
  return {};
}

ApiResult<void> ContentWriter::result_block(const Block& block, std::size_t& count) {
  const auto write_text = [&](std::string_view words) {
    if (!has_words(words)) return;
    writer_.begin_object().key("text").string(words).end_object();
    ++count;
  };
  if (const auto* words = block.as<llm::Text>()) {
    write_text(words->text);
  } else if (const auto* refusal = block.as<llm::Refusal>()) {
    write_text(refusal->text);
  } else if (const auto* medium = block.as<llm::Media>()) {
    const auto form = form_of(*medium);
    if (form && !inside_results(*form)) {
      aside_.push_back(medium);
      write_text(fmt::format("See file {} below.", aside_.size()));
      return {};
    }
    if (!form) return media(*medium);  // which refuses it
    writer_.begin_object();
    if (auto done = media_member(*medium, *form); !done) return done;
    writer_.end_object();
    ++count;
  } else if (const auto* foreign = block.as<llm::Foreign>()) {
    if (foreign->verbatim.dialect == llm::Dialect::bedrock && !foreign->verbatim.empty()) {
      writer_.raw(foreign->verbatim.json);
      ++count;
    } else if (has_words(foreign->text)) {
      write_text(foreign->text);
    } else {
      losses_.drop(foreign->type);
    }
  }
  return {};
}

ApiResult<void> ContentWriter::media(const llm::Media& media) {
  const auto form = form_of(media);
  if (!form) {
    return refuse(Code::unsupported,
                  media.media_type.empty()
                      ? "A file without a media type cannot be sent to the provider."
                      : fmt::format("The provider takes no files of type \"{}\".", media.media_type),
                  param());
  }
  if (form->kind == llm::Media::Kind::document || form->kind == llm::Media::Kind::video) {
    if (content_.documents_at == 0) {
      content_.documents_at = out_.size();
      content_.before_them = content_.count;
    }
  } else {
    content_.documents_at = 0;
  }
  if (form->kind == llm::Media::Kind::document) content_.document = true;
  content_.after_reasoning = content_.after_point = false;
  ++content_.count;
  writer_.begin_object();
  if (auto done = media_member(media, *form); !done) return done;
  writer_.end_object();
  return {};
}

ApiResult<void> ContentWriter::media_member(const llm::Media& media, const MediaForm& form) {
  writer_.key(form.member).begin_object();
  const bool document = form.kind == llm::Media::Kind::document;
  if (document) {
    writer_.key("name").string(names_.document(media.title.empty() ? media.name : media.title));
  }
  const std::string& place = media.url.empty() ? media.file_id : media.url;
  const bool whole = media.parts.empty();
  if (whole) writer_.key("format").string(form.format);
  writer_.key("source").begin_object();
  if (!media.data.empty()) {
    writer_.key("bytes").string(media.data);
  } else if (!media.text.empty()) {
    std::string bytes;
    append_base64(media.text, bytes);
    writer_.key("bytes").string(bytes);
  } else if (!whole) {
    writer_.key("content").begin_array();
    for (const Block& part : media.parts) {
      const auto* words = part.as<llm::Text>();
      if (words == nullptr) {
        return refuse(Code::unsupported, "The provider takes documents of blocks with texts only.", param());
      }
      writer_.begin_object().key("text").string(words->text).end_object();
    }
    writer_.end_array();
  } else if (place.starts_with("s3://")) {
    writer_.key("s3Location").begin_object().key("uri").string(place).end_object();
  } else if (!media.url.empty()) {
    return refuse(Code::unsupported, "The provider fetches no files: their content has to come with the request.",
                  param());
  } else {
    return refuse(Code::unsupported, "The provider does not have this file.", param());
  }
  writer_.end_object();
  if (document) {
    if (!media.context.empty()) writer_.key("context").string(media.context);
    if (media.citations) writer_.key("citations").begin_object().key("enabled").boolean(true).end_object();
  }
  writer_.end_object();
  return {};
}

}  // namespace gatehouse::dialects::bedrock
