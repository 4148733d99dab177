#include "gatehouse/guard/names/name_run.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/guard/terms/glyphs.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::guard {
namespace {

constexpr std::size_t kLongestWord = 80;

bool is_small(char c) { return c >= 'a' && c <= 'z'; }
bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

// Whether the letter at `at` is a capital: ASCII, Latin with marks, Greek, Cyrillic.
bool capital_at(std::string_view text, std::size_t at) {
  if (at >= text.size()) return false;
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return is_capital(text[at]);
  const text::Sequence sequence = text::next_sequence(text.substr(at));
  if (!sequence.valid) return false;
  const char32_t c = sequence.code_point;
  if (c >= 0xC0 && c <= 0xDE) return c != 0xD7;
  if (c >= 0x100 && c < 0x138) return c % 2 == 0;
  if (c >= 0x139 && c < 0x149) return c % 2 == 1;
  if (c >= 0x14A && c < 0x178) return c % 2 == 0;
  if (c >= 0x178 && c < 0x17F) return c == 0x178 || c % 2 == 1;
  if (c == 0x1A0 || c == 0x1AF || (c >= 0x218 && c <= 0x21A && c % 2 == 0)) return true;
  if (c >= 0x386 && c <= 0x3A9) return c != 0x390;
  if (c >= 0x401 && c < 0x430) return true;
  return false;
}

// A blank (U+0020 or U+00A0): its size, or 0.
std::size_t blank_at(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] == ' ') return 1;
  return at + 1 < text.size() && text[at] == '\xC2' && text[at + 1] == '\xA0' ? 2 : 0;
}

std::string_view apostrophe_at(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] == '\'') return text.substr(at, 1);
  const bool curly = at + 2 < text.size() && text[at] == '\xE2' && text[at + 1] == '\x80' && text[at + 2] == '\x99';
  return curly ? text.substr(at, 3) : std::string_view{};
}

// Words that stand small between the parts of a name. Their beginnings are kParticleSeconds.
bool is_particle_prefix(std::string_view word, bool whole) {
  static constexpr std::string_view kWords[] = {"de",  "da",  "do",  "di",  "du",  "del", "della", "dos", "das",
                                                "la",  "le",  "el",  "al",  "bin", "ibn", "ben",   "van", "von",
                                                "der", "den", "ter", "ten", "zu",  "zum", "af",    "y",   "e"};
  return std::ranges::any_of(kWords, [&](std::string_view one) { return whole ? one == word : one.starts_with(word); });
}

// What words are made of, without a look at what follows: ASCII letters.
constexpr std::array<bool, 256> kLetters = [] {
  std::array<bool, 256> letters{};
  for (unsigned char c = 'a'; c <= 'z'; ++c) letters[c] = letters[c - 0x20U] = true;
  return letters;
}();

// How many ASCII letters stand at `at`, of at most `most`.
std::size_t count_letters(std::string_view text, std::size_t at, std::size_t most) {
  most = std::min(most, text.size() - at);
  std::size_t count = 0;
  while (count < most && kLetters[static_cast<unsigned char>(text[at + count])]) ++count;
  return count;
}

}  // namespace

bool is_ordinary_word(std::string_view text, std::size_t at, bool complete) {
  constexpr std::size_t kLongestParticle = 5;
  if (complete && begins_no_particle(text[at], at + 1 < text.size() ? text[at + 1] : ' ')) return true;
  const std::size_t letters = count_letters(text, at, kLongestParticle + 1);
  if (letters == 0) return false;
  if (letters > kLongestParticle) return complete;
  if (at + letters >= text.size()) return false;
  // A blank, a dot or a comma ends it: then it is what it is.
  const char behind = text[at + letters];
  if (behind != ' ' && behind != '.' && behind != ',' && behind != '\n') return false;
  return begins_no_particle(text[at], ' ') || !is_particle_prefix(text.substr(at, letters), true);
}

std::size_t word_end(std::string_view text, std::size_t at, bool complete) {
  const std::size_t limit = std::min(text.size(), at + kLongestWord);
  while (at < limit) {
    at += count_letters(text, at, limit - at);
    if (at == limit) break;
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x80) {
      if (c != '-' && c != '\'') return at;
      if (at + 1 == text.size()) return complete ? at : text.size();
      const bool joins = capital_at(text, at + 1) || (c == '-' && is_small(text[at + 1]));
      if (!joins) {
        // The first byte of a letter that may be a capital.
        if (!complete && at + 2 == text.size() && static_cast<unsigned char>(text[at + 1]) >= 0xC3) return text.size();
        return at;
      }
      ++at;
      continue;
    }
    const Glyph glyph = glyph_at(text, at);
    if (glyph.unfinished) return complete ? at : text.size();
    if (const std::string_view mark = apostrophe_at(text, at); !mark.empty()) {
      const std::size_t behind = at + mark.size();
      if (behind >= text.size() && !complete) return text.size();
      if (!complete && behind + 1 == text.size() && static_cast<unsigned char>(text[behind]) >= 0xC3)
        return text.size();
      if (!capital_at(text, behind)) return at;
      at = behind;
      continue;
    }
    if (glyph.kind != Glyph::Kind::word) return at;
    at += glyph.size;
  }
  return std::min(at, text.size());
}

NameToken token_of(const Lexicon& lexicon, std::string_view text, std::size_t begin, std::size_t end) {
  NameToken token;
  token.begin = begin;
  token.end = end;
  const std::string_view word = text.substr(begin, end - begin);
  const FoldedWord folded(word);
  token.flags = lexicon.find(folded.view());
  if (token.flags == 0) {
    // Jean-Luc, Smith-Jones: by their parts.
    if (const std::size_t dash = folded.view().find('-'); dash != std::string_view::npos) {
      token.flags = (lexicon.find(folded.view().substr(0, dash)) | lexicon.find(folded.view().substr(dash + 1))) &
                    (lexeme::kFirst | lexeme::kSurname);
    } else if (folded.view().starts_with("o'") || folded.view().starts_with("d'") || folded.view().starts_with("mc") ||
               folded.view().starts_with("mac")) {
      token.surname_like = folded.view().size() >= 6;
    }
  }
  if (token.flags == 0) {
    token.surname_like = token.surname_like || looks_like_surname(folded.view());
    token.street_like = looks_like_street(folded.view());
  }
  token.initial = word.size() == 1 || (static_cast<unsigned char>(word.front()) >= 0xC3 && word.size() == 2);
  token.all_capitals = word.size() > 1 && std::ranges::none_of(word, is_small) && !token.initial;
  if (word.size() <= 2 && (token.flags & lexeme::kFirst) != 0) {
    token.flags = (token.flags & ~lexeme::kFirst) | lexeme::kFirstWeak;
  }
  return token;
}

void read_run(const Lexicon& lexicon, std::string_view text, std::size_t at, bool complete, NameRun& run) {
  run.count = 0;
  run.end = at;
  run.too_long = false;
  run.open = false;
  const std::size_t begin = at;
  const auto open_at_end = [&](std::size_t place) {
    if (complete || (place < text.size() && !glyph_at(text, place).unfinished)) return false;
    run.open = true;
    return true;
  };
  bool comma = false;
  std::size_t words = 0;
  while (true) {
    const std::size_t end = word_end(text, at, complete);
    if (end == at) {  // no letter after all
      run.end = std::max(run.end, at);
      return;
    }
    NameToken last = token_of(lexicon, text, at, end);
    last.comma = comma;
    ++words;
    if (!run.too_long) {
      if (run.count == NameRun::kMostTokens || end - begin > NameRun::kLongest) {
        run.too_long = true;
        run.count = 0;
      } else {
        run.tokens[run.count++] = last;
      }
    }
    comma = false;
    run.end = end;
    if (open_at_end(end)) return;
    std::size_t next = end;
    // A dot belongs to initials and to what is cut short; more initials may follow without a blank.
    if (next < text.size() && text[next] == '.' &&
        (last.initial ||
         last.is(lexeme::kTitle | lexeme::kStreet | lexeme::kSuffix | lexeme::kStreetPrefix | lexeme::kUnit))) {
      ++next;
      if (open_at_end(next)) return;
      if (last.initial && capital_at(text, next)) {
        at = next;
        continue;
      }
      // "Acme Inc. The ..." is two sentences, "J. Smith" is one name.
      if (last.is(lexeme::kSuffix | lexeme::kStreet) && !last.is(lexeme::kTitle) && !last.initial && words > 1) {
        return;
      }
    }
    if (open_at_end(next)) return;
    // The possessive: nothing of the name follows. "Don't" is no Don.
    if (const std::string_view mark = apostrophe_at(text, next); !mark.empty()) {
      const std::size_t behind = next + mark.size();
      if (open_at_end(behind)) return;
      if (behind < text.size() && is_small(text[behind]) && text[behind] != 's' && run.count > 0) {
        run.tokens[run.count - 1].flags = lexeme::kCommon;
        run.tokens[run.count - 1].surname_like = false;
      }
      return;
    }
    if (next < text.size() && text[next] == ',') {
      // "Acme, Inc."
      const std::size_t blank = next + 1;
      if (open_at_end(blank)) return;
      if (blank >= text.size() || text[blank] != ' ') return;
      const std::size_t word = blank + 1;
      if (open_at_end(word)) return;
      if (!capital_at(text, word)) return;
      const std::size_t suffix_end = word_end(text, word, complete);
      if (open_at_end(suffix_end)) return;
      const NameToken suffix = token_of(lexicon, text, word, suffix_end);
      if (!suffix.is(lexeme::kSuffix)) return;
      comma = true;
      at = word;
      continue;
    }
    const std::size_t blank = blank_at(text, next);
    if (blank == 0) return;
    next += blank;
    next += blank_at(text, next);
    if (open_at_end(next)) return;
    if (next < text.size() && text[next] == '&') {
      if (open_at_end(next + 2)) return;
      if (blank_at(text, next + 1) == 0 || !capital_at(text, next + 2)) return;
      at = next + 2;
      continue;
    }
    // Up to two small words, if a capital stands behind them.
    std::size_t ahead = next;
    std::size_t small_words = 0;
    std::array<std::pair<std::size_t, std::size_t>, 2> small;
    while (!capital_at(text, ahead)) {
      if (ahead < text.size() && is_ordinary_word(text, ahead, complete)) return;
      const std::size_t small_end = word_end(text, ahead, complete);
      if (small_end == ahead) return;
      if (small_end == text.size() && !complete) {
        const auto first = static_cast<unsigned char>(text[ahead]);
        run.open = first >= 0x80 || text::incomplete_tail(text) > 0 ||
                   is_particle_prefix(text.substr(ahead, small_end - ahead), false);
        return;
      }
      if (small_words == 2 || !is_particle_prefix(text.substr(ahead, small_end - ahead), true)) return;
      small[small_words++] = {ahead, small_end};
      const std::size_t after = blank_at(text, small_end);
      if (open_at_end(small_end)) return;
      if (after == 0) return;
      ahead = small_end + after;
      if (open_at_end(ahead)) return;
    }
    for (std::size_t i = 0; i < small_words && !run.too_long; ++i) {
      if (run.count == NameRun::kMostTokens) {
        run.too_long = true;
        run.count = 0;
        break;
      }
      run.tokens[run.count] = token_of(lexicon, text, small[i].first, small[i].second);
      run.tokens[run.count++].particle = true;
    }
    at = ahead;
  }
}

}  // namespace gatehouse::guard
