#include "gatehouse/stages/forward/translate.h"

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/continuation.h"
#include "gatehouse/json/value.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::stages {

using pipeline::Exchange;

std::string edited_body(const Exchange& exchange) {
  if (exchange.inspection == nullptr || exchange.inspection->edits.empty()) return std::string(exchange.body);
  return json::splice(exchange.body, exchange.inspection->edits);
}

bool is_strict(const Exchange& exchange) {
  const auto wish = exchange.head().fields.value("x-gatehouse-translation");
  if (!wish.empty()) return base::equals_ignore_case(wish, "strict");
  return exchange.match && exchange.match.model->translation == config::Translation::strict;
}

std::string seed_of(const Exchange& exchange) {
  std::string seed;
  for (const char c : base::view(exchange.id)) {
    if (base::is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) seed.push_back(c);
  }
  return seed;
}

std::string joined(const dialects::Losses& losses) {
  std::string out;
  for (const auto& member : losses.dropped()) {
    if (!out.empty()) out += ',';
    // Members that nobody knows are dropped by the names that the caller gave them: no line of a head ends in one.
    for (const char c : member) out += c > ' ' && c < 0x7F && c != ',' ? c : '?';
  }
  return out;
}

namespace {

constexpr std::size_t kShownId = 100;

// What of a request is said by naming what is stored elsewhere than here (recall_response puts the gateway's own in its
// place). Left out, it would be a shorter request than the caller made.
std::optional<dialects::ApiError> unresolved(const llm::ChatRequest& request) {
  for (const llm::Extra& extra : request.extras) {
    if (extra.name != "cachedContent" && extra.name != "cached_content") continue;
    return dialects::ApiError(Code::unsupported, "'cachedContent' names what this model's provider does not have",
                              "cachedContent");
  }
  for (const llm::Message& message : request.messages) {
    for (const llm::Block& block : message.blocks) {
      const auto* foreign = block.as<llm::Foreign>();
      if (foreign == nullptr || foreign->type != "item_reference") continue;
      const std::string id = json::Value(foreign->verbatim.json)["id"].string_or("");
      return dialects::ApiError(Code::invalid_request,
                                "Item with id '" + text::safe_excerpt(id, kShownId) +
                                    "' not found: an item_reference can only name an item of a stored response.",
                                "input");
    }
  }
  return std::nullopt;
}

void continue_conversation(const pipeline::FollowUp& more, std::vector<llm::Message>& messages) {
  const auto add = [&](llm::Author author, const std::string& text) {
    llm::Message& message = messages.emplace_back();
    message.author = author;
    message.blocks.emplace_back().value = llm::Text{.text = text};
  };
  if (!dialects::is_blank(more.answered)) add(llm::Author::assistant, more.answered);
  add(llm::Author::user, more.asked);
}

}  // namespace

dialects::ApiResult<pipeline::Translation*> translation_of(Exchange& exchange) {
  if (exchange.translation) return exchange.translation.get();
  const auto* front = dialects::front_codec(exchange.dialect);
  if (front == nullptr) {
    return dialects::refuse(Code::unsupported, "No provider of this model speaks the dialect of this request");
  }
  auto request = front->read_request(edited_body(exchange), exchange.call.model, exchange.call.stream);
  if (!request) return std::unexpected(std::move(request.error()));
  if (!request->previous_id.empty()) {
    return dialects::refuse(Code::invalid_request,
                            "Previous response with id '" + request->previous_id + "' not found.",
                            "previous_response_id");
  }
  auto& accounting = exchange.accounting;
  if (accounting.send_bound) {
    request->max_tokens = static_cast<std::uint64_t>(accounting.completion_bound()) / accounting.answers;
  }
  auto made = std::make_unique<pipeline::Translation>(*front, std::move(*request), exchange.told_usage);
  made->now = std::chrono::duration_cast<std::chrono::seconds>(exchange.wall.time_since_epoch()).count();
  made->seed = seed_of(exchange);
  made->memory = exchange.worker.opaque;
  made->tenant = govern::tenant_of(exchange.principal);
  made->wall = exchange.wall;
  exchange.translation = std::move(made);
  return exchange.translation.get();
}

dialects::ApiResult<void> translate_for(Exchange& exchange, const pipeline::Attempt& attempt,
                                        const providers::Plan& plan) {
  auto translation = translation_of(exchange);
  if (!translation) return std::unexpected(std::move(translation.error()));
  pipeline::Translation& at = **translation;
  at.back = dialects::back_codec(plan.dialect);
  if (at.back == nullptr) {
    return dialects::refuse(Code::unsupported, "The provider's dialect cannot be written yet");
  }
  if (plan.dialect != at.request.dialect) {
    if (auto error = unresolved(at.request)) return std::unexpected(std::move(*error));
  }
  at.quirks = plan.quirks;
  at.origin = plan.origin;
  at.rewrites = {};
  at.losses = {};
  if (at.memory != nullptr) at.memory->restore(at.tenant, at.request, plan.origin, at.wall);
  // The request stays as the caller wrote it: what continues it is said to the provider alone.
  auto& messages = at.request.messages;
  const std::size_t own = messages.size();
  if (exchange.follow_up) continue_conversation(*exchange.follow_up, messages);
  const dialects::Target target{
      .model = attempt.model, .stream = at.request.stream, .quirks = *plan.quirks, .origin = plan.origin};
  auto body = at.back->write_request(at.request, target, at.losses, at.rewrites);
  messages.resize(own);
  if (!body) return std::unexpected(std::move(body.error()));
  if (at.losses.any() && is_strict(exchange)) {
    const std::string& member = at.losses.dropped().front();
    return dialects::refuse(Code::unsupported, "The provider of this model cannot be told '" + member + "'", member);
  }
  at.body = std::move(*body);
  return {};
}

}  // namespace gatehouse::stages
