#include "gatehouse/stages/recall_response/recall_response.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/call.h"
#include "gatehouse/dialects/codec.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::stages {
namespace {

using pipeline::Continue;
using pipeline::Exchange;
using pipeline::Verdict;

Verdict reply(int status, std::string body) {
  pipeline::Answer answer;
  answer.status = status;
  http::append_field(answer.fields, "content-type", "application/json");
  answer.body = std::make_unique<pipeline::TextSource>(std::move(body));
  return pipeline::Reply{std::move(answer)};
}

Verdict told(const llm::ChatError& error) {
  return reply(error.status, dialects::front_codec(llm::Dialect::openai_responses)->write_error(error));
}

// "/v1/responses/{id}" or "/v1/responses/{id}/input_items".
struct Named {
  std::string_view id;
  bool items = false;
};
std::optional<Named> named(std::string_view path) {
  constexpr std::string_view kPrefix = "/v1/responses/";
  constexpr std::string_view kItems = "/input_items";
  if (!path.starts_with(kPrefix)) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  const bool items = path.ends_with(kItems);
  if (items) path.remove_suffix(kItems.size());
  if (path.empty() || path.find('/') != std::string_view::npos) return std::nullopt;
  return Named{.id = path, .items = items};
}

std::string_view parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == name) return pair.substr(std::min(equals + 1, pair.size()));
  }
  return {};
}

// GET or DELETE of what is stored here; nothing: it is not.
std::optional<Verdict> ask_for(Exchange& exchange, const Named& asked, std::string_view tenant) {
  auto& store = *exchange.worker.responses;
  const auto& head = exchange.head();
  const auto stored = store.get(tenant, asked.id, exchange.wall);
  if (!stored) return std::nullopt;
  if (head.method == http::Method::get && asked.items) {
    // The provider's query is a string that begins with '?'.
    const std::string_view query = head.query.starts_with('?') ? head.query.substr(1) : head.query;
    state::ResponseStore::Page page;
    if (const auto limit = base::parse_u64(parameter(query, "limit"))) page.limit = *limit;
    page.ascending = parameter(query, "order") == "asc";
    page.after = parameter(query, "after");
    const auto items = store.input_items(tenant, asked.id, page, exchange.wall);
    return items ? reply(200, *items) : told(items.error());
  }
  if (head.method == http::Method::get && !asked.items) return reply(200, stored->answer);
  if (head.method_text == "DELETE" && !asked.items) {
    const auto gone = store.erase(tenant, asked.id, exchange.wall);
    return gone ? reply(200, *gone) : told(gone.error());
  }
  return std::nullopt;
}

// The body with `history` in front of its own input, and without the reference to it.
std::string with_history(std::string_view body, std::string_view history) {
  std::string out;
  out.reserve(body.size() + history.size() + 64);
  json::Writer writer(out);
  writer.begin_object();
  json::walk_object(body, [&](const json::Member& member) {
    if (member.key == "previous_response_id") return;
    writer.key(member.key);
    if (member.key != "input") {
      writer.raw(member.value);
      return;
    }
    writer.begin_array();
    if (!history.empty()) writer.raw(history);
    if (member.kind == json::Kind::string) {
      writer.begin_object().key("role").string("user").key("content").raw(member.value).end_object();
    } else if (member.kind == json::Kind::array) {
      json::walk_array(member.value, [&](const json::Element& element) { writer.raw(element.value); });
    } else {
      writer.raw(member.value);  // whatever it is: whoever reads it says what is wrong
    }
    writer.end_array();
  });
  writer.end_object();
  return out;
}

}  // namespace

Eventually<Verdict> RecallResponse::on_request(Exchange& exchange) const {
  if (exchange.operation != llm::Operation::responses || exchange.worker.responses == nullptr) {
    return Verdict(Continue{});
  }
  if (!exchange.call_read) {
    const auto asked = named(exchange.head().path);
    if (!asked) return Verdict(Continue{});
    if (auto answered = ask_for(exchange, *asked, govern::tenant_of(exchange.principal))) return std::move(*answered);
    return Verdict(Continue{});
  }
  const auto previous = json::Value(exchange.body)["previous_response_id"].string();
  if (!previous || previous->empty()) return Verdict(Continue{});
  const std::string tenant = govern::tenant_of(exchange.principal);
  if (!exchange.worker.responses->get(tenant, *previous, exchange.wall)) return Verdict(Continue{});
  const auto history = exchange.worker.responses->history(tenant, *previous, exchange.wall);
  if (!history) return told(history.error());
  exchange.recalled_from = *previous;
  const std::string items = "[" + *history + "]";
  exchange.recalled_items = json::Value(items).size();
  exchange.rebuilt_body = with_history(exchange.body, *history);
  exchange.body = exchange.rebuilt_body;
  auto call = dialects::read_model(exchange.body);
  if (!call) return Verdict(pipeline::Refuse{.error = std::move(call.error()), .fields = {}});
  call->dialect = exchange.call.dialect;
  exchange.call = std::move(*call);
  return Verdict(Continue{});
}

}  // namespace gatehouse::stages
