#include "gatehouse/dialects/rerank.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/usage_reader.h"

namespace gatehouse::dialects {
namespace {

using json::Kind;
using json::Value;

std::unexpected<ApiError> wrong(std::string_view detail, std::string_view param) {
  return refuse(Code::invalid_request, std::string(detail), std::string(param));
}

// What of a document is text: its member `text`, else all of it as it stands (Cohere reads objects as such).
RerankDocument read_document(Value value) {
  RerankDocument document;
  if (auto text = value.string()) {
    document.text = std::move(*text);
  } else {
    document.json = value.raw();
    document.text = value["text"].string_or(document.json);
  }
  return document;
}

std::optional<std::uint32_t> read_positive(Value value) {
  const auto count = json::read_count(value.raw());
  if (!count || *count == 0 || *count > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(*count);
}

void write_documents(json::Writer& json, const RerankRequest& request, std::string_view name) {
  json.key(name).begin_array();
  for (const auto& document : request.documents) json.string(document.text);
  json.end_array();
}

}  // namespace

std::optional<RerankApi> rerank_api(llm::Dialect dialect) {
  switch (dialect) {
    case llm::Dialect::cohere:
      return RerankApi::cohere;
    case llm::Dialect::openai_chat:
    case llm::Dialect::openai_responses:
      return RerankApi::jina;
    case llm::Dialect::bedrock:
      return RerankApi::bedrock;
    case llm::Dialect::anthropic:
    case llm::Dialect::gemini:
    case llm::Dialect::ollama:
      break;
  }
  return std::nullopt;
}

ApiResult<RerankRequest> read_rerank_request(std::string_view body) {
  if (!json::validate(body) || !Value(body).is(Kind::object)) return wrong("the body must be a JSON object", "");
  RerankRequest request;
  bool query = false;
  bool documents = false;
  ApiResult<void> result;
  Value(body).members([&](std::string_view key, Value value) {
    if (!result) return;
    if (key == "model") {
      request.model = value.string_or("");
    } else if (key == "query") {
      query = value.is(Kind::string);
      request.query = value.string_or("");
    } else if (key == "documents") {
      documents = value.is(Kind::array);
      request.documents.clear();
      value.elements([&](Value one) {
        if (!result) return;
        if (!one.is(Kind::string) && !one.is(Kind::object)) {
          result = wrong("documents must be texts or objects", "documents");
        } else if (request.documents.size() == kMostRerankDocuments) {
          result = refuse(Code::too_large, fmt::format("there are more than {} documents", kMostRerankDocuments),
                          "documents");
        } else {
          request.documents.push_back(read_document(one));
        }
      });
    } else if (key == "top_n" || key == "top_k") {
      if (value.is_null()) return;
      request.top_n = read_positive(value);
      if (!request.top_n) result = wrong("top_n must be a positive integer", key);
    } else if (key == "return_documents") {
      request.return_documents = value.boolean().value_or(false);
    } else if (key == "max_tokens_per_doc") {
      request.max_tokens_per_document = read_positive(value);
    } else {
      request.extras.push_back({.name = std::string(key), .json = std::string(value.raw())});
    }
  });
  if (!result) return std::unexpected(std::move(result.error()));
  if (!query) return wrong("query must be a text", "query");
  if (!documents || request.documents.empty())
    return wrong("documents must be a list with something in it", "documents");
  return request;
}

std::string write_rerank_request(RerankApi api, const RerankRequest& request, std::string_view model, Losses& losses) {
  for (const auto& extra : request.extras) losses.drop(extra.name);
  if (request.max_tokens_per_document && api != RerankApi::cohere) losses.drop("max_tokens_per_doc");
  std::string out;
  json::Writer json(out);
  json.begin_object();
  if (api != RerankApi::tei && api != RerankApi::bedrock) json.key("model").string(model);
  json.key("query").string(request.query);
  write_documents(json, request, api == RerankApi::tei ? "texts" : "documents");
  if (request.top_n) {
    // Of TEI all come, and are cut here.
    if (api == RerankApi::voyage) json.key("top_k").unsigned_integer(*request.top_n);
    if (api != RerankApi::voyage && api != RerankApi::tei) json.key("top_n").unsigned_integer(*request.top_n);
  }
  // Documents are put in here: they need not travel back.
  if (api == RerankApi::jina || api == RerankApi::voyage) json.key("return_documents").boolean(false);
  if (api == RerankApi::cohere && request.max_tokens_per_document) {
    json.key("max_tokens_per_doc").unsigned_integer(*request.max_tokens_per_document);
  }
  if (api == RerankApi::bedrock && model.find("cohere.") != std::string_view::npos) json.key("api_version").integer(2);
  json.end_object();
  return out;
}

Result<RerankAnswer> read_rerank_answer(RerankApi api, std::string_view body, const RerankRequest& request) {
  if (!json::validate(body)) return fail(Code::upstream_protocol, "the provider's answer is no JSON");
  const Value root(body);
  RerankAnswer answer;
  Value list = root["results"];
  if (api == RerankApi::tei || root.is(Kind::array)) list = root;
  if (api == RerankApi::voyage || !list.exists()) list = root["data"].exists() ? root["data"] : list;
  if (!list.is(Kind::array)) return fail(Code::upstream_protocol, "the provider's answer has no results");
  std::vector<bool> met(request.documents.size());
  bool good = true;
  list.elements([&](Value one) {
    const auto index = json::read_count(one["index"].raw());
    auto score = one["relevance_score"].number();
    if (!score) score = one["score"].number();
    if (!score) score = one["relevanceScore"].number();
    if (!index || *index >= met.size() || met[*index] || !score) {
      good = false;
      return;
    }
    met[*index] = true;
    answer.results.push_back({.index = static_cast<std::uint32_t>(*index), .score = *score});
  });
  if (!good) return fail(Code::upstream_protocol, "the provider's results name no document of the request");
  std::ranges::sort(answer.results, [](const auto& a, const auto& b) {
    return a.score != b.score ? a.score > b.score : a.index < b.index;
  });
  if (request.top_n && answer.results.size() > *request.top_n) answer.results.resize(*request.top_n);
  if (root.is(Kind::object)) {
    answer.id = root["id"].string_or("");
    answer.model = root["model"].string_or("");
    answer.search_units = json::read_count(root["meta"]["billed_units"]["search_units"].raw()).value_or(0);
    answer.usage = llm::read_usage(llm::UsageApi::openai, root["usage"].raw());
    const Value tokens = root["meta"]["tokens"];
    if (!answer.usage.known && tokens.exists()) answer.usage = llm::read_usage(llm::UsageApi::openai, tokens.raw());
  }
  return answer;
}

std::string write_rerank_answer(const RerankAnswer& answer, const RerankRequest& request, std::string_view model,
                                std::string_view id) {
  std::string out;
  json::Writer json(out);
  json.begin_object().key("id").string(answer.id.empty() ? id : std::string_view(answer.id));
  json.key("model").string(!model.empty()          ? model
                           : !answer.model.empty() ? std::string_view(answer.model)
                                                   : std::string_view(request.model));
  json.key("results").begin_array();
  for (const auto& result : answer.results) {
    json.begin_object().key("index").unsigned_integer(result.index);
    json.key("relevance_score").number(result.score);
    if (request.return_documents) {
      const auto& document = request.documents[result.index];
      json.key("document");
      if (document.json.empty()) {
        json.begin_object().key("text").string(document.text).end_object();
      } else {
        json.raw(document.json);
      }
    }
    json.end_object();
  }
  json.end_array();
  if (answer.search_units > 0) {
    json.key("meta").begin_object().key("billed_units").begin_object().key("search_units");
    json.unsigned_integer(answer.search_units).end_object().end_object();
  }
  if (answer.usage.known) {
    json.key("usage").begin_object().key("prompt_tokens").unsigned_integer(answer.usage.prompt_tokens);
    json.key("total_tokens").unsigned_integer(answer.usage.total_tokens).end_object();
  }
  json.end_object();
  return out;
}

}  // namespace gatehouse::dialects
