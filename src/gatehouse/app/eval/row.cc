#include "gatehouse/app/eval/row.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gatehouse/dialects/segments.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::app {
namespace {

using json::Value;

constexpr auto kNames = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"PH_MOBILE_NUMBER", "PHONE"},
    {"TR_PHONE_NUMBER", "PHONE"},
    {"ABA_ROUTING", "US_ABA_ROUTING"},
    {"CERTIFICATE_NUMBER", "US_DEA"},
    {"EMAIL_ADDRESS", "EMAIL"},
    {"PHONE_NUMBER", "PHONE"},
    {"IP_ADDRESS", "IP"},
    {"IBAN_CODE", "IBAN"},
    {"DATE_TIME", "DATE"},
    {"DOMAIN_NAME", "URL"},
    {"GPE", "LOCATION"},
    {"CITY", "LOCATION"},
    {"COUNTRY", "LOCATION"},
    {"ORG", "ORGANIZATION"},
    {"PER", "PERSON"},
    {"LOC", "LOCATION"},
    {"ADDRESS", "STREET_ADDRESS"},
    {"MAC_ADDRESS", "MAC"},
    {"MEDICAL_LICENSE", "US_DEA"},
    {"CRYPTO_WALLET", "CRYPTO"},
    {"US_BANK_NUMBER", "US_BANK_ACCOUNT"},
    {"US_BANK", "US_BANK_ACCOUNT"},
    {"US_ABA", "US_ABA_ROUTING"},
    {"UK_PASSPORT_NUMBER", "UK_PASSPORT"},
    {"ZIP_CODE", "POSTAL_CODE"},
    {"NRP", "NATIONALITY"},
    {"NORP", "NATIONALITY"},
    {"SSN", "US_SSN"},
    {"NAME", "PERSON"},
});

// Texts of these kinds come from outside, not from the one who asks.
constexpr std::array<std::string_view, 9> kDocuments = {"email", "table", "code", "abstract", "document",
                                                        "web",   "qa",    "tool", "news"};

// Offsets in characters as bytes.
class Characters {
 public:
  explicit Characters(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); at += text::next_sequence(text.substr(at)).size) begins_.push_back(at);
    begins_.push_back(text.size());
  }
  std::size_t byte(std::uint64_t character) const {
    return begins_[std::min<std::size_t>(character, begins_.size() - 1)];
  }

 private:
  std::vector<std::size_t> begins_;
};

void add_messages(std::string_view body, EvalRow& row) {
  llm::SegmentList list;
  dialects::read_segments(llm::Operation::chat_completions, body, list);
  for (const auto& segment : list.segments) {
    if (segment.text.empty() || segment.role == llm::Role::none) continue;
    row.parts.push_back({segment.role, segment.kind, std::string(segment.text), segment.message});
  }
}

// Words with tags of the B-I-O kind as a text with spans. An I- after another type begins a span, as is usual.
void read_tagged(const Value& value, EvalRow& row) {
  row.task = EvalRow::Task::tagged;
  std::vector<std::string> tags;
  value["tags"].elements([&](Value tag) { tags.push_back(tag.string_or("O")); });
  std::string text;
  std::string open;  // the type of the span in progress
  std::size_t at = 0;
  value["tokens"].elements([&](Value token) {
    if (!text.empty()) text += ' ';
    const std::size_t begin = text.size();
    text += token.string_or("");
    const std::string tag = at < tags.size() ? tags[at] : "O";
    ++at;
    const std::string type = tag.size() > 2 ? our_entity(std::string_view(tag).substr(2)) : std::string();
    if (!type.empty() && tag.starts_with("I-") && type == open) {
      row.spans.back().range.end = text.size();
    } else if (!type.empty()) {
      row.spans.push_back({type, {begin, text.size()}});
    }
    open = type;
  });
  row.parts.push_back({.text = std::move(text)});
}

}  // namespace

std::string our_entity(std::string_view name) {
  std::string upper(name);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  const auto* known = std::ranges::find(kNames, upper, &std::pair<std::string_view, std::string_view>::first);
  return known == kNames.end() ? upper : std::string(known->second);
}

std::string_view EvalRow::beside(const Part& part) const {
  return part.role == llm::Role::user && part.kind == llm::SegmentKind::text ? std::string_view(context)
                                                                             : std::string_view();
}

Result<EvalRow> read_eval_row(std::string_view line) {
  if (auto kind = json::validate(line); !kind || *kind != json::Kind::object) {
    return fail(Code::invalid_request, "a line is no JSON object");
  }
  const Value value(line);
  EvalRow row;
  row.source = value["source"].string_or("");
  row.kind = value["kind"].string_or("");
  if (value["label"].exists()) {
    if (const auto number = value["label"].number()) {
      row.label = *number != 0;
    } else if (const auto boolean = value["label"].boolean()) {
      row.label = *boolean;
    }
  } else {
    row.label = false;
  }
  if (value["tokens"].is(json::Kind::array) && value["tags"].is(json::Kind::array)) {
    read_tagged(value, row);
    if (row.parts.front().text.empty()) return fail(Code::invalid_request, "a line has no tokens");
    return row;
  }
  if (const auto a = value["a"].string(), b = value["b"].string(); a && b && value["same"].exists()) {
    row.task = EvalRow::Task::pair;
    row.parts.push_back({.text = *a});
    row.parts.push_back({.text = *b});
    const auto number = value["same"].number();
    row.label = number ? *number != 0 : value["same"].boolean().value_or(false);
    return row;
  }
  const auto role = value["role"].string_or("");
  if (const auto text = value["text"].string()) {
    EvalRow::Part part{.text = *text};
    const bool document = std::ranges::find(kDocuments, row.kind) != kDocuments.end();
    if (role == "tool" || (role.empty() && document)) part.role = llm::Role::tool;
    if (role == "system") part.role = llm::Role::system;
    if (role == "assistant") part.role = llm::Role::assistant;
    row.parts.push_back(std::move(part));
  } else if (const auto prompt = value["prompt"].string()) {
    row.parts.push_back({.text = *prompt});
  } else {
    add_messages(line, row);
  }
  if (row.parts.empty()) return fail(Code::invalid_request, "a line has neither `text` nor `messages`");
  if (const auto system = value["system"].string(); system && !system->empty()) {
    row.parts.push_back({.role = llm::Role::system, .text = *system});
  }
  for (const auto& part : row.parts) {
    if (part.role != llm::Role::system || part.kind != llm::SegmentKind::text) continue;
    if (!row.context.empty()) row.context += '\n';
    row.context += part.text;
  }
  const Characters characters(row.parts.front().text);
  if (value["recogniser"].exists()) {
    row.task = EvalRow::Task::matches;
    row.entity = our_entity(value["recogniser"].string_or(""));
    row.expected = static_cast<std::size_t>(std::max<std::int64_t>(value["expected_matches"].integer().value_or(0), 0));
    value["positions"].elements([&](Value position) {
      std::vector<std::uint64_t> ends;
      position.elements([&](Value end) {
        ends.push_back(static_cast<std::uint64_t>(std::max<std::int64_t>(end.integer().value_or(0), 0)));
      });
      if (ends.size() == 2) row.spans.push_back({row.entity, {characters.byte(ends[0]), characters.byte(ends[1])}});
    });
  } else if (value["text"].exists() && value["spans"].is(json::Kind::array)) {
    row.task = EvalRow::Task::spans;
    value["spans"].elements([&](Value span) {
      const auto begin = span["start"].integer();
      const auto end = span["end"].integer();
      if (!begin || !end || *begin < 0 || *end < *begin) return;
      row.spans.push_back(
          {our_entity(span["type"].string_or("")),
           {characters.byte(static_cast<std::uint64_t>(*begin)), characters.byte(static_cast<std::uint64_t>(*end))}});
    });
  } else if (row.kind == "sqli" || row.kind == "xss") {
    row.task = EvalRow::Task::payload;
    row.label = true;
  }
  return row;
}

}  // namespace gatehouse::app
