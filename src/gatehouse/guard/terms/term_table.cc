#include "gatehouse/guard/terms/term_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "gatehouse/base/strings.h"
#include "gatehouse/guard/terms/glyphs.h"

namespace gatehouse::guard {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::size_t kMostBlanks = 8;  // characters of white space between two words
constexpr std::uint64_t kSeed = 0x9E3779B97F4A7C15U;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Small letters for the ASCII capitals among eight bytes.
std::uint64_t lower8(std::uint64_t x) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  const std::uint64_t low = x & (0x7F * kOnes);
  const std::uint64_t from_a = low + (0x80 - 'A') * kOnes;
  const std::uint64_t above_z = low + (0x7F - 'Z') * kOnes;
  const std::uint64_t capital = (from_a ^ above_z) & ~x & (0x80 * kOnes);
  return x | capital >> 2;
}

// Writes the token's bytes to `out` as the table has them, and goes on with the hash.
std::uint64_t take(std::uint64_t hash, std::string_view token, bool caseless, char* out) {
  std::size_t at = 0;
  for (; at + 8 <= token.size(); at += 8) {
    std::uint64_t chunk;
    std::memcpy(&chunk, token.data() + at, 8);
    if (caseless) chunk = lower8(chunk);
    std::memcpy(out + at, &chunk, 8);
    hash = mix(hash ^ chunk, kSeed);
  }
  if (at < token.size()) {
    std::uint64_t chunk = 0;
    std::memcpy(&chunk, token.data() + at, token.size() - at);
    if (caseless) chunk = lower8(chunk);
    std::memcpy(out + at, &chunk, token.size() - at);
    hash = mix(hash ^ chunk, kSeed);
  }
  return mix(hash ^ token.size(), 0xD6E8FEB86659FD93U);
}

std::uint64_t take_blank(std::uint64_t hash) { return mix(hash ^ ' ', 0xA0761D6478BD642FU); }

}  // namespace

std::string TermTable::normalized(std::string_view term, bool caseless) {
  std::string out;
  bool blank = false;
  for (std::size_t at = 0; at < term.size();) {
    const Glyph glyph = glyph_at(term, at);
    if (glyph.kind == Glyph::Kind::space) {
      blank = true;
    } else {
      if (blank && !out.empty()) out += ' ';
      blank = false;
      for (std::size_t i = 0; i < glyph.size; ++i) out += caseless ? base::lower(term[at + i]) : term[at + i];
    }
    at += glyph.size;
  }
  return out;
}

std::size_t TermTable::slot_of(std::uint64_t hash) const {
  return static_cast<std::size_t>((static_cast<Wide>(hash) * rows_.size()) >> 64);
}

const TermTable::Row* TermTable::find(std::uint64_t hash, const char* bytes, std::size_t length) const {
  const auto tag = static_cast<std::uint16_t>(hash);
  for (std::size_t slot = slot_of(hash);; slot = slot + 1 == rows_.size() ? 0 : slot + 1) {
    const Row& row = rows_[slot];
    if ((row.flags & kUsed) == 0) return nullptr;
    if (row.tag == tag && row.length == length && std::memcmp(bytes_.data() + row.offset, bytes, length) == 0) {
      return &row;
    }
  }
}

TermTable::Row& TermTable::insert(std::uint64_t hash, std::uint32_t offset, std::size_t length) {
  if (const Row* known = find(hash, bytes_.data() + offset, length)) return const_cast<Row&>(*known);
  std::size_t slot = slot_of(hash);
  while ((rows_[slot].flags & kUsed) != 0) slot = slot + 1 == rows_.size() ? 0 : slot + 1;
  rows_[slot] = {offset, static_cast<std::uint8_t>(length), kUsed, static_cast<std::uint16_t>(hash)};
  return rows_[slot];
}

void TermTable::build(std::span<const std::string> terms, bool caseless) {
  const std::vector<std::string_view> views(terms.begin(), terms.end());
  build(std::span<const std::string_view>(views), caseless);
}

void TermTable::build(std::span<const std::string_view> terms, bool caseless) {
  caseless_ = caseless;
  // The bytes first, so that the number of rows is known.
  std::vector<std::uint32_t> offsets;
  offsets.reserve(terms.size() + 1);
  std::size_t rows = 0;
  std::size_t total = 0;
  for (const std::string_view term : terms) total += std::min(term.size(), kLongest);
  bytes_.reserve(total);
  for (const std::string_view term : terms) {
    if (term.size() > kLongest) continue;
    const std::string text = normalized(term, caseless);
    if (text.empty()) continue;
    offsets.push_back(static_cast<std::uint32_t>(bytes_.size()));
    bytes_ += text;
    for (std::size_t at = 0; at < text.size(); at = token_at(text, at).end) rows += text[at] != ' ';
  }
  offsets.push_back(static_cast<std::uint32_t>(bytes_.size()));
  rows_.assign(std::max<std::size_t>(8, rows + rows / 2), Row{});
  const std::size_t bits =
      std::bit_ceil(std::max<std::size_t>(64, std::min<std::size_t>(offsets.size() * 8, 1U << 23U)));
  firsts_.assign(bits / 64, 0);
  first_mask_ = bits - 1;

  char scratch[kLongest + 8];
  for (std::size_t i = 0; i + 1 < offsets.size(); ++i) {
    const std::string_view text(bytes_.data() + offsets[i], offsets[i + 1] - offsets[i]);
    std::uint64_t hash = kSeed;
    Row* last = nullptr;
    for (std::size_t at = 0; at < text.size();) {
      if (text[at] == ' ') {
        hash = take_blank(hash);
        ++at;
        continue;
      }
      const Token token = token_at(text, at);
      hash = take(hash, text.substr(at, token.end - at), false, scratch);
      if (at == 0) firsts_[(hash & first_mask_) / 64] |= std::uint64_t{1} << (hash % 64);
      if (last != nullptr) last->flags |= kMore;
      last = &insert(hash, offsets[i], token.end);
      at = token.end;
    }
    if (last == nullptr) continue;
    if ((last->flags & kTerm) == 0) ++terms_;
    last->flags |= kTerm;
  }
}

TermTable::Match TermTable::match(std::string_view text, std::size_t at, bool complete) const {
  Match found;
  if (terms_ == 0) return found;
  char bytes[kLongest + 16];
  std::size_t length = 0;
  std::uint64_t hash = kSeed;
  const std::size_t begin = at;
  // No further than a match can reach: the word after it may be as long as the text.
  const bool clipped = text.size() - begin > kWidest + 8;
  if (clipped) {
    text = text.substr(0, begin + kWidest + 8);
    complete = true;
  }
  while (true) {
    const Token token = token_at(text, at);
    const std::size_t size = token.end - at;
    if (length + size > kLongest || token.end - begin > kWidest || (token.open && clipped)) return found;
    if (token.open && !complete) {
      found.open = true;
      return found;
    }
    hash = take(hash, text.substr(at, size), caseless_, bytes + length);
    length += size;
    if (at == begin) {
      if ((firsts_[(hash & first_mask_) / 64] >> (hash % 64) & 1) == 0) return found;
    }
    const Row* const row = find(hash, bytes, length);
    if (row == nullptr) return found;
    if ((row->flags & kTerm) != 0) found.end = token.end;
    if ((row->flags & kMore) == 0) return found;
    at = token.end;
    std::size_t blanks = 0;
    bool unfinished = false;
    while (at < text.size() && blanks < kMostBlanks) {
      const Glyph glyph = glyph_at(text, at);
      unfinished = glyph.unfinished;
      if (glyph.kind != Glyph::Kind::space) break;
      at += glyph.size;
      ++blanks;
    }
    if (at == text.size() || unfinished) {
      found.open = !complete;
      return found;
    }
    if (blanks > 0) {
      if (length == kLongest) return found;
      bytes[length++] = ' ';
      hash = take_blank(hash);
    }
    if (glyph_at(text, at).kind == Glyph::Kind::space) return found;
  }
}

std::size_t TermTable::memory() const {
  return bytes_.capacity() + rows_.capacity() * sizeof(Row) + firsts_.capacity() * sizeof(std::uint64_t);
}

}  // namespace gatehouse::guard
