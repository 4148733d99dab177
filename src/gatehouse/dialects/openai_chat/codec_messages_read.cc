#include "gatehouse/dialects/openai_chat/codec_messages_read.h"

#include <utility>

#include "gatehouse/dialects/openai_chat/codec.h"
#include "gatehouse/dialects/openai_chat/wire.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::openai_chat {
namespace {

using llm::Author;
using llm::Block;
using llm::Media;
using llm::Origin;
using wire::is_array;
using wire::is_object;
using wire::is_string;

void keep(llm::Extras& extras, std::string_view name, std::string_view raw) {
  extras.push_back({std::string(name), std::string(raw)});
}

// cache_control as Anthropic has it, or prompt_cache_breakpoint (OpenAI), which has no length of its own.
void read_cache(std::string_view raw, std::optional<llm::CacheHint>& out) {
  if (!is_object(raw)) return;
  out = llm::CacheHint{.one_hour = wire::text(json::find(raw, "ttl")) == "1h"};
}

void set_data_or_url(Media& media, std::string_view url) {
  if (const auto data = wire::split_data_url(url)) {
    media.media_type = data->media_type;
    media.data = data->data;
  } else {
    media.url = url;
  }
}

// {url, detail} or the URL alone.
void read_url(std::string_view raw, Media& media) {
  std::string buffer;
  if (is_string(raw)) {
    set_data_or_url(media, wire::view(raw, buffer));
    return;
  }
  wire::members(raw, [&](std::string_view key, std::string_view value) {
    if (key == "url") set_data_or_url(media, wire::view(value, buffer));
    if (key == "detail") media.detail = wire::text(value);
  });
}

// {data, format}, or the base64 or URL alone (Mistral). `data` may be a data: URL (DashScope).
void read_audio(std::string_view raw, Media& media) {
  std::string buffer;
  const auto data = [&](std::string_view written) {
    const std::string_view text = wire::view(written, buffer);
    if (text.starts_with("data:") || text.starts_with("http")) {
      std::string type = std::move(media.media_type);
      set_data_or_url(media, text);
      if (media.media_type.empty()) media.media_type = std::move(type);
    } else {
      media.data = text;
    }
  };
  if (is_string(raw)) {
    data(raw);
    return;
  }
  wire::members(raw, [&](std::string_view key, std::string_view value) {
    if (key == "format" && media.media_type.empty()) media.media_type = wire::media_type_of_audio(wire::text(value));
    if (key == "data") data(value);
  });
}

void read_file(std::string_view raw, Media& media) {
  std::string buffer;
  wire::members(raw, [&](std::string_view key, std::string_view value) {
    if (key == "filename") media.name = wire::text(value);
    if (key == "file_id") media.file_id = wire::text(value);
    if (key == "format" && media.media_type.empty()) media.media_type = wire::text(value);  // LiteLLM's
    if (key == "file_data" || key == "file_url" || key == "url") {
      const std::string_view data = wire::view(value, buffer);
      if (data.starts_with("data:") || data.starts_with("http") || data.starts_with("gs://")) {
        set_data_or_url(media, data);
      } else {
        media.data = data;
      }
    }
  });
  if (media.media_type.empty() && !media.data.empty()) {
    const bool pdf = media.data.starts_with("JVBERi0");  // "%PDF-"
    media.media_type = pdf ? "application/pdf" : "application/octet-stream";
  }
  media.kind = wire::kind_of_media(media.media_type);
}

// Mistral's {thinking: [{type: text, text}], signature, closed}, or Anthropic's {thinking: "...", signature}.
llm::Reasoning read_thinking(std::string_view thinking, std::string_view signature) {
  llm::Reasoning reasoning;
  Origin origin = Origin::anthropic;
  if (!wire::append_text(thinking, reasoning.text)) {
    origin = Origin::mistral;
    wire::elements(thinking, [&](std::string_view piece) {
      wire::members(piece, [&](std::string_view key, std::string_view value) {
        if (key == "text") wire::append_text(value, reasoning.text);
      });
    });
  }
  reasoning.signature = llm::unwrap_opaque(wire::text(signature), origin);
  return reasoning;
}

}  // namespace

// A message's members as written; they come in any order.
struct MessageReader::Raw {
  std::string_view role, content, name, id, tool_calls, tool_call_id, refusal, audio, function_call;
  std::string_view reasoning, reasoning_details, thinking_blocks, extra_content, annotations, images, cache_control;
  bool prefix = false;
  llm::Extras extras;
};

bool MessageReader::fail(Code code, std::string detail, std::string_view member) {
  std::string param = "messages[" + std::to_string(message_) + "]";
  if (in_part_) param += ".content[" + std::to_string(part_) + "]";
  if (!member.empty()) param.append(".").append(member);
  error_ = ApiError(code, std::move(detail), std::move(param));
  return false;
}

bool MessageReader::count_part() {
  if (++parts_ <= kMostParts) return true;
  return fail(Code::too_large, "The messages have too many parts.");
}

bool MessageReader::read(json::Cursor& body, std::vector<llm::Message>& out) {
  message_ = 0;
  return body.array([&] {
    if (message_ >= kMostMessages) return fail(Code::too_large, "There are too many messages.");
    if (body.first() != '{') return fail(Code::invalid_request, "A message must be an object.");
    Raw raw;
    std::string decoded;
    const bool read = body.object([&](const json::Cursor::String& written) {
      std::string_view key = written.inside;
      if (written.escaped) {
        decoded.clear();
        json::append_decoded(written, decoded);
        key = decoded;
      }
      const std::size_t begin = body.offset();
      if (!body.skip()) return false;
      const std::string_view value = body.since(begin);
      if (!wire::given(value)) return true;
      if (key == "role") {
        raw.role = value;
      } else if (key == "content") {
        raw.content = value;
      } else if (key == "name") {
        raw.name = value;
      } else if (key == "tool_calls") {
        raw.tool_calls = value;
      } else if (key == "tool_call_id") {
        raw.tool_call_id = value;
      } else if (key == "reasoning_content") {
        raw.reasoning = value;
      } else if (key == "reasoning") {
        if (raw.reasoning.empty()) raw.reasoning = value;
      } else if (key == "reasoning_details") {
        raw.reasoning_details = value;
      } else if (key == "thinking_blocks") {
        raw.thinking_blocks = value;
      } else if (key == "extra_content") {
        raw.extra_content = value;
      } else if (key == "refusal") {
        raw.refusal = value;
      } else if (key == "annotations") {
        raw.annotations = value;
      } else if (key == "audio") {
        raw.audio = value;
      } else if (key == "images") {
        raw.images = value;
      } else if (key == "function_call") {
        raw.function_call = value;
      } else if (key == "cache_control") {
        raw.cache_control = value;
      } else if (key == "prefix") {
        raw.prefix = value == "true";
      } else if (key == "id") {
        raw.id = value;
      } else {
        keep(raw.extras, key, value);
      }
      return true;
    });
    if (!read) return false;
    llm::Message made;
    if (!message(raw, made)) return false;
    made.extras = std::move(raw.extras);
    out.push_back(std::move(made));
    ++message_;
    return true;
  });
}

bool MessageReader::message(const Raw& raw, llm::Message& out) {
  std::string buffer;
  const std::string_view role = wire::view(raw.role, buffer);
  const bool tool = role == "tool" || role == "function";
  if (role == "user") {
    out.author = Author::user;
  } else if (role == "assistant") {
    out.author = Author::assistant;
  } else if (role == "system") {
    out.author = Author::system;
  } else if (role == "developer") {
    out.author = Author::developer;
  } else if (tool) {
    out.author = Author::tool;
  } else {
    return fail(Code::invalid_request,
                role.empty() ? "A message needs a role." : "The role must be one of OpenAI's chat.", "role");
  }
  std::string name = wire::text(raw.name);
  out.id = wire::text(raw.id);
  if (tool) {
    llm::ToolResult result;
    result.call_id = wire::text(raw.tool_call_id);
    result.name = std::move(name);
    if (!content(raw.content, result.content)) return false;
    if (result.content.size() == 1) {
      const auto* only = result.content.front().as<llm::Text>();
      result.structured = only != nullptr && wire::is_json_object(only->text);
    }
    out.blocks.push_back({.value = std::move(result)});
  } else {
    out.name = std::move(name);
    if (out.author == Author::assistant ? !assistant(raw, out) : !content(raw.content, out.blocks)) return false;
  }
  if (!raw.cache_control.empty() && !out.blocks.empty()) read_cache(raw.cache_control, out.blocks.back().cache);
  return true;
}

bool MessageReader::assistant(const Raw& raw, llm::Message& out) {
  if (is_array(raw.reasoning_details)) wire::read_details(raw.reasoning_details, Origin::none, out.blocks);
  if (out.blocks.empty() && is_array(raw.thinking_blocks)) wire::read_thinking_blocks(raw.thinking_blocks, out.blocks);
  if (wire::filled(raw.reasoning)) {
    // The same text once more, unless the details have none: clients that put a stream together may lose it there.
    std::size_t without = 0;
    llm::Reasoning* bare = nullptr;
    bool said = false;
    for (Block& block : out.blocks) {
      auto* const reasoning = block.as<llm::Reasoning>();
      if (reasoning == nullptr) continue;
      said = said || !reasoning->text.empty();
      if (reasoning->text.empty() && reasoning->encrypted.empty()) {
        ++without;
        bare = reasoning;
      }
    }
    if (!said && without == 1) {
      wire::append_text(raw.reasoning, bare->text);
    } else if (!said) {
      llm::Reasoning reasoning;
      wire::append_text(raw.reasoning, reasoning.text);
      out.blocks.insert(out.blocks.begin(), {.value = std::move(reasoning)});
    }
  }
  if (!content(raw.content, out.blocks)) return false;
  if (wire::filled(raw.refusal)) out.blocks.push_back({.value = llm::Refusal{wire::text(raw.refusal)}});

  llm::Text* last_text = nullptr;
  for (Block& block : out.blocks) {
    if (auto* const text = block.as<llm::Text>()) last_text = text;
  }
  if (last_text != nullptr && is_array(raw.annotations)) {
    wire::elements(raw.annotations,
                   [&](std::string_view one) { last_text->citations.push_back(wire::read_annotation(one)); });
  }
  const std::string signature = wire::text(wire::find_thought_signature(raw.extra_content));
  if (!signature.empty()) {
    if (last_text == nullptr) {
      out.blocks.push_back({.value = llm::Text{}});
      last_text = out.blocks.back().as<llm::Text>();
    }
    last_text->signature = llm::unwrap_opaque(signature, Origin::gemini);
  }
  if (wire::filled(raw.audio)) {
    Media audio;
    audio.kind = Media::Kind::audio;
    wire::members(raw.audio, [&](std::string_view key, std::string_view value) {
      if (key == "id") audio.id = wire::text(value);
      if (key == "data") audio.data = wire::text(value);
      if (key == "transcript") audio.transcript = wire::text(value);
    });
    if (!audio.id.empty() || !audio.data.empty()) out.blocks.push_back({.value = std::move(audio)});
  }
  if (is_array(raw.images)) {
    wire::elements(raw.images, [&](std::string_view one) {
      Media image;
      read_url(json::find(one, "image_url"), image);
      out.blocks.push_back({.value = std::move(image)});
    });
  }
  out.prefill = raw.prefix;
  if (!wire::given(raw.tool_calls)) {
    std::string name = wire::text(json::find(raw.function_call, "name"));
    if (!name.empty()) {
      out.blocks.push_back(
          {.value = llm::ToolCall{.name = std::move(name),
                                  .arguments = wire::text(json::find(raw.function_call, "arguments"))}});
    }
    return true;
  }
  return tool_calls(raw.tool_calls, out.blocks);
}

bool MessageReader::tool_calls(std::string_view raw, std::vector<Block>& out) {
  if (!is_array(raw)) return fail(Code::invalid_request, "tool_calls must be a list.", "tool_calls");
  bool good = true;
  wire::elements(raw, [&](std::string_view one) {
    if (!good || !(good = count_part())) return;
    llm::ToolCall call;
    Block block{.value = llm::Text{}};
    const auto body = [&](std::string_view function) {
      wire::members(function, [&](std::string_view key, std::string_view value) {
        if (key == "name") call.name = wire::text(value);
        if (key == "arguments" || key == "input") {
          if (!wire::append_text(value, call.arguments) && wire::given(value)) call.arguments = value;
        }
      });
    };
    wire::members(one, [&](std::string_view key, std::string_view value) {
      if (key == "id") {
        call.id = wire::text(value);
      } else if (key == "type") {
        if (wire::text(value) == "custom") call.kind = llm::ToolKind::custom;
      } else if (key == "function") {
        body(value);
      } else if (key == "custom") {
        // Some servers spell out an empty one beside the function.
        if (wire::filled(json::find(value, "name"))) body(value);
      } else if (key == "extra_content") {
        call.signature = llm::unwrap_opaque(wire::text(wire::find_thought_signature(value)), Origin::gemini);
      } else if (key == "cache_control") {
        read_cache(value, block.cache);
      } else if (key != "index" && wire::given(value)) {
        keep(block.extras, key, value);
      }
    });
    if (call.name.empty()) {
      good = fail(Code::invalid_request, "A tool call needs the name of a function.", "tool_calls");
      return;
    }
    block.value = std::move(call);
    out.push_back(std::move(block));
  });
  return good;
}

bool MessageReader::content(std::string_view raw, std::vector<Block>& out) {
  if (!wire::given(raw)) return true;
  if (is_string(raw)) {
    if (!count_part()) return false;
    llm::Text& text = std::get<llm::Text>(out.emplace_back(Block{.value = llm::Text{}}).value);
    wire::append_text(raw, text.text);
    return true;
  }
  if (!is_array(raw)) return fail(Code::invalid_request, "The content must be a string or a list of parts.", "content");
  bool good = true;
  in_part_ = true;
  part_ = 0;
  wire::elements(raw, [&](std::string_view one) {
    if (good) good = count_part() && part(one, out);
    if (good) ++part_;
  });
  if (good) in_part_ = false;
  return good;
}

bool MessageReader::part(std::string_view raw, std::vector<Block>& out) {
  if (is_string(raw)) {  // a list of plain strings, as some servers take it
    out.push_back({.value = llm::Text{.text = wire::text(raw)}});
    return true;
  }
  if (!is_object(raw)) return fail(Code::invalid_request, "A part of the content must be an object.");
  std::string_view type, text, value_of_type, signature, name, data;
  std::string buffer;
  Block block{.value = llm::Text{}};
  wire::members(raw, [&](std::string_view key, std::string_view value) {
    if (!wire::given(value)) return;
    if (key == "type") {
      type = wire::view(value, buffer);
    } else if (key == "text") {
      text = value;
    } else if (key == "cache_control" || key == "prompt_cache_breakpoint") {
      read_cache(value, block.cache);
    } else if (key == "image_url" || key == "input_audio" || key == "audio_url" || key == "video_url" ||
               key == "file" || key == "document_url" || key == "thinking" || key == "refusal" || key == "file_id") {
      value_of_type = value;
    } else if (key == "signature") {
      signature = value;
    } else if (key == "document_name") {
      name = value;
    } else if (key == "data") {
      data = value;
    } else if (key != "closed") {
      keep(block.extras, key, value);
    }
  });
  const auto media = [&](Media::Kind kind) {
    Media& made = block.value.emplace<Media>();
    made.kind = kind;
    return &made;
  };
  if (type == "text" || (type.empty() && !text.empty())) {
    if (!is_string(text)) return fail(Code::invalid_request, "The text must be a string.", "text");
    wire::append_text(text, block.as<llm::Text>()->text);
  } else if (type == "refusal") {
    block.value = llm::Refusal{wire::text(value_of_type)};
  } else if (type == "image_url") {
    read_url(value_of_type, *media(Media::Kind::image));
  } else if (type == "input_audio") {
    read_audio(value_of_type, *media(Media::Kind::audio));
  } else if (type == "audio_url") {
    read_url(value_of_type, *media(Media::Kind::audio));
  } else if (type == "video_url") {
    read_url(value_of_type, *media(Media::Kind::video));
  } else if (type == "file") {
    if (is_string(value_of_type)) {  // Mistral's {type: file, file_id}
      media(Media::Kind::document)->file_id = wire::text(value_of_type);
    } else {
      read_file(value_of_type, *media(Media::Kind::document));
    }
  } else if (type == "document_url") {
    Media* const document = media(Media::Kind::document);
    read_url(value_of_type, *document);
    document->name = wire::text(name);
  } else if (type == "thinking") {
    block.value = read_thinking(value_of_type, signature);
  } else if (type == "redacted_thinking") {
    block.value = llm::Reasoning{.encrypted = llm::unwrap_opaque(wire::text(data), Origin::anthropic)};
  } else if (type.empty()) {
    return fail(Code::invalid_request, "A part of the content needs a type.", "type");
  } else {
    block.extras.clear();
    block.value = llm::Foreign{.verbatim = {.dialect = llm::Dialect::openai_chat, .json = std::string(raw)},
                               .type = std::string(type),
                               .text = wire::text(text)};
  }
  if (const auto* const made = block.as<Media>();
      made != nullptr && made->data.empty() && made->url.empty() && made->file_id.empty()) {
    return fail(Code::invalid_request, "The part has neither data nor a URL nor a file's id.");
  }
  out.push_back(std::move(block));
  return true;
}

}  // namespace gatehouse::dialects::openai_chat
