#include "gatehouse/dialects/continuation.h"

#include <algorithm>

#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects {
namespace {

// How a dialect's body has its messages.
struct Shape {
  std::string_view member;
  std::string_view assistant;
  bool parts = false;  // a message's text stands in a list of parts
};

std::optional<Shape> shape_of(llm::Operation operation) {
  switch (operation) {
    case llm::Operation::chat_completions:
    case llm::Operation::messages:
      return Shape{.member = "messages", .assistant = "assistant"};
    case llm::Operation::responses:
      return Shape{.member = "input", .assistant = "assistant"};
    case llm::Operation::generate_content:
    case llm::Operation::stream_content:
      return Shape{.member = "contents", .assistant = "model", .parts = true};
    default:
      return std::nullopt;
  }
}

void append_message(const Shape& shape, std::string_view role, std::string_view text, std::string& out) {
  json::Writer writer(out);
  writer.begin_object();
  writer.key("role").string(role);
  if (shape.parts) {
    writer.key("parts").begin_array();
    writer.begin_object();
    writer.key("text").string(text);
    writer.end_object();
    writer.end_array();
  } else {
    writer.key("content").string(text);
  }
  writer.end_object();
}

}  // namespace

std::optional<Continuation> Continuation::of(llm::Operation operation, std::string_view body, std::string_view answered,
                                             std::string_view asked) {
  const auto shape = shape_of(operation);
  if (!shape) return std::nullopt;
  const json::Value root(body);
  const json::Value said = root[shape->member];
  // The provider adds to it what is asked and answered: the caller's words would be in it twice.
  if (const auto kept = root["conversation"];
      operation == llm::Operation::responses && kept.exists() && !kept.is_null()) {
    return std::nullopt;
  }
  Continuation made;
  std::string more;
  const auto add = [&](std::string_view role, std::string_view text) {
    more += ',';
    append_message(*shape, role, text, more);
  };
  if (!is_blank(answered)) add(shape->assistant, answered);
  add("user", asked);
  if (said.is(json::Kind::array)) {
    if (said.size() == 0) return std::nullopt;
    json::Value last;
    said.elements([&](json::Value each) { last = each; });
    if (last["role"].string_or("") == shape->assistant) return std::nullopt;
    made.begin_ = made.end_ = static_cast<std::size_t>(said.raw().data() - body.data()) + said.raw().rfind(']');
    made.after_ = std::move(more);
    return made;
  }
  if (operation != llm::Operation::responses || !said.is(json::Kind::string)) return std::nullopt;
  made.begin_ = static_cast<std::size_t>(said.raw().data() - body.data());
  made.before_ = R"([{"role":"user","content":)";
  made.end_ = made.begin_ + said.raw().size();
  made.after_ = "}" + more + "]";
  return made;
}

std::vector<json::Edit> Continuation::with(const std::vector<json::Edit>& edits) const {
  std::vector<json::Edit> all;
  all.reserve(edits.size() + 2);
  // What is put in stands outside the strings that others edit: before the first byte of one, or behind its last.
  auto edit = edits.begin();
  for (; edit != edits.end() && edit->offset < begin_; ++edit) all.push_back(*edit);
  if (!before_.empty()) all.push_back({begin_, 0, before_});
  for (; edit != edits.end() && edit->offset < end_; ++edit) all.push_back(*edit);
  all.push_back({end_, 0, after_});
  all.insert(all.end(), edit, edits.end());
  return all;
}

}  // namespace gatehouse::dialects
