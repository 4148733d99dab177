#include "gatehouse/text/views/encodings.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "gatehouse/text/utf8.h"
#include "gatehouse/text/views/chars.h"

namespace gatehouse::text::views {
namespace {

constexpr std::uint8_t kNot = 0xFF;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNot);
  for (std::uint8_t i = 0; i < 26; ++i) {
    values['A' + i] = i;
    values['a' + i] = static_cast<std::uint8_t>(26 + i);
  }
  for (std::uint8_t i = 0; i < 10; ++i) values['0' + i] = static_cast<std::uint8_t>(52 + i);
  values['+'] = values['-'] = 62;
  values['/'] = values['_'] = 63;
  return values;
}
constexpr std::array<std::uint8_t, 256> kValues = make_values();

std::uint8_t value_of(char c) { return kValues[static_cast<unsigned char>(c)]; }

// Behind a line break and the indentation of the next line, if a line that is long enough to be broken goes on there;
// else `at`. The text's end counts as going on.
std::size_t next_line(std::string_view text, std::size_t line, std::size_t at) {
  constexpr std::size_t kShortestLine = 20;
  constexpr std::size_t kIndent = 8;
  if (at - line < kShortestLine || at >= text.size()) return at;
  std::size_t next = at;
  if (text[next] == '\r') ++next;
  if (next < text.size() && text[next] != '\n') return at;
  ++next;
  for (std::size_t i = 0; i < kIndent && next < text.size() && (text[next] == ' ' || text[next] == '\t'); ++i) ++next;
  if (next >= text.size()) return text.size();
  return value_of(text[next]) == kNot ? at : next;
}

constexpr std::size_t kEarly = 256;
constexpr int kPointsEarly = 10;
constexpr int kPointsLate = 20;
constexpr int kMostPoints = 32;  // kept: a text that ends in other bytes is left soon
constexpr int kBad = 4;

}  // namespace

void Encodings::begin() {
  bytes_.clear();
  steps_.clear(map_);
  end_ = 0;
}

void Encodings::add(std::size_t begin, std::size_t end, std::string_view bytes, std::uint16_t from, std::uint16_t to) {
  steps_.add(map_, bytes_.size(), bytes.size(), begin, from, to, false);
  bytes_ += bytes;
  end_ = end;
}

std::size_t Encodings::source_of(std::size_t byte) const {
  if (byte >= bytes_.size()) return end_;
  const auto step = std::prev(std::ranges::upper_bound(map_, byte, {}, &ViewStep::at));
  return step->source + (byte - step->at) / step->from * step->to;
}

void Encodings::emit(ViewKind kind, std::size_t begin, std::size_t end, bool growing, Sink& sink) {
  Making& making = sink.begin();
  const std::string_view bytes = bytes_;
  auto step = std::prev(std::ranges::upper_bound(map_, begin, {}, &ViewStep::at));
  std::size_t nul = std::min(bytes.find('\0', begin), end);
  while (begin < end) {
    if (begin == nul) {
      nul = std::min(bytes.find('\0', ++begin), end);
      continue;
    }
    while (std::next(step) != map_.end() && std::next(step)->at <= begin) ++step;
    std::size_t stop = std::next(step) == map_.end() ? end : std::min<std::size_t>(end, std::next(step)->at);
    stop = std::min(stop, nul);
    const std::size_t unit = (begin - step->at) / step->from;
    const std::size_t source = step->source + unit * step->to;
    std::uint16_t from = step->from;
    std::size_t units = 1;
    if ((begin - step->at) % from != 0) {  // the rest of a unit
      stop = std::min<std::size_t>(stop, step->at + (unit + 1) * from);
      from = static_cast<std::uint16_t>(stop - begin);
    } else {
      units = (stop - begin + from - 1) / from;
    }
    making.put_units(source, std::min(end_, source + units * step->to), bytes.substr(begin, stop - begin), from,
                     step->to);
    begin = stop;
  }
  sink.emit(kind, growing);
}

bool Encodings::emit_stretches(ViewKind kind, std::size_t least, bool growing, Sink& sink) {
  bool from_start = false;
  bool all_text = true;
  int points = 0;
  int best = 0;
  std::size_t start = 0;
  std::size_t best_end = 0;
  const std::size_t text_end = bytes_.find_last_not_of('\0') + 1;
  const auto close = [&](bool open) {
    const bool enough = best >= (start < kEarly ? kPointsEarly : kPointsLate);
    const bool whole = all_text && start == 0 && best_end == text_end && least != 0 && best_end >= least;
    if (enough || whole) {
      if (start == 0) from_start = true;
      if (sink.fresh(source_of(start), source_of(best_end - 1) + 1)) emit(kind, start, best_end, open, sink);
    }
    points = best = 0;
  };
  const std::string_view bytes = bytes_;
  for (std::size_t i = 0; i < bytes.size() && !sink.full();) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    std::size_t size = 1;
    bool good = (byte >= 0x20 && byte < 0x7F) || (byte >= '\t' && byte <= '\r');
    if (byte >= 0x80) {
      const Sequence sequence = next_sequence(bytes.substr(i));
      size = sequence.size;
      good = sequence.valid && sequence.code_point >= 0xA0;
    }
    if (byte == 0) {
      ++i;
      continue;
    }
    if (good) {
      if (points == 0) start = i;
      i += size;
      points = std::min(points + 1, kMostPoints);
      best = std::max(best, points);
      if (points * 2 >= best) best_end = i;
      continue;
    }
    all_text = false;
    i += size;
    if (points > 0) {
      points -= kBad;
      if (points <= 0) close(false);
    }
  }
  if (best > 0) {
    if (growing) sink.open(source_of(start));
    // What follows the last character may still be it.
    close(growing && best_end + 4 > bytes.size());
  }
  if (growing && !bytes.empty()) sink.open(source_of(bytes.size() - 1));
  return from_start;
}

void Encodings::decode_base64(std::string_view text, std::size_t at, std::size_t end) {
  begin();
  end_ = at;
  std::array<char, 3> out{};
  while (at < end) {
    // Groups on one line.
    while (at + 4 <= end) {
      const std::uint32_t a = value_of(text[at]);
      const std::uint32_t b = value_of(text[at + 1]);
      const std::uint32_t c = value_of(text[at + 2]);
      const std::uint32_t d = value_of(text[at + 3]);
      if (((a | b | c | d) & 0x80U) != 0) break;
      const std::uint32_t group = a << 18U | b << 12U | c << 6U | d;
      out = {static_cast<char>(group >> 16U), static_cast<char>(group >> 8U), static_cast<char>(group)};
      add(at, at + 4, {out.data(), 3}, 3, 4);
      at += 4;
    }
    // One that a line break or the end cuts.
    const std::size_t group_begin = at;
    std::uint32_t group = 0;
    unsigned count = 0;
    std::size_t group_end = at;
    while (at < end && count < 4) {
      const std::uint8_t value = value_of(text[at++]);
      if (value == kNot) continue;
      group = group << 6U | value;
      ++count;
      group_end = at;
    }
    if (count < 2) break;
    group <<= 6U * (4 - count);
    out = {static_cast<char>(group >> 16U), static_cast<char>(group >> 8U), static_cast<char>(group)};
    add(group_begin, group_end, {out.data(), count - 1}, static_cast<std::uint16_t>(count - 1),
        static_cast<std::uint16_t>(group_end - group_begin));
  }
}

void Encodings::make_base64(const Source& source, std::span<const Span> tokens, Sink& sink) {
  constexpr std::size_t kShortest = 8;
  constexpr std::size_t kShortestShifted = 16;
  const std::string_view text = source.text;
  std::size_t done = 0;
  for (const Span& token : tokens) {
    if (sink.full()) return;
    if (token.begin < done) continue;
    std::size_t end = token.end;
    for (std::size_t line = token.begin;;) {
      const std::size_t next = next_line(text, line, end);
      if (next == end) break;
      line = end = next;
      while (end < text.size() && value_of(text[end]) != kNot) ++end;
    }
    done = end;
    const bool growing = !source.complete && end == text.size();
    if (end - token.begin < kShortest) {
      if (growing) sink.open(token.begin);
      continue;
    }
    decode_base64(text, token.begin, end);
    if (emit_stretches(ViewKind::base64, source.least, growing, sink)) continue;
    if (end - token.begin < kShortestShifted) {
      if (growing) sink.open(token.begin);
      continue;
    }
    for (std::size_t shift = 1; shift < 4; ++shift) {
      decode_base64(text, token.begin + shift, end);
      if (emit_stretches(ViewKind::base64, 0, growing, sink)) break;
    }
  }
}

namespace {

constexpr std::size_t kLeastPairs = 4;

bool is_pair_gap(char c) { return c == ' ' || c == ',' || c == ':' || c == ';' || c == '-' || c == '\n'; }

// A pair of hex digits at `at`, with or without 0x: where its digits begin; npos if none.
std::size_t pair_digits(std::string_view text, std::size_t at) {
  if (at + 3 < text.size() && text[at] == '0' && (text[at + 1] | 0x20) == 'x') at += 2;
  if (at + 1 >= text.size() || hex_digit(text[at]) < 0 || hex_digit(text[at + 1]) < 0) return std::string_view::npos;
  if (at + 2 < text.size() && is_alnum(text[at + 2])) return std::string_view::npos;
  return at;
}

// The beginning of the pair before the one that begins at `at`; `at` if there is none behind `not_before`.
std::size_t pair_before(std::string_view text, std::size_t at, std::size_t not_before) {
  std::size_t i = at;
  for (int gap = 0; gap < 2 && i > not_before && is_pair_gap(text[i - 1]); ++gap) --i;
  if (i == at || i < not_before + 2) return at;
  i -= 2;
  if (hex_digit(text[i]) < 0 || hex_digit(text[i + 1]) < 0) return at;
  if (i >= not_before + 2 && text[i - 2] == '0' && (text[i - 1] | 0x20) == 'x') i -= 2;
  return i > 0 && is_alnum(text[i - 1]) ? at : i;
}

}  // namespace

// The run of pairs around the one at `at`. Returns its end, or `at` if there is none.
std::size_t Encodings::hex_pairs(const Source& source, std::size_t at, std::size_t not_before, Sink& sink) {
  const std::string_view text = source.text;
  if (pair_digits(text, at) == std::string_view::npos || (at > 0 && is_alnum(text[at - 1]))) return at;
  for (std::size_t before = pair_before(text, at, not_before); before != at;
       before = pair_before(text, at, not_before)) {
    at = before;
  }
  begin();
  std::size_t pairs = 0;
  std::size_t next = at;
  const std::size_t start = at;
  for (;;) {
    const std::size_t digits = pair_digits(text, next);
    if (digits == std::string_view::npos) break;
    const char byte = static_cast<char>(hex_digit(text[digits]) * 16 + hex_digit(text[digits + 1]));
    add(next, digits + 2, {&byte, 1}, 1, static_cast<std::uint16_t>(digits + 2 - next));
    ++pairs;
    next = at = digits + 2;
    for (int gap = 0; gap < 2 && next < text.size() && is_pair_gap(text[next]); ++gap) ++next;
    if (next == at) break;
  }
  // Cut off within a gap or the next pair: 0x and a digit at most.
  const bool growing = !source.complete && next + 3 >= text.size() &&
                       std::all_of(text.begin() + static_cast<std::ptrdiff_t>(next), text.end(),
                                   [](char c) { return hex_digit(c) >= 0 || (c | 0x20) == 'x'; });
  if (pairs >= kLeastPairs) {
    emit_stretches(ViewKind::hex, source.least, growing, sink);
  } else if (growing) {
    sink.open(start);
  }
  return at;
}

void Encodings::make_hex(const Source& source, const Screened& found, Sink& sink) {
  constexpr std::size_t kShortest = 8;
  const std::string_view text = source.text;
  std::size_t pairs_done = 0;
  std::size_t pair = 0;
  const auto try_pairs = [&](std::size_t at) {
    if (at < pairs_done) return;
    pairs_done = std::max(pairs_done, hex_pairs(source, at, pairs_done, sink));
  };
  for (const Span& token : found.mixed) {
    if (sink.full()) return;
    for (; pair < found.pairs.size() && found.pairs[pair] < token.begin; ++pair) {
      std::size_t at = found.pairs[pair];
      while (at > 0 && is_digit(text[at - 1])) --at;
      try_pairs(at);
    }
    try_pairs(token.begin);
    for (std::size_t begin = token.begin; begin < token.end; ++begin) {
      if (hex_digit(text[begin]) < 0) continue;
      std::size_t end = begin;
      while (end < token.end && hex_digit(text[end]) >= 0) ++end;
      const bool growing = !source.complete && end == text.size();
      if (end - begin >= kShortest) {
        for (std::size_t shift = 0; shift < 2; ++shift) {
          this->begin();
          for (std::size_t i = begin + shift; i + 1 < end; i += 2) {
            const char byte = static_cast<char>(hex_digit(text[i]) * 16 + hex_digit(text[i + 1]));
            add(i, i + 2, {&byte, 1}, 1, 2);
          }
          if (emit_stretches(ViewKind::hex, shift == 0 ? source.least : 0, growing, sink)) break;
        }
      } else if (growing) {
        sink.open(begin);
      }
      begin = end;
    }
  }
  for (; pair < found.pairs.size() && !sink.full(); ++pair) {
    std::size_t at = found.pairs[pair];
    while (at > 0 && is_digit(text[at - 1])) --at;
    try_pairs(at);
  }
}

namespace {

// The byte that a tag character or variation selector of four bytes at `at` stands for; -1: it is another character;
// -2: it stands for none.
int smuggled(std::string_view text, std::size_t at) {
  if (at + 3 >= text.size() || text[at] != '\xF3' || text[at + 1] != '\xA0') return -1;
  const unsigned c =
      (static_cast<unsigned char>(text[at + 2]) & 0x3FU) << 6U | (static_cast<unsigned char>(text[at + 3]) & 0x3FU);
  if (c >= 0x20 && c < 0x7F) return static_cast<int>(c);
  if (c < 0x80) return -2;
  if (c >= 0x100 && c < 0x1F0) return static_cast<int>(c - 0x100 + 16);
  return -1;
}

}  // namespace

void Encodings::make_tags(const Source& source, std::size_t first, Sink& sink) {
  constexpr std::size_t kGap = 32;
  const std::string_view text = source.text;
  std::size_t at = text.find('\xF3', first);
  while (at != std::string_view::npos && !sink.full()) {
    if (smuggled(text, at) < 0) {
      if (!source.complete && at + 3 >= text.size()) sink.open(at);
      at = text.find('\xF3', at + 1);
      continue;
    }
    const std::size_t start = at;
    Making& making = sink.begin();
    std::size_t end = at;  // behind the last one
    while (at < text.size() && at <= end + kGap) {
      if (text[at] == '\xF3') {
        const int byte = smuggled(text, at);
        if (byte >= 0) {
          const char c = static_cast<char>(byte);
          making.put(at, at + 4, {&c, 1});
        }
        if (byte != -1) {
          at = end = at + 4;
          continue;
        }
      } else if (text[at] == '\xEF' && at + 2 < text.size() && text[at + 1] == '\xB8' &&
                 (static_cast<unsigned char>(text[at + 2]) & 0xF0U) == 0x80) {
        // The first sixteen variation selectors.
        const char c = static_cast<char>(text[at + 2] & 0x0F);
        if (at == end) making.put(at, at + 3, {&c, 1});
        if (at == end) end = at + 3;
        at += 3;
        continue;
      }
      ++at;
    }
    const bool growing = !source.complete && text.size() < end + kGap + 4;  // the next may be cut off
    if (growing) sink.open(start);
    if (making.text().size() >= source.least && sink.fresh(start, end)) sink.emit(ViewKind::tags, growing);
    at = text.find('\xF3', std::max(at, end));
  }
}

}  // namespace gatehouse::text::views
