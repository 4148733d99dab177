#include "gatehouse/llm/tokens/tokenizer.h"

#include <array>

#include <fmt/format.h>

#include "gatehouse/llm/tokens/merge.h"
#include "gatehouse/llm/tokens/splitter.h"
#include "gatehouse/llm/tokens/vocabulary.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::llm {
namespace {

using detail::Pattern;

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::size_t kBlock = 4096;

template <Pattern kPattern>
std::uint64_t count_valid(const detail::Vocabulary& vocabulary, std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  detail::Splitter<kPattern> splitter(end);
  detail::Merger merger(vocabulary, end, kLongPiece);
  std::uint64_t tokens = 0;
  while (at < end) {
    const char* next = splitter.next(at);
    tokens += merger.count(at, static_cast<std::size_t>(next - at));
    at = next;
  }
  return tokens;
}

template <Pattern kPattern>
void encode_valid(const detail::Vocabulary& vocabulary, std::string_view text, std::vector<std::uint32_t>& ids) {
  const char* at = text.data();
  const char* const end = at + text.size();
  detail::Splitter<kPattern> splitter(end);
  detail::Merger merger(vocabulary, end, kLongPiece);
  while (at < end) {
    const char* next = splitter.next(at);
    merger.encode(at, static_cast<std::size_t>(next - at), ids);
    at = next;
  }
}

std::uint64_t count_valid(Encoding encoding, std::string_view text) {
  const auto vocabulary = detail::Vocabulary::of(encoding);
  return encoding == Encoding::cl100k_base ? count_valid<Pattern::cl100k>(vocabulary, text)
                                           : count_valid<Pattern::o200k>(vocabulary, text);
}

struct Special {
  std::uint32_t id;
  std::string_view name;
};
// tiktoken's registry; the last ones openai-harmony's.
constexpr auto kCl100k = std::to_array<Special>({{100257, "<|endoftext|>"},
                                                 {100258, "<|fim_prefix|>"},
                                                 {100259, "<|fim_middle|>"},
                                                 {100260, "<|fim_suffix|>"},
                                                 {100276, "<|endofprompt|>"}});
constexpr auto kO200k = std::to_array<Special>({{199999, "<|endoftext|>"}, {200018, "<|endofprompt|>"}});
constexpr auto kHarmony = std::to_array<Special>({{199998, "<|startoftext|>"},
                                                  {199999, "<|endoftext|>"},
                                                  {200002, "<|return|>"},
                                                  {200003, "<|constrain|>"},
                                                  {200005, "<|channel|>"},
                                                  {200006, "<|start|>"},
                                                  {200007, "<|end|>"},
                                                  {200008, "<|message|>"},
                                                  {200012, "<|call|>"},
                                                  {200018, "<|endofprompt|>"}});
constexpr std::uint32_t kHarmonyReserved = 200000;     // the first of the ids without a meaning yet
constexpr std::uint32_t kHarmonyReservedEnd = 201088;  // past the last

std::span<const Special> specials_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::cl100k_base:
      return kCl100k;
    case Encoding::o200k_base:
      return kO200k;
    case Encoding::o200k_harmony:
      break;
  }
  return kHarmony;
}

bool append_special(Encoding encoding, std::uint32_t id, std::string& out) {
  for (const Special& special : specials_of(encoding)) {
    if (special.id != id) continue;
    out += special.name;
    return true;
  }
  if (encoding != Encoding::o200k_harmony || id < kHarmonyReserved || id >= kHarmonyReservedEnd) return false;
  fmt::format_to(std::back_inserter(out), "<|reserved_{}|>", id);
  return true;
}

}  // namespace

std::uint64_t count_tokens(Encoding encoding, std::string_view text) {
  if (text::valid_utf8(text)) return count_valid(encoding, text);
  TextCounter counter(encoding);
  counter.add(text);
  return counter.finish();
}

void encode(Encoding encoding, std::string_view text, std::vector<std::uint32_t>& ids) {
  if (!text::valid_utf8(text)) return encode(encoding, text::replace_invalid(text), ids);
  const auto vocabulary = detail::Vocabulary::of(encoding);
  if (encoding == Encoding::cl100k_base) {
    encode_valid<Pattern::cl100k>(vocabulary, text, ids);
  } else {
    encode_valid<Pattern::o200k>(vocabulary, text, ids);
  }
}

std::vector<std::uint32_t> encode(Encoding encoding, std::string_view text) {
  std::vector<std::uint32_t> ids;
  encode(encoding, text, ids);
  return ids;
}

Result<std::string> decode(Encoding encoding, std::span<const std::uint32_t> ids) {
  const auto vocabulary = detail::Vocabulary::of(encoding);
  std::string out;
  for (const std::uint32_t id : ids) {
    if (id < vocabulary.size()) {
      out += vocabulary.bytes(id);
    } else if (!append_special(encoding, id, out)) {
      return fail(Code::invalid_request, fmt::format("{} has no token {}", name(encoding), id));
    }
  }
  return out;
}

void TextCounter::add(std::string_view part) {
  while (!unfinished_.empty() && !part.empty()) {
    unfinished_ += part.front();
    part.remove_prefix(1);
    const std::size_t whole = unfinished_.size() - text::incomplete_tail(unfinished_);
    if (whole == 0) continue;
    add_valid(text::replace_invalid(std::string_view(unfinished_).substr(0, whole)));
    unfinished_.erase(0, whole);
  }
  const std::size_t tail = text::incomplete_tail(part);
  unfinished_ += part.substr(part.size() - tail);
  part.remove_suffix(tail);
  if (text::valid_utf8(part)) return add_valid(part);
  std::string block;
  block.reserve(kBlock + 4);
  while (!part.empty()) {
    const text::Sequence sequence = text::next_sequence(part);
    block += sequence.valid ? part.substr(0, sequence.size) : kReplacement;
    part.remove_prefix(sequence.size);
    if (block.size() < kBlock && !part.empty()) continue;
    add_valid(block);
    block.clear();
  }
}

void TextCounter::add_valid(std::string_view part) {
  if (part.empty()) return;
  if (!held_.empty()) {
    std::size_t cut = 0;
    if (!detail::may_cut(held_.back(), part.front())) {
      cut = 1;
      while (cut < part.size() && !detail::may_cut(part[cut - 1], part[cut])) ++cut;
    }
    held_ += part.substr(0, cut);
    part.remove_prefix(cut);
    if (part.empty() && held_.size() < kHeldBack) return;
    tokens_ += count_valid(encoding_, held_);
    held_.clear();
  }
  std::size_t cut = part.size();
  while (cut > 1 && !detail::may_cut(part[cut - 2], part[cut - 1])) --cut;
  // `cut` is now behind the first byte of what is held back.
  cut = cut > 1 ? cut - 1 : 0;
  if (part.size() - cut >= kHeldBack) cut = part.size();
  tokens_ += count_valid(encoding_, part.substr(0, cut));
  held_ = part.substr(cut);
}

std::uint64_t TextCounter::finish() {
  if (!unfinished_.empty()) add_valid(kReplacement);
  unfinished_.clear();
  const std::uint64_t tokens = tokens_ + count_valid(encoding_, held_);
  held_.clear();
  tokens_ = 0;
  return tokens;
}

}  // namespace gatehouse::llm
