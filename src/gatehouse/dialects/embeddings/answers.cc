#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <span>

#include "gatehouse/dialects/base64.h"
#include "gatehouse/dialects/embeddings.h"
#include "gatehouse/json/cursor.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/usage_reader.h"

namespace gatehouse::dialects {
namespace {

using json::Kind;
using json::Value;

std::uint64_t add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::uint64_t>::max() : sum;
}

// One answer's vectors, as they come, and where in the request they belong.
class Vectors {
 public:
  explicit Vectors(EmbeddingAnswer& answer) : answer_(answer), left_(kMostEmbeddingValues - answer.values.size()) {}

  void add(Value raw, std::optional<std::uint64_t> index) {
    std::vector<double> vector;
    if (raw.is(Kind::string)) {
      const auto bytes = read_base64(raw.string_or(""));
      good_ = good_ && bytes && bytes->size() % 4 == 0 && bytes->size() / 4 <= left_;
      if (!good_) return;
      for (std::size_t at = 0; at < bytes->size(); at += 4) {
        std::uint32_t bits = 0;
        for (unsigned i = 0; i < 4; ++i) bits |= std::uint32_t{static_cast<unsigned char>((*bytes)[at + i])} << 8 * i;
        vector.push_back(std::bit_cast<float>(bits));
      }
    } else {
      json::Cursor cursor(raw.raw());
      const bool read = cursor.first() == '[' && cursor.array([&] {
        const std::size_t begin = cursor.offset();
        if (!cursor.skip()) return false;
        const auto value = json::read_number(cursor.since(begin));
        if (!value || vector.size() == left_) return false;
        vector.push_back(*value);
        return true;
      });
      good_ = good_ && read;
    }
    if (vector.empty()) good_ = false;
    if (!good_) return;
    left_ -= vector.size();
    places_.push_back(index.value_or(vectors_.size()));
    vectors_.push_back(std::move(vector));
  }

  Result<> take(std::size_t count) {
    if (!good_) return fail(Code::upstream_protocol, "the provider's vectors cannot be read");
    std::vector<std::size_t> order(vectors_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [this](std::size_t i) { return places_[i]; });
    bool whole = order.size() == count;
    for (std::size_t i = 0; whole && i < order.size(); ++i) whole = places_[order[i]] == i;
    if (!whole) return fail(Code::upstream_protocol, "the provider sent other vectors than were asked for");
    for (const std::size_t i : order) {
      answer_.values.insert(answer_.values.end(), vectors_[i].begin(), vectors_[i].end());
      answer_.ends.push_back(answer_.values.size());
      if (vectors_[i].size() != answer_.ends.front()) {
        return fail(Code::upstream_protocol, "the provider's vectors differ in size");
      }
    }
    return {};
  }

 private:
  EmbeddingAnswer& answer_;
  std::size_t left_;
  bool good_ = true;
  std::vector<std::vector<double>> vectors_;
  std::vector<std::uint64_t> places_;
};

llm::Usage of_tokens(std::optional<std::uint64_t> tokens) {
  llm::Usage usage;
  if (!tokens) return usage;
  usage.prompt_tokens = usage.total_tokens = *tokens;
  usage.known = true;
  return usage;
}

// Usage of several calls together; only where all told it.
void add_usage(EmbeddingAnswer& answer, const llm::Usage& more, bool first) {
  if (first) {
    answer.usage = more;
    return;
  }
  answer.usage.prompt_tokens = add(answer.usage.prompt_tokens, more.prompt_tokens);
  answer.usage.total_tokens = add(answer.usage.total_tokens, more.total_tokens);
  answer.usage.known = answer.usage.known && more.known;
}

void write_vector(json::Writer& json, std::span<const double> vector, bool base64) {
  if (base64) {
    std::string bytes;
    bytes.reserve(vector.size() * 4);
    for (const double value : vector) {
      const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(value));
      for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(bits >> 8 * i & 0xFF));
    }
    std::string text;
    append_base64(bytes, text);
    json.string(text);
    return;
  }
  json.begin_array();
  for (const double value : vector) json.number(value);
  json.end_array();
}

void write_gemini_usage(json::Writer& json, const llm::Usage& usage) {
  if (!usage.known) return;
  json.key("usageMetadata").begin_object().key("promptTokenCount").unsigned_integer(usage.prompt_tokens);
  json.key("totalTokenCount").unsigned_integer(usage.total_tokens).end_object();
}

}  // namespace

Result<> read_embedding_answer(EmbeddingApi api, std::string_view body, std::size_t count, EmbeddingAnswer& answer) {
  if (!json::validate(body) || !Value(body).is(Kind::object)) {
    return fail(Code::upstream_protocol, "the provider's answer is no JSON");
  }
  const Value root(body);
  const bool first = answer.ends.empty();
  Vectors vectors(answer);
  llm::Usage usage;
  switch (api) {
    case EmbeddingApi::openai:
      root["data"].elements([&](Value one) { vectors.add(one["embedding"], json::read_count(one["index"].raw())); });
      usage = llm::read_usage(llm::UsageApi::openai, root["usage"].raw());
      if (answer.model.empty()) answer.model = root["model"].string_or("");
      if (answer.id.empty()) answer.id = root["id"].string_or("");
      break;
    case EmbeddingApi::gemini:
      vectors.add(root["embedding"]["values"], std::nullopt);
      usage = llm::read_usage(llm::UsageApi::gemini, root["usageMetadata"].raw());
      break;
    case EmbeddingApi::gemini_batch:
      root["embeddings"].elements([&](Value one) { vectors.add(one["values"], std::nullopt); });
      usage = llm::read_usage(llm::UsageApi::gemini, root["usageMetadata"].raw());
      break;
    case EmbeddingApi::vertex: {
      std::optional<std::uint64_t> tokens;
      root["predictions"].elements([&](Value one) {
        const Value embeddings = one["embeddings"];
        vectors.add(embeddings["values"], std::nullopt);
        if (const auto told = json::read_count(embeddings["statistics"]["token_count"].raw())) {
          tokens = add(tokens.value_or(0), *told);
        }
      });
      usage = of_tokens(tokens);
      break;
    }
    case EmbeddingApi::cohere:
    case EmbeddingApi::bedrock_cohere: {
      // By type, or (before there were types) a plain list.
      const Value embeddings = root["embeddings"];
      const Value list = embeddings.is(Kind::object) ? embeddings["float"] : embeddings;
      list.elements([&](Value one) { vectors.add(one, std::nullopt); });
      usage = llm::read_usage(llm::UsageApi::cohere, root["meta"].raw());
      if (answer.id.empty()) answer.id = root["id"].string_or("");
      break;
    }
    case EmbeddingApi::ollama:
      root["embeddings"].elements([&](Value one) { vectors.add(one, std::nullopt); });
      usage = of_tokens(json::read_count(root["prompt_eval_count"].raw()));
      if (answer.model.empty()) answer.model = root["model"].string_or("");
      break;
    case EmbeddingApi::titan: {
      const Value by_type = root["embeddingsByType"]["float"];
      vectors.add(by_type.exists() ? by_type : root["embedding"], std::nullopt);
      usage = of_tokens(json::read_count(root["inputTextTokenCount"].raw()));
      break;
    }
  }
  if (auto done = vectors.take(count); !done) return done;
  add_usage(answer, usage, first);
  return {};
}

std::string write_embedding_answer(EmbeddingApi api, const EmbeddingAnswer& answer, const EmbeddingRequest& request,
                                   std::string_view model) {
  std::string out;
  json::Writer json(out);
  const auto vector = [&](std::size_t i) {
    const std::size_t begin = i == 0 ? 0 : answer.ends[i - 1];
    return std::span<const double>(answer.values).subspan(begin, answer.ends[i] - begin);
  };
  json.begin_object();
  if (api == EmbeddingApi::gemini) {
    json.key("embedding").begin_object().key("values");
    write_vector(json, answer.ends.empty() ? std::span<const double>() : vector(0), false);
    json.end_object();
    write_gemini_usage(json, answer.usage);
  } else if (api == EmbeddingApi::gemini_batch) {
    json.key("embeddings").begin_array();
    for (std::size_t i = 0; i < answer.ends.size(); ++i) {
      json.begin_object().key("values");
      write_vector(json, vector(i), false);
      json.end_object();
    }
    json.end_array();
    write_gemini_usage(json, answer.usage);
  } else {
    json.key("object").string("list").key("data").begin_array();
    for (std::size_t i = 0; i < answer.ends.size(); ++i) {
      json.begin_object().key("object").string("embedding").key("index").unsigned_integer(i).key("embedding");
      write_vector(json, vector(i), request.base64);
      json.end_object();
    }
    json.end_array().key("model");
    json.string(!model.empty() ? model : !answer.model.empty() ? std::string_view(answer.model) : request.model);
    // Nothing told is not nothing used.
    if (answer.usage.known) {
      json.key("usage").begin_object().key("prompt_tokens").unsigned_integer(answer.usage.prompt_tokens);
      json.key("total_tokens").unsigned_integer(answer.usage.total_tokens).end_object();
    }
  }
  json.end_object();
  return out;
}

}  // namespace gatehouse::dialects
