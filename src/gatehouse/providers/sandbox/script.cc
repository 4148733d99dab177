#include "gatehouse/providers/sandbox/script.h"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/providers/sandbox/completion.h"
#include "gatehouse/providers/sandbox/embedding.h"
#include "gatehouse/providers/sandbox/hash.h"
#include "gatehouse/providers/sandbox/reply.h"
#include "gatehouse/providers/sandbox/request.h"
#include "gatehouse/providers/sandbox/scenario.h"
#include "gatehouse/providers/sandbox/tokens.h"

namespace gatehouse::providers::sandbox {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view kServerError = "The server had an error while processing your request. Sorry about that!";

Refusal server_error() { return {.status = 500, .message = std::string(kServerError), .type = "server_error"}; }

void write_model(json::Writer& writer, std::string_view name, std::int64_t created) {
  writer.begin_object().key("id").string(name).key("object").string("model");
  writer.key("created").integer(created).key("owned_by").string("gatehouse-sandbox").end_object();
}

std::string list_body(std::int64_t created) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("object").string("list").key("data").begin_array();
  for (const ModelInfo& model : models()) write_model(writer, model.name, created);
  writer.end_array().end_object();
  return out;
}

Checked<std::string> model_body(std::string_view name, std::int64_t created) {
  if (auto known = find_scenario(name); !known) return std::unexpected(std::move(known).error());
  std::string out;
  json::Writer writer(out);
  write_model(writer, name, created);
  return out;
}

std::string embeddings_body(const EmbeddingsRequest& request, std::string_view model) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("object").string("list").key("data").begin_array();
  for (std::size_t i = 0; i < request.inputs.size(); ++i) {
    const std::vector<float> vector = embed(request.inputs[i], request.dimensions);
    writer.begin_object().key("object").string("embedding").key("index").unsigned_integer(i).key("embedding");
    if (request.base64) {
      writer.string(base64_of(vector));
    } else {
      writer.begin_array();
      for (const float x : vector) {
        std::array<char, 32> digits;
        const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), x);
        writer.raw({digits.data(), end});
      }
      writer.end_array();
    }
    writer.end_object();
  }
  writer.end_array().key("model").string(model).key("usage").begin_object();
  writer.key("prompt_tokens").unsigned_integer(request.prompt_tokens);
  writer.key("total_tokens").unsigned_integer(request.prompt_tokens).end_object().end_object();
  return out;
}

// A list of words stands for a model: enough to see a flagged answer.
struct Category {
  std::string_view name;
  std::array<std::string_view, 3> words;
};
constexpr std::array kCategories = {
    Category{"harassment", {"idiot", "shut up", "loser"}},
    Category{"hate", {"i hate them", "subhuman", "vermin"}},
    Category{"illicit", {"build a bomb", "make meth", "counterfeit money"}},
    Category{"self-harm", {"hurt myself", "kill myself", "self-harm"}},
    Category{"sexual", {"explicit sex", "porn", "erotic"}},
    Category{"violence", {"kill", "murder", "stab"}},
};

bool holds_any(std::string_view lower_text, const Category& category) {
  for (const std::string_view word : category.words) {
    if (lower_text.find(word) != std::string_view::npos) return true;
  }
  return false;
}

std::string moderations_body(const std::vector<std::string>& inputs, std::string_view model, std::uint64_t seed) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("id").string(fmt::format("modr-{:016x}", seed)).key("model").string(model);
  writer.key("results").begin_array();
  for (const std::string& input : inputs) {
    const std::string text = base::to_lower(input);
    bool flagged = false;
    for (const Category& category : kCategories) flagged = flagged || holds_any(text, category);
    writer.begin_object().key("flagged").boolean(flagged).key("categories").begin_object();
    for (const Category& category : kCategories) writer.key(category.name).boolean(holds_any(text, category));
    writer.end_object().key("category_scores").begin_object();
    for (const Category& category : kCategories) {
      writer.key(category.name).number(holds_any(text, category) ? 0.95 : 0.01);
    }
    writer.end_object().end_object();
  }
  writer.end_array().end_object();
  return out;
}

Checked<Completion> chat_completion(const Fields& fields, const Common& common, const Sampling& sampling,
                                    std::uint64_t seed) {
  const auto request = read_chat(fields);
  if (!request) return std::unexpected(request.error());
  Completion completion;
  completion.id = fmt::format("chatcmpl-sandbox{:016x}", seed);
  completion.prompt_tokens = request->prompt_tokens;
  for (std::uint32_t i = 0; i < sampling.n; ++i) {
    auto reply = reply_to(*request, sampling, common.scenario.act, i, seed);
    if (!reply) return std::unexpected(std::move(reply).error());
    Choice choice;
    choice.calls = std::move(reply->calls);
    choice.forced_call = request->tool_choice == ToolChoice::named;
    choice.text = common.scenario.act == Act::long_answer ? ChoiceText::endless(sampling, sampling.n)
                                                          : ChoiceText(std::move(reply->text), sampling);
    completion.choices.push_back(std::move(choice));
  }
  return completion;
}

Checked<Completion> legacy_completion(const Fields& fields, const Common& common, const Sampling& sampling,
                                      std::uint64_t seed) {
  const auto request = read_completion(fields);
  if (!request) return std::unexpected(request.error());
  const std::size_t choices = request->prompts.size() * sampling.n;
  if (choices > kMostChoices) return bad_request("The sandbox gives at most 16 choices in one answer.", "n");
  Completion completion;
  completion.chat = false;
  completion.id = fmt::format("cmpl-sandbox{:016x}", seed);
  completion.prompt_tokens = request->prompt_tokens;
  for (const std::string& prompt : request->prompts) {
    for (std::uint32_t i = 0; i < sampling.n; ++i) {
      Choice choice;
      if (common.scenario.act == Act::long_answer) {
        choice.text = ChoiceText::endless(sampling, choices);
      } else {
        choice.text = ChoiceText(
            (request->echo ? prompt : std::string()) + continue_prompt(prompt, common.scenario.act, i), sampling);
      }
      completion.choices.push_back(std::move(choice));
    }
  }
  return completion;
}

}  // namespace

struct Script::State {
  int status = 200;
  std::vector<Header> headers;
  std::optional<milliseconds> head_delay{milliseconds(0)};
  End end = End::complete;
  Scenario scenario;
  double pace = 0;  // tokens a second; 0: no pauses
  // Either a body that is sent at once ...
  std::string body;
  // ... or events.
  std::optional<EventWriter> events;
  std::size_t tokens_sent = 0;
  bool over = false;

  State(std::string_view method, std::string_view path, std::string_view request, const Options& options) {
    path = path.substr(0, path.find('?'));
    if (auto answered = answer(method, path, request, options); !answered) refuse(answered.error());
    if (events) {
      add_header("content-type", "text/event-stream; charset=utf-8");
      add_header("cache-control", "no-cache");
    } else {
      add_header("content-type", "application/json");
    }
    add_header("x-request-id", fmt::format("req_sandbox{:016x}", hash(request, hash(path))));
  }

  void add_header(std::string name, std::string value) { headers.push_back({std::move(name), std::move(value)}); }

  void refuse(const Refusal& refusal) {
    status = refusal.status;
    body = refusal_body(refusal);
    events.reset();
  }

  // For a method: true if it is the right one.
  bool allow(std::string_view method, std::string_view allowed, std::string_view path) {
    if (method == allowed) return true;
    refuse({.status = 405,
            .message = fmt::format("Not allowed to {} on {}.", method.substr(0, 20), path.substr(0, 200)),
            .code = "method_not_supported"});
    add_header("allow", std::string(allowed));
    return false;
  }

  Checked<> answer(std::string_view method, std::string_view path, std::string_view request, const Options& options) {
    constexpr std::string_view kModels = "/v1/models";
    if (path == kModels) {
      if (allow(method, "GET", path)) body = list_body(options.created);
      return {};
    }
    if (path.starts_with("/v1/models/")) {
      if (!allow(method, "GET", path)) return {};
      auto model = model_body(path.substr(kModels.size() + 1), options.created);
      if (!model) return std::unexpected(std::move(model).error());
      body = *std::move(model);
      return {};
    }
    const bool chat = path == "/v1/chat/completions";
    const bool legacy = path == "/v1/completions";
    const bool embeddings = path == "/v1/embeddings";
    const bool moderations = path == "/v1/moderations";
    if (!chat && !legacy && !embeddings && !moderations) {
      return std::unexpected(Refusal{.status = 404,
                                     .message = fmt::format("Unknown request URL: {} {}. The sandbox knows chat and "
                                                            "legacy completions, embeddings, moderations and models.",
                                                            method.substr(0, 20), path.substr(0, 200)),
                                     .code = "unknown_url"});
    }
    if (!allow(method, "POST", path)) return {};
    const auto fields = Fields::read(request);
    if (!fields) return std::unexpected(fields.error());
    // OpenAI's moderations need no model.
    auto common = moderations && !(*fields)["model"].exists() ? Common{"sandbox", {}} : read_common(*fields);
    if (!common) return std::unexpected(std::move(common).error());
    scenario = common->scenario;
    pace = scenario.tokens_per_second.value_or(options.tokens_per_second);
    head_delay = scenario.first_token.value_or(options.first_token);
    if (fails_at_once(common->model)) return {};
    const std::uint64_t seed = hash(request, hash(path));
    if (embeddings || moderations) {
      const auto made =
          embeddings ? made_embeddings(*fields, common->model) : made_moderations(*fields, common->model, seed);
      if (!made) return made;
      break_body();
      return {};
    }
    if (scenario.act == Act::embed) {
      return bad_request("This is not a chat model: sandbox-embed answers at /v1/embeddings.", "model");
    }
    return complete(*fields, *common, chat, seed, options.created);
  }

  // What never comes to an answer.
  bool fails_at_once(std::string_view model) {
    switch (scenario.act) {
      case Act::timeout:
        head_delay.reset();
        return true;
      case Act::fail_429: {
        refuse({.status = 429,
                .message = fmt::format("Rate limit reached for {} on requests per min (RPM): Limit 1, Used 1, "
                                       "Requested 1. Please try again later.",
                                       model.substr(0, 200)),
                .type = "requests",
                .code = "rate_limit_exceeded"});
        const std::uint32_t seconds = scenario.retry_after.value_or(2);
        add_header("retry-after", std::to_string(seconds));
        add_header("x-ratelimit-limit-requests", "1");
        add_header("x-ratelimit-remaining-requests", "0");
        add_header("x-ratelimit-reset-requests", std::to_string(seconds) + "s");
        return true;
      }
      case Act::fail_500:
        refuse(server_error());
        return true;
      case Act::fail_503:
        refuse({.status = 503,
                .message = "The engine is currently overloaded, please try again later.",
                .type = "server_error"});
        add_header("retry-after", std::to_string(scenario.retry_after.value_or(2)));
        return true;
      default:
        return false;
    }
  }

  Checked<> made_embeddings(const Fields& fields, std::string_view model) {
    const auto request = read_embeddings(fields);
    if (!request) return std::unexpected(request.error());
    body = embeddings_body(*request, model);
    return {};
  }

  Checked<> made_moderations(const Fields& fields, std::string_view model, std::uint64_t seed) {
    const auto inputs = read_moderation_inputs(fields);
    if (!inputs) return std::unexpected(inputs.error());
    body = moderations_body(*inputs, model, seed);
    return {};
  }

  Checked<> complete(const Fields& fields, const Common& common, bool chat, std::uint64_t seed, std::int64_t created) {
    const auto sampling = read_sampling(fields);
    if (!sampling) return std::unexpected(sampling.error());
    auto completion =
        chat ? chat_completion(fields, common, *sampling, seed) : legacy_completion(fields, common, *sampling, seed);
    if (!completion) return std::unexpected(std::move(completion).error());
    completion->model = common.model;
    completion->created = created;
    completion->include_usage = sampling->include_usage;
    if (sampling->stream) {
      events.emplace(*std::move(completion));
      return {};
    }
    if (scenario.act == Act::stream_error) return std::unexpected(server_error());
    // A whole answer comes when its last token is there.
    if (pace > 0)
      *head_delay += milliseconds(std::llround(static_cast<double>(completion->completion_tokens()) * 1000 / pace));
    body = whole_body(*std::move(completion));
    break_body();
    return {};
  }

  void break_body() {
    if (scenario.act == Act::broken_stream) end = End::broken_off;
  }

  // Time between the token before and this one; what rounding leaves over is not lost.
  milliseconds pause() const {
    if (pace <= 0) return milliseconds(0);
    const auto at = [this](std::size_t token) { return std::llround(static_cast<double>(token) * 1000 / pace); };
    return milliseconds(at(tokens_sent) - at(tokens_sent - 1));
  }

  std::optional<Piece> next() {
    if (over || !head_delay) return std::nullopt;
    if (!events) {
      over = true;
      if (body.empty()) return std::nullopt;
      return Piece{milliseconds(0), end == End::broken_off ? body.substr(0, body.size() / 2) : std::move(body)};
    }
    auto event = events->next();
    if (!event) {
      over = true;
      return std::nullopt;
    }
    const bool breaks = scenario.act == Act::broken_stream || scenario.act == Act::stream_error;
    const bool past_role = event->is_token || tokens_sent > 0;
    if (breaks && past_role && (tokens_sent >= scenario.tokens_before || !event->is_token)) {
      over = true;
      if (scenario.act == Act::stream_error)
        return Piece{milliseconds(0), "data: " + refusal_body(server_error()) + "\n\n"};
      end = End::broken_off;
      return Piece{milliseconds(0), event->bytes.substr(0, event->bytes.size() / 2)};
    }
    if (!event->is_token) return Piece{milliseconds(0), std::move(event->bytes)};
    ++tokens_sent;
    return Piece{pause(), std::move(event->bytes)};
  }
};

Script::Script(std::string_view method, std::string_view path, std::string_view body, const Options& options)
    : state_(std::make_unique<State>(method, path, body, options)) {
  if (!state_->events) body_size_ = state_->body.size();
}
Script::Script(Script&&) noexcept = default;
Script& Script::operator=(Script&&) noexcept = default;
Script::~Script() = default;

int Script::status() const { return state_->status; }
std::span<const Header> Script::headers() const { return state_->headers; }
std::optional<milliseconds> Script::head_delay() const { return state_->head_delay; }
std::optional<std::size_t> Script::body_size() const { return body_size_; }
std::optional<Piece> Script::next() { return state_->next(); }
End Script::end() const { return state_->end; }

}  // namespace gatehouse::providers::sandbox
