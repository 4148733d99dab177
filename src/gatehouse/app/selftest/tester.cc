#include "gatehouse/app/selftest/tester.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/app/selftest/shape.h"
#include "gatehouse/guard/schema/answer_schema.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/llm/chat/assembler.h"

namespace gatehouse::app::selftest {
namespace {

using llm::Author;
using llm::Block;
using llm::ChatAnswer;
using llm::ChatRequest;
using llm::Dialect;
using llm::ErrorKind;
using llm::FinishReason;
using llm::Message;

// The least that OpenAI's responses take for a bound.
constexpr std::uint64_t kLeastTokens = 16;
constexpr std::size_t kLongestReason = 300;
constexpr std::string_view kUnknownModel = "gatehouse-selftest-no-such-model";
constexpr std::string_view kUnknownMember = "gatehouse_selftest";
constexpr std::string_view kSchema =
    R"({"type":"object","properties":{"city":{"type":"string"},"inhabitants":{"type":"integer"}},)"
    R"("required":["city","inhabitants"],"additionalProperties":false})";
constexpr std::string_view kToolSchema =
    R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false})";
// One pixel of a PNG, red.
constexpr std::string_view kPixel =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

Outcome failed(std::string reason) { return {.verdict = Verdict::failed, .reason = std::move(reason)}; }
Outcome failed(const Error& error) { return failed(error.to_string()); }
Outcome refused(std::string reason) { return {.verdict = Verdict::refused, .reason = std::move(reason)}; }

// Whose opaque state stands in the dialect's own places as it is.
llm::Origin native_of(Dialect dialect) {
  if (dialect == Dialect::anthropic) return llm::Origin::anthropic;
  return dialect == Dialect::gemini ? llm::Origin::gemini : llm::Origin::openai;
}

// As the dialect's owner takes it.
const llm::Quirks& quirks_of(Dialect dialect) {
  static constexpr llm::Quirks kPlain{};
  static constexpr llm::Quirks kChat = [] {
    llm::Quirks quirks;
    quirks.max_tokens = "max_completion_tokens";  // `max_tokens` is refused by OpenAI's reasoning models
    return quirks;
  }();
  return dialect == Dialect::openai_chat ? kChat : kPlain;
}

// A client sends state back as it got it, whoever's it is.
void keep_opaque(llm::Opaque& state, llm::Origin native) {
  if (!state.empty() && state.origin != native) state = {.origin = native, .value = llm::wrap_opaque(state, native)};
}

std::vector<Block> sent_back(std::vector<Block> blocks, llm::Origin native) {
  for (Block& block : blocks) {
    if (auto* text = block.as<llm::Text>()) keep_opaque(text->signature, native);
    if (auto* call = block.as<llm::ToolCall>()) keep_opaque(call->signature, native);
    if (auto* thought = block.as<llm::Reasoning>()) {
      keep_opaque(thought->signature, native);
      keep_opaque(thought->encrypted, native);
    }
  }
  return blocks;
}

std::string text_of(const ChatAnswer& answer) {
  std::string out;
  for (const Block& block : answer.choices.front().blocks) {
    if (const auto* text = block.as<llm::Text>()) out += text->text;
    if (const auto* refusal = block.as<llm::Refusal>()) out += refusal->text;
  }
  return out;
}

std::vector<const llm::ToolCall*> calls_of(const ChatAnswer& answer) {
  std::vector<const llm::ToolCall*> out;
  for (const Block& block : answer.choices.front().blocks) {
    if (const auto* call = block.as<llm::ToolCall>()) out.push_back(call);
  }
  return out;
}

FinishReason finish_of(const ChatAnswer& answer) { return answer.choices.front().finish; }

// What a model does that no gateway can help.
Outcome not_enough() { return refused("the bound on tokens was met before the answer; try a greater --max-tokens"); }
bool declined(const ChatAnswer& answer) {
  return finish_of(answer) == FinishReason::refusal || finish_of(answer) == FinishReason::content_filter;
}

Outcome judge_text(const ChatAnswer& answer) {
  if (!answer.usage.known) return failed("the usage is not told");
  if (declined(answer)) return refused("the model declined");
  if (!text_of(answer).empty()) {
    // What is not counted is not charged, and no budget sees it.
    return answer.usage.completion_tokens > 0 ? Outcome{} : failed("the usage tells no tokens of a text that came");
  }
  return finish_of(answer) == FinishReason::length ? not_enough() : failed("the answer has no text");
}

Outcome judge_calls(const ChatAnswer& answer) {
  const auto calls = calls_of(answer);
  const bool cut = finish_of(answer) == FinishReason::length;
  if (calls.empty()) {
    if (cut) return not_enough();
    return declined(answer) ? refused("the model declined") : failed("no tool was called, though one was required");
  }
  std::set<std::string_view> ids;
  for (const llm::ToolCall* call : calls) {
    if (call->name != "get_weather" && call->name != "get_time") return failed("a tool was called that is not there");
    if (call->id.empty() || !ids.insert(call->id).second) return failed("the calls' ids are missing or not distinct");
    const auto kind = json::validate(call->arguments.empty() ? "{}" : std::string_view(call->arguments));
    if (kind && *kind == json::Kind::object) continue;
    return cut ? not_enough() : failed("the arguments of a call are no JSON object");
  }
  if (!cut && finish_of(answer) != FinishReason::tool_calls) return failed("the finish reason does not tell of calls");
  if (calls.size() < 2) return {.verdict = Verdict::ok, .reason = "the model made one call where two were asked for"};
  return {};
}

}  // namespace

struct Tester::Asked {
  std::optional<ChatAnswer> answer{};
  Outcome outcome{};  // where there is no answer
};

ChatRequest Tester::question(std::string_view text) const {
  ChatRequest request;
  request.dialect = row_.front;
  request.model = row_.model;
  request.max_tokens = options_.max_tokens;
  Message& message = request.messages.emplace_back();
  message.blocks.push_back({.value = llm::Text{.text = std::string(text)}});
  return request;
}

ChatRequest Tester::with_tools() const {
  ChatRequest request = question("Call get_weather for Paris and get_time for Oslo, both at once.");
  for (const auto* tool : {"get_weather", "get_time"}) {
    request.tools.push_back(
        {.name = tool, .description = std::string(tool) + " of a city", .schema = std::string(kToolSchema)});
  }
  return request;
}

std::string Tester::written(const ChatRequest& request, dialects::Rewrites& rewrites) const {
  dialects::Losses losses;
  auto body = codec_->write_request(request,
                                    {.model = request.model,
                                     .stream = request.stream,
                                     .quirks = quirks_of(row_.front),
                                     .origin = native_of(row_.front)},
                                    losses, rewrites);
  return body ? *std::move(body) : std::string();
}

Result<ChatAnswer> Tester::read(const WireAnswer& answer, bool stream, const dialects::Rewrites& rewrites) const {
  const dialects::Reading reading{
      .rewrites = rewrites, .quirks = quirks_of(row_.front), .origin = native_of(row_.front)};
  if (!stream) {
    if (auto good = check_answer(row_.front, answer.body); !good) return std::unexpected(std::move(good.error()));
    return codec_->read_answer(answer.body, reading);
  }
  auto events = check_stream(row_.front, answer.body);
  if (!events) return std::unexpected(std::move(events.error()));
  const auto decoder = codec_->make_decoder(reading);
  llm::AnswerAssembler assembler;
  std::vector<llm::ChatEvent> said;
  Result<> good;
  const auto take = [&] {
    for (const auto& event : said) {
      if (good) good = assembler.add(event);
    }
    said.clear();
  };
  for (const StreamEvent& event : *events) {
    decoder->on_event(event.name, event.data, said);
    take();
  }
  decoder->on_end(said);
  take();
  if (!good) return std::unexpected(std::move(good.error()));
  if (assembler.error()) return fail(Code::upstream_protocol, assembler.error()->message);
  if (!assembler.ended()) return fail(Code::upstream_protocol, "the stream is not whole");
  return assembler.take();
}

Result<WireAnswer> Tester::send(const WireRequest& request) {
  ++spent_.requests;
  auto answer = send_(request);
  if (answer) row_.drop(answer->dropped);
  return answer;
}

void Tester::count(const WireAnswer& answer, const llm::Usage& usage) {
  spent_.prompt_tokens += usage.prompt_tokens;
  spent_.completion_tokens += usage.completion_tokens;
  ++spent_.answers;
  if (answer.cost_usd.empty()) return;
  ++spent_.priced;
  spent_.usd += std::strtod(answer.cost_usd.c_str(), nullptr);
}

// An error of the gateway or the provider: told well, and about what they can, it is no failure.
Outcome Tester::refusal(const WireAnswer& answer) const {
  if (auto shape = check_error(row_.front, answer.status, answer.body); !shape) return failed(shape.error());
  const llm::ChatError error = codec_->read_error(answer.status, answer.body);
  std::string reason = fmt::format("{} {}", answer.status, error.message);
  if (reason.size() > kLongestReason) reason.resize(kLongestReason);
  switch (error.kind) {
    case ErrorKind::invalid_request:
    case ErrorKind::context_length:
    case ErrorKind::content_filter:
    case ErrorKind::permission:
    case ErrorKind::not_found:
    case ErrorKind::too_large:
      return refused(std::move(reason));
    default:
      return answer.status == 501 ? refused(std::move(reason)) : failed(std::move(reason));
  }
}

Tester::Asked Tester::ask(ChatRequest request) {
  request.include_usage = request.stream;
  dialects::Rewrites rewrites;
  std::string body = written(request, rewrites);
  if (body.empty()) return {.outcome = refused("the dialect has no words for it")};
  const auto answer =
      send(wire_request(row_.front, request.model, request.stream, options_.key.reveal(), std::move(body)));
  if (!answer) return {.outcome = failed(answer.error())};
  if (answer->status >= 400) return {.outcome = refusal(*answer)};
  auto said = read(*answer, request.stream, rewrites);
  if (!said) return {.outcome = failed(said.error())};
  count(*answer, said->usage);
  if (said->choices.empty()) {
    return {.outcome = row_.front == Dialect::gemini ? refused("the prompt was blocked") : failed("nothing was said")};
  }
  return {.answer = std::move(*said)};
}

Outcome Tester::chat(bool stream) {
  ChatRequest request = question("Say hello in one short sentence.");
  request.stream = stream;
  const Asked asked = ask(std::move(request));
  return asked.answer ? judge_text(*asked.answer) : asked.outcome;
}

Outcome Tester::tools(bool stream) {
  ChatRequest request = with_tools();
  request.tool_choice = {.mode = llm::ToolChoice::Mode::required, .given = true};
  request.stream = stream;
  Asked asked = ask(std::move(request));
  if (!asked.answer) return asked.outcome;
  Outcome outcome = judge_calls(*asked.answer);
  if (outcome.verdict == Verdict::ok && !calls_) calls_ = std::move(asked.answer);
  return outcome;
}

Outcome Tester::tool_result() {
  if (!calls_) return refused("there is no call to answer");
  ChatRequest request = with_tools();
  Message& said = request.messages.emplace_back();
  said.author = Author::assistant;
  said.blocks = sent_back(calls_->choices.front().blocks, native_of(row_.front));
  for (const llm::ToolCall* call : calls_of(*calls_)) {
    Message& message = request.messages.emplace_back();
    message.author = Author::tool;
    llm::ToolResult result;
    result.call_id = call->id;
    result.name = call->name;
    result.content.push_back({.value = llm::Text{.text = call->name == "get_time" ? "12:30" : "21 degrees, sunny"}});
    message.blocks.push_back({.value = std::move(result)});
  }
  const Asked asked = ask(std::move(request));
  if (!asked.answer) return asked.outcome;
  // It may want to know more.
  return calls_of(*asked.answer).empty() ? judge_text(*asked.answer) : judge_calls(*asked.answer);
}

Outcome Tester::schema() {
  static const auto kCompiled = guard::AnswerSchema::compile(kSchema);
  if (!kCompiled) return failed(kCompiled.error());
  ChatRequest request = question("Oslo has 700000 inhabitants. Give the city and the number as JSON.");
  request.format = {
      .kind = llm::OutputFormat::Kind::json_schema, .name = "city", .schema = std::string(kSchema), .strict = true};
  const Asked asked = ask(std::move(request));
  if (!asked.answer) return asked.outcome;
  if (auto outcome = judge_text(*asked.answer); outcome.verdict != Verdict::ok) return outcome;
  if (auto valid = (*kCompiled)->check(text_of(*asked.answer)); !valid) {
    return finish_of(*asked.answer) == FinishReason::length ? not_enough() : failed(valid.error());
  }
  return {};
}

Outcome Tester::image() {
  ChatRequest request = question("What colour is this? One word.");
  llm::Media media;
  media.media_type = "image/png";
  media.data = kPixel;
  request.messages.front().blocks.push_back({.value = std::move(media)});
  const Asked asked = ask(std::move(request));
  return asked.answer ? judge_text(*asked.answer) : asked.outcome;
}

Outcome Tester::max_tokens() {
  ChatRequest request = question("Write the numbers from one to one hundred in words.");
  request.max_tokens = kLeastTokens;
  const Asked asked = ask(std::move(request));
  if (!asked.answer) return asked.outcome;
  if (finish_of(*asked.answer) == FinishReason::length) return {};
  if (declined(*asked.answer)) return refused("the model declined");
  const std::uint64_t told = asked.answer->usage.completion_tokens;
  // Some providers count a few tokens of framing.
  if (told > 2 * kLeastTokens) return failed(fmt::format("{} tokens came where {} were the bound", told, kLeastTokens));
  return refused("the model ended by itself before the bound");
}

// What is left out is told, and a caller who wants it strictly is refused exactly then.
Outcome Tester::translation() {
  ChatRequest request = question("Say hello in one short sentence.");
  request.seed = 7;
  request.top_k = 20;
  request.user = "selftest";
  dialects::Rewrites rewrites;
  std::string body = written(request, rewrites);
  if (body.empty()) return refused("the dialect has no words for it");
  body.insert(1, fmt::format("\"{}\":true,", kUnknownMember));
  WireRequest wire = wire_request(row_.front, row_.model, false, options_.key.reveal(), std::move(body));
  const auto lenient = send(wire);
  if (!lenient) return failed(lenient.error());
  if (lenient->status >= 400) return refusal(*lenient);
  const auto said = read(*lenient, false, rewrites);
  if (!said) return failed(said.error());
  count(*lenient, said->usage);

  Row dropped;
  dropped.drop(lenient->dropped);
  http::append_field(wire.fields, "x-gatehouse-translation", "strict");
  const auto strict = send(wire);
  if (!strict) return failed(strict.error());
  if (dropped.dropped.empty()) {
    if (strict->status >= 400) {
      Outcome outcome = refusal(*strict);
      return failed("refused if strict, though nothing was dropped before: " + outcome.reason);
    }
    if (const auto again = read(*strict, false, rewrites)) count(*strict, again->usage);
    return {};
  }
  if (strict->status < 400) return failed("not refused if strict, though members are dropped");
  if (auto shape = check_error(row_.front, strict->status, strict->body); !shape) return failed(shape.error());
  const llm::ChatError error = codec_->read_error(strict->status, strict->body);
  const bool told = std::ranges::any_of(dropped.dropped, [&](const std::string& member) {
    return error.param == member || error.message.find(member) != std::string::npos;
  });
  if (!told) return failed("the strict refusal does not name what would be dropped");
  return {};
}

Outcome Tester::wrong_model() {
  ChatRequest request = question("Hello");
  request.model = kUnknownModel;
  dialects::Rewrites rewrites;
  const auto answer =
      send(wire_request(row_.front, request.model, false, options_.key.reveal(), written(request, rewrites)));
  if (!answer) return failed(answer.error());
  if (answer->status < 400) return refused("a model's wildcard takes every name");
  if (auto shape = check_error(row_.front, answer->status, answer->body); !shape) return failed(shape.error());
  if (answer->status >= 500) return failed(fmt::format("status {}", answer->status));
  return {};
}

Row Tester::run(Dialect front, const std::string& model) {
  row_ = {};
  row_.front = front;
  row_.model = model;
  codec_ = dialects::back_codec(front);
  calls_.reset();
  row_.of(Scenario::chat) = chat(false);
  row_.of(Scenario::stream) = chat(true);
  row_.of(Scenario::tools) = tools(false);
  row_.of(Scenario::tools_stream) = tools(true);
  row_.of(Scenario::tool_result) = tool_result();
  row_.of(Scenario::schema) = schema();
  row_.of(Scenario::image) = image();
  row_.of(Scenario::max_tokens) = max_tokens();
  row_.of(Scenario::translation) = translation();
  row_.of(Scenario::wrong_model) = wrong_model();
  return std::move(row_);
}

}  // namespace gatehouse::app::selftest
