#include "gatehouse/pipeline/repeat.h"

#include <string>
#include <utility>
#include <variant>

namespace gatehouse::pipeline {

Task<Result<Answer>> repeat(Exchange& exchange, std::string_view asker) {
  llm::add(exchange.earlier_usage, exchange.usage());
  exchange.reader = dialects::AnswerReader(dialects::AnswerReader::Depth::usage);
  exchange.told_usage.reset();
  if (exchange.translation) exchange.translation->failed = false;
  // Whoever pulls the answer counts the time until its first byte, which this is a part of.
  const auto waited = exchange.upstream_time;
  Verdict verdict = Continue{};
  for (const auto& stage : *exchange.runtime->stages) {
    auto e = stage->on_repeat(exchange);
    verdict = e.ready() ? e.take() : co_await e.task();
    if (!std::holds_alternative<Continue>(verdict)) break;
  }
  exchange.upstream_time = waited;
  if (auto* refused = std::get_if<Refuse>(&verdict)) co_return std::unexpected(std::move(refused->error.error));
  auto* reply = std::get_if<Reply>(&verdict);
  if (reply == nullptr) co_return fail(Code::internal, "No stage makes the call again");
  if (reply->answer.status >= 400) {
    co_return fail(Code::upstream_broken, "The provider answered with status " + std::to_string(reply->answer.status));
  }
  for (const auto& stage : *exchange.runtime->stages) {
    if (stage->name() == asker) break;
    stage->on_answer(exchange, reply->answer);
  }
  co_return std::move(reply->answer);
}

}  // namespace gatehouse::pipeline
