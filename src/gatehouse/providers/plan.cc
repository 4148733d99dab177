#include "gatehouse/providers/plan.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "gatehouse/base/strings.h"
#include "gatehouse/crypto/sigv4.h"
#include "gatehouse/providers/upload_address.h"

namespace gatehouse::providers {
namespace {

using llm::Dialect;
using llm::Operation;

std::unexpected<Error> unsupported(const Profile& profile, Operation operation, std::string_view why = {}) {
  std::string detail = "The provider " + profile.name() + " has no " + std::string(llm::name(operation));
  if (!why.empty()) detail.append(" ").append(why);
  return fail(Code::unsupported, std::move(detail));
}

// --- The caller's path and query

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }
std::string_view query_of(std::string_view target) {
  const auto mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
}

int hex_value(char c) {
  if (base::is_digit(c)) return c - '0';
  const char lowered = base::lower(c);
  return lowered >= 'a' && lowered <= 'f' ? lowered - 'a' + 10 : -1;
}

// A segment that is "." or "..", however it is spelt: it would lead out of the place that the base URL is.
bool has_dot_segment(std::string_view path) {
  for (std::size_t at = 0; at < path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    std::string_view segment = path.substr(at, end - at);
    std::size_t dots = 0;
    while (!segment.empty()) {
      if (segment.front() == '.') {
        segment.remove_prefix(1);
      } else if (segment.size() >= 3 && segment[0] == '%' && segment[1] == '2' && base::lower(segment[2]) == 'e') {
        segment.remove_prefix(3);
      } else {
        break;
      }
      ++dots;
    }
    if (segment.empty() && (dots == 1 || dots == 2)) return true;
    at = end + 1;
  }
  return false;
}

// Ways to carry a credential or to choose the version, which are the gateway's: by the decoded name of a parameter.
bool is_ours(std::string_view parameter) {
  constexpr std::array<std::string_view, 10> kOurs = {"key",           "api_key",        "api-key",      "apikey",
                                                      "x-api-key",     "x-goog-api-key", "access_token", "oauth_token",
                                                      "authorization", "api-version"};
  constexpr std::size_t kLongest = 16;
  const auto written = parameter.substr(0, parameter.find('='));
  std::array<char, kLongest> name{};
  std::size_t size = 0;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (size == kLongest) return name[0] == '$';
    char c = written[i];
    if (c == '%' && i + 2 < written.size() && hex_value(written[i + 1]) >= 0 && hex_value(written[i + 2]) >= 0) {
      c = static_cast<char>(hex_value(written[i + 1]) * 16 + hex_value(written[i + 2]));
      i += 2;
    }
    name[size++] = base::lower(c);
  }
  // "$httpHeaders", "$key" and the like of Google's.
  if (size > 0 && name[0] == '$') return true;
  return std::ranges::find(kOurs, std::string_view(name.data(), size)) != kOurs.end();
}

// Puts a query together.
class Target {
 public:
  explicit Target(std::string path) : path_(std::move(path)) {}
  std::string& path() { return path_; }
  void add(std::string_view parameter) {
    if (parameter.empty()) return;
    path_ += asked_ ? '&' : '?';
    path_ += parameter;
    asked_ = true;
  }
  // The caller's own, but for what is the gateway's.
  void add_callers(std::string_view query) {
    while (!query.empty()) {
      const auto end = std::min(query.find('&'), query.size());
      const auto parameter = query.substr(0, end);
      query.remove_prefix(std::min(end + 1, query.size()));
      if (is_ours(parameter)) continue;
      add(parameter);
    }
  }
  std::string take() { return std::move(path_); }

 private:
  std::string path_;
  bool asked_ = false;
};

// --- Models

// A segment of a path: everything but the unreserved and '@' (of Google's versions) is encoded, so that no name leads
// elsewhere.
void append_segment(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto at = std::min(text.find('@'), text.size());
    crypto::append_uri_encoded(out, text.substr(0, at));
    if (at < text.size()) out += '@';
    text.remove_prefix(std::min(at + 1, text.size()));
  }
}

bool is_claude(std::string_view model) {
  return model.find("claude") != std::string_view::npos || model.find("anthropic.") != std::string_view::npos;
}

// Gemini's names are resources: "models/NAME" (which callers may leave out), "tunedModels/NAME".
void append_gemini_model(std::string& out, std::string_view model) {
  const auto slash = model.find('/');
  const bool is_resource = slash != std::string_view::npos && model.find('/', slash + 1) == std::string_view::npos &&
                           (model.starts_with("models/") || model.starts_with("tunedModels/"));
  out += '/';
  if (!is_resource) {
    out += "models/";
    append_segment(out, model);
    return;
  }
  out += model.substr(0, slash + 1);
  append_segment(out, model.substr(slash + 1));
}

// --- Which dialect

Result<const Profile::Spoken*> dialect_of_vertex(const Profile& profile, const Asked& asked) {
  const bool is_claude_model = asked.model.starts_with("claude");
  const bool is_others = asked.model.find('/') != std::string_view::npos && !asked.model.starts_with("endpoints/");
  const auto dialect = is_claude_model ? Dialect::anthropic : is_others ? Dialect::openai_chat : Dialect::gemini;
  if (const auto* spoken = profile.find(dialect)) return spoken;
  return unsupported(profile, asked.operation, "for this model");
}

Result<const Profile::Spoken*> dialect_of_chat(const Profile& profile, const Asked& asked) {
  if (profile.kind().choice == Choice::vertex) return dialect_of_vertex(profile, asked);
  if (profile.kind().choice == Choice::mantle) {
    const auto* messages = profile.find(Dialect::anthropic);
    if (messages != nullptr && is_claude(asked.model)) return messages;
    if (asked.dialect != Dialect::anthropic) {
      if (const auto* own = profile.find(asked.dialect)) return own;
    }
    for (const auto& spoken : profile.spoken()) {
      if (spoken.dialect != Dialect::anthropic) return &spoken;
    }
    return unsupported(profile, asked.operation, "for this model");
  }
  if (const auto* own = profile.find(asked.dialect)) return own;
  return &profile.spoken().front();
}

const Profile::Spoken* first_of(const Profile& profile, std::initializer_list<Dialect> dialects) {
  for (const auto& spoken : profile.spoken()) {
    if (std::ranges::find(dialects, spoken.dialect) != dialects.end()) return &spoken;
  }
  return nullptr;
}

llm::Origin origin_of(const Profile& profile, std::string_view model) {
  const auto origin = profile.kind().origin;
  const bool hosts_claude = origin == llm::Origin::bedrock || profile.kind().choice == Choice::vertex;
  return hosts_claude && is_claude(model) ? llm::Origin::anthropic : origin;
}

Framing framing_of(Dialect dialect) {
  if (dialect == Dialect::ollama) return Framing::ndjson;
  return dialect == Dialect::bedrock ? Framing::aws_event_stream : Framing::sse;
}

Plan plan_in(const Profile& profile, const Profile::Spoken& spoken, const Asked& asked) {
  Plan plan;
  plan.dialect = spoken.dialect;
  plan.same = spoken.dialect == asked.dialect;
  plan.framing = framing_of(spoken.dialect);
  plan.quirks = &profile.quirks();
  plan.origin = origin_of(profile, asked.model);
  return plan;
}

// OpenAI's and Anthropic's ways: a path for each operation, the model in the body. Nothing is put together where the
// caller's path is the provider's.
void set_plain_path(Plan& plan, const Profile& profile, const Profile::Spoken& spoken, const Asked& asked,
                    std::string_view operation_path, bool same) {
  const bool deployed = profile.deployments() && !asked.model.empty();
  if (same && !deployed && spoken.prefix.empty() && profile.query().empty() && !asked.path.contains('?')) {
    plan.given = asked.path;
    return;
  }
  std::string path = spoken.prefix;
  if (deployed) {
    path += "/deployments/";
    append_segment(path, asked.model);
  }
  path += same ? path_of(asked.path) : operation_path;
  Target target(std::move(path));
  if (same) target.add_callers(query_of(asked.path));
  target.add(profile.query());
  plan.path = target.take();
}

// --- Conversations

std::string vertex_model_path(const Profile::Spoken& spoken, std::string_view publisher, std::string_view model,
                              std::string_view verb) {
  std::string path = spoken.prefix;
  if (model.starts_with("endpoints/")) {
    path += "/endpoints/";
    append_segment(path, model.substr(sizeof("endpoints/") - 1));
  } else {
    path.append("/publishers/").append(publisher).append("/models/");
    append_segment(path, model);
  }
  return path.append(verb);
}

std::string gemini_path(const Profile& profile, const Profile::Spoken& spoken, const Asked& asked,
                        std::string_view verb, bool stream) {
  std::string path;
  if (profile.kind().choice == Choice::vertex) {
    path = vertex_model_path(spoken, "google", asked.model, verb);
  } else {
    path = spoken.prefix;
    append_gemini_model(path, asked.model);
    path += verb;
  }
  // Nothing of the caller's query: Google's system parameters (cloud.google.com/apis/docs/system-parameters) choose the
  // answer's form, leave its usage out, or stand for fields of the head.
  Target target(std::move(path));
  if (stream) target.add("alt=sse");
  return target.take();
}

Result<Plan> plan_chat(const Profile& profile, const Asked& asked) {
  auto chosen = dialect_of_chat(profile, asked);
  if (!chosen) return std::unexpected(std::move(chosen.error()));
  const Profile::Spoken& spoken = **chosen;
  Plan plan = plan_in(profile, spoken, asked);
  // What the caller's dialect has besides making an answer (stored ones, their items) is nobody else's.
  if (!plan.same && asked.operation == Operation::responses && path_of(asked.path) != "/responses") {
    return unsupported(profile, asked.operation, "to look up or to change");
  }
  if (asked.model.empty() && (profile.deployments() || spoken.dialect == Dialect::gemini ||
                              spoken.dialect == Dialect::bedrock || profile.kind().choice == Choice::vertex)) {
    return fail(Code::invalid_request, "The provider needs the model's name");
  }
  switch (spoken.dialect) {
    case Dialect::openai_chat:
      if (!profile.quirks().body_members.empty() || profile.quirks().stream_in_path) {
        plan.same = false;
        set_plain_path(plan, profile, spoken, asked, asked.stream ? "/chat_stream" : "/chat", false);
      } else if (profile.kind().choice == Choice::vertex) {
        plan.path = spoken.prefix + "/endpoints/openapi/chat/completions";
      } else {
        set_plain_path(plan, profile, spoken, asked, "/chat/completions", plan.same);
      }
      return plan;
    case Dialect::openai_responses:
      set_plain_path(plan, profile, spoken, asked, "/responses", plan.same);
      return plan;
    case Dialect::anthropic:
      if (profile.kind().choice == Choice::vertex) {
        // The body has the version and no model there: it is written anew.
        plan.same = false;
        plan.path =
            vertex_model_path(spoken, "anthropic", asked.model, asked.stream ? ":streamRawPredict" : ":rawPredict");
      } else {
        set_plain_path(plan, profile, spoken, asked, "/messages", plan.same);
      }
      return plan;
    case Dialect::gemini:
      plan.path = gemini_path(profile, spoken, asked, asked.stream ? ":streamGenerateContent" : ":generateContent",
                              asked.stream);
      return plan;
    case Dialect::bedrock: {
      auto path = crypto::bedrock_path(asked.model, asked.stream ? "converse-stream" : "converse");
      if (!path) return std::unexpected(std::move(path.error()));
      plan.path = spoken.prefix + *path;
      return plan;
    }
    case Dialect::cohere:
    case Dialect::ollama:
      set_plain_path(plan, profile, spoken, asked, "/chat", false);
      return plan;
  }
  return unsupported(profile, asked.operation);
}

// --- What is not a conversation

Result<Plan> plan_embeddings(const Profile& profile, const Asked& asked) {
  const Profile::Spoken* spoken = profile.find(asked.dialect);
  if (spoken == nullptr || asked.dialect == Dialect::openai_responses || asked.dialect == Dialect::anthropic) {
    spoken =
        first_of(profile, {Dialect::openai_chat, Dialect::gemini, Dialect::cohere, Dialect::ollama, Dialect::bedrock});
  }
  if (spoken == nullptr) return unsupported(profile, asked.operation);
  Plan plan = plan_in(profile, *spoken, asked);
  switch (spoken->dialect) {
    case Dialect::gemini: {
      // One or a batch, as asked; somebody else's list is a batch.
      const auto path = path_of(asked.path);
      const bool single = plan.same && path.ends_with(":embedContent");
      plan.path = gemini_path(profile, *spoken, asked, single ? ":embedContent" : ":batchEmbedContents", false);
      return plan;
    }
    case Dialect::bedrock: {
      auto path = crypto::bedrock_path(asked.model, "invoke");
      if (!path) return std::unexpected(std::move(path.error()));
      plan.path = spoken->prefix + *path;
      return plan;
    }
    case Dialect::cohere:
    case Dialect::ollama:
      set_plain_path(plan, profile, *spoken, asked, "/embed", false);
      return plan;
    default:
      set_plain_path(plan, profile, *spoken, asked, "/embeddings", plan.same);
      return plan;
  }
}

Result<Plan> plan_rerank(const Profile& profile, const Asked& asked) {
  const auto* spoken = first_of(profile, {Dialect::openai_chat, Dialect::cohere, Dialect::bedrock});
  if (spoken == nullptr) return unsupported(profile, asked.operation);
  Plan plan = plan_in(profile, *spoken, asked);
  if (spoken->dialect == Dialect::bedrock) {
    auto path = crypto::bedrock_path(asked.model, "invoke");
    if (!path) return std::unexpected(std::move(path.error()));
    plan.path = spoken->prefix + *path;
    return plan;
  }
  set_plain_path(plan, profile, *spoken, asked, "/rerank", plan.same);
  return plan;
}

Result<Plan> plan_count(const Profile& profile, const Asked& asked) {
  const Profile::Spoken* spoken = nullptr;
  if (profile.kind().choice != Choice::by_caller) {
    auto chosen = dialect_of_chat(profile, asked);
    if (!chosen) return std::unexpected(std::move(chosen.error()));
    spoken = *chosen;
  } else {
    spoken = profile.find(asked.dialect);
    if (spoken == nullptr) spoken = first_of(profile, {Dialect::anthropic, Dialect::gemini});
  }
  if (spoken == nullptr) return unsupported(profile, asked.operation);
  Plan plan = plan_in(profile, *spoken, asked);
  if (spoken->dialect == Dialect::gemini) {
    plan.path = gemini_path(profile, *spoken, asked, ":countTokens", false);
    return plan;
  }
  if (spoken->dialect != Dialect::anthropic) return unsupported(profile, asked.operation);
  if (profile.kind().choice == Choice::vertex) {
    // A model of its own there; the one that is meant stays in the body.
    plan.path = vertex_model_path(*spoken, "anthropic", "count-tokens", ":rawPredict");
    plan.same = false;
    return plan;
  }
  set_plain_path(plan, profile, *spoken, asked, "/messages/count_tokens", plan.same);
  return plan;
}

// Passes in the caller's own dialect or not at all.
Result<Plan> plan_same(const Profile& profile, const Asked& asked) {
  const auto* spoken = profile.find(asked.dialect);
  if (spoken == nullptr || !profile.quirks().body_members.empty() || profile.kind().choice == Choice::vertex) {
    return unsupported(profile, asked.operation, "in the dialect that it is asked in");
  }
  Plan plan = plan_in(profile, *spoken, asked);
  if (asked.operation == Operation::realtime) {
    // The model stands in the query. Nothing else of the caller's does.
    std::string model = profile.deployments() ? "deployment=" : "model=";
    append_segment(model, asked.model);
    Target target(spoken->prefix + "/realtime");
    target.add(model);
    target.add(profile.query());
    plan.path = target.take();
    return plan;
  }
  if (asked.upload) {
    if (spoken->dialect != Dialect::gemini) return unsupported(profile, asked.operation, "in the way that it is asked");
    plan.upload = true;
    plan.path = asked.session.empty() ? upload_path(spoken->prefix) : std::string(asked.session);
    return plan;
  }
  if (spoken->dialect == Dialect::gemini && asked.operation == Operation::batches && !asked.model.empty()) {
    // Made for a model, which the provider may call otherwise.
    const bool embeds = path_of(asked.path).ends_with(":asyncBatchEmbedContent");
    plan.path =
        gemini_path(profile, *spoken, asked, embeds ? ":asyncBatchEmbedContent" : ":batchGenerateContent", false);
    return plan;
  }
  set_plain_path(plan, profile, *spoken, asked, {}, true);
  return plan;
}

}  // namespace

Result<Plan> plan_call(const Profile& profile, const Asked& asked) {
  if (has_dot_segment(path_of(asked.path))) {
    return fail(Code::invalid_request, "The path has a segment that is a dot or two");
  }
  auto plan = [&]() -> Result<Plan> {
    if (llm::is_chat(asked.operation)) return plan_chat(profile, asked);
    if (!profile.has(asked.operation)) {
      // Gemini's word for embeddings; who has them under one name has them under the other.
      const bool embeds = asked.operation == Operation::embed_content && profile.has(Operation::embeddings);
      if (!embeds) return unsupported(profile, asked.operation);
    }
    switch (asked.operation) {
      case Operation::embeddings:
      case Operation::embed_content:
        return plan_embeddings(profile, asked);
      case Operation::rerank:
        return plan_rerank(profile, asked);
      case Operation::count_tokens:
        return plan_count(profile, asked);
      default:
        return plan_same(profile, asked);
    }
  }();
  // A name that a wildcard let through may be dots alone.
  if (plan && has_dot_segment(path_of(plan->target())))
    return fail(Code::invalid_request, "This is no name of a model");
  return plan;
}

}  // namespace gatehouse::providers
