#include "gatehouse/guard/names/lexicon.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "gatehouse/base/strings.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::guard {
namespace {

constexpr std::string_view kFirstNames =
#include "gatehouse/guard/names/first_names.inc"
    ;
constexpr std::string_view kSurnames =
#include "gatehouse/guard/names/surnames.inc"
    ;
constexpr std::string_view kCommonWords =
#include "gatehouse/guard/names/common_words.inc"
    ;
constexpr std::string_view kPlaces =
#include "gatehouse/guard/names/places.inc"
    ;
constexpr std::string_view kWordKinds =
#include "gatehouse/guard/names/word_kinds.inc"
    ;

// Latin letters with marks from U+00C0 on, as they read without.
constexpr std::array<std::string_view, 64> kLatin1 = {
    "a", "a", "a", "a", "a", "a", "ae", "c", "e",  "e",  "e", "e", "i", "i", "i", "i", "d",  "n", "o",  "o", "o", "o",
    "o", "",  "o", "u", "u", "u", "u",  "y", "th", "ss", "a", "a", "a", "a", "a", "a", "ae", "c", "e",  "e", "e", "e",
    "i", "i", "i", "i", "d", "n", "o",  "o", "o",  "o",  "o", "",  "o", "u", "u", "u", "u",  "y", "th", "y"};
// U+0100 to U+017F.
constexpr std::string_view kLatinA =
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrsssssssstttttt"
    "uuuuuuuuuuuuwwyyyzzzzzzs";
static_assert(kLatinA.size() == 128);
constexpr std::array<std::string_view, 32> kCyrillic = {"a",  "b",  "v",  "g",    "d", "e", "zh", "z", "i",  "y", "k",
                                                        "l",  "m",  "n",  "o",    "p", "r", "s",  "t", "u",  "f", "kh",
                                                        "ts", "ch", "sh", "shch", "",  "y", "",   "e", "yu", "ya"};
constexpr std::array<std::string_view, 25> kGreek = {"a", "v", "g", "d", "e", "z", "i", "th", "i", "k",  "l",  "m", "n",
                                                     "x", "o", "p", "r", "s", "s", "t", "y",  "f", "ch", "ps", "o"};

std::string_view latin_of(char32_t c) {
  if (c >= 0xC0 && c < 0x100) return kLatin1[c - 0xC0];
  if (c >= 0x100 && c < 0x180) return kLatinA.substr(c - 0x100, 1);
  if (c >= 0x218 && c <= 0x219) return "s";
  if (c >= 0x21A && c <= 0x21B) return "t";
  if (c >= 0x1EA0 && c <= 0x1EB7) return "a";
  if (c >= 0x1EB8 && c <= 0x1EC7) return "e";
  if (c >= 0x1EC8 && c <= 0x1ECB) return "i";
  if (c >= 0x1ECC && c <= 0x1EE3) return "o";
  if (c >= 0x1EE4 && c <= 0x1EF1) return "u";
  if (c >= 0x1EF2 && c <= 0x1EF9) return "y";
  if (c == 0x1A0 || c == 0x1A1) return "o";
  if (c == 0x1AF || c == 0x1B0) return "u";
  if (c >= 0x410 && c < 0x430) return kCyrillic[c - 0x410];
  if (c >= 0x430 && c < 0x450) return kCyrillic[c - 0x430];
  if (c == 0x401 || c == 0x451) return "e";
  if (c == 0x404 || c == 0x454) return "ye";
  if (c == 0x406 || c == 0x456) return "i";
  if (c == 0x407 || c == 0x457) return "yi";
  if (c >= 0x391 && c <= 0x3A9) return kGreek[c - 0x391];
  if (c >= 0x3B1 && c <= 0x3C9) return kGreek[c - 0x3B1];
  switch (c) {
    case 0x3AC:
    case 0x386:
      return "a";
    case 0x3AD:
    case 0x388:
      return "e";
    case 0x3AE:
    case 0x3AF:
    case 0x389:
    case 0x38A:
      return "i";
    case 0x3CC:
    case 0x3CE:
    case 0x38C:
      return "o";
    case 0x3CD:
    case 0x38E:
      return "y";
    case 0x2019:
      return "'";
    default:
      return {};
  }
}

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  a = (a ^ b) * 0x9E3779B97F4A7C15U;
  return a ^ a >> 32;
}

// Eight bytes at a time, the last ones perhaps twice.
std::uint64_t hash_of(std::string_view text) {
  const auto eight = [&](std::size_t at) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    return bytes;
  };
  const auto four = [&](std::size_t at) {
    std::uint32_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    return std::uint64_t{bytes};
  };
  const std::size_t size = text.size();
  std::uint64_t hash = 0xCBF29CE484222325U + size;
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8) hash = mixed(hash, eight(at));
    hash = mixed(hash, eight(size - 8));
  } else if (size >= 4) {
    hash = mixed(hash, four(0) << 32 | four(size - 4));
  } else {
    std::uint64_t bytes = 0;
    for (const char c : text) bytes = bytes << 8 | static_cast<unsigned char>(c);
    hash = mixed(hash, bytes);
  }
  return mixed(hash, size);
}

// Calls `take` with each line's first word and the rest.
template <class Take>
void each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty()) take(line);
  }
}
template <class Take>
void each_word(std::string_view line, char separator, Take take) {
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(separator), line.size());
    if (end > 0) take(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
}

}  // namespace

FoldedWord::FoldedWord(std::string_view word) {
  for (std::size_t at = 0; at < word.size();) {
    const char c = word[at];
    if (static_cast<unsigned char>(c) < 0x80) {
      const std::size_t most = std::min(word.size(), at + letters_.size() - size_);
      while (at < most && static_cast<unsigned char>(word[at]) < 0x80) letters_[size_++] = base::lower(word[at++]);
      if (at < word.size() && static_cast<unsigned char>(word[at]) < 0x80) {
        size_ = 0;  // more than it holds
        return;
      }
    } else {
      const text::Sequence sequence = text::next_sequence(word.substr(at));
      const std::string_view latin = sequence.valid ? latin_of(sequence.code_point) : std::string_view{};
      if (latin.empty() && sequence.code_point != 0x42A && sequence.code_point != 0x42C &&
          sequence.code_point != 0x44A && sequence.code_point != 0x44C) {
        size_ = 0;
        return;
      }
      add(latin);
      at += sequence.size;
    }
    if (size_ > letters_.size()) {
      size_ = 0;
      return;
    }
  }
}

void FoldedWord::add(std::string_view letters) {
  if (size_ + letters.size() > letters_.size()) {
    size_ = letters_.size() + 1;
    return;
  }
  std::ranges::copy(letters, letters_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += letters.size();
}

Lexicon::Lexicon() : rows_(std::size_t{1} << 15U), common_(std::size_t{1} << 12U) {
  using namespace lexeme;
  each_line(kFirstNames, [&](std::string_view line) {
    const std::string_view culture = line.substr(0, 2);
    // Syllables that are words in half of the world's languages: not by themselves.
    const bool weak = culture == "cn" || culture == "kr" || culture == "vn" || culture == "id";
    each_word(line.substr(3), ' ', [&](std::string_view word) { add(word, weak ? kFirstWeak : kFirst, kFirstWeak); });
  });
  each_line(kSurnames, [&](std::string_view line) {
    each_word(line.substr(3), ' ', [&](std::string_view word) { add(word, kSurname, kSurnameWeak); });
  });
  each_line(kCommonWords, [&](std::string_view line) {
    each_word(line, ' ', [&](std::string_view word) { add(word, kCommon, kCommon); });
  });
  each_line(kPlaces, [&](std::string_view line) {
    if (!line.starts_with("|")) {
      each_word(line, ' ', [&](std::string_view word) { add(word, kPlace, kPlace); });
      return;
    }
    each_word(line, '|', [&](std::string_view place) {
      add(place, kPlacePhrase, kPlacePhrase);
      add(place.substr(0, place.find(' ')), kPlaceStart, kPlaceStart);
    });
  });
  each_line(kWordKinds, [&](std::string_view line) {
    static constexpr struct {
      std::string_view name;
      std::uint32_t strong;
      std::uint32_t weak;
    } kKinds[] = {{"title", kTitle, kTitleWeak},
                  {"street", kStreet, kStreetWeak},
                  {"prefix", kStreetPrefix, kStreetPrefix},
                  {"particle", kParticle, kParticle},
                  {"suffix", kSuffix, kSuffixWeak},
                  {"body", kBody, kBodyWeak},
                  {"placehead", kPlaceHead, kPlaceHead},
                  {"facility", kFacility, kFacility},
                  {"unit", kUnit, kUnit}};
    const std::string_view name = line.substr(0, line.find(' '));
    for (const auto& kind : kKinds) {
      if (kind.name != name) continue;
      each_word(line.substr(name.size()), ' ', [&](std::string_view word) { add(word, kind.strong, kind.weak); });
    }
  });
  each_line(kCommonWords, [&](std::string_view line) {
    each_word(line, ' ', [&](std::string_view word) {
      const FoldedWord folded(word.substr(0, word.find('?')));
      const std::string_view letters = folded.view();
      const bool plain = std::ranges::all_of(letters, [](char c) { return c >= 'a' && c <= 'z'; });
      if (!plain || letters.empty() || letters.size() > ShortWord::kMost || find(letters) != kCommon) return;
      std::array<char, sizeof(ShortWord)> bytes{};
      std::ranges::copy(letters, bytes.begin());
      const auto made = std::bit_cast<ShortWord>(bytes);
      std::size_t slot = slot_of(made);
      while (common_[slot].first != 0 && common_[slot] != made) slot = (slot + 1) & (common_.size() - 1);
      common_[slot] = made;
    });
  });
}

void Lexicon::add(std::string_view word, std::uint32_t flags, std::uint32_t weak_flags) {
  const bool weak = word.ends_with('?');
  if (weak) word.remove_suffix(1);
  const FoldedWord folded(word);
  if (folded.view().empty()) return;
  const std::uint64_t hash = hash_of(folded.view());
  std::size_t slot = hash & (rows_.size() - 1);
  while (rows_[slot].flags != 0 && rows_[slot].hash != hash) slot = (slot + 1) & (rows_.size() - 1);
  if (rows_[slot].flags == 0) ++count_;
  rows_[slot].hash = hash;
  rows_[slot].flags |= weak ? weak_flags : flags;
}

std::uint32_t Lexicon::find(std::string_view folded) const {
  if (folded.empty()) return 0;
  const std::uint64_t hash = hash_of(folded);
  std::size_t slot = hash & (rows_.size() - 1);
  while (rows_[slot].flags != 0 && rows_[slot].hash != hash) slot = (slot + 1) & (rows_.size() - 1);
  return rows_[slot].flags;
}

namespace {

// Endings of two small letters and more, by their last two, so that a word is compared with a few.
class Endings {
 public:
  explicit Endings(std::string_view list) {
    each_word(list, ' ', [&](std::string_view ending) {
      const auto last = static_cast<std::size_t>(ending.back() - 'a');
      Ending made;
      for (const char c : ending) made.letters = made.letters << 8 | static_cast<unsigned char>(c);
      made.mask = (std::uint64_t{1} << ending.size() * 8) - 1;
      by_last_[last].push_back(made);
      before_last_[last] |= bit(ending[ending.size() - 2]);
    });
  }
  bool end(std::string_view word) const {
    const char last = word.back();
    if (last < 'a' || last > 'z' || word.size() < 2) return false;
    const char before = word[word.size() - 2];
    if (before < 'a' || before > 'z') return false;
    if ((before_last_[static_cast<std::size_t>(last - 'a')] & bit(before)) == 0) return false;
    std::uint64_t letters = 0;
    for (const char c : word.substr(word.size() - std::min<std::size_t>(word.size(), 8))) {
      letters = letters << 8 | static_cast<unsigned char>(c);
    }
    return std::ranges::any_of(by_last_[static_cast<std::size_t>(last - 'a')],
                               [&](const Ending& ending) { return (letters & ending.mask) == ending.letters; });
  }

 private:
  static std::uint32_t bit(char letter) { return 1U << static_cast<unsigned>(letter - 'a'); }

  // Of at most seven letters, the last one lowest.
  struct Ending {
    std::uint64_t letters = 0;
    std::uint64_t mask = 0;
  };

  std::array<std::vector<Ending>, 26> by_last_;
  std::array<std::uint32_t, 26> before_last_{};  // the letters in front of it
};

}  // namespace

bool looks_like_surname(std::string_view folded) {
  static const Endings kEndings(
      "ova eva ovich evich ovic evic enko chuk chyk sson dottir datter wicz owski owska ewski ewska inski inska icki "
      "icka escu eanu opoulos akis idis iadis oglu shvili adze idze nian lian mann stein berg feld bach baum inen onen "
      "anen unen quist qvist strom lund gaard gard etti elli ucci acci isani ington bault eault eira eiro aitis auskas "
      "evicius enas cova sen skov cik czyk nik ov ev yan ez ski ska sky");
  return folded.size() >= 5 && kEndings.end(folded);
}

bool looks_like_street(std::string_view folded) {
  static const Endings kEndings(
      "strasse str weg platz gasse allee damm ufer straat laan plein gracht kade gatan vagen gata veien vegen vej gade "
      "katu utca straeti gate stigen vagur braut polku");
  return folded.size() >= 6 && kEndings.end(folded);
}

}  // namespace gatehouse::guard
