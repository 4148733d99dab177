#include "gatehouse/dialects/openai_responses/item_writer.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "gatehouse/dialects/openai_responses/annotations.h"
#include "gatehouse/dialects/openai_responses/opaque_words.h"
#include "gatehouse/dialects/openai_responses/request_reader.h"

namespace gatehouse::dialects::openai_responses {
namespace {

using llm::Author;
using llm::Block;
using llm::BlockKind;
using llm::Media;
using llm::Quirks;
using llm::ToolKind;

// FNV-1a (isthe.com/chongo/tech/comp/fnv), 64 bits.
std::uint64_t fnv(std::string_view text, std::uint64_t hash) {
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001B3ULL;
  }
  return hash;
}

void append_hex(std::string& out, std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(kDigits[value >> shift & 0xF]);
}

bool fits(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool has_parts(const Block& block) { return block.kind() == BlockKind::text || block.kind() == BlockKind::refusal; }

// A file's name where OpenAI wants one and there is none.
std::string_view name_by_type(std::string_view type) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNames = {{
      {"application/pdf", "document.pdf"},
      {"text/plain", "document.txt"},
      {"text/markdown", "document.md"},
      {"text/csv", "document.csv"},
      {"text/html", "document.html"},
      {"application/json", "document.json"},
  }};
  for (const auto& [known, name] : kNames) {
    if (known == type) return name;
  }
  return "document";
}

bool is_web(std::string_view url) {
  return url.starts_with("https://") || url.starts_with("http://") || url.starts_with("data:");
}

}  // namespace

std::string fitting(std::string_view text) {
  std::string out(text);
  bool changed = false;
  for (char& c : out) {
    if (fits(c)) continue;
    c = '_';
    changed = true;
  }
  if (!changed && out.size() <= kMostNameBytes) return out;
  constexpr std::size_t kHash = 17;
  if (out.size() > kMostNameBytes - kHash) out.resize(kMostNameBytes - kHash);
  out.push_back('_');
  append_hex(out, fnv(text, 0xCBF29CE484222325ULL));
  return out;
}

// Only OpenAI is known to bound them.
std::string ItemWriter::call_id(std::string_view id) const {
  return own() || !is_openai(target_.origin) || id.size() <= kMostNameBytes ? std::string(id) : fitting(id);
}

std::string ItemWriter::name_of(std::string_view name) {
  if (own()) return std::string(name);
  std::string sent = fitting(name);
  if (sent == name) return sent;
  const auto known = std::ranges::find(rewrites_.tool_names, sent, &std::pair<std::string, std::string>::first);
  if (known == rewrites_.tool_names.end()) rewrites_.tool_names.emplace_back(sent, std::string(name));
  return sent;
}

std::string ItemWriter::place() const {
  return "messages[" + std::to_string(message_) + "].content[" + std::to_string(block_) + "]";
}

void ItemWriter::fail(std::string message) {
  if (result_) result_ = refuse(Code::unsupported, std::move(message), place());
}

ApiResult<void> ItemWriter::write(json::Writer& out) {
  out_ = &out;
  out.begin_array();
  for (message_ = 0; message_ < request_.messages.size() && result_; ++message_) {
    const llm::Message& one = request_.messages[message_];
    if (own() && is_instructions(one)) continue;
    message(one);
  }
  out.end_array();
  return std::move(result_);
}

void ItemWriter::message(const llm::Message& message) {
  if (!message.name.empty()) losses_.drop("messages[" + std::to_string(message_) + "].name");
  if (message.prefill) losses_.drop("messages[" + std::to_string(message_) + "].prefill");
  block_ = 0;
  for (const Block& one : message.blocks) {
    block(message, one);
    ++block_;
    if (!result_) return;
  }
  end_message();
  if (message.author == Author::system || message.author == Author::developer) system_seen_ = true;
}

void ItemWriter::begin_message(const llm::Message& message, Side side) {
  if (open_ && side_ == side) return;
  end_message();
  std::string_view role;
  switch (message.author) {
    case Author::system:
      role = "system";
      break;
    case Author::developer:
      role = target_.quirks.refuses_any(Quirks::developer) ? "system" : "developer";
      break;
    case Author::assistant:
      role = "assistant";
      break;
    case Author::user:
    case Author::tool:
      role = "user";
      break;
  }
  if (role == "system" && system_seen_ && target_.quirks.refuses_any(Quirks::late_system)) role = "user";
  if (side == Side::input && role == "assistant") {
    // What a model showed it can only be shown again by a user.
    role = "user";
    losses_.drop("messages[" + std::to_string(message_) + "].role");
  }
  out_->begin_object().key("type").string("message").key("role").string(role);
  if (own()) {
    if (!message.id.empty()) out_->key("id").string(message.id).key("status").string("completed");
    extras(message.extras);
  }
  out_->key("content").begin_array();
  open_ = true;
  side_ = side;
}

void ItemWriter::end_message() {
  if (!open_) return;
  out_->end_array().end_object();
  open_ = false;
}

void ItemWriter::block(const llm::Message& message, const Block& block) {
  const Side side = message.author == Author::assistant ? Side::output : Side::input;
  if (const auto* text = block.as<llm::Text>()) {
    // An empty one beside others says nothing, and some servers refuse it.
    if (text->text.empty() && !own() && (side == Side::output || message.blocks.size() > 1)) return;
    begin_message(message, side);
    text_part(side == Side::output ? "output_text" : "input_text", *text, block);
  } else if (const auto* refusal = block.as<llm::Refusal>()) {
    begin_message(message, side);
    out_->begin_object().key("type").string(side == Side::output ? "refusal" : "input_text");
    out_->key(side == Side::output ? "refusal" : "text").string(refusal->text).end_object();
  } else if (const auto* media = block.as<Media>()) {
    if (own() && side == Side::output && media->id.starts_with("ig_") && !media->data.empty()) {
      end_message();
      out_->begin_object().key("type").string("image_generation_call").key("id").string(media->id);
      out_->key("status").string("completed").key("result").string(media->data);
      extras(block.extras);
      out_->end_object();
      return;
    }
    begin_message(message, Side::input);
    media_part(*media, block);
  } else if (const auto* thought = block.as<llm::Reasoning>()) {
    reasoning(*thought, block);
  } else if (const auto* made = block.as<llm::ToolCall>()) {
    end_message();
    call(*made, block);
  } else if (const auto* given = block.as<llm::ToolResult>()) {
    end_message();
    result(*given, block);
  } else if (const auto* other = block.as<llm::Foreign>()) {
    foreign(message, *other);
  }
}

void ItemWriter::text_part(std::string_view type, const llm::Text& text, const Block& block) {
  out_->begin_object().key("type").string(type).key("text").string(text.text);
  if (type == "output_text") {
    out_->key("annotations").begin_array();
    if (own()) {
      for (const auto& citation : text.citations) write_annotation(*out_, citation, text.text);
    }
    out_->end_array();
  }
  cache(block);
  if (own()) extras(block.extras);
  out_->end_object();
}

void ItemWriter::cache(const Block& block) {
  // Elsewhere a hint is for money only, and older models refuse the member.
  if (!own() || !block.cache) return;
  out_->key("prompt_cache_breakpoint").begin_object().key("mode").string("explicit").end_object();
}

void ItemWriter::media_part(const Media& media, const Block& block) {
  if (!media.parts.empty()) {
    parts_of(media.parts);
    return;
  }
  if (!media.text.empty()) {
    const std::string_view title = media.title.empty() ? std::string_view(media.name) : std::string_view(media.title);
    std::string text;
    if (!title.empty()) text.append(title).append("\n\n");
    text += media.text;
    out_->begin_object().key("type").string("input_text").key("text").string(text).end_object();
    return;
  }
  const bool same_house = own() || request_.dialect == llm::Dialect::openai_chat;
  if (media.data.empty() && !media.file_id.empty() && !same_house) {
    return fail("A file that another provider stores cannot be sent to this one.");
  }
  if (media.data.empty() && !media.url.empty() && !is_web(media.url)) {
    return fail("Only addresses of the web can be sent to this provider.");
  }
  const auto data_url = [&](std::string_view otherwise) {
    std::string out = "data:";
    out.append(media.media_type.empty() ? otherwise : std::string_view(media.media_type)).append(";base64,");
    return out.append(media.data);
  };
  const auto image = [&] {
    if (target_.quirks.refuses_any(Quirks::images)) return fail("The provider of this model takes no images.");
    out_->begin_object().key("type").string("input_image");
    if (!media.data.empty()) {
      out_->key("image_url").string(data_url("image/png"));
    } else if (!media.url.empty()) {
      out_->key("image_url").string(media.url);
    } else {
      out_->key("file_id").string(media.file_id);
    }
    out_->key("detail").string(media.detail.empty() ? "auto" : std::string_view(media.detail));
    cache(block);
    if (own()) extras(block.extras);
    out_->end_object();
  };
  switch (media.kind) {
    case Media::Kind::image:
      return image();
    case Media::Kind::document:
      if (media.media_type.starts_with("image/")) return image();
      out_->begin_object().key("type").string("input_file");
      if (!media.data.empty()) {
        out_->key("filename")
            .string(media.name.empty() ? name_by_type(media.media_type) : std::string_view(media.name));
        out_->key("file_data").string(data_url("application/octet-stream"));
      } else if (!media.url.empty()) {
        out_->key("file_url").string(media.url);
      } else {
        out_->key("file_id").string(media.file_id);
      }
      cache(block);
      if (own()) extras(block.extras);
      out_->end_object();
      return;
    case Media::Kind::audio:
      // OpenAI's own has no sound in this API; OpenRouter's takes it in the form of Chat Completions.
      if (media.data.empty() || is_openai(target_.origin) || target_.origin == llm::Origin::xai) {
        return fail("The provider's Responses API takes no audio.");
      }
      out_->begin_object().key("type").string("input_audio").key("input_audio").begin_object();
      out_->key("data").string(media.data).key("format");
      out_->string(media.media_type == "audio/mpeg"
                       ? "mp3"
                       : std::string_view(media.media_type)
                             .substr(std::min<std::size_t>(media.media_type.find('/') + 1, media.media_type.size())));
      out_->end_object().end_object();
      return;
    case Media::Kind::video:
      return fail("The Responses API takes no video.");
  }
}

void ItemWriter::reasoning(const llm::Reasoning& thought, const Block& block) {
  const llm::Opaque& state = thought.encrypted;
  const bool readable = !state.empty() && state.origin == target_.origin;
  // OpenAI and xAI take thoughts back sealed only; a server of open models takes them as they were.
  const bool sealed_only = is_openai(target_.origin) || target_.origin == llm::Origin::xai;
  const bool plain = !thought.text.empty() && !thought.summary && !sealed_only;
  const bool stored = own() && thought.id.starts_with("rs_") && state.empty() && thought.signature.empty();
  if (!readable && !plain && !stored) return;
  end_message();
  std::string_view id = thought.id;
  out_->begin_object().key("type").string("reasoning");
  if (readable) {
    const ItemCiphertext words = split_item_id(state.value);
    if (!words.id.empty()) id = words.id;
    if (!id.empty()) out_->key("id").string(id);
    out_->key("encrypted_content").string(words.ciphertext);
  } else if (!id.empty()) {
    out_->key("id").string(id);
  }
  out_->key("summary").begin_array();
  if (thought.summary && !thought.text.empty()) {
    out_->begin_object().key("type").string("summary_text").key("text").string(thought.text).end_object();
  }
  out_->end_array();
  if (plain) {
    out_->key("content").begin_array().begin_object().key("type").string("reasoning_text");
    out_->key("text").string(thought.text).end_object().end_array();
  }
  if (own()) extras(block.extras);
  out_->end_object();
}

void ItemWriter::call(const llm::ToolCall& call, const Block& block) {
  if (call.kind == ToolKind::provider) return;
  const bool custom = call.kind == ToolKind::custom;
  out_->begin_object().key("type").string(custom ? "custom_tool_call" : "function_call");
  if (own() && !call.item_id.empty()) out_->key("id").string(call.item_id);
  out_->key("call_id").string(call_id(call.id)).key("name").string(name_of(call.name));
  if (custom) {
    out_->key("input").string(call.arguments);
  } else {
    out_->key("arguments").string(call.arguments.empty() ? "{}" : std::string_view(call.arguments));
  }
  if (own()) extras(block.extras);
  out_->end_object();
}

void ItemWriter::result(const llm::ToolResult& result, const Block& block) {
  if (result.kind == ToolKind::provider) return;
  out_->begin_object();
  out_->key("type").string(result.kind == ToolKind::custom ? "custom_tool_call_output" : "function_call_output");
  out_->key("call_id").string(call_id(result.call_id)).key("output");
  const auto& content = result.content;
  if (content.empty()) {
    out_->string("");
  } else if (content.size() == 1 && content.front().kind() == BlockKind::text && !(own() && content.front().cache)) {
    out_->string(content.front().as<llm::Text>()->text);
  } else {
    out_->begin_array();
    parts_of(content);
    out_->end_array();
  }
  if (own()) extras(block.extras);
  out_->end_object();
  if (result.is_error) losses_.drop("messages[" + std::to_string(message_) + "].is_error");
}

void ItemWriter::parts_of(const std::vector<Block>& content) {
  for (const Block& one : content) {
    if (!result_) return;
    if (has_parts(one)) {
      const auto* text = one.as<llm::Text>();
      const std::string_view words = text != nullptr ? text->text : one.as<llm::Refusal>()->text;
      out_->begin_object().key("type").string("input_text").key("text").string(words);
      cache(one);
      out_->end_object();
    } else if (const auto* media = one.as<Media>()) {
      media_part(*media, one);
    } else if (const auto* other = one.as<llm::Foreign>()) {
      if (own() && other->type.starts_with("part:")) {
        out_->raw(other->verbatim.json);
      } else if (!other->text.empty()) {
        out_->begin_object().key("type").string("input_text").key("text").string(other->text).end_object();
      } else {
        losses_.drop(place());
      }
    }
  }
}

void ItemWriter::foreign(const llm::Message& message, const llm::Foreign& foreign) {
  const Side side = message.author == Author::assistant ? Side::output : Side::input;
  if (foreign.verbatim.dialect == llm::Dialect::openai_responses && own()) {
    if (foreign.type.starts_with("part:")) {
      begin_message(message, side);
    } else {
      end_message();
    }
    out_->raw(foreign.verbatim.json);
    return;
  }
  if (foreign.text.empty()) {
    losses_.drop(place());
    return;
  }
  begin_message(message, side);
  llm::Text text;
  text.text = foreign.text;
  text_part(side == Side::output ? "output_text" : "input_text", text, {});
}

void ItemWriter::extras(const llm::Extras& extras) {
  for (const auto& extra : extras) out_->key(extra.name).raw(extra.json);
}

}  // namespace gatehouse::dialects::openai_responses
