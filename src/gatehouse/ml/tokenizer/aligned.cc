#include "gatehouse/ml/tokenizer/aligned.h"

#include <algorithm>

#include "gatehouse/text/utf8.h"

namespace gatehouse::ml::tokenizer {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

std::size_t utf8(char32_t c, char* out) {
  if (c < 0x80) {
    out[0] = static_cast<char>(c);
    return 1;
  }
  if (c < 0x800) {
    out[0] = static_cast<char>(0xC0 | c >> 6);
    out[1] = static_cast<char>(0x80 | (c & 0x3F));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = static_cast<char>(0xE0 | c >> 12);
    out[1] = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out[2] = static_cast<char>(0x80 | (c & 0x3F));
    return 3;
  }
  out[0] = static_cast<char>(0xF0 | c >> 18);
  out[1] = static_cast<char>(0x80 | (c >> 12 & 0x3F));
  out[2] = static_cast<char>(0x80 | (c >> 6 & 0x3F));
  out[3] = static_cast<char>(0x80 | (c & 0x3F));
  return 4;
}

std::size_t length_of(char lead) {
  const auto byte = static_cast<std::uint8_t>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

}  // namespace

void append_utf8(std::string& out, char32_t c) {
  char bytes[4];
  out.append(bytes, utf8(c, bytes));
}

char32_t next_point(std::string_view text, std::size_t& at) {
  const auto first = static_cast<std::uint8_t>(text[at]);
  const std::size_t length = length_of(text[at]);
  if (length == 1) {
    ++at;
    return first;
  }
  char32_t c = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) c = c << 6 | (static_cast<std::uint8_t>(text[at + i]) & 0x3FU);
  at += length;
  return c;
}

char32_t previous_point(std::string_view text, std::size_t& at) {
  do {
    --at;
  } while ((static_cast<std::uint8_t>(text[at]) & 0xC0U) == 0x80);
  std::size_t behind = at;
  return next_point(text, behind);
}

void Aligned::read(std::string_view original) {
  clear();
  text_.reserve(original.size());
  from_.reserve(original.size());
  for (std::size_t at = 0; at < original.size();) {
    const text::Sequence sequence = text::next_sequence(original.substr(at));
    const Source source{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + sequence.size)};
    if (sequence.valid) {
      append(original.substr(at, sequence.size), source);
    } else {
      append(kReplacement, source);
    }
    at += sequence.size;
  }
}

void Aligned::append(char32_t c, Source source) {
  char bytes[4];
  append(std::string_view(bytes, utf8(c, bytes)), source);
}

void Aligned::append(std::string_view well_formed, Source source) {
  text_.append(well_formed);
  from_.resize(text_.size(), source);
}

void Aligned::append(const Aligned& other, std::size_t begin, std::size_t end) {
  text_.append(other.text_, begin, end - begin);
  from_.insert(from_.end(), other.from_.begin() + static_cast<std::ptrdiff_t>(begin),
               other.from_.begin() + static_cast<std::ptrdiff_t>(end));
}

void Aligned::rewrite(const Aligned& old, std::span<const Change> changes, std::size_t removed) {
  clear();
  text_.reserve(old.size());
  from_.reserve(old.size());
  std::size_t at = 0;
  const auto skip = [&](std::size_t points) {
    for (; points > 0 && at < old.size(); --points) at += length_of(old.text_[at]);
  };
  skip(removed);
  for (const Change& change : changes) {
    if (change.change > 0) {
      append(change.point, at == 0 ? Source{} : old.from_[at - 1]);
      continue;
    }
    // More that take a place than there were places: only by a normaliser's fault, and still inside the text.
    append(change.point, old.size() == 0 ? Source{} : old.from_[std::min(at, old.size() - 1)]);
    skip(1 + static_cast<std::size_t>(-change.change));
  }
}

void Aligned::prepend(std::string_view prefix) {
  if (text_.empty()) return;
  const Source first = from_.front();
  text_.insert(0, prefix);
  from_.insert(from_.begin(), prefix.size(), first);
}

}  // namespace gatehouse::ml::tokenizer
