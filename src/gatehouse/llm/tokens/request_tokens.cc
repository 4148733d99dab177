#include "gatehouse/llm/tokens/request_tokens.h"

#include <array>
#include <string>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/tokens/image_tokens.h"
#include "gatehouse/llm/tokens/json_tokens.h"
#include "gatehouse/llm/tokens/tokenizer.h"

namespace gatehouse::llm {
namespace {

using json::Element;
using json::Kind;
using json::Member;

// OpenAI's cookbook, "How to count tokens with tiktoken": each message is wrapped in three tokens, a name takes one,
// and the answer is primed with three. Answers billed show two for the models that reason.
constexpr std::uint64_t kMessage = 3;
constexpr std::uint64_t kName = 1;
constexpr std::uint64_t kReply = 3;
constexpr std::uint64_t kReasoningReply = 2;
// Seen in billed requests with gpt-4o: a call is addressed (" to=functions." before the name), its result is from
// "functions.NAME" where the role is counted as one token already.
constexpr std::uint64_t kToolCall = 4;
constexpr std::uint64_t kToolResult = 1;
// gpt-tokenizer's functionCalling: a call in the form before tools; a role of "function"; a system message that the
// definitions join; a function named in function_call.
constexpr std::uint64_t kFunctionCall = 3;
constexpr std::uint64_t kFunctionRoleSaves = 2;
constexpr std::uint64_t kSystemJoins = 4;
constexpr std::uint64_t kForced = 4;

bool is_reasoning(std::string_view model) {
  if (const auto slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  return model.starts_with("o1") || model.starts_with("o3") || model.starts_with("o4") ||
         (model.starts_with("gpt-5") && model.find("chat") == std::string_view::npos);
}

class ChatCounter {
 public:
  ChatCounter(Encoding encoding, std::string_view model) : model_(model), text_(encoding), tools_(encoding) {}

  // A member of the body.
  void take(const Member& member) {
    if (member.key == "messages") {
      json::walk_array(member.value, [&](const Element& message) { this->message(message); });
    } else if (member.key == "tools") {
      tools_.add_tools(member.value);
    } else if (member.key == "functions") {
      tools_.add_functions(member.value);
    } else if (member.key == "response_format") {
      const json::Value schema = json::Value(member.value)["json_schema"];
      detail::add_compact(text_, schema["schema"].raw());
      out_.tools += text_.finish();
      out_.tools += string(schema["name"].raw()) + string(schema["description"].raw());
    } else if (member.key == "function_call" && member.kind == Kind::object) {
      out_.overhead += kForced + string(json::Value(member.value)["name"].raw());
    }
  }

  RequestTokens finish() {
    out_.overhead += is_reasoning(model_) ? kReasoningReply : kReply;
    out_.tools += tools_.tokens();
    if (tools_.any() && system_) out_.overhead -= kSystemJoins;
    return out_;
  }

 private:
  // The tokens of a string as JSON has it; 0 for anything else.
  std::uint64_t string(std::string_view raw) {
    if (raw.empty() || raw.front() != '"') return 0;
    detail::add_string(text_, raw);
    return text_.finish();
  }

  void message(const Element& message) {
    if (message.kind != Kind::object) return;
    ++out_.messages;
    out_.overhead += kMessage;
    json::walk_object(message.value, [&](const Member& member) { this->message_member(member); });
  }

  void message_member(const Member& member) {
    if (member.key == "role") {
      out_.text += string(member.value);
      if (member.value == "\"function\"") out_.overhead -= kFunctionRoleSaves;
      if (member.value == "\"system\"") system_ = true;
    } else if (member.key == "content") {
      content(member.value, member.kind);
    } else if (member.key == "refusal") {
      out_.text += string(member.value);
    } else if (member.key == "name") {
      if (member.kind != Kind::string) return;
      out_.text += string(member.value);
      out_.overhead += kName;
    } else if (member.key == "tool_calls") {
      json::walk_array(member.value, [&](const Element& call) { tool_call(call.value); });
    } else if (member.key == "tool_call_id") {
      out_.overhead += kToolResult + name_tokens_of(member.value);
    } else if (member.key == "function_call" && member.kind == Kind::object) {
      const json::Value call(member.value);
      out_.text += string(call["name"].raw()) + string(call["arguments"].raw());
      out_.overhead += kFunctionCall;
    } else if (member.key == "audio" && member.kind == Kind::object) {
      ++out_.uncounted;
    }
  }

  void content(std::string_view raw, Kind kind) {
    if (kind == Kind::string) {
      out_.text += string(raw);
    } else if (kind == Kind::array) {
      json::walk_array(raw, [&](const Element& part) {
        if (part.kind == Kind::string) out_.text += string(part.value);
        json::walk_object(part.value, [&](const Member& member) { part_member(member); });
      });
    }
  }

  // By the member that carries it, whatever the part's `type` says.
  void part_member(const Member& member) {
    if (member.key == "text" || member.key == "refusal") {
      out_.text += string(member.value);
    } else if (member.key == "image_url") {
      image(member.value, member.kind);
    } else if (member.key == "input_audio" || member.key == "file") {
      ++out_.uncounted;
    }
  }

  void image(std::string_view raw, Kind kind) {
    std::string_view url = raw;
    bool low = false;
    if (kind == Kind::object) {
      const json::Value object(raw);
      url = object["url"].raw();
      low = object["detail"].raw() == "\"low\"";
    }
    if (url.empty() || url.front() != '"') return;
    ++out_.image_count;
    out_.images += image_tokens(model_, low, image_size_of_data_url(url.substr(1, url.size() - 2)));
  }

  void tool_call(std::string_view raw) {
    const json::Value call(raw);
    const json::Value function = call["function"];
    const std::uint64_t name = string(function["name"].raw());
    out_.text += name + string(function["arguments"].raw());
    // A call of a custom tool.
    out_.text += string(call["custom"]["name"].raw()) + string(call["custom"]["input"].raw());
    out_.overhead += kToolCall;
    calls_[next_call_++ % calls_.size()] = {call["id"].raw(), name};
  }

  // Of the call that a result answers: one of the latest.
  std::uint64_t name_tokens_of(std::string_view id) const {
    for (const ToolCall& call : calls_) {
      if (!call.id.empty() && call.id == id) return call.name_tokens;
    }
    return 0;
  }

  struct ToolCall {
    std::string_view id;  // as written
    std::uint64_t name_tokens = 0;
  };

  std::string_view model_;
  TextCounter text_;
  detail::ToolCounter tools_;
  RequestTokens out_;
  std::array<ToolCall, 32> calls_{};
  std::size_t next_call_ = 0;
  bool system_ = false;
};

// A prompt or input: a string, an array of strings, of ids, or of arrays of ids.
void add_input(std::string_view raw, Kind kind, TextCounter& text, RequestTokens& out) {
  const auto add = [&](std::string_view string) {
    detail::add_string(text, string);
    out.text += text.finish();
    ++out.messages;
  };
  if (kind == Kind::string) return add(raw);
  if (kind != Kind::array) return;
  bool ids = false;
  json::walk_array(raw, [&](const Element& element) {
    if (element.kind == Kind::string) add(element.value);
    if (element.kind == Kind::number) {
      ids = true;
      ++out.text;
    }
    if (element.kind == Kind::array) {
      ++out.messages;
      json::walk_array(element.value, [&](const Element& id) { out.text += id.kind == Kind::number ? 1U : 0U; });
    }
  });
  if (ids) ++out.messages;
}

}  // namespace

Result<RequestTokens> count_chat(Encoding encoding, std::string_view model, std::string_view body) {
  ChatCounter counter(encoding, model);
  if (auto scanned = json::scan_object(body, [&](const Member& member) { counter.take(member); }); !scanned) {
    return std::unexpected(scanned.error());
  }
  return counter.finish();
}

Result<RequestTokens> count_chat(const ModelTokens& tokens, std::string_view model, std::string_view body) {
  auto counted = count_chat(tokens.encoding, model, body);
  if (!counted) return counted;
  counted->overhead += tokens.chat_overhead;
  if (counted->tools > 0) counted->overhead += tokens.tools_overhead;
  return counted;
}

Result<RequestTokens> count_completion(Encoding encoding, std::string_view body) {
  RequestTokens out;
  TextCounter text(encoding);
  const auto scanned = json::scan_object(body, [&](const Member& member) {
    if (member.key == "prompt") add_input(member.value, member.kind, text, out);
    if (member.key == "suffix" && member.kind == Kind::string) {
      detail::add_string(text, member.value);
      out.text += text.finish();
    }
  });
  if (!scanned) return std::unexpected(scanned.error());
  return out;
}

Result<RequestTokens> count_embedding(Encoding encoding, std::string_view body) {
  RequestTokens out;
  TextCounter text(encoding);
  const auto scanned = json::scan_object(body, [&](const Member& member) {
    if (member.key == "input") add_input(member.value, member.kind, text, out);
  });
  if (!scanned) return std::unexpected(scanned.error());
  return out;
}

Result<RequestTokens> count_request(Operation operation, const ModelTokens& tokens, std::string_view model,
                                    std::string_view body) {
  switch (operation) {
    case Operation::chat_completions:
      return count_chat(tokens, model, body);
    case Operation::completions:
      return count_completion(tokens.encoding, body);
    case Operation::embeddings:
      return count_embedding(tokens.encoding, body);
    default:
      return fail(Code::unsupported, "the tokens of this operation are not counted");
  }
}

}  // namespace gatehouse::llm
