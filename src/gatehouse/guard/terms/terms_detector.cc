#include "gatehouse/guard/terms/terms_detector.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/guard/terms/fold_term.h"
#include "gatehouse/guard/terms/glyphs.h"
#include "gatehouse/guard/terms/term_check.h"
#include "gatehouse/guard/terms/term_pattern.h"
#include "gatehouse/guard/terms/term_table.h"

namespace gatehouse::guard {
namespace {

constexpr std::size_t kMostFileBytes = std::size_t{256} << 20;

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z') || c == '_';
  });
}

Result<std::string> read_file(const std::string& path) {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
  if (!file) return fail(Code::configuration, fmt::format("the file {} cannot be opened", path));
  std::string text;
  while (true) {
    constexpr std::size_t kPiece = std::size_t{1} << 20;
    const std::size_t size = text.size();
    text.resize(size + kPiece);
    const std::size_t got = std::fread(text.data() + size, 1, kPiece, file.get());
    text.resize(size + got);
    if (text.size() > kMostFileBytes) return fail(Code::configuration, fmt::format("the file {} is too large", path));
    if (got < kPiece) break;
  }
  if (std::ferror(file.get()) != 0) return fail(Code::configuration, fmt::format("the file {} cannot be read", path));
  return text;
}

// The lines of a list: no comments, no blanks around.
void add_lines(std::string_view text, std::vector<std::string_view>& out) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = base::trim(line);
    if (!line.empty() && line.front() != '#') out.push_back(line);
    at = end + 1;
  }
}

// For Vectorscan: every byte that is no letter or digit by its number.
std::string escaped(std::string_view literal) {
  std::string out;
  for (const char c : literal) {
    const bool plain = base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z');
    out += plain ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out;
}

bool is_word_byte(char c) { return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z') || c == '_'; }

}  // namespace

class TermsDetector::Rules {
 public:
  struct Entity {
    std::string name;
    std::string description;
    std::string detector;
    TermKind kind;
    float score;
    // pattern
    std::unique_ptr<const TermPattern> pattern;
    bool caseless;
    TermCheck check;
    // words and topics
    TermTable table;
    bool whole_words = true;
    bool scanned = false;  // too many words for triggers
    // topic
    std::unordered_map<std::string, std::uint32_t> numbers;
    std::vector<float> weights;
    float threshold = 0;
    std::size_t window = 0;
  };
  struct Triggered {
    std::uint32_t entity;
    std::uint32_t size;  // of a literal; 0: a pattern
  };

  Result<> add(const TermOptions& options);

  std::vector<Entity> entities;
  std::vector<EntityInfo> infos;
  std::vector<Trigger> triggers;
  std::vector<Triggered> triggered;  // by the trigger's number
  bool any_inside = false;

 private:
  Result<> add_words(const TermOptions& options, Entity& entity);
  Result<> add_topic(const TermOptions& options, Entity& entity);
  void add_first_tokens(std::span<const std::string> terms, const Entity& entity);
  void add_trigger(std::string pattern, bool caseless, std::size_t size);
};

void TermsDetector::Rules::add_trigger(std::string pattern, bool caseless, std::size_t size) {
  triggers.push_back({static_cast<std::uint32_t>(triggers.size()), std::move(pattern), caseless, false});
  triggered.push_back({static_cast<std::uint32_t>(entities.size()), static_cast<std::uint32_t>(size)});
}

// The entity is the next to be added.
void TermsDetector::Rules::add_first_tokens(std::span<const std::string> terms, const Entity& entity) {
  std::set<std::string> firsts;
  for (const std::string& term : terms) {
    const std::string text = TermTable::normalized(term, entity.caseless);
    if (!text.empty()) firsts.insert(text.substr(0, token_at(text, 0).end));
  }
  for (const std::string& first : firsts) {
    const std::string_view front = is_word_byte(first.front()) ? "\\b" : "";
    const std::string_view back = is_word_byte(first.back()) ? "\\b" : "";
    add_trigger(fmt::format("{}{}{}", front, escaped(first), back), entity.caseless, first.size());
  }
}

Result<> TermsDetector::Rules::add_words(const TermOptions& options, Entity& entity) {
  std::string file;
  std::vector<std::string_view> words(options.words.begin(), options.words.end());
  if (!options.file.empty()) {
    auto text = read_file(options.file);
    if (!text) return std::unexpected(text.error());
    file = *std::move(text);
    add_lines(file, words);
  }
  if (words.empty()) return fail(Code::configuration, "no words");
  if (words.size() > TermOptions::kMostWords) return fail(Code::configuration, "more than a million words");
  entity.whole_words = options.whole_words;
  if (!options.whole_words) {
    if (words.size() > TermOptions::kMostInside) {
      return fail(Code::configuration, "more than 1000 words that are also looked for inside words");
    }
    any_inside = true;
    for (const std::string_view word : words) {
      const std::string text = TermTable::normalized(word, options.caseless);
      if (text.size() < 2 || text.size() > TermOptions::kLongestTerm || text.contains(' ')) {
        return fail(Code::configuration, "what is looked for inside words has 2 to 128 bytes and no white space in it");
      }
      add_trigger(escaped(text), options.caseless, text.size());
      const std::string folded = options.caseless ? fold_term(text) : text;
      if (folded != text) add_trigger(escaped(folded), true, folded.size());
    }
    return {};
  }
  for (const std::string_view word : words) {
    if (word.size() > TermOptions::kLongestTerm) return fail(Code::configuration, "a word of more than 128 bytes");
  }
  // As they read in a folded view, where that differs.
  std::vector<std::string> folded;
  if (options.caseless) {
    for (const std::string_view word : words) {
      std::string fold = fold_term(word);
      if (fold != word && fold.size() <= TermOptions::kLongestTerm) folded.push_back(std::move(fold));
    }
  }
  words.insert(words.end(), folded.begin(), folded.end());
  entity.table.build(std::span<const std::string_view>(words), options.caseless);
  entity.scanned = words.size() > kTriggerWords;
  if (!entity.scanned) {
    const std::vector<std::string> terms(words.begin(), words.end());
    add_first_tokens(terms, entity);
  }
  return {};
}

Result<> TermsDetector::Rules::add_topic(const TermOptions& options, Entity& entity) {
  if (options.weighted.empty()) return fail(Code::configuration, "no words");
  if (options.weighted.size() > TermOptions::kMostWeighted) {
    return fail(Code::configuration, "more than 10000 words of a topic");
  }
  if (options.window < 16 || options.window > 200) return fail(Code::configuration, "the window is 16 to 200 bytes");
  if (!(options.threshold > 0)) return fail(Code::configuration, "the threshold is above 0");
  std::vector<std::string> terms;
  for (const WeightedTerm& one : options.weighted) {
    if (!(one.weight > 0)) return fail(Code::configuration, "weights are above 0");
    const auto number = static_cast<std::uint32_t>(entity.weights.size());
    entity.weights.push_back(one.weight);
    for (const std::string& form : {one.term, options.caseless ? fold_term(one.term) : one.term}) {
      std::string text = TermTable::normalized(form, options.caseless);
      if (text.empty() || text.size() > TermOptions::kLongestTerm) {
        return fail(Code::configuration, "a word has 1 to 128 bytes");
      }
      terms.push_back(text);
      entity.numbers.emplace(std::move(text), number);
    }
  }
  entity.threshold = options.threshold;
  entity.window = options.window;
  entity.table.build(std::span<const std::string>(terms), options.caseless);
  entity.scanned = entity.table.size() > kTriggerWords;
  if (!entity.scanned) add_first_tokens(terms, entity);
  return {};
}

Result<> TermsDetector::Rules::add(const TermOptions& options) {
  Entity entity;
  entity.name = options.name;
  entity.description = options.description;
  entity.detector = "terms." + base::to_lower(options.name);
  entity.kind = options.kind;
  entity.score = options.score;
  entity.caseless = options.caseless;
  entity.check = options.check;
  if (!is_name(options.name)) return fail(Code::configuration, "a name is 1 to 64 letters, digits and _");
  if (!(options.score > 0 && options.score <= 1)) return fail(Code::configuration, "the score is above 0, at most 1");
  for (const Entity& other : entities) {
    if (base::equals_ignore_case(other.name, options.name)) return fail(Code::configuration, "the name is there twice");
  }
  Result<> done;
  switch (options.kind) {
    case TermKind::pattern: {
      auto pattern = TermPattern::parse(options.pattern, options.caseless);
      if (!pattern) return std::unexpected(pattern.error());
      add_trigger(pattern->expression(), options.caseless, 0);
      entity.pattern = std::make_unique<const TermPattern>(*std::move(pattern));
      break;
    }
    case TermKind::words:
      done = add_words(options, entity);
      break;
    case TermKind::topic:
      done = add_topic(options, entity);
      break;
  }
  if (done) entities.push_back(std::move(entity));
  return done;
}

TermsDetector::TermsDetector(std::unique_ptr<const Rules> rules) : rules_(std::move(rules)) {}
TermsDetector::~TermsDetector() = default;

Result<std::shared_ptr<const TermsDetector>> TermsDetector::make(const TermsOptions& options) {
  if (options.terms.size() > TermsOptions::kMost) {
    return fail(Code::configuration, fmt::format("terms: more than {} entities", TermsOptions::kMost));
  }
  auto rules = std::make_unique<Rules>();
  rules->entities.reserve(options.terms.size());  // what findings point to stays where it is
  for (const TermOptions& one : options.terms) {
    if (auto added = rules->add(one); !added) {
      return fail(Code::configuration, fmt::format("terms: {}: {}", one.name, added.error().detail));
    }
  }
  for (const Rules::Entity& entity : rules->entities) rules->infos.push_back({entity.name, entity.description, {}});
  return std::shared_ptr<const TermsDetector>(new TermsDetector(std::move(rules)));
}

std::span<const EntityInfo> TermsDetector::entities() const { return rules_->infos; }

// Not reversed and not rot13: there short words are found in everything.
text::ViewKinds TermsDetector::views(Direction) const {
  using enum text::ViewKind;
  return {original, folded, json, base64, hex, percent, html, leet, spaced, unmarked, tags};
}

bool TermsDetector::concerns(Direction, llm::Role, llm::SegmentKind kind) const {
  return kind != llm::SegmentKind::media && !rules_->entities.empty();
}

std::vector<Trigger> TermsDetector::triggers() const { return rules_->triggers; }

std::size_t TermsDetector::memory() const {
  std::size_t bytes = 0;
  for (const Rules::Entity& entity : rules_->entities) bytes += entity.table.memory();
  return bytes;
}

namespace {

struct Interval {
  std::size_t begin;
  std::size_t end;
};

}  // namespace

std::size_t TermsDetector::look(const Look& look, std::span<const Hit> hits, Findings& out) const {
  const std::string_view text = look.text;
  const std::vector<Rules::Entity>& entities = rules_->entities;
  std::size_t frontier = text.size();
  if (!look.complete) {
    frontier = std::min(frontier, word_in_progress(text, TermTable::kLongest));
    if (rules_->any_inside) frontier = std::min(frontier, word_frontier(look, TermTable::kLongest));
  }

  // Where what was found stands, by entity.
  std::vector<std::vector<Interval>> found(entities.size());
  std::size_t confirmed = 0;
  const auto take = [&](std::uint32_t number, std::size_t begin) {
    if (begin < look.from && entities[number].kind != TermKind::topic) return;
    const TermTable::Match match = entities[number].table.match(text, begin, look.complete);
    if (match.open) {
      if (begin >= look.from) frontier = std::min(frontier, begin);
    } else if (match.end > 0) {
      found[number].push_back({begin, match.end});
    }
  };
  for (const Hit& hit : hits) {
    const Rules::Triggered& one = rules_->triggered[hit.trigger];
    const Rules::Entity& entity = entities[one.entity];
    if (one.size == 0) {
      if (hit.end <= look.from) continue;
      if (++confirmed > kMostConfirmed) {
        out.fail("a customer's pattern matches too often");
        break;
      }
      const std::size_t begin = entity.pattern->begin_of(text, hit.end);
      if (begin == std::string_view::npos || begin < look.from) continue;
      if (passes(entity.check, text.substr(begin, hit.end - begin))) found[one.entity].push_back({begin, hit.end});
    } else if (const std::size_t begin = hit.end - one.size; !entity.whole_words) {
      if (begin >= look.from) found[one.entity].push_back({begin, hit.end});
    } else if (begins_token(text, begin)) {
      take(one.entity, begin);
    }
  }
  // Long lists: every word is looked up.
  std::vector<std::uint32_t> scanned;
  std::size_t before = 0;
  for (std::uint32_t i = 0; i < entities.size(); ++i) {
    if (entities[i].scanned) scanned.push_back(i);
    if (entities[i].scanned) before = std::max(before, entities[i].window);
  }
  if (!scanned.empty()) {
    std::size_t at = look.from - std::min(look.from, before);
    while (at < text.size() && !begins_token(text, at)) ++at;
    while (at < text.size()) {
      const Glyph glyph = glyph_at(text, at);
      if (glyph.kind == Glyph::Kind::space) {
        at += glyph.size;
        continue;
      }
      for (const std::uint32_t number : scanned) take(number, at);
      at = token_at(text, at).end;
    }
  }
  if (!look.complete) {
    for (const Rules::Entity& entity : entities) {
      if (entity.pattern) frontier = std::min(frontier, entity.pattern->open_from(text, look.from));
    }
  }

  struct Told {
    std::size_t begin;
    std::size_t end;
    std::uint32_t entity;
  };
  std::vector<Told> told;
  for (std::uint32_t number = 0; number < entities.size(); ++number) {
    const Rules::Entity& entity = entities[number];
    std::vector<Interval>& list = found[number];
    std::ranges::sort(list, [](const Interval& a, const Interval& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    if (entity.kind == TermKind::topic) {
      // The sum of the different terms within the window, at the end of each.
      std::vector<std::uint32_t> count(entity.weights.size());
      std::vector<std::uint32_t> number_of(list.size());
      double sum = 0;
      std::size_t first = 0;
      for (std::size_t i = 0; i < list.size(); ++i) {
        const std::string key =
            TermTable::normalized(text.substr(list[i].begin, list[i].end - list[i].begin), entity.caseless);
        const auto known = entity.numbers.find(key);
        number_of[i] = known == entity.numbers.end() ? 0 : known->second;
        if (count[number_of[i]]++ == 0) sum += static_cast<double>(entity.weights[number_of[i]]);
        while (list[first].begin + entity.window < list[i].end) {
          if (--count[number_of[first]] == 0) sum -= static_cast<double>(entity.weights[number_of[first]]);
          ++first;
        }
        if (sum + 1e-6 >= static_cast<double>(entity.threshold) && list[i].begin >= look.from) {
          told.push_back({list[i].begin, list[i].end, number});
        }
      }
    } else if (entity.kind == TermKind::pattern || !entity.whole_words) {
      // What overlapping matches cover together.
      const std::size_t from = told.size();
      for (const Interval& one : list) {
        if (told.size() > from && one.begin < told.back().end) {
          told.back().end = std::max(told.back().end, one.end);
        } else {
          told.push_back({one.begin, one.end, number});
        }
      }
    } else {
      for (const Interval& one : list) {
        if (one.begin >= look.from) told.push_back({one.begin, one.end, number});
      }
    }
  }
  // Not inside of what overlapping matches cover: one that follows may reach further.
  for (bool moved = true; moved;) {
    moved = false;
    for (const Told& one : told) {
      const Rules::Entity& entity = entities[one.entity];
      if (entity.kind == TermKind::topic || (entity.kind == TermKind::words && entity.whole_words)) continue;
      if (one.begin >= frontier || frontier >= one.end) continue;
      frontier = one.begin;
      moved = true;
    }
  }
  frontier = std::max(frontier, look.from);
  std::ranges::sort(told, {}, [](const Told& one) { return std::pair(one.begin, one.end); });
  for (const Told& one : told) {
    if (one.begin >= frontier) break;
    const Rules::Entity& entity = entities[one.entity];
    out.add({Family::terms, entity.name, entity.detector, one.begin, one.end, entity.score, look.view});
  }
  return frontier;
}

}  // namespace gatehouse::guard
