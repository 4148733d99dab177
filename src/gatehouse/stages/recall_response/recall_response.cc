#include "gatehouse/stages/recall_response/recall_response.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/call.h"
#include "gatehouse/dialects/codec.h"
#include "gatehouse/dialects/openai_responses/references.h"
#include "gatehouse/http/head_writer.h"
#include "gatehouse/json/splice.h"
#include "gatehouse/json/value.h"

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
std::optional<Verdict> ask_for(Exchange& exchange, const dialects::openai_responses::StoredPath& asked,
                               std::string_view tenant) {
  auto& store = *exchange.worker.responses;
  const auto& head = exchange.head();
  const auto as_told = [](const state::StateResult<std::string>& body) -> std::optional<Verdict> {
    if (body) return reply(200, *body);
    if (body.error().code == state::ResponseStore::kNoResponse) return std::nullopt;
    return told(body.error());
  };
  if (head.method == http::Method::get && asked.items) {
    // The provider's query is a string that begins with '?'.
    const std::string_view query = head.query.starts_with('?') ? head.query.substr(1) : head.query;
    state::ResponseStore::Page page;
    if (const auto limit = base::parse_u64(parameter(query, "limit"))) page.limit = *limit;
    page.ascending = parameter(query, "order") == "asc";
    page.after = parameter(query, "after");
    return as_told(store.input_items(tenant, asked.id, page, exchange.wall));
  }
  if (head.method == http::Method::get) {
    auto stored = store.get(tenant, asked.id, exchange.wall);
    if (!stored) return std::nullopt;
    return reply(200, std::move(stored->answer));
  }
  if (head.method_text == "DELETE" && !asked.items) return as_told(store.erase(tenant, asked.id, exchange.wall));
  return std::nullopt;
}

// Edits of a body, which hold what they put in.
class Edits {
 public:
  // The parts are told in any order, but none lies in another.
  void replace(dialects::Span span, std::string text) {
    texts_.push_back(std::move(text));
    edits_.push_back({.offset = span.offset, .length = span.length, .replacement = texts_.back()});
  }
  std::string made(std::string_view body) {
    // What is put in at a place comes before what is replaced there.
    std::ranges::sort(edits_, {}, [](const json::Edit& edit) { return std::pair(edit.offset, edit.length); });
    return json::splice(body, edits_);
  }

 private:
  std::deque<std::string> texts_;  // their places hold
  std::vector<json::Edit> edits_;
};

// Puts the history in front of the request's own input, and forgets the reference to it. Where the input is what the
// API does not know it is left, for whoever reads it to say what is wrong.
void put_history(std::string_view body, const dialects::Call& call, const std::string& history, Edits& edits) {
  const dialects::Span at = call.input_span;
  const std::string_view input = body.substr(at.offset, at.length);
  if (input.empty()) {
    edits.replace(call.previous_response_span, "null,\"input\":[" + history + "]");
    return;
  }
  edits.replace(call.previous_response_span, "null");
  if (input.front() == '"') {
    const std::string_view comma = history.empty() ? "" : ",";
    edits.replace(at, fmt::format(R"([{}{}{{"role":"user","content":{}}}])", history, comma, input));
  } else if (input == "null") {
    edits.replace(at, "[" + history + "]");
  } else if (input.front() == '[' && !history.empty()) {
    const bool alone = json::Value(input).size() == 0;
    edits.replace({.offset = at.offset + 1, .length = 0}, alone ? history : history + ",");
  }
}

// Puts items in the place of references to them. What is not stored here stays: the provider may know it.
state::StateResult<bool> put_items(Exchange& exchange, std::string_view tenant, Edits& edits) {
  using dialects::openai_responses::kMostReferences;
  const auto references = dialects::openai_responses::item_references(exchange.body, exchange.call.input_span);
  if (references.empty()) return false;
  if (references.size() > kMostReferences) {
    llm::ChatError error;
    error.kind = llm::ErrorKind::invalid_request;
    error.status = 400;
    error.type = "invalid_request_error";
    error.message = fmt::format("A request may refer to {} items", kMostReferences);
    error.param = "input";
    return std::unexpected(std::move(error));
  }
  std::vector<std::string_view> ids;
  ids.reserve(references.size());
  for (const auto& reference : references) ids.push_back(reference.id);
  auto items = exchange.worker.responses->items(tenant, ids, exchange.wall);
  if (!items) return std::unexpected(std::move(items.error()));
  bool any = false;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if ((*items)[i].empty()) continue;
    edits.replace(references[i].span, std::move((*items)[i]));
    any = true;
  }
  return any;
}

}  // namespace

Eventually<Verdict> RecallResponse::on_request(Exchange& exchange) const {
  if (exchange.operation != llm::Operation::responses || exchange.worker.responses == nullptr) {
    return Verdict(Continue{});
  }
  if (!exchange.call_read) {
    const auto asked = dialects::openai_responses::stored_path(exchange.head().path);
    if (!asked) return Verdict(Continue{});
    if (auto answered = ask_for(exchange, *asked, govern::tenant_of(exchange.principal))) return std::move(*answered);
    return Verdict(Continue{});
  }
  const dialects::Call& asked = exchange.call;
  if (asked.previous_response.empty() && asked.input_span.length == 0) return Verdict(Continue{});
  const std::string tenant = govern::tenant_of(exchange.principal);
  Edits edits;
  const auto items = put_items(exchange, tenant, edits);
  if (!items) return told(items.error());
  bool any = *items;
  if (!asked.previous_response.empty()) {
    const auto history = exchange.worker.responses->history(tenant, asked.previous_response, exchange.wall);
    if (!history) return told(history.error());
    if (*history) {
      put_history(exchange.body, asked, (*history)->items, edits);
      exchange.recalled_from = asked.previous_response;
      exchange.recalled_items = (*history)->count;
      any = true;
    }
  }
  if (!any) return Verdict(Continue{});
  exchange.rebuilt_body = edits.made(exchange.body);
  exchange.body = exchange.rebuilt_body;
  // Its places are others now.
  auto call = dialects::read_model(exchange.body);
  if (!call) return Verdict(pipeline::Refuse{.error = std::move(call.error()), .fields = {}});
  call->dialect = exchange.call.dialect;
  exchange.call = std::move(*call);
  return Verdict(Continue{});
}

}  // namespace gatehouse::stages
