#include "gatehouse/ml/tokenizer/unigram.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace gatehouse::ml::tokenizer {
namespace {

// What an unknown character's score is below the worst token's, as in SentencePiece.
constexpr double kUnknownPenalty = 10.0;

std::unexpected<Error> bad(std::string_view what) { return fail(Code::configuration, fmt::format("model: {}", what)); }

std::size_t length_of(char lead) {
  const auto byte = static_cast<std::uint8_t>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

double power_of_ten(int exponent) {
  char text[8] = {'1', 'e'};
  const char* end = std::to_chars(text + 2, text + sizeof text, exponent).ptr;
  double power = 1;
  std::from_chars(text, end, power);
  return power;
}

// A number as the reference implementation reads it: the digits as an integer, as a double, times or through a power of
// ten. That is up to two units in the last place off, and decides between ways to cut a word whose scores are the same.
double score_of(std::string_view number) {
  const bool negative = number.starts_with('-');
  std::uint64_t digits = 0;
  int exponent = 0;
  bool full = false;
  bool fraction = false;
  std::size_t at = negative ? 1 : 0;
  for (; at < number.size() && number[at] != 'e' && number[at] != 'E'; ++at) {
    if (number[at] == '.') {
      fraction = true;
      continue;
    }
    const auto digit = static_cast<std::uint64_t>(number[at] - '0');
    full = full || digits > (std::numeric_limits<std::uint64_t>::max() - digit) / 10;
    if (full) {
      exponent += fraction ? 0 : 1;
    } else {
      digits = digits * 10 + digit;
      exponent -= fraction ? 1 : 0;
    }
    exponent = std::clamp(exponent, -1000, 1000);
  }
  if (at < number.size()) {
    bool down = false;
    if (++at < number.size() && (number[at] == '-' || number[at] == '+')) down = number[at++] == '-';
    int written = 0;
    for (; at < number.size(); ++at) written = std::min(written * 10 + (number[at] - '0'), 1000);
    exponent += down ? -written : written;
  }
  auto value = static_cast<double>(digits);
  for (; exponent < -308 && value != 0; exponent += 308) value /= 1e308;
  if (value != 0 && exponent <= 308) {
    const double power = power_of_ten(exponent < 0 ? -exponent : exponent);
    value = exponent < 0 ? value / power : value * power;
  } else if (value != 0) {
    value = std::numeric_limits<double>::max();
  }
  return negative ? -value : value;
}

}  // namespace

Result<std::unique_ptr<Unigram>> Unigram::parse(const json::Value& model, const Reserved& reserved) {
  const json::Value vocab = model["vocab"];
  if (!vocab.is(json::Kind::array)) return bad("vocab: a list is needed");
  auto made = std::make_unique<Unigram>();
  Vocabulary::Entries entries;
  const char* problem = nullptr;
  double least = std::numeric_limits<double>::infinity();
  vocab.elements([&](json::Value value) {
    if (problem != nullptr) return;
    if (entries.size() == Vocabulary::kMostTokens) {
      problem = "vocab: too many tokens";
      return;
    }
    std::size_t place = 0;
    std::optional<std::string> token;
    std::optional<double> score;
    value.elements([&](json::Value element) {
      if (place == 0) token = element.string();
      if (place == 1 && element.is(json::Kind::number)) score = score_of(element.raw());
      ++place;
    });
    if (!token || !score || place != 2) {
      problem = "vocab: an entry is no token with its score";
      return;
    }
    entries.emplace_back(std::move(*token), static_cast<std::int32_t>(entries.size()));
    made->scores_.push_back(*score);
    least = std::min(least, *score);
  });
  if (problem != nullptr) return bad(problem);
  const auto unknown = model["unk_id"].integer();
  if (!unknown || *unknown < 0 || static_cast<std::uint64_t>(*unknown) >= entries.size()) {
    return bad("unk_id is not the place of a token");
  }
  made->unknown_ = static_cast<std::int32_t>(*unknown);
  made->unknown_score_ = least - kUnknownPenalty;
  auto vocabulary = Vocabulary::make(entries, reserved);
  if (!vocabulary) return bad(vocabulary.error().detail);
  made->vocabulary_ = std::move(*vocabulary);
  made->byte_fallback_ = model["byte_fallback"].boolean().value_or(false);
  for (std::size_t byte = 0; byte < made->bytes_.size(); ++byte) {
    made->bytes_[byte] = made->vocabulary_.find(fmt::format("<0x{:02X}>", byte)).value_or(-1);
  }
  return made;
}

// Unknown characters beside each other are one token, or their bytes.
void Unigram::put_unknown(std::string_view word, std::size_t begin, std::size_t end, std::vector<Piece>& out) const {
  const std::string_view part = word.substr(begin, end - begin);
  const auto put = [&](std::int32_t id) {
    out.push_back({id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  };
  if (const auto known = vocabulary_.trie().find(part); known && Vocabulary::readable(*known)) return put(*known);
  const auto token = [&](char byte) { return bytes_[static_cast<std::uint8_t>(byte)]; };
  if (byte_fallback_ && std::ranges::all_of(part, [&](char byte) { return token(byte) >= 0; })) {
    // From the last to the first: encode() turns all around.
    for (std::size_t i = part.size(); i-- > 0;) put(token(part[i]));
    return;
  }
  put(unknown_);
}

void Unigram::encode(std::string_view word, WordScratch& scratch, std::vector<Piece>& out) const {
  const Trie& trie = vocabulary_.trie();
  auto& best = scratch.best;
  best.assign(word.size() + 1, {0, 0, -1});
  for (std::size_t at = 0; at < word.size();) {
    const double here = best[at].score;
    const std::size_t single = at + length_of(word[at]);
    const auto offer = [&](std::size_t end, double score, std::int32_t id) {
      WordScratch::Best& there = best[end];
      if (there.id < 0 || score > there.score) there = {score, static_cast<std::uint32_t>(at), id};
    };
    bool any_single = false;
    std::int32_t state = Trie::kRoot;
    for (std::size_t end = at; end < word.size();) {
      state = trie.step(state, static_cast<std::uint8_t>(word[end++]));
      if (state == Trie::kNone) break;
      const std::int32_t id = trie.value(state);
      if (!Vocabulary::readable(id)) continue;
      offer(end, scores_[static_cast<std::size_t>(id)] + here, id);
      if (end == single) any_single = true;
    }
    if (!any_single) offer(single, unknown_score_ + here, unknown_);
    at = single;
  }
  // Back from the end; unknown ones are gathered.
  const std::size_t first = out.size();
  std::size_t unknown_end = 0;
  std::size_t end = word.size();
  while (end > 0) {
    const WordScratch::Best& node = best[end];
    if (node.id == unknown_) {
      if (unknown_end == 0) unknown_end = end;
    } else {
      if (unknown_end != 0) put_unknown(word, end, unknown_end, out);
      unknown_end = 0;
      out.push_back({node.id, node.begin, static_cast<std::uint32_t>(end)});
    }
    end = node.begin;
  }
  if (unknown_end != 0) put_unknown(word, 0, unknown_end, out);
  std::reverse(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
}

}  // namespace gatehouse::ml::tokenizer
