#include "gatehouse/dialects/gemini/contents_writer.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "gatehouse/dialects/gemini/lost_names.h"
#include "gatehouse/dialects/gemini/part.h"
#include "gatehouse/dialects/gemini/reading.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::Author;
using llm::Block;
using llm::Media;
using llm::Message;
using llm::Text;
using llm::ToolCall;
using llm::ToolResult;

// For calls that Gemini did not make, or whose signature the client lost (ai.google.dev/gemini-api/docs/
// thought-signatures).
constexpr std::string_view kNoSignature = "skip_thought_signature_validator";

bool is_system(const Message& message) {
  return message.author == Author::system || message.author == Author::developer;
}

// Whether a member of the object, at any depth, is named $ref: in a functionResponse that is taken for a reference to
// one of its parts, and refused where there is none.
bool has_reference(Cursor& cursor) {
  bool found = false;
  if (cursor.first() == '{') {
    cursor.object([&](const Cursor::String& key) {
      found = found || (key.escaped ? decoded(key) == "$ref" : key.inside == "$ref");
      return !found && !(found = has_reference(cursor)) && !cursor.failed();
    });
  } else if (cursor.first() == '[') {
    cursor.array([&] { return !(found = has_reference(cursor)) && !cursor.failed(); });
  } else {
    cursor.skip();
  }
  return found;
}

// Whether a text is a JSON object that may stand as a functionResponse's value.
bool is_plain_object(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') return false;
  const auto kind = json::validate(text);
  if (!kind || *kind != json::Kind::object) return false;
  if (!text.contains("$ref") && !text.contains("\\u")) return true;
  Cursor cursor(text);
  return !has_reference(cursor);
}

bool has_member(std::string_view object, std::string_view name) {
  bool found = false;
  json::walk_object(object, [&](const json::Member& member) { found = found || member.key == name; });
  return found;
}

// By the first characters of the base64 of their first bytes.
std::string_view sniffed(std::string_view data) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kBegins = {
      {{"iVBORw0KGgo", "image/png"},
       {"/9j/", "image/jpeg"},
       {"R0lGOD", "image/gif"},
       {"UklGR", "image/webp"},
       {"JVBERi", "application/pdf"},
       {"SUQz", "audio/mpeg"}}};
  for (const auto& [begin, type] : kBegins) {
    if (data.starts_with(begin)) return type;
  }
  return {};
}

std::string_view by_ending(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const auto dot = url.rfind('.');
  if (dot == std::string_view::npos) return {};
  const std::string_view ending = url.substr(dot + 1);
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 20> kTypes = {
      {{"png", "image/png"},   {"jpg", "image/jpeg"},      {"jpeg", "image/jpeg"}, {"gif", "image/gif"},
       {"webp", "image/webp"}, {"heic", "image/heic"},     {"heif", "image/heif"}, {"pdf", "application/pdf"},
       {"txt", "text/plain"},  {"md", "text/markdown"},    {"html", "text/html"},  {"csv", "text/csv"},
       {"mp3", "audio/mpeg"},  {"wav", "audio/wav"},       {"flac", "audio/flac"}, {"ogg", "audio/ogg"},
       {"mp4", "video/mp4"},   {"mov", "video/quicktime"}, {"webm", "video/webm"}, {"m4a", "audio/mp4"}}};
  for (const auto& [known, type] : kTypes) {
    if (ending == known) return type;
  }
  return {};
}

std::string_view type_of(const Media& media) {
  if (!media.media_type.empty()) return media.media_type;
  const std::string_view told = media.data.empty() ? by_ending(media.url) : sniffed(media.data);
  if (!told.empty()) return told;
  switch (media.kind) {
    case Media::Kind::image:
      return "image/jpeg";
    case Media::Kind::audio:
      return "audio/mpeg";
    case Media::Kind::video:
      return "video/mp4";
    case Media::Kind::document:
      return "application/pdf";
  }
  return "application/octet-stream";
}

bool is_film_of_youtube(std::string_view url) { return url.contains("youtube.com/") || url.contains("youtu.be/"); }

void append_words(const Block& block, std::string& to) {
  const auto add = [&](std::string_view words) {
    if (words.empty()) return;
    if (!to.empty()) to.push_back('\n');
    to.append(words);
  };
  if (const auto* text = block.as<Text>()) add(text->text);
  if (const auto* refusal = block.as<llm::Refusal>()) add(refusal->text);
  if (const auto* foreign = block.as<llm::Foreign>()) add(foreign->text);
  if (const auto* media = block.as<Media>()) {
    if (media->text.empty() && media->parts.empty()) return;
    add(media->title);
    add(media->context);
    add(media->text);
    for (const Block& part : media->parts) append_words(part, to);
  }
}

bool is_text_document(const Media& media) {
  return media.data.empty() && media.url.empty() && media.file_id.empty() &&
         (!media.text.empty() || !media.parts.empty());
}

}  // namespace

class ContentsWriter::Content {
 public:
  Content(json::Writer& writer, std::string_view role) : writer_(writer), role_(role) {}
  Content(const Content&) = delete;
  Content& operator=(const Content&) = delete;
  ~Content() {
    if (open_) writer_.end_array().end_object();
  }

  json::Writer& part() {
    if (!open_) writer_.begin_object().key("role").string(role_).key("parts").begin_array();
    open_ = true;
    return writer_.begin_object();
  }
  bool open() const { return open_; }

  bool signed_step = false;  // its first call has been written

 private:
  json::Writer& writer_;
  std::string_view role_;
  bool open_ = false;
};

std::string_view ContentsWriter::readable(const llm::Opaque& state) const {
  if (state.empty() || target_.origin == llm::Origin::none || state.origin != target_.origin) return {};
  return state.value;
}

ContentsWriter::Messages ContentsWriter::system(Messages messages) {
  const auto rest = std::ranges::find_if_not(messages, is_system);
  const Messages front(messages.begin(), rest);
  std::vector<std::string> texts;
  for (const Message& message : front) {
    for (const Block& block : message.blocks) {
      if (block.cache) losses_.drop(lost_name(request_.dialect, Lost::cache));
      std::string words;
      append_words(block, words);
      if (!words.empty()) texts.push_back(std::move(words));
    }
  }
  // An instruction alone is no conversation: then it is what the user says.
  const bool alone = rest == messages.end();
  if (alone) {
    writer_.key("contents").begin_array().begin_object().key("role").string("user");
  } else if (!texts.empty()) {
    writer_.key("systemInstruction").begin_object();
  } else {
    return {rest, messages.end()};
  }
  writer_.key("parts").begin_array();
  for (const std::string& words : texts) writer_.begin_object().key("text").string(words).end_object();
  writer_.end_array().end_object();
  if (alone) writer_.end_array();
  return {rest, messages.end()};
}

ApiResult<> ContentsWriter::write() {
  Messages rest = system(request_.messages);
  if (rest.empty()) return {};
  writer_.key("contents").begin_array();
  while (!rest.empty()) {
    const bool model = rest.front().author == Author::assistant;
    const auto end =
        std::ranges::find_if(rest, [&](const Message& m) { return (m.author == Author::assistant) != model; });
    const Messages turn(rest.begin(), end);
    rest = {end, rest.end()};
    if (auto written = model ? model_turn(turn) : users_turn(turn); !written) return written;
  }
  writer_.end_array();
  return {};
}

ApiResult<> ContentsWriter::model_turn(Messages messages) {
  Content content(writer_, "model");
  for (const Message& message : messages) {
    for (const Block& block : message.blocks) {
      if (auto written = this->block(block, true, content); !written) return written;
    }
  }
  return {};
}

ApiResult<> ContentsWriter::users_turn(Messages messages) {
  {
    Content results(writer_, "user");
    for (const Message& message : messages) {
      for (const Block& block : message.blocks) {
        if (const auto* result = block.as<ToolResult>()) {
          if (auto written = this->result(*result, block, results); !written) return written;
        }
      }
    }
  }
  Content content(writer_, "user");
  for (const Message& message : messages) {
    if (!message.name.empty()) losses_.drop("messages[].name");
    for (const llm::Extra& extra : message.extras) losses_.drop(extra.name);
    for (const Block& block : message.blocks) {
      if (const auto* result = block.as<ToolResult>()) {
        // Before the third generation results hold no media, and none by its address since: it stands behind them.
        for (const Block& inside : result->content) {
          const auto* media = inside.as<Media>();
          if (media == nullptr || is_text_document(*media)) continue;
          if (traits_.since(300) && !media->data.empty()) continue;
          if (auto written = this->media(*media, nullptr, content); !written) return written;
        }
        continue;
      }
      if (auto written = this->block(block, false, content); !written) return written;
    }
  }
  return {};
}

// What stands beside the data in a part that came from this dialect; of another dialect nobody knows it.
void ContentsWriter::extras(const Block& block) {
  if (block.cache) losses_.drop(lost_name(request_.dialect, Lost::cache));
  for (const llm::Extra& extra : block.extras) {
    if (request_.dialect == llm::Dialect::gemini) writer_.key(extra.name).raw(extra.json);
  }
}

void ContentsWriter::text(std::string_view text, std::string_view signature, const Block* block, Content& content) {
  // An empty text is refused; but its signature is not.
  if (text.empty() && signature.empty()) return;
  json::Writer& writer = content.part();
  writer.key("text").string(text);
  if (!signature.empty()) writer.key("thoughtSignature").string(signature);
  if (block != nullptr) extras(*block);
  writer.end_object();
}

void ContentsWriter::thought(const llm::Reasoning& reasoning, Content& content) {
  const std::string_view signature = readable(reasoning.signature);
  // Another model's thoughts are not its own.
  const bool foreign = (!reasoning.signature.empty() && signature.empty()) || !reasoning.encrypted.empty();
  if (foreign || (reasoning.text.empty() && signature.empty())) return;
  json::Writer& writer = content.part();
  writer.key("text").string(reasoning.text).key("thought").boolean(true);
  if (!signature.empty()) writer.key("thoughtSignature").string(signature);
  writer.end_object();
}

void ContentsWriter::call(const ToolCall& call, const Block& block, Content& content) {
  called_[call.id] = call.name;
  json::Writer& writer = content.part();
  writer.key("functionCall").begin_object();
  if (!call.id.empty()) writer.key("id").string(call.id);
  writer.key("name").string(names_.sent(call.name)).key("args");
  const auto kind = json::validate(call.arguments);
  if (call.kind == llm::ToolKind::custom) {
    writer.begin_object().key("input").string(call.arguments).end_object();
  } else if (kind && *kind == json::Kind::object) {
    writer.raw(call.arguments);
  } else if (call.arguments.empty()) {
    writer.begin_object().end_object();
  } else {
    // The model wrote no object: what it wrote is kept as a word, so that its result has something to answer.
    writer.begin_object().key("arguments").string(call.arguments).end_object();
  }
  writer.end_object();
  std::string_view signature = readable(call.signature);
  if (signature.empty() && !content.signed_step && traits_.needs_signatures()) signature = kNoSignature;
  content.signed_step = true;
  if (!signature.empty()) writer.key("thoughtSignature").string(signature);
  extras(block);
  writer.end_object();
}

ApiResult<> ContentsWriter::result(const ToolResult& result, const Block& block, Content& content) {
  const auto found = called_.find(result.call_id);
  const std::string name(found != called_.end() ? found->second : std::string_view(result.name));
  if (name.empty()) {
    return refuse(Code::invalid_request, "A tool's result answers no call of the conversation", "messages");
  }
  std::string words;
  for (const Block& inside : result.content) append_words(inside, words);
  json::Writer& writer = content.part();
  writer.key("functionResponse").begin_object();
  if (!result.call_id.empty()) writer.key("id").string(result.call_id);
  writer.key("name").string(names_.sent(name)).key("response");
  const bool object = is_plain_object(words);
  if (object && (!result.is_error || has_member(words, "error"))) {
    writer.raw(words);
  } else {
    writer.begin_object().key(result.is_error ? "error" : "result");
    if (object) {
      writer.raw(words);
    } else {
      writer.string(words);
    }
    writer.end_object();
  }
  if (traits_.since(300)) {
    bool begun = false;
    for (const Block& inside : result.content) {
      const auto* media = inside.as<Media>();
      if (media == nullptr || media->data.empty()) continue;
      if (!std::exchange(begun, true)) writer.key("parts").begin_array();
      writer.begin_object().key("inlineData").begin_object();
      writer.key("mimeType").string(type_of(*media)).key("data").string(media->data);
      writer.end_object().end_object();
    }
    if (begun) writer.end_array();
  }
  if (request_.dialect == llm::Dialect::gemini) {
    for (const llm::Extra& extra : block.extras) writer.key(extra.name).raw(extra.json);
  }
  writer.end_object();
  if (block.cache) losses_.drop(lost_name(request_.dialect, Lost::cache));
  writer.end_object();
  return {};
}

ApiResult<> ContentsWriter::media(const Media& media, const Block* block, Content& content) {
  if (is_text_document(media)) {
    std::string words;
    append_words({.value = media}, words);
    text(words, {}, block, content);
    return {};
  }
  if (!media.detail.empty() && media.detail != "auto") losses_.drop("image_url.detail");
  if (media.data.empty()) {
    const std::string& uri = media.url.empty() ? media.file_id : media.url;
    const bool google = uri.starts_with("gs://") || is_google_file(uri);
    const bool web = !media.url.empty() && (uri.starts_with("https://") || uri.starts_with("http://"));
    if (!google && !web) {
      if (media.data.empty() && uri.empty() && !media.transcript.empty()) {
        text(media.transcript, {}, block, content);
        return {};
      }
      return refuse(Code::unsupported, "A file that another provider keeps cannot be read by this one", "messages");
    }
    json::Writer& writer = content.part();
    writer.key("fileData").begin_object();
    if (!media.media_type.empty() || !is_film_of_youtube(uri)) writer.key("mimeType").string(type_of(media));
    writer.key("fileUri").string(uri).end_object();
  } else {
    json::Writer& writer = content.part();
    writer.key("inlineData").begin_object();
    writer.key("mimeType").string(type_of(media)).key("data").string(media.data).end_object();
  }
  if (block != nullptr) extras(*block);
  writer_.end_object();
  return {};
}

ApiResult<> ContentsWriter::block(const Block& block, bool model, Content& content) {
  // What the model said comes back with whatever its provider put beside it; what the user's client writes is meant.
  if (!model && request_.dialect != llm::Dialect::gemini) {
    for (const llm::Extra& extra : block.extras) losses_.drop(extra.name);
  }
  if (const auto* words = block.as<Text>()) {
    text(words->text, readable(words->signature), &block, content);
  } else if (const auto* refusal = block.as<llm::Refusal>()) {
    text(refusal->text, {}, &block, content);
  } else if (const auto* reasoning = block.as<llm::Reasoning>()) {
    thought(*reasoning, content);
  } else if (const auto* media = block.as<Media>()) {
    return this->media(*media, &block, content);
  } else if (const auto* call = block.as<ToolCall>()) {
    this->call(*call, block, content);
  } else if (const auto* foreign = block.as<llm::Foreign>()) {
    if (foreign->verbatim.dialect == llm::Dialect::gemini) {
      content.part();
      json::walk_object(foreign->verbatim.json,
                        [&](const json::Member& member) { writer_.key(member.key).raw(member.value); });
      writer_.end_object();
    } else if (!foreign->text.empty()) {
      text(foreign->text, {}, nullptr, content);
    } else if (model) {
      losses_.drop(foreign->type.empty() ? std::string_view("messages[].content") : foreign->type);
    } else {
      return refuse(Code::unsupported, "A part of a message that only its own provider knows", "messages");
    }
  }
  return {};
}

}  // namespace gatehouse::dialects::gemini
