#include "gatehouse/dialects/bedrock/answer_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "gatehouse/dialects/bedrock/finish.h"
#include "gatehouse/dialects/bedrock/media.h"
#include "gatehouse/dialects/schema/unwrap.h"
#include "gatehouse/json/cursor.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/usage_reader.h"

namespace gatehouse::dialects::bedrock {
namespace {

using json::Cursor;
using llm::Block;

class Reader {
 public:
  Reader(std::string_view body, const Reading& reading) : cursor_(body), reading_(reading) {}

  Result<llm::ChatAnswer> read() {
    const bool whole = cursor_.object([this](const Cursor::String& key) { return member(key.inside); });
    if (!whole || !cursor_.at_end() || !message_) {
      return fail(Code::upstream_protocol, "The provider's answer is no answer of Converse");
    }
    choice_.native_finish = stop_reason_;
    // What stood before the call of the tool that is the answer was said about it, and is no part of it.
    finish_json();
    choice_.finish = finish_of(stop_reason_, called_);
    answer_.choices.push_back(std::move(choice_));
    return std::move(answer_);
  }

 private:
  std::string_view raw() {
    const std::size_t begin = cursor_.offset();
    return cursor_.skip() ? cursor_.since(begin) : std::string_view();
  }

  bool text(std::string& to) {
    if (cursor_.first() != '"') return cursor_.skip();
    Cursor::String string;
    if (!cursor_.string(string)) return false;
    to.clear();
    json::append_decoded(string, to);
    return true;
  }

  // An object's members; anything else is passed over.
  template <class Member>
  bool object(Member&& each) {
    if (cursor_.first() != '{') return cursor_.skip();
    return cursor_.object([&](const Cursor::String& key) { return each(key.inside); });
  }
  template <class Element>
  bool array(Element&& each) {
    if (cursor_.first() != '[') return cursor_.skip();
    return cursor_.array(each);
  }

  bool member(std::string_view key) {
    if (key == "output") {
      return object([this](std::string_view inner) {
        if (inner != "message") return cursor_.skip();
        message_ = cursor_.first() == '{';
        return object([this](std::string_view part) {
          if (part != "content") return cursor_.skip();
          return array([this] { return block(); });
        });
      });
    }
    if (key == "stopReason") return text(stop_reason_);
    if (key == "usage") {
      answer_.usage = llm::read_usage(llm::UsageApi::bedrock, raw());
      return !cursor_.failed();
    }
    const std::string_view value = raw();
    if (value.empty()) return false;
    if (key == "serviceTier") {
      answer_.service_tier = json::Value(value)["type"].string_or("");
    } else {
      if (key == "additionalModelResponseFields") {
        choice_.stop_sequence = stop_sequence_of(value);
      }
      if (value != "null") answer_.extras.push_back({.name = std::string(key), .json = std::string(value)});
    }
    return true;
  }

  // A union: the member that is known makes the block; some send others beside it ("type").
  bool block() {
    const std::size_t begin = cursor_.offset();
    std::string unknown;
    const std::size_t before = choice_.blocks.size();
    bool known = false;
    const bool good = object([&](std::string_view key) {
      if (key == "text") return known = true, text_block();
      if (key == "toolUse") return known = true, tool_use();
      if (key == "reasoningContent") return known = true, reasoning();
      if (key == "citationsContent") return known = true, citations();
      if (key == "image" || key == "audio") return known = true, media(key);
      if (key != "type") unknown = key;
      return cursor_.skip();
    });
    if (!good) return false;
    const std::string_view all = cursor_.since(begin);
    if (!known && !unknown.empty()) {
      foreign(unknown, all);
    } else if (server_tool_) {
      server_tool_ = false;
      choice_.blocks.resize(before);
      foreign("toolUse", all);
    }
    return true;
  }

  void foreign(std::string_view type, std::string_view all) {
    llm::Foreign block;
    block.type = type;
    block.verbatim = {.dialect = llm::Dialect::bedrock, .json = std::string(all)};
    choice_.blocks.push_back({.value = std::move(block)});
  }

  bool text_block() {
    llm::Text block;
    if (!text(block.text)) return false;
    if (reading_.rewrites.json_tool.empty() && reading_.rewrites.json_wrapped) block.text = unwrap_value(block.text);
    if (!block.text.empty()) choice_.blocks.push_back({.value = std::move(block)});
    return true;
  }

  bool tool_use() {
    llm::ToolCall call;
    std::string type;
    const bool good = object([&](std::string_view key) {
      if (key == "toolUseId") return text(call.id);
      if (key == "name") return text(call.name);
      if (key == "type") return text(type);
      if (key != "input") return cursor_.skip();
      call.arguments = raw();
      return !cursor_.failed();
    });
    if (!good) return false;
    if (type == "server_tool_use") {
      server_tool_ = true;
      return true;
    }
    const Rewrites& rewrites = reading_.rewrites;
    if (!rewrites.json_tool.empty() && call.name == rewrites.json_tool) {
      llm::Text answer;
      answer.text = rewrites.json_wrapped ? unwrap_value(call.arguments) : std::move(call.arguments);
      if (!json_at_) {
        json_at_ = choice_.blocks.size();
        words_kept_ = called_ ? called_at_ : 0;
      }
      choice_.blocks.push_back({.value = std::move(answer)});
      return true;
    }
    if (std::ranges::find(rewrites.text_tools, call.name) != rewrites.text_tools.end()) {
      call.kind = llm::ToolKind::custom;
      if (auto input = json::Value(call.arguments)["input"].string()) call.arguments = std::move(*input);
    }
    for (const auto& [sent, name] : rewrites.tool_names) {
      if (call.name == sent) {
        call.name = name;
        break;
      }
    }
    called_ = true;
    called_at_ = choice_.blocks.size();
    choice_.blocks.push_back({.value = std::move(call)});
    return true;
  }

  bool reasoning() {
    llm::Reasoning block;
    const bool good = object([&](std::string_view key) {
      if (key == "redactedContent") {
        std::string blob;
        if (!text(blob)) return false;
        block.encrypted = redacted_of(blob, reading_.origin);
        return true;
      }
      if (key != "reasoningText") return cursor_.skip();
      return object([&](std::string_view inner) {
        if (inner == "text") return text(block.text);
        if (inner != "signature") return cursor_.skip();
        block.signature.origin = reading_.origin;
        return text(block.signature.value);
      });
    });
    if (!good) return false;
    if (block.signature.empty()) block.signature = {};
    choice_.blocks.push_back({.value = std::move(block)});
    return true;
  }

  bool citations() {
    llm::Text block;
    const bool good = object([&](std::string_view key) {
      if (key == "content") {
        return array([&] {
          return object([&](std::string_view inner) {
            if (inner != "text") return cursor_.skip();
            std::string part;
            if (!text(part)) return false;
            block.text += part;
            return true;
          });
        });
      }
      if (key != "citations") return cursor_.skip();
      return array([&] {
        const std::string_view one = raw();
        if (one.empty()) return false;
        block.citations.push_back(citation_of(one));
        return true;
      });
    });
    if (!good) return false;
    choice_.blocks.push_back({.value = std::move(block)});
    return true;
  }

  bool media(std::string_view member) {
    llm::Media block;
    block.kind = member == "image" ? llm::Media::Kind::image : llm::Media::Kind::audio;
    const bool good = object([&](std::string_view key) {
      if (key == "format") {
        std::string format;
        if (!text(format)) return false;
        block.media_type = media_type_of(member, format);
        return true;
      }
      if (key != "source") return cursor_.skip();
      return object([&](std::string_view inner) {
        if (inner == "bytes") return text(block.data);
        if (inner != "s3Location") return cursor_.skip();
        block.url = json::Value(raw())["uri"].string_or("");
        return !cursor_.failed();
      });
    });
    if (!good) return false;
    choice_.blocks.push_back({.value = std::move(block)});
    return true;
  }

  void finish_json() {
    if (!json_at_) return;
    std::size_t at = 0;
    std::erase_if(choice_.blocks, [&](const Block& block) {
      const std::size_t position = at++;
      return block.kind() == llm::BlockKind::text && position != *json_at_ && position >= words_kept_;
    });
  }

  Cursor cursor_;
  const Reading& reading_;
  llm::ChatAnswer answer_;
  llm::Choice choice_;
  std::string stop_reason_;
  bool message_ = false;
  bool called_ = false;
  bool server_tool_ = false;
  std::size_t called_at_ = 0;           // the last call that is the caller's
  std::optional<std::size_t> json_at_;  // the first answer that came as a call
  std::size_t words_kept_ = 0;          // words before this block led to another call, and stay with it
};

}  // namespace

Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading) {
  return Reader(body, reading).read();
}

}  // namespace gatehouse::dialects::bedrock
