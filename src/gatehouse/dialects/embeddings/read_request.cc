#include <utility>

#include <fmt/format.h>

#include "gatehouse/dialects/embeddings.h"
#include "gatehouse/dialects/embeddings/purpose.h"
#include "gatehouse/json/cursor.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects {
namespace {

using json::Kind;
using json::Value;

constexpr std::size_t kMostTokens = std::size_t{1} << 20;  // of a request, given as numbers

std::unexpected<ApiError> wrong(std::string_view detail, std::string_view param) {
  return refuse(Code::invalid_request, std::string(detail), std::string(param));
}

// Error: a number that is no token.
ApiResult<std::vector<std::uint32_t>> read_tokens(Value list, std::size_t& left) {
  std::vector<std::uint32_t> tokens;
  bool good = true;
  list.elements([&](Value value) {
    const auto token = json::read_count(value.raw());
    if (!token || *token > 0xFFFFFFFF || left == 0) {
      good = false;
      return;
    }
    --left;
    tokens.push_back(static_cast<std::uint32_t>(*token));
  });
  if (!good || tokens.empty()) return wrong("input must be texts or token numbers", "input");
  return tokens;
}

ApiResult<void> read_input(Value input, EmbeddingRequest& request) {
  std::size_t left = kMostTokens;
  if (auto text = input.string()) {
    request.one = true;
    request.inputs.emplace_back().text = std::move(*text);
    return {};
  }
  if (!input.is(Kind::array) || input.size() == 0) return wrong("input must be a text or a list of texts", "input");
  bool numbers = false;
  input.elements([&](Value value) { numbers = numbers || value.is(Kind::number); });
  if (numbers) {
    auto tokens = read_tokens(input, left);
    if (!tokens) return std::unexpected(std::move(tokens.error()));
    request.one = true;
    request.inputs.emplace_back().tokens = std::move(*tokens);
    return {};
  }
  ApiResult<void> result;
  input.elements([&](Value value) {
    if (!result) return;
    if (request.inputs.size() == kMostEmbeddingInputs) {
      result = wrong(fmt::format("input has more than {} texts", kMostEmbeddingInputs), "input");
      return;
    }
    EmbeddingInput& one = request.inputs.emplace_back();
    if (auto text = value.string()) {
      one.text = std::move(*text);
    } else if (value.is(Kind::array)) {
      auto tokens = read_tokens(value, left);
      if (!tokens) {
        result = std::unexpected(std::move(tokens.error()));
      } else {
        one.tokens = std::move(*tokens);
      }
    } else {
      result = wrong("input must be texts or token numbers", "input");
    }
  });
  return result;
}

ApiResult<EmbeddingRequest> read_openai(std::string_view body) {
  EmbeddingRequest request;
  ApiResult<void> result = wrong("input is missing", "input");
  Value(body).members([&](std::string_view key, Value value) {
    if (key == "input") {
      request.inputs.clear();
      request.one = false;
      result = read_input(value, request);
    } else if (key == "model") {
      request.model = value.string_or("");
    } else if (key == "encoding_format") {
      request.base64 = value.string() == "base64";
    } else if (key == "dimensions") {
      const auto count = json::read_count(value.raw());
      if (count && *count > 0 && *count <= 0xFFFFFFFF) request.dimensions = static_cast<std::uint32_t>(*count);
    } else if (key == "user") {
      request.user = value.string_or("");
    } else if (key == "input_type" || key == "task" || key == "task_type") {
      const auto purpose = purpose_from_name(value.string_or(""));
      if (purpose != EmbeddingPurpose::untold) request.purpose = purpose;
    } else if (key == "truncate") {
      // NVIDIA's and Cohere's word for it, or a plain yes or no.
      if (value.is(Kind::boolean)) request.truncate = value.boolean();
      if (value.is(Kind::string)) request.truncate = value.string() != "NONE";
    } else {
      request.extras.push_back({.name = std::string(key), .json = std::string(value.raw())});
    }
  });
  if (!result) return std::unexpected(std::move(result.error()));
  return request;
}

// A member by either of the names that protobuf's JSON takes.
Value either(Value object, std::string_view camel, std::string_view snake) {
  const Value value = object[camel];
  return value.exists() ? value : object[snake];
}

ApiResult<void> read_gemini_one(Value object, EmbeddingRequest& request, bool first) {
  const Value content = object["content"];
  EmbeddingInput& input = request.inputs.emplace_back();
  bool text_only = true;
  bool any = false;
  const auto part = [&](Value value) {
    if (auto text = value["text"].string()) {
      if (any) input.text += '\n';
      input.text += *text;
      any = true;
    } else {
      text_only = false;
    }
  };
  if (auto text = content.string()) {
    input.text = std::move(*text);
    any = true;
  } else if (content["parts"].is(Kind::object)) {
    part(content["parts"]);
  } else {
    content["parts"].elements(part);
  }
  if (!text_only) return refuse(Code::unsupported, "only texts can be embedded here", "content");
  if (!any) return wrong("content has no text", "content");
  input.title = object["title"].string_or("");
  const auto purpose = purpose_from_name(either(object, "taskType", "task_type").string_or(""));
  const auto count = json::read_count(either(object, "outputDimensionality", "output_dimensionality").raw());
  std::optional<std::uint32_t> dimensions;
  if (count && *count > 0 && *count <= 0xFFFFFFFF) dimensions = static_cast<std::uint32_t>(*count);
  if (first) {
    request.purpose = purpose;
    request.dimensions = dimensions;
  } else if (purpose != request.purpose || dimensions != request.dimensions) {
    return refuse(Code::unsupported, "requests of one batch must have one task type and one size", "requests");
  }
  return {};
}

}  // namespace

ApiResult<EmbeddingRequest> read_embedding_request(EmbeddingApi api, std::string_view body, std::string_view model) {
  if (!json::validate(body) || !Value(body).is(Kind::object)) return wrong("the body must be a JSON object", "");
  if (api == EmbeddingApi::openai) return read_openai(body);
  if (api != EmbeddingApi::gemini && api != EmbeddingApi::gemini_batch) {
    return refuse(Code::internal, "callers do not speak this dialect");
  }
  EmbeddingRequest request;
  request.model = model;
  request.one = api == EmbeddingApi::gemini;
  const Value root(body);
  if (request.one) {
    if (auto done = read_gemini_one(root, request, true); !done) return std::unexpected(std::move(done.error()));
    return request;
  }
  ApiResult<void> result;
  root["requests"].elements([&](Value one) {
    if (!result) return;
    if (request.inputs.size() == kMostEmbeddingInputs) {
      result = wrong(fmt::format("there are more than {} requests", kMostEmbeddingInputs), "requests");
      return;
    }
    result = read_gemini_one(one, request, request.inputs.empty());
  });
  if (!result) return std::unexpected(std::move(result.error()));
  if (request.inputs.empty()) return wrong("requests must be a list of requests", "requests");
  return request;
}

}  // namespace gatehouse::dialects
