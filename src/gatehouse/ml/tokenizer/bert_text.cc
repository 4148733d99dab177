#include "gatehouse/ml/tokenizer/bert_text.h"

#include <algorithm>
#include <string>

#include "gatehouse/ml/tokenizer/aligned.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::ml::tokenizer {
namespace {

constexpr std::uint8_t kNotAscii = 4;  // a kind of byte beside the table's

constexpr auto kNoFold = [] {
  std::array<std::uint8_t, 256> fold{};
  for (std::size_t i = 0; i < fold.size(); ++i) fold[i] = static_cast<std::uint8_t>(i);
  return fold;
}();

bool flag(const json::Value& value, bool otherwise) { return value.boolean().value_or(otherwise); }

}  // namespace

BertOptions BertOptions::read(const json::Value& normalizer) {
  BertOptions options;
  options.clean_text = flag(normalizer["clean_text"], true);
  options.ideographs = flag(normalizer["handle_chinese_chars"], true);
  options.lowercase = flag(normalizer["lowercase"], true);
  options.strip_accents = flag(normalizer["strip_accents"], options.lowercase);
  return options;
}

// A word in the making, as it reads after normalisation.
struct BertText::Word {
  struct Point {
    char32_t point;
    Source source;
    std::uint8_t order;  // combining class, 0 but for what may be put in another order
  };
  std::vector<Point> points;
  std::size_t count = 0;  // may be more than are kept: then it is an unknown word
  std::string bytes;
  std::vector<std::uint32_t> point_of;  // for each byte
};

std::uint32_t BertText::entry_of(char32_t c, const BertOptions& options) {
  const Characters& characters = Characters::get();
  const std::uint16_t properties = characters[c];
  const bool blank = c == '\t' || c == '\n' || c == '\r';
  if (options.clean_text && !blank && (c == 0 || c == 0xFFFD || (properties & kOther) != 0)) return kDrop;
  if (blank || (properties & kSpace) != 0) return kSplit;

  std::array<char32_t, Characters::kMostDecomposed * Characters::kMostLower> points{};
  std::size_t count = 1;
  points[0] = c;
  if (options.strip_accents) {
    if ((properties & kDecomposes) != 0) count = characters.decompose(c, false, points.data());
    count = static_cast<std::size_t>(std::remove_if(points.begin(), points.begin() + count,
                                                    [&](char32_t p) { return characters.is(p, kNonSpacing); }) -
                                     points.begin());
  }
  if (options.lowercase) {
    std::array<char32_t, Characters::kMostDecomposed * Characters::kMostLower> lower{};
    std::size_t lowered = 0;
    for (std::size_t i = 0; i < count; ++i) lowered += characters.lower(points[i], lower.data() + lowered);
    points = lower;
    count = lowered;
  }
  const std::uint32_t surrounded = options.ideographs && (properties & kIdeograph) != 0 ? kSurrounded : 0;
  if (count == 0) return surrounded != 0 ? std::uint32_t{kSplit} : std::uint32_t{kDrop};

  const auto kind_of = [&](char32_t point) -> std::uint32_t {
    if (characters.is(point, kSpace)) return kSplit;
    if (characters.is(point, kPunctuation)) return kAlone;
    return kKeep | (options.strip_accents && characters.is(point, kNonStarter) ? kUnordered : 0);
  };
  if (count == 1 && points[0] == c) return kind_of(c) | surrounded;
  const auto place = static_cast<std::uint32_t>(mapped_.size());
  for (std::size_t i = 0; i < count; ++i) mapped_.push_back({points[i], kind_of(points[i])});
  return kKeep | surrounded | static_cast<std::uint32_t>(count) << kCountShift | place << kPlaceShift;
}

BertText::BertText(const BertOptions& options) {
  const Characters& characters = Characters::get();
  constexpr std::size_t kBlock = PointTable<std::uint32_t>::kBlock;
  // Blocks of equal properties, none of which maps to something else, are equal here too.
  std::vector<std::int32_t> known(PointTable<std::uint32_t>::kBlocks, -1);
  std::array<std::uint32_t, kBlock> block;
  for (std::size_t index = 0; index < PointTable<std::uint32_t>::kBlocks; ++index) {
    std::int32_t& same = known[characters.block(index)];
    const bool special = index == 0 || index == 0xFFFD / kBlock;  // code points told apart by themselves
    if (same >= 0 && !special) {
      table_.add_known(static_cast<std::uint16_t>(same));
      continue;
    }
    bool plain = !special;
    for (std::size_t i = 0; i < kBlock; ++i) {
      const auto c = static_cast<char32_t>(index * kBlock + i);
      block[i] = entry_of(c, options);
      if (characters.is(c, kCased | kDecomposes)) plain = false;
    }
    table_.add(block);
    if (plain) same = table_.block(index);
  }
  for (std::size_t byte = 0; byte < 256; ++byte) {
    fold_[byte] = static_cast<std::uint8_t>(byte);
    if (byte >= 0x80) {
      ascii_[byte] = kNotAscii;
      continue;
    }
    const std::uint32_t entry = table_[static_cast<char32_t>(byte)];
    ascii_[byte] = static_cast<std::uint8_t>(entry & kKindMask);
    if ((entry >> kCountShift & kCountMask) == 1) {
      fold_[byte] = static_cast<std::uint8_t>(mapped_[entry >> kPlaceShift].point);
    }
  }
}

void BertText::flush(const WordPiece& model, Word& word, std::vector<Token>& out) {
  if (word.count == 0) return;
  const std::size_t before = out.size();
  bool known = word.count <= model.most_characters();
  if (known) {
    word.bytes.clear();
    word.point_of.clear();
    for (std::size_t i = 0; i < word.points.size(); ++i) {
      append_utf8(word.bytes, word.points[i].point);
      word.point_of.resize(word.bytes.size(), static_cast<std::uint32_t>(i));
    }
    known = model.cut(word.bytes, kNoFold.data(), [&](std::int32_t id, std::size_t begin, std::size_t end) {
      const Source first = word.points[word.point_of[begin]].source;
      const Source last = word.points[word.point_of[end - 1]].source;
      out.push_back(
          {.id = id, .begin = first.begin, .end = std::max(first.begin, last.end), .starts_word = begin == 0});
    });
  }
  if (!known) {
    out.resize(before);
    const Source first = word.points.front().source;
    out.push_back({.id = model.unknown(),
                   .begin = first.begin,
                   .end = std::max(first.begin, word.points.back().source.end),
                   .starts_word = true});
  }
  word.points.clear();
  word.count = 0;
}

std::size_t BertText::slow(const WordPiece& model, std::string_view text, std::size_t at, Word& word,
                           std::vector<Token>& out) const {
  const auto keep = [&](char32_t point, Source source, std::uint32_t entry) {
    ++word.count;
    if (word.count > model.most_characters() + 1) {  // only its end counts
      word.points.back() = {point, source, 0};
      return;
    }
    const std::uint8_t order = (entry & kUnordered) != 0 ? Characters::get().combining_class(point) : std::uint8_t{0};
    word.points.push_back({point, source, order});
    if (order == 0) return;
    // The characters change places; what they stand for stays where it is, as in the reference implementation.
    for (std::size_t i = word.points.size() - 1; i > 0 && word.points[i - 1].order > order; --i) {
      std::swap(word.points[i].point, word.points[i - 1].point);
      std::swap(word.points[i].order, word.points[i - 1].order);
    }
  };
  // True: a word ended.
  const auto put = [&](char32_t point, Source source, std::uint32_t entry) {
    switch (entry & kKindMask) {
      case kDrop:
        return false;
      case kSplit:
        flush(model, word, out);
        return true;
      case kAlone:
        flush(model, word, out);
        keep(point, source, entry);
        flush(model, word, out);
        return true;
      default:
        keep(point, source, entry);
        return false;
    }
  };
  while (at < text.size()) {
    const text::Sequence sequence = text::next_sequence(text.substr(at));
    const char32_t c = sequence.valid ? sequence.code_point : 0xFFFD;
    const Source source{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + sequence.size)};
    at += sequence.size;
    const std::uint32_t entry = table_[c];
    bool ended = false;
    if ((entry & kSurrounded) != 0) flush(model, word, out);
    if (const std::uint32_t count = entry >> kCountShift & kCountMask; count > 0) {
      for (std::uint32_t i = 0; i < count; ++i) {
        const Mapped& mapped = mapped_[(entry >> kPlaceShift) + i];
        ended = put(mapped.point, source, mapped.entry);
      }
    } else {
      ended = put(c, source, entry);
    }
    if ((entry & kSurrounded) != 0) {
      flush(model, word, out);
      ended = true;
    }
    if (ended) return at;
  }
  flush(model, word, out);
  return at;
}

void BertText::encode(const WordPiece& model, std::string_view text, std::size_t most, std::vector<Token>& out) const {
  if (out.size() >= most) return;
  Word word;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size() && out.size() < most;) {
    const std::uint8_t kind = ascii_[bytes[at]];
    if (kind == kSplit || kind == kDrop) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    if (kind == kKeep) {
      while (end < text.size() && ascii_[bytes[end]] == kKeep) ++end;
    }
    const std::uint8_t behind = kind != kKeep || end == text.size() ? std::uint8_t{kSplit} : ascii_[bytes[end]];
    if (kind == kNotAscii || behind == kNotAscii || behind == kDrop) {
      at = slow(model, text, at, word, out);
      continue;
    }
    const std::size_t before = out.size();
    const bool known =
        end - at <= model.most_characters() &&
        model.cut(text.substr(at, end - at), fold_.data(), [&](std::int32_t id, std::size_t begin, std::size_t finish) {
          out.push_back({.id = id,
                         .begin = static_cast<std::uint32_t>(at + begin),
                         .end = static_cast<std::uint32_t>(at + finish),
                         .starts_word = begin == 0});
        });
    if (!known) {
      out.resize(before);
      out.push_back({.id = model.unknown(),
                     .begin = static_cast<std::uint32_t>(at),
                     .end = static_cast<std::uint32_t>(end),
                     .starts_word = true});
    }
    at = end;
  }
  if (out.size() > most) out.resize(most);
}

}  // namespace gatehouse::ml::tokenizer
