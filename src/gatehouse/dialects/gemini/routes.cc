#include "gatehouse/dialects/gemini/routes.h"

#include <algorithm>
#include <array>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/gemini/query.h"
#include "gatehouse/dialects/gemini/upload.h"
#include "gatehouse/dialects/route_parts.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::Operation;

constexpr std::string_view kBeta = "/v1beta/";
constexpr std::string_view kV1 = "/v1/";
constexpr std::string_view kUpload = "/upload/";

struct Verb {
  std::string_view name;
  Operation operation;
};
constexpr std::array kVerbs = {
    Verb{"generateContent", Operation::generate_content}, Verb{"streamGenerateContent", Operation::stream_content},
    Verb{"countTokens", Operation::count_tokens},         Verb{"embedContent", Operation::embed_content},
    Verb{"batchEmbedContents", Operation::embed_content},
};

Route route(Operation operation, std::string model = {}) {
  return {.operation = operation, .dialect = llm::Dialect::gemini, .model = std::move(model)};
}

// Where a path names a model: "models/M:verb", or "tunedModels/M:verb".
struct Named {
  std::string_view folder;  // with its slash
  std::string_view model;   // as written; empty: none
  std::string_view verb;    // behind the colon; empty: none
};

Named named_in(std::string_view below) {
  Named named;
  for (const std::string_view folder : {"models/", "tunedModels/"}) {
    if (!below.starts_with(folder)) continue;
    named.folder = below.substr(0, folder.size());
    const std::string_view rest = below.substr(folder.size());
    // Names of models may have colons of their own.
    const auto colon = rest.rfind(':');
    named.model = rest.substr(0, colon);
    if (colon != std::string_view::npos) named.verb = rest.substr(colon + 1);
  }
  return named;
}

const Verb* find_verb(std::string_view name) {
  const auto* const found = std::ranges::find(kVerbs, name, &Verb::name);
  return found == kVerbs.end() ? nullptr : found;
}

std::unexpected<ApiError> unknown(std::string_view method, std::string_view path) {
  return refuse(Code::unknown_route, "Unknown request URL: " + shown(method) + " " + shown(path) +
                                         ". A model is asked as POST /v1beta/models/MODEL:generateContent.");
}

// What a caller of Google's API may well ask for, and why not here.
std::unexpected<ApiError> no_such_upload() {
  return refuse(Code::unsupported, "Through the gateway files are uploaded to " + std::string(kUploadPath) +
                                       ", with the resumable protocol; file search stores take none here.");
}

bool creates_batch(std::string_view verb) { return verb == "batchGenerateContent" || verb == "asyncBatchEmbedContent"; }

}  // namespace

std::optional<ApiResult<Route>> find_route(std::string_view method, std::string_view path, bool says_so) {
  if (path.starts_with(kUpload)) {
    if (path != kUploadPath && path != "/upload/v1/files") return no_such_upload();
    if (method != "POST") return wrong_method(method, path, "POST");
    Route upload = route(Operation::files);
    upload.upload = true;
    return upload;
  }
  const bool beta = path.starts_with(kBeta);
  if (!beta && !path.starts_with(kV1)) return std::nullopt;
  const std::string_view below = path.substr(beta ? kBeta.size() : kV1.size());
  const Named named = named_in(below);
  const Verb* verb = named.model.empty() ? nullptr : find_verb(named.verb);
  const bool batch = verb == nullptr && !named.model.empty() && creates_batch(named.verb);
  if (!beta && ((verb == nullptr && !batch) || method != "POST")) {
    const std::string_view shared = first_segment(below);
    if (says_so && shared == "files") return route(Operation::files);
    if (says_so && shared == "batches") return route(Operation::batches);
    return std::nullopt;
  }
  if (verb != nullptr || batch) {
    if (method != "POST") return wrong_method(method, path, "POST");
    auto model = model_of_path(named.model);
    if (!model) return std::unexpected(std::move(model.error()));
    // A tuned model is another one than the model of that name.
    if (!named.folder.starts_with("models")) model->insert(0, named.folder);
    return route(batch ? Operation::batches : verb->operation, *std::move(model));
  }
  const std::string_view segment = first_segment(below);
  // A method of a model that nobody here knows would be judged, and charged, by nothing of what it says. Nor is there
  // another dialect in this one, or a model that is no model.
  if (below.empty() || !named.verb.empty() || segment == "openai" || segment == "dynamic") return unknown(method, path);
  if (below == "models") {
    if (method != "GET") return wrong_method(method, path, "GET");
    return route(Operation::models_list);
  }
  if (named.folder == "models/" && named.verb.empty()) {
    if (named.model.empty()) return unknown(method, path);
    if (method != "GET") return wrong_method(method, path, "GET");
    auto model = model_of_path(named.model);
    if (!model) return std::unexpected(std::move(model.error()));
    return route(Operation::model_get, *std::move(model));
  }
  if (segment == "files") return route(Operation::files);
  if (segment == "batches") return route(Operation::batches);
  return route(Operation::passthrough);
}

std::string query_key(std::string_view query, bool& twice) {
  std::string key;
  twice = false;
  each_parameter(query, [&](std::string_view name, std::string_view value) {
    if (name != "key" || value.empty()) return;
    auto decoded = percent_decoded(value);
    std::string own = decoded ? *std::move(decoded) : std::string(value);
    twice = twice || (!key.empty() && key != own);
    key = std::move(own);
  });
  return key;
}

bool wants_events(std::string_view query) {
  bool events = false;
  each_parameter(query, [&](std::string_view name, std::string_view value) {
    // Google's system parameters have a second spelling with a dollar.
    if (name == "alt" || name == "$alt") events = base::equals_ignore_case(value, "sse");
  });
  return events;
}

}  // namespace gatehouse::dialects::gemini
