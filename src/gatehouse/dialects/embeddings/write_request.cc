#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "gatehouse/dialects/embeddings.h"
#include "gatehouse/dialects/embeddings/purpose.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects {
namespace {

using Inputs = std::span<const EmbeddingInput>;

void write_texts(json::Writer& json, std::string_view name, Inputs inputs) {
  json.key(name).begin_array();
  for (const auto& input : inputs) json.string(input.text);
  json.end_array();
}

void write_gemini(json::Writer& json, const EmbeddingRequest& request, const EmbeddingInput& input,
                  std::string_view model) {
  json.begin_object();
  json.key("model").string(model.find('/') == std::string_view::npos ? fmt::format("models/{}", model)
                                                                     : std::string(model));
  json.key("content").begin_object().key("parts").begin_array().begin_object();
  json.key("text").string(input.text).end_object().end_array().end_object();
  if (const auto type = task_type(request.purpose); !type.empty()) json.key("taskType").string(type);
  if (!input.title.empty()) json.key("title").string(input.title);
  if (request.dimensions) json.key("outputDimensionality").unsigned_integer(*request.dimensions);
  json.end_object();
}

void write_cohere(json::Writer& json, const EmbeddingRequest& request, Inputs inputs) {
  write_texts(json, "texts", inputs);
  json.key("input_type").string(input_type(request.purpose));
  json.key("embedding_types").begin_array().string("float").end_array();
  if (request.dimensions) json.key("output_dimension").unsigned_integer(*request.dimensions);
  if (request.truncate) json.key("truncate").string(*request.truncate ? "END" : "NONE");
}

void write_openai(json::Writer& json, const EmbeddingRequest& request, Inputs inputs, std::string_view model) {
  json.key("model").string(model).key("input").begin_array();
  for (const auto& input : inputs) {
    if (input.tokens.empty()) {
      json.string(input.text);
    } else {
      json.begin_array();
      for (const std::uint32_t token : input.tokens) json.unsigned_integer(token);
      json.end_array();
    }
  }
  json.end_array();
  if (request.dimensions) json.key("dimensions").unsigned_integer(*request.dimensions);
  if (!request.user.empty()) json.key("user").string(request.user);
}

}  // namespace

std::optional<EmbeddingApi> embedding_api(llm::Dialect dialect, std::string_view model) {
  switch (dialect) {
    case llm::Dialect::openai_chat:
    case llm::Dialect::openai_responses:
      return EmbeddingApi::openai;
    case llm::Dialect::gemini:
      return EmbeddingApi::gemini_batch;
    case llm::Dialect::cohere:
      return EmbeddingApi::cohere;
    case llm::Dialect::ollama:
      return EmbeddingApi::ollama;
    case llm::Dialect::bedrock:
      // Model ids and the ids of inference profiles: "us.cohere.embed-v4:0".
      return model.find("cohere.") != std::string_view::npos ? EmbeddingApi::bedrock_cohere : EmbeddingApi::titan;
    case llm::Dialect::anthropic:
      break;
  }
  return std::nullopt;
}

std::size_t most_inputs(EmbeddingApi api) {
  switch (api) {
    case EmbeddingApi::gemini_batch:
      return 100;
    case EmbeddingApi::cohere:
    case EmbeddingApi::bedrock_cohere:
      return 96;
    case EmbeddingApi::gemini:
    case EmbeddingApi::titan:
      return 1;
    case EmbeddingApi::vertex:
      return 250;
    case EmbeddingApi::openai:
    case EmbeddingApi::ollama:
      break;
  }
  return kMostEmbeddingInputs;
}

ApiResult<std::string> write_embedding_request(EmbeddingApi api, const EmbeddingRequest& request,
                                               std::string_view model, std::size_t first, std::size_t count,
                                               Losses& losses) {
  first = std::min(first, request.inputs.size());
  count = std::min({count, request.inputs.size() - first, most_inputs(api)});
  if (count == 0) return refuse(Code::internal, "no inputs are left");
  const Inputs inputs = Inputs(request.inputs).subspan(first, count);
  if (api != EmbeddingApi::openai && std::ranges::any_of(inputs, [](const auto& one) { return !one.tokens.empty(); })) {
    return refuse(Code::unsupported, "this provider takes texts, no token numbers", "input");
  }
  for (const auto& extra : request.extras) losses.drop(extra.name);
  std::string out;
  json::Writer json(out);
  const bool purposeful = request.purpose != EmbeddingPurpose::untold;
  switch (api) {
    case EmbeddingApi::openai:
      if (purposeful) losses.drop("input_type");
      json.begin_object();
      write_openai(json, request, inputs, model);
      json.end_object();
      break;
    case EmbeddingApi::gemini:
      write_gemini(json, request, inputs.front(), model);
      break;
    case EmbeddingApi::gemini_batch:
      json.begin_object().key("requests").begin_array();
      for (const auto& input : inputs) write_gemini(json, request, input, model);
      json.end_array().end_object();
      break;
    case EmbeddingApi::vertex:
      json.begin_object().key("instances").begin_array();
      for (const auto& input : inputs) {
        json.begin_object().key("content").string(input.text);
        if (purposeful) json.key("task_type").string(task_type(request.purpose));
        if (!input.title.empty()) json.key("title").string(input.title);
        json.end_object();
      }
      json.end_array().key("parameters").begin_object();
      if (request.dimensions) json.key("outputDimensionality").unsigned_integer(*request.dimensions);
      if (request.truncate) json.key("autoTruncate").boolean(*request.truncate);
      json.end_object().end_object();
      break;
    case EmbeddingApi::cohere:
      json.begin_object().key("model").string(model);
      write_cohere(json, request, inputs);
      json.end_object();
      break;
    case EmbeddingApi::bedrock_cohere:
      json.begin_object();
      write_cohere(json, request, inputs);
      json.end_object();
      break;
    case EmbeddingApi::ollama:
      if (purposeful) losses.drop("input_type");
      json.begin_object().key("model").string(model);
      write_texts(json, "input", inputs);
      if (request.dimensions) json.key("dimensions").unsigned_integer(*request.dimensions);
      if (request.truncate) json.key("truncate").boolean(*request.truncate);
      json.end_object();
      break;
    case EmbeddingApi::titan:
      if (purposeful) losses.drop("input_type");
      json.begin_object().key("inputText").string(inputs.front().text);
      if (request.dimensions) json.key("dimensions").unsigned_integer(*request.dimensions);
      json.end_object();
      break;
  }
  const bool truncates = api != EmbeddingApi::openai && api != EmbeddingApi::gemini &&
                         api != EmbeddingApi::gemini_batch && api != EmbeddingApi::titan;
  if (request.truncate && !truncates) losses.drop("truncate");
  return out;
}

}  // namespace gatehouse::dialects
