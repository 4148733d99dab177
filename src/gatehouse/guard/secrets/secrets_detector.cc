#include "gatehouse/guard/secrets/secrets_detector.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/crypto/virtual_key.h"
#include "gatehouse/guard/secrets/assignment.h"
#include "gatehouse/guard/secrets/carriers.h"
#include "gatehouse/guard/secrets/generic_value.h"
#include "gatehouse/guard/secrets/private_key.h"
#include "gatehouse/guard/secrets/secret_form.h"
#include "gatehouse/guard/secrets/secret_rows.h"
#include "gatehouse/guard/secrets/secret_value.h"

namespace gatehouse::guard {
namespace {

// A trigger reaches at most so far back: 76 characters in front of an Azure key's signature, and that.
constexpr std::size_t kLongestTrigger = 96;

enum class Use : std::uint8_t { form, assignment, url, bearer, basic, curl, pem, putty };

struct Keyword {
  std::string_view pattern;
  std::size_t size;  // of what it matches
  Use use;
};

// Words that say what a value is, and carriers. Those that prose is full of only together with a sign behind them.
constexpr Keyword kKeywords[] = {
    {"passw", 5, Use::assignment},
    {"pwd", 3, Use::assignment},
    {"passphrase", 10, Use::assignment},
    {"passcode", 8, Use::assignment},
    {"pass[\"'=:>\\]]", 5, Use::assignment},
    {"pass [=:]", 6, Use::assignment},
    {"secret", 6, Use::assignment},
    {"token", 5, Use::assignment},
    {"credential", 10, Use::assignment},
    {"contrase", 8, Use::assignment},
    {"senha", 5, Use::assignment},
    {"mot de passe", 12, Use::assignment},
    {"key[\"'`=:>\\])*]", 4, Use::assignment},
    {"key [=:]", 5, Use::assignment},
    {"key is ", 7, Use::assignment},
    {"-key ", 5, Use::assignment},
    {"_key ", 5, Use::assignment},
    {"auth[\"'=:]", 5, Use::assignment},
    {"authorization", 13, Use::assignment},
    {"secretaccesskey", 15, Use::assignment},
    {"://", 3, Use::url},
    {"bearer ", 7, Use::bearer},
    {"basic ", 6, Use::basic},
    {" -u ", 4, Use::curl},
    {" --user ", 8, Use::curl},
};

// Which of overlapping findings gives the name: the smallest.
constexpr int kFormRanks = 1'000'000;
constexpr int kContextRank = kFormRanks;
constexpr int kCarriedRank = kFormRanks + 1;
constexpr int kGenericRank = kFormRanks + 2;

struct Candidate {
  std::size_t begin;
  std::size_t end;
  int rank;
  float score;
  std::string_view entity;
  std::string_view detector;
};

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

// Where the run of visible ASCII at the end begins: what is in it may be the front of a trigger.
std::size_t tail_frontier(const Look& look) {
  const std::string_view text = look.text;
  const std::size_t least = std::max(look.from, text.size() - std::min(text.size(), kLongestTrigger));
  std::size_t at = text.size();
  while (at > least && !is_space(text[at - 1]) && static_cast<unsigned char>(text[at - 1]) < 0x80) --at;
  return at;
}

}  // namespace

class SecretsDetector::Rules {
 public:
  struct Row {
    const SecretRow* row;
    SecretForm form;
    std::string_view detector;
    int place;  // in the tables
  };
  struct ContextRow {
    const SecretContextRow* row;
    SecretForm form;
    std::string_view detector;
    std::vector<std::string_view> words;
  };
  struct Triggered {
    Use use;
    std::string pattern;
    bool caseless;
    std::size_t size = 0;
    std::vector<Row> rows;  // the longest prefix first, else as in the table
  };

  Rules() {
    for (const SecretKind& kind : secret_kinds()) {
      infos.push_back({kind.entity, kind.description, {}});
      detectors_.emplace(kind.entity, "secrets." + base::to_lower(kind.vendor));
    }
    std::map<std::string, std::size_t> by_pattern;
    int place = 0;
    for (const auto rows : {cloud_secret_rows(), developer_secret_rows(), ai_secret_rows(), business_secret_rows(),
                            service_secret_rows()}) {
      for (const SecretRow& row : rows) {
        SecretForm form(row.form);
        const std::string pattern = form.trigger_pattern();
        const auto [known, added] = by_pattern.emplace(pattern, triggered.size());
        if (added) triggered.push_back({Use::form, pattern, false, form.trigger_size(), {}});
        triggered[known->second].rows.push_back({&row, std::move(form), detector_of(row.entity), place++});
      }
    }
    for (const Keyword& keyword : kKeywords) {
      triggered.push_back({keyword.use, std::string(keyword.pattern), true, keyword.size, {}});
    }
    triggered.push_back({Use::pem, "-----BEGIN", false, 10, {}});
    triggered.push_back({Use::putty, "PuTTY-User-Key-File-", false, 20, {}});
    for (const SecretContextRow& row : secret_context_rows()) {
      ContextRow made{&row, SecretForm(row.form), detector_of(row.entity), {}};
      for (std::size_t at = 0; at < row.words.size();) {
        const std::size_t end = std::min(row.words.find(' ', at), row.words.size());
        made.words.push_back(row.words.substr(at, end - at));
        at = end + 1;
      }
      contexts.push_back(std::move(made));
    }
  }

  std::string_view detector_of(std::string_view entity) const { return detectors_.find(entity)->second; }

  std::vector<EntityInfo> infos;
  std::vector<Triggered> triggered;
  std::vector<ContextRow> contexts;

 private:
  std::map<std::string_view, std::string> detectors_;
};

namespace {

// One look.
class Search {
 public:
  explicit Search(const Look& look) : look_(look), text_(look.text), open_(look.text.size()) {}

  void add(std::size_t begin, std::size_t end, int rank, float score, std::string_view entity,
           std::string_view detector) {
    if (begin < look_.from || end <= begin) return;
    if (found_.size() == Findings::kMost) {
      full_ = true;
      return;
    }
    found_.push_back({begin, end, rank, score, entity, detector});
  }
  void hold(std::size_t begin) { open_ = std::min(open_, begin); }

  bool full() const { return full_; }

  // What overlaps is one finding; nothing is told that what follows could still change.
  std::size_t finish(Findings& out) {
    std::ranges::sort(found_, [](const Candidate& a, const Candidate& b) {
      return std::tie(a.begin, a.rank, b.end) < std::tie(b.begin, b.rank, a.end);
    });
    std::size_t frontier = look_.complete ? text_.size() : std::max(look_.from, std::min(tail_frontier(look_), open_));
    std::vector<Candidate> merged;
    for (const Candidate& next : found_) {
      if (merged.empty() || next.begin >= merged.back().end) {
        merged.push_back(next);
        continue;
      }
      Candidate& last = merged.back();
      const std::size_t begin = last.begin;
      const std::size_t end = std::max(last.end, next.end);
      if (next.rank < last.rank) last = next;
      last.begin = begin;
      last.end = end;
    }
    for (const Candidate& one : merged) {
      if (one.begin < frontier && frontier < one.end) frontier = one.begin;
    }
    for (const Candidate& one : merged) {
      if (one.begin >= frontier) break;
      out.add({Family::secrets, one.entity, one.detector, one.begin, one.end, one.score, look_.view});
    }
    if (full_) out.fail("too many secrets");
    return frontier;
  }

 private:
  const Look& look_;
  std::string_view text_;
  std::size_t open_;
  bool full_ = false;
  std::vector<Candidate> found_;
};

// Words with something between them, or one alone.
bool is_name(std::string_view body) {
  const bool joined = body.find_first_of("-_./") != std::string_view::npos;
  return (joined || std::ranges::none_of(body, base::is_digit)) && is_name_like(body);
}

// Secrets have a digit or a sign in them; words and names of variables mostly do not.
bool is_worth_a_look(std::string_view value) {
  if (value.size() < 4) return false;
  bool digit = false;
  for (const char c : value) digit |= base::is_digit(c);
  return digit || value.find_first_of("!@#$%^&*?~+=") != std::string_view::npos;
}

// How sure a value of a vendor's form is; 0: it is none.
float judge_form(const SecretRow& row, const SecretForm& form, std::string_view value) {
  std::string_view body = value;
  if (body.starts_with(form.trigger_literal())) body.remove_prefix(form.trigger_literal().size());
  switch (row.check) {
    case SecretCheck::virtual_key:
      return crypto::key_form(value) == crypto::KeyForm::ours ? 1 : 0;
    case SecretCheck::admin_key:
      return crypto::admin_key_form(value) == crypto::KeyForm::ours ? 1 : 0;
    case SecretCheck::jwt:
      return is_jwt_header(value.substr(0, value.find('.'))) ? row.score : 0;
    case SecretCheck::base62_crc:
      if (has_base62_crc(body)) return 1;
      break;
    case SecretCheck::none:
      break;
  }
  if (is_documented_example(body)) return 0.5F;
  if (is_made_up(body) || is_name(body)) return 0;
  // What is short cannot be as mixed.
  const double least = std::min<double>(row.entropy, std::log2(static_cast<double>(body.size())) - 0.6);
  if (entropy(body) < least) return 0;
  return row.check == SecretCheck::base62_crc ? 0.85F : row.score;
}

}  // namespace

SecretsDetector::SecretsDetector() : rules_(std::make_unique<Rules>()) {}
SecretsDetector::~SecretsDetector() = default;

std::span<const EntityInfo> SecretsDetector::entities() const { return rules_->infos; }

text::ViewKinds SecretsDetector::views(Direction) const {
  using enum text::ViewKind;
  return {original, json, base64, hex, percent, html, unmarked, tags};
}

bool SecretsDetector::concerns(Direction, llm::Role, llm::SegmentKind kind) const {
  return kind != llm::SegmentKind::media;
}

std::vector<Trigger> SecretsDetector::triggers() const {
  std::vector<Trigger> triggers;
  for (const Rules::Triggered& one : rules_->triggered) {
    triggers.push_back({static_cast<std::uint32_t>(triggers.size()), one.pattern, one.caseless, false});
  }
  return triggers;
}

std::size_t SecretsDetector::look(const Look& look, std::span<const Hit> hits, Findings& out) const {
  const std::string_view text = look.text;
  const bool complete = look.complete;
  Search search(look);
  ValueRun run;
  std::size_t last_value = std::string_view::npos;  // several words of one name lead to the same value

  const auto form = [&](const Rules::Triggered& one, std::size_t at) {
    for (const Rules::Row& row : one.rows) {
      const SecretForm::Match match = row.form.match_at(text, at, complete);
      if (match.outcome == SecretForm::Outcome::open) return search.hold(match.begin);
      if (match.outcome == SecretForm::Outcome::no) continue;
      const float score = judge_form(*row.row, row.form, text.substr(match.begin, match.end - match.begin));
      if (score == 0) continue;
      // Of two forms that fit, the longer prefix tells more; then the order of the table.
      const std::size_t prefix = std::min<std::size_t>(row.form.trigger_literal().size(), 99);
      const int rank = static_cast<int>((99 - prefix) * 10'000) + row.place;
      return search.add(match.begin, match.end, rank, score, row.row->entity, row.detector);
    }
  };
  const auto assignment = [&](std::size_t begin, std::size_t end) {
    const Assignment a = parse_assignment(text, begin, end, complete, run);
    if (a.outcome == Assignment::Outcome::open) return search.hold(a.begin);
    if (a.outcome == Assignment::Outcome::no || a.begin == last_value || a.begin < look.from) return;
    last_value = a.begin;
    const std::string_view value = text.substr(a.begin, a.end - a.begin);
    if (a.code || !is_worth_a_look(value)) return;
    if (value.size() >= 15 && !is_name_like(value) && !is_made_up(value)) {
      const double bits = entropy(value);
      const std::size_t from = a.begin > kSecretContext ? a.begin - kSecretContext : 0;
      for (const Rules::ContextRow& row : rules_->contexts) {
        if (bits < row.row->entropy || !row.form.matches(value)) continue;
        const std::string_view before = text.substr(from, a.begin - from);
        const bool named =
            std::ranges::any_of(row.words, [&](std::string_view word) { return contains_ignore_case(before, word); });
        if (!named) continue;
        const float score = is_documented_example(value) ? 0.5F : 0.8F;
        return search.add(a.begin, a.end, kContextRank, score, row.row->entity, row.detector);
      }
    }
    const GenericValue generic = judge_generic(text, a);
    if (generic.entity.empty()) return;
    search.add(a.begin, a.end, kGenericRank, generic.score, generic.entity, rules_->detector_of(generic.entity));
  };
  const auto carried = [&](const Carried& found) {
    if (found.outcome == Carried::Outcome::open) return search.hold(found.begin);
    if (found.outcome == Carried::Outcome::no) return;
    search.add(found.begin, found.end, kCarriedRank, found.score, found.entity, rules_->detector_of(found.entity));
  };
  const auto block = [&](std::size_t begin, const KeyBlock& key) {
    if (key.outcome == KeyBlock::Outcome::open) return search.hold(begin);
    if (key.outcome == KeyBlock::Outcome::no) return;
    std::string_view entity = key.entity;
    const std::size_t from = begin > kSecretContext ? begin - kSecretContext : 0;
    const std::string_view before = text.substr(from, begin - from);
    if (before.contains("private_key_id") || before.contains("service_account")) entity = "GCP_SERVICE_ACCOUNT_KEY";
    search.add(begin, key.end, 0, 0.95F, entity, rules_->detector_of(entity));
  };

  for (const Hit& hit : hits) {
    const Rules::Triggered& one = rules_->triggered[hit.trigger];
    const std::size_t begin = hit.end - one.size;
    switch (one.use) {
      case Use::form:
        form(one, begin);
        break;
      case Use::assignment: {
        // The sign behind a word is no part of it.
        std::size_t end = hit.end;
        while (end > begin + 3 && std::string_view("\"'`=:>])* ").contains(text[end - 1])) --end;
        if (one.pattern == "key is ") end = begin + 3;
        assignment(begin, end);
        break;
      }
      case Use::url:
        carried(parse_url_credentials(text, begin, complete));
        break;
      case Use::bearer:
        carried(parse_bearer(text, hit.end, complete));
        break;
      case Use::basic:
        carried(parse_basic(text, hit.end, complete));
        break;
      case Use::curl:
        carried(parse_curl_user(text, hit.end, complete));
        break;
      case Use::pem:
        block(begin, parse_pem(text, begin, complete));
        break;
      case Use::putty:
        block(begin, parse_putty(text, begin, complete));
        break;
    }
    if (search.full()) break;
  }
  return search.finish(out);
}

}  // namespace gatehouse::guard
