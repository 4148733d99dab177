#include "gatehouse/providers/sandbox/request.h"

#include <algorithm>
#include <tuple>

#include "gatehouse/json/scan.h"
#include "gatehouse/providers/sandbox/tokens.h"

namespace gatehouse::providers::sandbox {
namespace {

using json::Kind;
using json::Value;

constexpr std::size_t kMostMembers = 200;
constexpr std::size_t kMostMessages = 10'000;
constexpr std::size_t kMostTools = 128;
constexpr std::size_t kMostStops = 4;
constexpr std::size_t kMessageTokens = 3;
constexpr std::size_t kImageTokens = 85;  // any part of a message that is no text

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

std::unexpected<Refusal> wrong_type(std::string_view param, std::string_view expected, Value got) {
  const auto kind = json::kind_of(got.raw());
  return bad_request("Invalid type for " + in_quotes(param) + ": expected " + std::string(expected) + ", but got " +
                         std::string(kind ? json::describe(*kind) : "nothing") + " instead.",
                     std::string(param), "invalid_type");
}

std::unexpected<Refusal> missing(std::string_view param) {
  return bad_request("Missing required parameter: " + in_quotes(param) + ".", std::string(param),
                     "missing_required_parameter");
}

std::unexpected<Refusal> bad_value(std::string_view param, std::string_view expected) {
  return bad_request("Invalid value for " + in_quotes(param) + ": expected " + std::string(expected) + ".",
                     std::string(param), "invalid_value");
}

Checked<bool> read_flag(const Fields& fields, std::string_view key, bool otherwise) {
  const Value value = fields[key];
  if (!value.exists()) return otherwise;
  if (const auto flag = value.boolean()) return *flag;
  return wrong_type(key, "a boolean", value);
}

Checked<std::optional<std::uint64_t>> read_number(const Fields& fields, std::string_view key, std::uint64_t least,
                                                  std::uint64_t most) {
  const Value value = fields[key];
  if (!value.exists()) return std::nullopt;
  if (!value.is(Kind::number)) return wrong_type(key, "an integer", value);
  const auto number = json::read_count(value.raw());
  if (!number || *number < least || *number > most) {
    return bad_value(key, "an integer from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return number;
}

Checked<> check_range(const Fields& fields, std::string_view key, double least, double most) {
  const Value value = fields[key];
  if (!value.exists()) return {};
  const auto number = value.number();
  if (!number) return wrong_type(key, "a number", value);
  if (*number < least || *number > most) {
    return bad_value(key, "a number from " + std::to_string(static_cast<int>(least)) + " to " +
                              std::to_string(static_cast<int>(most)));
  }
  return {};
}

// "[1,2,3]" -> "1 2 3"; nothing if it is no array of numbers.
std::optional<std::string> words_of_tokens(Value array, std::size_t& count) {
  std::string words;
  bool numbers = array.is(Kind::array);
  array.elements([&](Value element) {
    numbers = numbers && element.is(Kind::number);
    if (!words.empty()) words.push_back(' ');
    words.append(element.raw());
    ++count;
  });
  if (!numbers || words.empty()) return std::nullopt;
  return words;
}

struct Texts {
  std::vector<std::string> texts;
  std::size_t tokens = 0;
};

// A string, an array of strings, an array of token numbers, or an array of such arrays.
Checked<Texts> read_texts(Value value, std::string_view key, std::size_t most) {
  if (!value.exists()) return missing(key);
  Texts read;
  const auto take = [&](Value one) {
    std::size_t count = 0;
    if (auto text = one.string()) {
      read.tokens += count_tokens(*text);
      read.texts.push_back(*std::move(text));
    } else if (auto words = words_of_tokens(one, count)) {
      read.tokens += count;
      read.texts.push_back(*std::move(words));
    } else {
      return false;
    }
    return true;
  };
  if (take(value)) return read;
  if (!value.is(Kind::array)) return wrong_type(key, "a string or an array", value);
  bool good = true;
  value.elements([&](Value element) { good = good && read.texts.size() <= most && take(element); });
  if (read.texts.size() > most) return bad_value(key, "at most " + std::to_string(most) + " items");
  if (!good || read.texts.empty()) {
    return bad_value(key, "a string, an array of strings, or an array of token numbers, not empty");
  }
  return read;
}

// Reads the messages one after the other; keeps the first fault.
class Conversation {
 public:
  explicit Conversation(ChatRequest& request) : request_(request) {}

  void add(Value message) {
    if (refusal_) return;
    const std::string here = "messages[" + std::to_string(request_.messages) + "]";
    ++request_.messages;
    if (request_.messages > kMostMessages) return refuse(bad_value("messages", "at most 10000 messages"));
    if (!message.is(Kind::object)) return refuse(wrong_type(here, "an object", message));
    Value role_value;
    Value content;
    Value calls;
    Value call_id;
    Value name;
    message.members([&](std::string_view key, Value value) {
      if (key == "role") role_value = value;
      if (key == "content") content = value;
      if (key == "tool_calls") calls = value;
      if (key == "tool_call_id") call_id = value;
      if (key == "name") name = value;
    });
    if (!role_value.exists()) return refuse(missing(here + ".role"));
    const std::string role = role_value.string_or("");
    constexpr std::string_view kRoles[] = {"system", "developer", "user", "assistant", "tool", "function"};
    if (std::ranges::find(kRoles, role) == std::end(kRoles)) {
      return refuse(bad_request("Invalid value: " + in_quotes(role_value.string_or(role_value.raw()).substr(0, 100)) +
                                    ". Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and "
                                    "'developer'.",
                                here + ".role", "invalid_value"));
    }
    request_.prompt_tokens += kMessageTokens;
    if (role != "tool" && !pending_.empty()) return refuse(unanswered());
    std::string text;
    if (!read_content(content, here, text)) return;
    const bool calls_tools = role == "assistant" && calls.size() > 0;
    if (!content.exists() || content.is_null()) {
      if (role != "assistant") {
        return refuse(bad_request("Invalid value for 'content': expected a string, got null.", here + ".content",
                                  "invalid_type"));
      }
    }
    if (calls_tools) {
      return add_calls(calls, here);
    }
    if (role == "tool") return add_result(call_id, std::move(text), here);
    request_.results.clear();
    if (role == "function") {
      request_.results.push_back({name.string_or("a tool"), std::move(text)});
    } else if (role == "user") {
      request_.user_text = std::move(text);
    } else if (role != "assistant" && request_.system_text.empty()) {
      request_.system_text = std::move(text);
    }
  }

  std::optional<Refusal> finish() {
    if (!refusal_ && !pending_.empty()) refuse(unanswered());
    return std::move(refusal_);
  }

 private:
  void refuse(std::unexpected<Refusal> refusal) { refusal_ = std::move(refusal).error(); }

  std::unexpected<Refusal> unanswered() {
    std::string ids;
    for (const auto& [id, name] : pending_) ids += (ids.empty() ? "" : ", ") + id;
    return bad_request(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. "
        "The following tool_call_ids did not have response messages: " +
            ids.substr(0, 500),
        "messages");
  }

  // A string, or an array of parts whose texts are joined.
  bool read_content(Value content, const std::string& here, std::string& text) {
    if (!content.exists() || content.is_null()) return true;
    if (auto whole = content.string()) {
      text = *std::move(whole);
    } else if (content.is(Kind::array)) {
      std::size_t index = 0;
      content.elements([&](Value part) {
        const std::string place = here + ".content[" + std::to_string(index++) + "]";
        if (refusal_) return;
        if (!part.is(Kind::object)) return refuse(wrong_type(place, "an object", part));
        const auto type = part["type"].string();
        if (!type) return refuse(missing(place + ".type"));
        if (*type == "text" || *type == "refusal") {
          const auto words = part[*type].string();
          if (!words) return refuse(missing(place + "." + *type));
          if (!text.empty()) text.push_back('\n');
          text += *words;
        } else if (*type == "image_url" || *type == "input_audio" || *type == "file") {
          request_.prompt_tokens += kImageTokens;
          if (!text.empty()) text.push_back('\n');
          text += "[" + *type + "]";
        } else {
          refuse(bad_request("Invalid value: " + in_quotes(type->substr(0, 100)) +
                                 ". Supported values are: 'text', 'image_url', 'input_audio', 'refusal', and 'file'.",
                             place + ".type", "invalid_value"));
        }
      });
    } else {
      refuse(wrong_type(here + ".content", "a string or an array", content));
    }
    request_.prompt_tokens += count_tokens(text);
    return !refusal_;
  }

  void add_calls(Value calls, const std::string& here) {
    names_.clear();
    request_.results.clear();
    calls.elements([&](Value call) {
      if (refusal_) return;
      auto id = call["id"].string();
      if (!id) return refuse(missing(here + ".tool_calls.id"));
      const Value function = call["function"];
      std::string name = function["name"].string_or("a tool");
      request_.prompt_tokens += count_tokens(name) + count_tokens(function["arguments"].string_or(""));
      names_.emplace_back(*id, name);
      pending_.emplace_back(*std::move(id), std::move(name));
      if (pending_.size() > kMostTools) refuse(bad_value(here + ".tool_calls", "at most 128 calls"));
    });
  }

  void add_result(Value call_id, std::string text, const std::string& here) {
    const auto id = call_id.string();
    if (!id) return refuse(missing(here + ".tool_call_id"));
    const auto of_id = [&](const auto& call) { return call.first == *id; };
    const auto known = std::ranges::find_if(names_, of_id);
    if (known == names_.end()) {
      return refuse(
          bad_request("Invalid parameter: messages with role 'tool' must be a response to a preceding "
                      "message with 'tool_calls'.",
                      here + ".role"));
    }
    if (request_.results.size() >= kMostTools)
      return refuse(bad_value("messages", "at most 128 tool results in a row"));
    request_.results.push_back({known->second, std::move(text)});
    std::erase_if(pending_, of_id);
  }

  ChatRequest& request_;
  std::vector<std::pair<std::string, std::string>> names_;    // id and tool of the last calls
  std::vector<std::pair<std::string, std::string>> pending_;  // those that nobody answered yet
  std::optional<Refusal> refusal_;
};

Checked<> read_tools(const Fields& fields, ChatRequest& request) {
  const Value tools = fields["tools"];
  if (tools.exists() && !tools.is(Kind::array)) return wrong_type("tools", "an array", tools);
  if (tools.exists()) request.prompt_tokens += count_tokens(tools.raw());
  std::optional<Refusal> refusal;
  std::size_t index = 0;
  tools.elements([&](Value tool) {
    const std::string here = "tools[" + std::to_string(index++) + "]";
    if (refusal || index > kMostTools) return;
    const std::string type = tool["type"].string_or("");
    if (type.empty()) {
      refusal = missing(here + ".type").error();
    } else if (type == "function") {
      auto name = tool["function"]["name"].string();
      if (!name || name->empty() || name->size() > 64) {
        refusal = missing(here + ".function.name").error();
        return;
      }
      request.tools.push_back({*std::move(name), tool["function"]["parameters"]});
    }
    // Other types (custom, hosted) are taken and never called.
  });
  if (refusal) return std::unexpected(*std::move(refusal));
  if (index > kMostTools) return bad_value("tools", "at most 128 tools");

  const Value choice = fields["tool_choice"];
  if (!choice.exists()) return {};
  if (request.tools.empty() && index == 0) {
    return bad_request("Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
                       "tool_choice");
  }
  const std::string word = choice.string_or("");
  if (word == "none") {
    request.tool_choice = ToolChoice::none;
  } else if (word == "required") {
    request.tool_choice = ToolChoice::required;
  } else if (choice.is(Kind::object)) {
    request.named_tool = choice["function"]["name"].string_or("");
    request.tool_choice = ToolChoice::named;
    const bool known =
        std::ranges::any_of(request.tools, [&](const Tool& tool) { return tool.name == request.named_tool; });
    if (!known) {
      return bad_request(
          "Tool choice " + in_quotes(request.named_tool.substr(0, 64)) + " not found in 'tools' parameter.",
          "tool_choice");
    }
  } else if (word != "auto") {
    return bad_value("tool_choice", "'none', 'auto', 'required' or an object that names a function");
  }
  return {};
}

Checked<> read_format(const Fields& fields, ChatRequest& request) {
  const Value format = fields["response_format"];
  if (!format.exists()) return {};
  if (!format.is(Kind::object)) return wrong_type("response_format", "an object", format);
  const std::string type = format["type"].string_or("");
  if (type == "json_object") {
    request.format = Format::json_object;
  } else if (type == "json_schema") {
    request.format = Format::json_schema;
    const Value named = format["json_schema"];
    if (!named["name"].exists()) return missing("response_format.json_schema.name");
    request.schema = named["schema"];
    if (!request.schema.is(Kind::object)) return missing("response_format.json_schema.schema");
    request.prompt_tokens += count_tokens(request.schema.raw());
  } else if (type != "text") {
    return bad_request("Invalid value: " + in_quotes(type.substr(0, 100)) +
                           ". Supported values are: 'json_object', 'json_schema', and 'text'.",
                       "response_format.type", "invalid_value");
  }
  return {};
}

}  // namespace

Checked<Fields> Fields::read(std::string_view body) {
  if (body.size() > kMostBody) {
    return std::unexpected(Refusal{.status = 413, .message = "The request is larger than 8 MiB."});
  }
  Fields fields;
  const auto scanned = json::scan_object(body, [&](const json::Member& member) {
    if (member.kind != Kind::null && fields.fields_.size() <= kMostMembers) {
      fields.fields_.emplace_back(member.key, Value(member.value));
    }
  });
  if (!scanned) {
    return bad_request("We could not parse the JSON body of your request. (" + scanned.error().detail + ")");
  }
  if (fields.fields_.size() > kMostMembers) return bad_request("The request has more than 200 parameters.");
  return fields;
}

Value Fields::operator[](std::string_view key) const {
  for (auto field = fields_.rbegin(); field != fields_.rend(); ++field) {
    if (field->first == key) return field->second;
  }
  return {};
}

Checked<Common> read_common(const Fields& fields) {
  const Value model = fields["model"];
  if (!model.exists()) return bad_request("you must provide a model parameter");
  auto name = model.string();
  if (!name) return wrong_type("model", "a string", model);
  if (name->empty()) return bad_request("you must provide a model parameter");
  auto scenario = find_scenario(*name);
  if (!scenario) return std::unexpected(std::move(scenario).error());
  return Common{*std::move(name), *scenario};
}

Checked<Sampling> read_sampling(const Fields& fields) {
  Sampling sampling;
  const auto stream = read_flag(fields, "stream", false);
  if (!stream) return std::unexpected(stream.error());
  sampling.stream = *stream;
  if (const Value options = fields["stream_options"]; options.exists()) {
    if (!options.is(Kind::object)) return wrong_type("stream_options", "an object", options);
    if (!sampling.stream) {
      return bad_request("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options");
    }
    sampling.include_usage = options["include_usage"].boolean().value_or(false);
  }
  const auto n = read_number(fields, "n", 1, kMostChoices);
  if (!n) return std::unexpected(n.error());
  sampling.n = static_cast<std::uint32_t>(n->value_or(1));
  for (const std::string_view key : {"max_tokens", "max_completion_tokens"}) {
    const auto limit = read_number(fields, key, 1, 10'000'000);
    if (!limit) return std::unexpected(limit.error());
    if (*limit) sampling.max_tokens = static_cast<std::size_t>(**limit);
  }
  for (const auto& [key, least, most] : std::initializer_list<std::tuple<std::string_view, double, double>>{
           {"temperature", 0, 2}, {"top_p", 0, 1}, {"frequency_penalty", -2, 2}, {"presence_penalty", -2, 2}}) {
    if (auto checked = check_range(fields, key, least, most); !checked) return std::unexpected(checked.error());
  }
  const Value stop = fields["stop"];
  bool strings = true;
  if (auto one = stop.string()) {
    sampling.stop.push_back(*std::move(one));
  } else if (stop.exists()) {
    if (!stop.is(Kind::array)) return wrong_type("stop", "a string or an array", stop);
    stop.elements([&](Value element) {
      auto text = element.string();
      strings = strings && text && sampling.stop.size() < kMostStops;
      if (strings) sampling.stop.push_back(*std::move(text));
    });
  }
  if (!strings) return bad_value("stop", "at most 4 strings");
  std::erase(sampling.stop, "");
  return sampling;
}

Checked<ChatRequest> read_chat(const Fields& fields) {
  ChatRequest request;
  const Value messages = fields["messages"];
  if (!messages.exists()) return missing("messages");
  if (!messages.is(Kind::array)) return wrong_type("messages", "an array", messages);
  Conversation conversation(request);
  messages.elements([&](Value message) { conversation.add(message); });
  if (auto refusal = conversation.finish()) return std::unexpected(*std::move(refusal));
  if (request.messages == 0) {
    return bad_request(
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty "
        "array instead.",
        "messages", "empty_array");
  }
  request.prompt_tokens += kMessageTokens;
  if (auto checked = read_tools(fields, request); !checked) return std::unexpected(checked.error());
  if (auto checked = read_format(fields, request); !checked) return std::unexpected(checked.error());
  const auto parallel = read_flag(fields, "parallel_tool_calls", true);
  if (!parallel) return std::unexpected(parallel.error());
  request.parallel_tool_calls = *parallel;
  return request;
}

Checked<CompletionRequest> read_completion(const Fields& fields) {
  CompletionRequest request;
  auto prompts = read_texts(fields["prompt"], "prompt", kMostChoices);
  if (!prompts) return std::unexpected(std::move(prompts).error());
  request.prompts = std::move(prompts->texts);
  request.prompt_tokens = prompts->tokens;
  const auto echo = read_flag(fields, "echo", false);
  if (!echo) return std::unexpected(echo.error());
  request.echo = *echo;
  constexpr std::size_t kMostEchoed = 65536;
  std::size_t size = 0;
  for (const std::string& prompt : request.prompts) size += prompt.size();
  if (request.echo && size > kMostEchoed) return bad_value("prompt", "at most 64 KiB where 'echo' is set");
  return request;
}

Checked<EmbeddingsRequest> read_embeddings(const Fields& fields) {
  EmbeddingsRequest request;
  auto inputs = read_texts(fields["input"], "input", kMostInputs);
  if (!inputs) return std::unexpected(std::move(inputs).error());
  if (std::ranges::any_of(inputs->texts, [](const std::string& text) { return text.empty(); })) {
    return bad_request("'$.input' is invalid. Please check the API reference: an input may not be empty.", "input");
  }
  request.inputs = std::move(inputs->texts);
  request.prompt_tokens = inputs->tokens;
  const auto dimensions = read_number(fields, "dimensions", 1, kMostDimensions);
  if (!dimensions) return std::unexpected(dimensions.error());
  if (*dimensions) request.dimensions = static_cast<std::size_t>(**dimensions);
  if (const Value format = fields["encoding_format"]; format.exists()) {
    const std::string name = format.string_or("");
    if (name != "float" && name != "base64") return bad_value("encoding_format", "'float' or 'base64'");
    request.base64 = name == "base64";
  }
  return request;
}

Checked<std::vector<std::string>> read_moderation_inputs(const Fields& fields) {
  auto inputs = read_texts(fields["input"], "input", kMostInputs);
  if (!inputs) return std::unexpected(std::move(inputs).error());
  return std::move(inputs->texts);
}

}  // namespace gatehouse::providers::sandbox
