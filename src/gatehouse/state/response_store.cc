#include "gatehouse/state/response_store.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/state/packing.h"

namespace gatehouse::state {
namespace {

using json::Kind;
using json::Value;

std::unexpected<llm::ChatError> refuse(llm::ErrorKind kind, int status, std::string message, std::string code = {},
                                       std::string param = {}) {
  llm::ChatError error;
  error.kind = kind;
  error.status = status;
  error.message = std::move(message);
  error.type = "invalid_request_error";
  error.code = std::move(code);
  error.param = std::move(param);
  return std::unexpected(std::move(error));
}

std::unexpected<llm::ChatError> not_found(std::string_view id) {
  return refuse(llm::ErrorKind::not_found, 404, "Response with id '" + std::string(id) + "' not found.",
                std::string(ResponseStore::kNoResponse));
}

std::unexpected<llm::ChatError> previous_not_found(std::string_view id) {
  return refuse(llm::ErrorKind::invalid_request, 400, "Previous response with id '" + std::string(id) + "' not found.",
                "previous_response_not_found", "previous_response_id");
}

std::unexpected<llm::ChatError> too_large(std::string what, std::string param = {}) {
  return refuse(llm::ErrorKind::too_large, 413, std::move(what), "too_large", std::move(param));
}

std::string id_of(const Value& item) { return item["id"].string_or(""); }

// The items of a request, each with an id, by which it can be listed and referred to.
std::string items_of(std::string_view input, std::string_view response_id) {
  std::string out = "[";
  std::size_t position = 0;
  const std::string_view stem = response_id.substr(std::min(response_id.find('_') + 1, response_id.size()));
  const auto begin = [&](std::string_view prefix) {
    if (position > 0) out += ',';
    out += "{\"id\":";
    std::string id(prefix);
    id.append(stem).append("_in").append(std::to_string(position++));
    json::append_quoted(out, id);
  };
  const Value value(input);
  if (value.is(Kind::string)) {
    begin("msg_");
    out += R"(,"type":"message","role":"user","content":[{"type":"input_text","text":)";
    out.append(input).append("}]}");
  }
  value.elements([&](Value item) {
    if (!item.is(Kind::object)) return;
    if (!id_of(item).empty()) {
      if (position++ > 0) out += ',';
      out.append(item.raw());
      return;
    }
    const std::string type = item["type"].string_or("message");
    begin(type == "message"                      ? "msg_"
          : type.starts_with("function_call")    ? "fc_"
          : type.starts_with("custom_tool_call") ? "ctc_"
          : type == "reasoning"                  ? "rs_"
                                                 : "item_");
    item.members([&out](std::string_view name, Value member) {
      if (name == "id") return;
      out += ',';
      json::append_quoted(out, name);
      out.append(":").append(member.raw());
    });
    out += '}';
  });
  return out + "]";
}

}  // namespace

std::optional<StoredResponse> ResponseStore::find(std::string_view tenant, std::string_view id, base::WallTime now) {
  if (id.empty()) return std::nullopt;
  const auto kept = store_.find(tenant, EntryKind::response, store_.name(tenant, EntryKind::response, id), now);
  if (!kept) return std::nullopt;
  Unpacker in(*kept);
  StoredResponse out;
  out.id = id;
  out.previous = in.text();
  out.input = in.text();
  out.answer = in.text();
  if (!in.good()) return std::nullopt;
  return out;
}

StateResult<void> ResponseStore::keep(std::string_view tenant, std::string_view previous, std::string_view input,
                                      std::string_view answer, base::WallTime now) {
  const Value response(answer);
  const std::string id = id_of(response);
  if (id.empty()) return refuse(llm::ErrorKind::invalid_request, 400, "The response has no id.");
  if (input.size() + answer.size() > kMostBytes) return too_large("The response is too large to be stored.");
  const base::WallTime expires = now + retention_;
  const std::string items = items_of(input, id);
  Packer out;
  out.text(previous);
  out.text(items);
  out.text(answer);
  store_.put(tenant, EntryKind::response, store_.name(tenant, EntryKind::response, id), out.take(), expires);
  std::size_t count = 0;
  const auto index = [&](Value item, bool brought) {
    const std::string its = id_of(item);
    if (its.empty() || ++count > kMostIndexed) return;
    const EntryName name = store_.name(tenant, EntryKind::item, its);
    // What the caller brings back is another response's: who deletes this one must not lose it.
    if (brought && store_.holds(tenant, EntryKind::item, name, now)) return;
    store_.put(tenant, EntryKind::item, name, id, expires);
  };
  response["output"].elements([&](Value item) { index(item, false); });
  Value(items).elements([&](Value item) { index(item, true); });
  return {};
}

bool ResponseStore::holds(std::string_view tenant, std::string_view id, base::WallTime now) const {
  return !id.empty() && store_.holds(tenant, EntryKind::response, store_.name(tenant, EntryKind::response, id), now);
}

StateResult<StoredResponse> ResponseStore::get(std::string_view tenant, std::string_view id, base::WallTime now) {
  auto found = find(tenant, id, now);
  if (!found) return not_found(id);
  return std::move(*found);
}

StateResult<std::string> ResponseStore::input_items(std::string_view tenant, std::string_view id, const Page& page,
                                                    base::WallTime now) {
  const auto found = find(tenant, id, now);
  if (!found) return not_found(id);
  std::vector<Value> items;
  Value(found->input).elements([&items](Value item) { items.push_back(item); });
  if (!page.ascending) std::ranges::reverse(items);
  auto first = items.begin();
  if (!page.after.empty()) {
    first = std::ranges::find_if(items, [&](const Value& item) { return id_of(item) == page.after; });
    if (first == items.end()) {
      return refuse(llm::ErrorKind::not_found, 404, "Item with id '" + std::string(page.after) + "' not found.",
                    "item_not_found", "after");
    }
    ++first;
  }
  const auto left = static_cast<std::size_t>(items.end() - first);
  const std::size_t count = std::min(left, std::clamp<std::size_t>(page.limit, 1, 100));
  std::string out = R"({"object":"list","data":[)";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) out += ',';
    out.append(first[static_cast<std::ptrdiff_t>(i)].raw());
  }
  out += "],\"first_id\":";
  const auto id_at = [&](std::size_t i) {
    if (count == 0) {
      out += "null";
    } else {
      json::append_quoted(out, id_of(first[static_cast<std::ptrdiff_t>(i)]));
    }
  };
  id_at(0);
  out += ",\"last_id\":";
  id_at(count - 1);
  out += left > count ? ",\"has_more\":true}" : ",\"has_more\":false}";
  return out;
}

StateResult<std::string> ResponseStore::erase(std::string_view tenant, std::string_view id, base::WallTime now) {
  const auto found = find(tenant, id, now);
  if (!found || !store_.erase(tenant, EntryKind::response, store_.name(tenant, EntryKind::response, id))) {
    return not_found(id);
  }
  const auto forget = [&](Value item) {
    const std::string its = id_of(item);
    if (its.empty()) return;
    const EntryName name = store_.name(tenant, EntryKind::item, its);
    if (store_.find(tenant, EntryKind::item, name, now) == id) store_.erase(tenant, EntryKind::item, name);
  };
  Value(found->answer)["output"].elements(forget);
  Value(found->input).elements(forget);
  std::string out = "{\"id\":";
  json::append_quoted(out, id);
  return out + R"(,"object":"response","deleted":true})";
}

StateResult<std::optional<ResponseStore::History>> ResponseStore::history(std::string_view tenant, std::string_view id,
                                                                          base::WallTime now) {
  std::vector<StoredResponse> chain;
  std::size_t bytes = 0;
  std::string next(id);
  while (!next.empty()) {
    if (chain.size() == kMostChain) return too_large("The conversation is too long.", "previous_response_id");
    auto found = find(tenant, next, now);
    if (!found && chain.empty()) return std::nullopt;
    if (!found) return previous_not_found(next);
    bytes += found->input.size() + found->answer.size();
    if (bytes > kMostHistory) return too_large("The conversation is too large.", "previous_response_id");
    next = found->previous;
    chain.push_back(std::move(*found));
  }
  History out;
  const auto append = [&out](Value items) {
    items.elements([&out](Value item) {
      if (out.count++ > 0) out.items += ',';
      out.items.append(item.raw());
    });
  };
  for (auto one = chain.rbegin(); one != chain.rend(); ++one) {
    append(Value(one->input));
    append(Value(one->answer)["output"]);
  }
  return out;
}

StateResult<std::vector<std::string>> ResponseStore::items(std::string_view tenant,
                                                           std::span<const std::string_view> ids, base::WallTime now) {
  std::vector<std::string> out(ids.size());
  // By the response that they are in, each of which is unsealed once.
  std::map<std::string, std::vector<std::size_t>, std::less<>> wanted;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto of = store_.find(tenant, EntryKind::item, store_.name(tenant, EntryKind::item, ids[i]), now);
    if (of) wanted[*of].push_back(i);
  }
  std::size_t bytes = 0;
  for (const auto& [response, positions] : wanted) {
    const auto found = find(tenant, response, now);
    if (!found) continue;
    bytes += found->input.size() + found->answer.size();
    if (bytes > kMostHistory) return too_large("The items that are referred to are too large.", "input");
    std::map<std::string, std::string_view, std::less<>> there;
    const auto look = [&](Value item) {
      if (std::string its = id_of(item); !its.empty()) there.try_emplace(std::move(its), item.raw());
    };
    Value(found->answer)["output"].elements(look);
    Value(found->input).elements(look);
    for (const std::size_t i : positions) {
      const auto item = there.find(ids[i]);
      if (item == there.end()) continue;
      bytes += item->second.size();
      if (bytes > kMostHistory) return too_large("The items that are referred to are too large.", "input");
      out[i] = item->second;
    }
  }
  return out;
}

}  // namespace gatehouse::state
