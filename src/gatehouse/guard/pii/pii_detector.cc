#include "gatehouse/guard/pii/pii_detector.h"

#include <algorithm>
#include <deque>
#include <optional>

#include <fmt/format.h>

#include "gatehouse/guard/pii/characters.h"
#include "gatehouse/guard/pii/dates.h"
#include "gatehouse/guard/pii/marks.h"
#include "gatehouse/guard/pii/network.h"
#include "gatehouse/guard/pii/phone.h"
#include "gatehouse/guard/pii/runs.h"
#include "gatehouse/guard/pii/scene.h"
#include "gatehouse/guard/pii/shapes.h"
#include "gatehouse/guard/pii/wallets.h"
#include "gatehouse/guard/pii/words.h"

namespace gatehouse::guard::pii {
namespace {

// A longer word is none that anything here begins with. A URL in progress is held by itself.
constexpr std::size_t kLongestWord = 320;
constexpr std::size_t kNearBankWord = 48;  // bytes from "BIC" to the code

constexpr bool parts_words(char c) {
  return is_space(c) || c == ',' || c == ';' || c == '"' || c == '<' || c == '>' || c == '[' || c == ']' || c == '{' ||
         c == '}' || c == '|';
}

// Where the word begins that the text ends in: it may become anything. Characters of three bytes and more stand
// between words.
std::size_t word_in_progress(std::string_view text, std::size_t from) {
  const std::size_t least = std::max(from, text.size() - std::min(text.size(), kLongestWord));
  std::size_t at = text.size();
  while (at > least) {
    if (parts_words(text[at - 1])) break;
    if (!continues(text[at - 1])) {
      --at;
      continue;
    }
    std::size_t lead = at - 1;
    while (lead > least && at - lead < 4 && continues(text[lead])) --lead;
    const auto first = static_cast<unsigned char>(text[lead]);
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first >= 0xE0 && at - lead == length) break;
    at = lead;
  }
  return at;
}

}  // namespace

struct PiiDetector::Parts {
  float least = 0.5F;
  std::vector<Kind> kinds;
  std::vector<EntityInfo> entities;
  std::deque<std::string> names;  // "pii.iban"; addresses stay
  std::vector<KindFacts> facts;
  WordIndex words;
  ShapeTable shapes;
  std::optional<Runs> runs;
  std::optional<Network> network;
  std::optional<Dates> dates;
  Phones phones;
  std::uint16_t bic = 0;
  std::uint16_t url = 0;
  std::uint16_t domain = 0;
  std::uint16_t wallet = 0;
  std::uint16_t place = 0;

  void at_digit(Scene& scene, std::size_t digit, std::size_t& done, std::size_t& library_calls) const;
  void bank_codes(Scene& scene, std::span<const Hit> hits) const;
  void settle(Scene& scene, std::size_t frontier, Findings& out) const;
};

PiiDetector::PiiDetector(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
PiiDetector::~PiiDetector() = default;

Result<std::unique_ptr<PiiDetector>> PiiDetector::make(PiiOptions options) {
  auto parts = std::make_unique<Parts>();
  parts->least = options.least_score;
  parts->kinds = all_kinds();
  for (const std::string& wanted : options.entities) {
    if (std::ranges::find(parts->kinds, wanted, &Kind::entity) == parts->kinds.end()) {
      return fail(Code::configuration, fmt::format("'{}' is no kind of personal data", wanted));
    }
  }
  std::vector<Kind> shaped = parts->kinds;
  for (std::size_t i = 0; i < parts->kinds.size(); ++i) {
    const Kind& kind = parts->kinds[i];
    const auto known = std::ranges::find(parts->entities, kind.entity, &EntityInfo::entity);
    KindFacts facts{.entity = kind.entity,
                    .score = kind.score,
                    .score_near = std::max(kind.score, kind.score_near),
                    .needs_word = kind.needs_word,
                    .wanted = options.entities.empty() ||
                              std::ranges::find(options.entities, kind.entity) != options.entities.end(),
                    .has_words = !kind.words.empty()};
    if (known == parts->entities.end()) {
      parts->entities.push_back({kind.entity, kind.description, kind.country});
      std::string name = "pii.";
      for (const char c : kind.entity) name += to_lower(c);
      facts.detector = parts->names.emplace_back(std::move(name));
    } else {
      facts.detector = parts->names[static_cast<std::size_t>(known - parts->entities.begin())];
    }
    if (facts.has_words) {
      auto list = parts->words.add(kind.words);
      if (!list) return fail(Code::configuration, fmt::format("{}: {}", kind.entity, list.error().detail));
      facts.words = *list;
    }
    if (!facts.wanted) shaped[i].shapes = {};
    parts->facts.push_back(facts);
  }
  auto shapes = ShapeTable::make(shaped, options.least_score);
  if (!shapes) return std::unexpected(shapes.error());
  parts->shapes = *std::move(shapes);
  const auto row = [&](std::string_view entity) {
    return static_cast<std::uint16_t>(std::ranges::find(parts->kinds, entity, &Kind::entity) - parts->kinds.begin());
  };
  parts->bic = row("BIC");
  parts->url = row("URL");
  parts->domain = row("DOMAIN_NAME");
  parts->wallet = row("CRYPTO_WALLET");
  parts->place = row("GPS_COORDINATES");
  parts->runs.emplace(parts->shapes, parts->kinds);
  parts->network.emplace(NetworkKinds{.email = row("EMAIL"),
                                      .url = parts->url,
                                      .domain = parts->domain,
                                      .ip = row("IP_ADDRESS"),
                                      .mac = row("MAC_ADDRESS")});
  parts->dates.emplace(row("DATE"), row("DATE_OF_BIRTH"));
  auto phones = Phones::make(row("PHONE_NUMBER"), options.phone_regions);
  if (!phones) return std::unexpected(phones.error());
  parts->phones = *std::move(phones);
  return std::unique_ptr<PiiDetector>(new PiiDetector(std::move(parts)));
}

std::span<const EntityInfo> PiiDetector::entities() const { return parts_->entities; }

// Not where letters are exchanged or turned: no number is written like that.
text::ViewKinds PiiDetector::views(Direction) const {
  using text::ViewKind;
  return {ViewKind::original, ViewKind::folded, ViewKind::json, ViewKind::base64,  ViewKind::hex,
          ViewKind::percent,  ViewKind::html,   ViewKind::tags, ViewKind::unmarked};
}

bool PiiDetector::concerns(Direction, llm::Role, llm::SegmentKind kind) const {
  return kind != llm::SegmentKind::media;
}

// A bank's code has no digit and no mark: a word for it must be there.
std::vector<Trigger> PiiDetector::triggers() const { return {{.trigger = 0, .pattern = "\\b(?:bic|swift)\\b"}}; }

void PiiDetector::Parts::bank_codes(Scene& scene, std::span<const Hit> hits) const {
  constexpr std::string_view kSpoken = "SWIFT CODE BIC NUMBER";
  const std::string_view text = scene.text;
  std::size_t done = 0;
  for (const Hit& hit : hits) {
    std::size_t at = std::max(hit.end, done);
    const std::size_t most = std::min(text.size(), hit.end + kNearBankWord);
    while (at < most && text[at] != '\n') {
      if (!is_alnum(text[at]) || !free_before(text, at)) {
        ++at;
        continue;
      }
      std::size_t end = at;
      while (end < text.size() && end - at < 12 && is_alnum(text[end])) ++end;
      const std::string_view word = text.substr(at, end - at);
      const auto upper = [](char c) { return byte(c) == Byte::upper; };
      if (scene.cut(end)) {
        scene.hold(at);
        break;
      }
      if ((word.size() == 8 || word.size() == 11) && std::ranges::all_of(word.substr(0, 6), upper) &&
          std::ranges::all_of(word.substr(6), [&](char c) { return upper(c) || is_number(c); }) &&
          free_behind(text, end) && is_top_level_domain(word.substr(4, 2)) &&
          kSpoken.find(word) == std::string_view::npos) {
        scene.judge(bic, at, end, facts[bic].score_near, facts[bic].score_near);
      }
      at = end;
    }
    done = at;
  }
}

void PiiDetector::Parts::at_digit(Scene& scene, std::size_t digit, std::size_t& done,
                                  std::size_t& library_calls) const {
  const std::string_view text = scene.text;
  if (digit == 0 || !is_alnum(text[digit - 1])) {
    std::size_t end = digit + 1;
    while (end < text.size() && end - digit < 10 && is_number(text[end])) ++end;
    const std::size_t digits = end - digit;
    const bool ends = end == text.size();
    const char next = ends ? '.' : text[end];
    // What cannot begin like this is not asked.
    if (digits <= 3 && (next == '.' || static_cast<signed char>(next) < 0)) {
      network->ipv4(scene, digit);
      find_coordinates(scene, digit, place);
    }
    if (digits >= 7 || ends || next == ')' || separator_at(text, end).kind != kNone)
      phones.at(scene, digit, library_calls);
    if (digits <= 5 || digits == 8) dates->at(scene, digit);
  }
  if (digit < done) return;
  done = runs->at(scene, digit);
  if (done - digit >= 16 || (digit > 0 && is_alnum(text[digit - 1]))) {
    done = std::max(done, find_wallet(scene, digit, wallet));
  }
}

// What was found, without what lies inside something at least as sure; in order.
void PiiDetector::Parts::settle(Scene& scene, std::size_t frontier, Findings& out) const {
  auto& found = scene.found;
  std::ranges::sort(found, [](const Scene::Found& a, const Scene::Found& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    if (a.end != b.end) return a.end > b.end;
    if (a.score != b.score) return a.score > b.score;
    return a.kind < b.kind;
  });
  std::vector<const Scene::Found*> around;
  std::size_t readings = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Scene::Found& one = found[i];
    if (one.begin >= frontier) break;
    const bool same = i > 0 && found[i - 1].begin == one.begin && found[i - 1].end == one.end;
    readings = same ? readings + 1 : 0;
    std::erase_if(around, [&](const Scene::Found* other) { return other->end <= one.begin; });
    const bool inside = std::ranges::any_of(around, [&](const Scene::Found* other) {
      return other->end >= one.end && other->end - other->begin > one.end - one.begin && other->score >= one.score;
    });
    // URLs are not here: what a URL holds is as bad as elsewhere.
    if (one.kind != url && one.kind != domain && one.end - one.begin <= kBack) around.push_back(&one);
    if (inside || one.begin < scene.from || readings >= kMostReadings) continue;
    bool repeated = false;
    for (std::size_t k = 1; k <= readings && !repeated; ++k) {
      repeated = facts[found[i - k].kind].entity == facts[one.kind].entity;
    }
    if (repeated) continue;
    out.add({.family = Family::pii,
             .entity = facts[one.kind].entity,
             .detector = facts[one.kind].detector,
             .begin = one.begin,
             .end = one.end,
             .score = one.score});
  }
}

std::size_t PiiDetector::look(const Look& look, std::span<const Hit> hits, Findings& out) const {
  const Parts& parts = *parts_;
  Scene scene(look, parts.facts, parts.words, parts.least);
  const std::string_view text = look.text;
  const std::size_t start = look.from - std::min(look.from, kBack);
  Marks marks(text, start);
  std::size_t done = 0;  // digits before are part of a group that was looked at
  std::size_t library_calls = 0;
  std::size_t url_end = look.from;  // URLs begin here or later
  std::size_t colon_end = 0;
  for (std::size_t at = marks.next(); at != Marks::kEnd; at = marks.next()) {
    switch (text[at]) {
      case '@':
        parts.network->email(scene, at);
        break;
      case ':':
        if (parts.network->mac(scene, at)) break;
        if (at + 1 >= text.size() || text[at + 1] == '/') {
          if (at >= url_end) {
            const std::size_t end = parts.network->url(scene, at, url_end);
            if (end != at) url_end = end;
          }
          if (at + 1 < text.size()) break;
        }
        if (at >= colon_end) colon_end = parts.network->ipv6(scene, at);
        break;
      case '.':
        if (at + 1 < text.size() && !is_alnum(text[at + 1])) break;
        if (parts.network->mac(scene, at)) break;
        if (at >= url_end) {
          const std::size_t end = parts.network->domain(scene, at, url_end);
          if (end != at) url_end = end;
        }
        break;
      case '-':
        parts.network->mac(scene, at);
        break;
      case '/':
        break;
      default:
        parts.at_digit(scene, at, done, library_calls);
    }
  }
  parts.bank_codes(scene, hits);

  std::size_t frontier = text.size();
  if (!look.complete) {
    const std::size_t word = word_in_progress(text, look.from);
    scene.hold(word);
    scene.hold(parts.runs->lead_of(scene, word));
    scene.hold(month_before(text, word, look.from));
    frontier = std::max(scene.open(), look.from);
    // A URL is taken whole: nothing begins inside one.
    for (const Scene::Found& one : scene.found) {
      if ((one.kind == parts.url || one.kind == parts.domain) && one.begin < frontier && one.end > frontier) {
        frontier = std::max(one.begin, look.from);
      }
    }
  }
  parts.settle(scene, frontier, out);
  return frontier;
}

}  // namespace gatehouse::guard::pii
