#include "gatehouse/stages/forward/convert.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/dialects/embeddings.h"
#include "gatehouse/dialects/rerank.h"
#include "gatehouse/dialects/token_counts.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/stages/forward/provider_answer.h"
#include "gatehouse/stages/forward/translate.h"

namespace gatehouse::stages {
namespace {

using dialects::ApiResult;
using pipeline::Exchange;
using pipeline::Verdict;

// One request as the calls that it comes to.
class Conversion {
 public:
  virtual ~Conversion() = default;
  virtual bool done() const = 0;
  virtual ApiResult<std::string> next_body(dialects::Losses& losses) = 0;
  virtual Result<> take(std::string_view body) = 0;
  virtual std::string answer(std::string_view seed) const = 0;
  virtual const llm::Usage& usage() const = 0;
};

class Embeddings final : public Conversion {
 public:
  Embeddings(dialects::EmbeddingApi front, dialects::EmbeddingApi back, dialects::EmbeddingRequest request,
             std::string_view model)
      : front_(front), back_(back), request_(std::move(request)), model_(model) {}

  bool done() const override { return at_ == request_.inputs.size(); }
  ApiResult<std::string> next_body(dialects::Losses& losses) override {
    count_ = std::min(dialects::most_inputs(back_), request_.inputs.size() - at_);
    return dialects::write_embedding_request(back_, request_, model_, at_, count_, losses);
  }
  Result<> take(std::string_view body) override {
    at_ += count_;
    return dialects::read_embedding_answer(back_, body, count_, answer_);
  }
  std::string answer(std::string_view /*seed*/) const override {
    return dialects::write_embedding_answer(front_, answer_, request_, {});
  }
  const llm::Usage& usage() const override { return answer_.usage; }

 private:
  dialects::EmbeddingApi front_;
  dialects::EmbeddingApi back_;
  dialects::EmbeddingRequest request_;
  std::string_view model_;
  dialects::EmbeddingAnswer answer_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
};

class Rerank final : public Conversion {
 public:
  Rerank(dialects::RerankApi back, dialects::RerankRequest request, std::string_view model)
      : back_(back), request_(std::move(request)), model_(model) {}

  bool done() const override { return done_; }
  ApiResult<std::string> next_body(dialects::Losses& losses) override {
    return dialects::write_rerank_request(back_, request_, model_, losses);
  }
  Result<> take(std::string_view body) override {
    auto answer = dialects::read_rerank_answer(back_, body, request_);
    if (!answer) return std::unexpected(std::move(answer.error()));
    answer_ = std::move(*answer);
    done_ = true;
    return {};
  }
  std::string answer(std::string_view seed) const override {
    return dialects::write_rerank_answer(answer_, request_, {}, seed);
  }
  const llm::Usage& usage() const override { return answer_.usage; }

 private:
  dialects::RerankApi back_;
  dialects::RerankRequest request_;
  std::string_view model_;
  dialects::RerankAnswer answer_;
  bool done_ = false;
};

std::unexpected<dialects::ApiError> no_such(std::string_view operation) {
  return dialects::refuse(Code::unsupported,
                          "The provider of this model has no " + std::string(operation) + " that can be translated");
}

dialects::EmbeddingApi caller_api(const Exchange& exchange) {
  if (exchange.dialect != llm::Dialect::gemini) return dialects::EmbeddingApi::openai;
  return exchange.head().path.ends_with(":batchEmbedContents") ? dialects::EmbeddingApi::gemini_batch
                                                               : dialects::EmbeddingApi::gemini;
}

ApiResult<std::unique_ptr<Conversion>> conversion_of(Exchange& exchange, const pipeline::Attempt& attempt,
                                                     const providers::Plan& plan) {
  const std::string body = edited_body(exchange);
  switch (exchange.operation) {
    case llm::Operation::embeddings:
    case llm::Operation::embed_content: {
      const auto back = dialects::embedding_api(plan.dialect, attempt.model);
      if (!back) return no_such("embeddings");
      const auto front = caller_api(exchange);
      auto request = dialects::read_embedding_request(front, body, exchange.call.model);
      if (!request) return std::unexpected(std::move(request.error()));
      return std::make_unique<Embeddings>(front, *back, std::move(*request), attempt.model);
    }
    case llm::Operation::rerank: {
      const auto back = dialects::rerank_api(plan.dialect);
      if (!back) return no_such("reranking");
      auto request = dialects::read_rerank_request(body);
      if (!request) return std::unexpected(std::move(request.error()));
      return std::make_unique<Rerank>(*back, std::move(*request), attempt.model);
    }
    default:
      return no_such(llm::name(exchange.operation));
  }
}

// An error of the provider in the caller's words.
ApiResult<Verdict> told(const Exchange& exchange, const providers::Plan& plan, int status, std::string fields,
                        std::string_view body) {
  const llm::ChatError error = dialects::back_codec(plan.dialect)->read_error(status, body);
  if (error.kind == llm::ErrorKind::authentication) return std::unexpected(credentials_refused());
  append_retry_after(error, fields);
  http::append_field(fields, "content-type", "application/json");
  const auto* front = dialects::front_codec(exchange.dialect);
  pipeline::Answer answer;
  answer.status = status;
  answer.fields = std::move(fields);
  answer.body = std::make_unique<pipeline::TextSource>(front->write_error(error));
  return Verdict(pipeline::Reply{std::move(answer)});
}

}  // namespace

Task<ApiResult<Verdict>> convert(Exchange& exchange, const pipeline::Attempt& attempt, const providers::Plan& plan) {
  auto conversion = conversion_of(exchange, attempt, plan);
  if (!conversion) co_return std::unexpected(std::move(conversion.error()));
  if (!exchange.accounting.take_capacity(exchange, attempt.provider)) {
    co_return dialects::refuse(Code::overloaded, "Every provider of this model is at its limit");
  }
  exchange.provider = &exchange.config().providers[attempt.provider];
  exchange.model_sent = attempt.model;
  ++exchange.attempts;
  const auto& head = exchange.head();
  const auto& limits = exchange.config().limits;
  dialects::Losses losses;
  pipeline::Answer answer;
  while (!(*conversion)->done()) {
    const auto body = (*conversion)->next_body(losses);
    if (!body) co_return std::unexpected(body.error());
    if (losses.any() && is_strict(exchange)) {
      co_return dialects::refuse(Code::unsupported,
                                 "The provider of this model cannot be told '" + losses.dropped().front() + "'",
                                 losses.dropped().front());
    }
    const std::array<std::string_view, 1> pieces{*body};
    const providers::UpstreamRequest request{.method = head.method,
                                             .method_text = head.method_text,
                                             .path = plan.target(),
                                             .fields = &head.fields,
                                             .body = pieces,
                                             .body_length = {},
                                             .inspected = true,
                                             .plan = &plan};
    const auto before = async::Loop::now();
    auto answered = co_await exchange.runtime->upstreams[attempt.provider]->send(request, exchange.in.abort());
    exchange.upstream_time += async::Loop::now() - before;
    if (!answered) {
      log_failure(exchange, answered.error());
      const bool unreached =
          answered.error().code == Code::upstream_unreachable || answered.error().code == Code::upstream_tls;
      if (!unreached) exchange.accounting.reached_out = true;
      co_return std::unexpected(dialects::ApiError(std::move(answered.error())));
    }
    exchange.accounting.reached_out = true;
    exchange.accounting.reservation.forwarded();
    const int status = (*answered)->head().status;
    exchange.accounting.provider_status = status;
    if (status == 401) co_return std::unexpected(dialects::ApiError(credentials_refused()));
    auto decoder = decoder_of((*answered)->head());
    if (!decoder) co_return std::unexpected(dialects::ApiError(std::move(decoder.error())));
    answer.fields.clear();
    append_provider_fields((*answered)->head(), true, true, answer.fields);
    const auto source = pipeline::make_source(std::move(*answered), pipeline::Form::whole, std::move(*decoder),
                                              {.whole = limits.answer_bytes, .event = limits.event_bytes});
    auto e = source->next();
    auto whole = e.ready() ? e.take() : co_await e.task();
    if (!whole) co_return std::unexpected(dialects::ApiError(std::move(whole.error())));
    if (status >= 400) co_return told(exchange, plan, status, std::move(answer.fields), whole->bytes);
    if (auto taken = (*conversion)->take(whole->bytes); !taken) {
      log_failure(exchange, taken.error());
      co_return std::unexpected(dialects::ApiError(std::move(taken.error())));
    }
  }
  exchange.told_usage = (*conversion)->usage();
  if (losses.any()) http::append_field(answer.fields, "x-gatehouse-dropped", joined(losses));
  http::append_field(answer.fields, "content-type", "application/json");
  answer.body = std::make_unique<pipeline::TextSource>((*conversion)->answer(seed_of(exchange)));
  co_return Verdict(pipeline::Reply{std::move(answer)});
}

Verdict count_here(Exchange& exchange, const pipeline::Attempt& attempt) {
  const auto count = pipeline::count_prompt_as_told(exchange, attempt.model);
  pipeline::Answer answer;
  http::append_field(answer.fields, "content-type", "application/json");
  http::append_field(answer.fields, "x-gatehouse-token-count", count.exact ? "exact" : "estimated");
  answer.body = std::make_unique<pipeline::TextSource>(dialects::write_token_count(exchange.dialect, count.tokens));
  return pipeline::Reply{std::move(answer)};
}

}  // namespace gatehouse::stages
