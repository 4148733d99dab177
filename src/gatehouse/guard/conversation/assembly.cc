#include "gatehouse/guard/conversation/assembly.h"

#include <algorithm>

namespace gatehouse::guard {
namespace {

constexpr std::size_t kLeastDigits = 1;
constexpr std::size_t kMostDigits = 12;     // more in one piece is a number by itself
constexpr std::size_t kAroundNumbers = 48;  // other text that may stand around digits which are a piece
constexpr std::size_t kLeastEncoded = 6;    // characters of a piece of an encoding
constexpr std::size_t kEnd = 320;           // bytes of a text's end and beginning that may make one instruction
constexpr std::size_t kLeastEncodedInAll = 24;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_encoded(char c) {
  return is_digit(c) || is_letter(c) || c == '+' || c == '/' || c == '=' || c == '-' || c == '_';
}

// How mixed a token is: what encodings are and words are not.
bool looks_encoded(std::string_view token) {
  bool lower = false;
  bool upper = false;
  bool other = false;
  for (std::size_t i = 0; i < token.size(); ++i) {
    lower = lower || (token[i] >= 'a' && token[i] <= 'z');
    upper = upper || (i > 0 && token[i] >= 'A' && token[i] <= 'Z');
    other = other || !is_letter(token[i]);
  }
  return (lower && upper) || (other && (lower || upper));
}

}  // namespace

// The digits of utterances that say little besides, in order, as one run.
void Assembly::join_numbers(std::span<const Utterance> utterances) {
  joined_.clear();
  pieces_.clear();
  // Backwards from the newest, as long as each gives a piece.
  std::size_t first = utterances.size();
  for (std::size_t i = utterances.size(); i > 0; --i) {
    const std::string_view text = utterances[i - 1].text;
    if (utterances[i - 1].role != llm::Role::user) continue;
    const auto digits = static_cast<std::size_t>(std::ranges::count_if(text, is_digit));
    if (digits < kLeastDigits || digits > kMostDigits || text.size() - digits > kAroundNumbers) break;
    first = i - 1;
  }
  for (std::size_t i = first; i < utterances.size(); ++i) {
    if (utterances[i].role != llm::Role::user) continue;
    const std::string_view text = utterances[i].text;
    const std::size_t begin = static_cast<std::size_t>(std::ranges::find_if(text, is_digit) - text.begin());
    std::size_t end = text.size();
    while (end > begin && !is_digit(text[end - 1])) --end;
    if (begin >= end) continue;
    Piece piece{.utterance = i, .from = begin, .at = joined_.size(), .size = 0};
    for (const char c : text.substr(begin, end - begin)) {
      if (is_digit(c)) joined_.push_back(c);
    }
    piece.size = joined_.size() - piece.at;
    pieces_.push_back(piece);
  }
}

// The tokens that look encoded, in order, without what stands between them.
void Assembly::join_encoded(std::span<const Utterance> utterances) {
  joined_.clear();
  pieces_.clear();
  for (std::size_t i = 0; i < utterances.size(); ++i) {
    const std::string_view text = utterances[i].text;
    std::size_t best = 0;
    std::size_t best_size = 0;
    for (std::size_t at = 0; at < text.size();) {
      if (!is_encoded(text[at])) {
        ++at;
        continue;
      }
      std::size_t end = at;
      while (end < text.size() && is_encoded(text[end])) ++end;
      if (end - at > best_size && looks_encoded(text.substr(at, end - at))) {
        best = at;
        best_size = end - at;
      }
      at = end;
    }
    if (best_size < kLeastEncoded) continue;
    pieces_.push_back({.utterance = i, .from = best, .at = joined_.size(), .size = best_size});
    joined_.append(text.substr(best, best_size));
  }
  if (joined_.size() < kLeastEncodedInAll) pieces_.clear();
}

// The end of what came before, and the beginning of the newest.
void Assembly::join_ends(std::span<const Utterance> utterances) {
  joined_.clear();
  pieces_.clear();
  const std::size_t last = utterances.size() - 1;
  const std::size_t first = last > 3 ? last - 3 : 0;
  for (std::size_t i = first; i <= last; ++i) {
    std::string_view text = utterances[i].text;
    std::size_t from = 0;
    if (i == last) {
      text = text.substr(0, kEnd);
    } else if (text.size() > kEnd) {
      from = text.size() - kEnd;
      text = text.substr(from);
    }
    if (text.empty()) continue;
    if (!joined_.empty()) joined_.push_back(' ');
    pieces_.push_back({.utterance = i, .from = from, .at = joined_.size(), .size = text.size()});
    joined_.append(text);
  }
}

void Assembly::look(std::span<const Utterance> utterances, DetectorMask wanted, DetectorMask families,
                    std::vector<Assembled>& out) {
  if (pieces_.size() < 2 || pieces_.back().utterance != utterances.size() - 1) return;
  const DetectorMask asked = wanted & families;
  if (asked.empty()) return;
  const Utterance& newest = utterances.back();
  inspector_.look({.text = joined_, .direction = Direction::request, .role = newest.role}, asked, findings_);
  const Piece& last = pieces_.back();
  for (const Finding& finding : findings_.list()) {
    // It must need the newest piece, and another.
    if (finding.begin >= last.at || finding.end <= last.at) continue;
    const bool known = std::ranges::any_of(out, [&](const Assembled& other) {
      return other.finding.entity == finding.entity && other.segment == newest.segment;
    });
    if (known) continue;
    Assembled assembled{.finding = finding, .segment = newest.segment, .pieces = 0};
    assembled.pieces = static_cast<std::uint32_t>(std::ranges::count_if(
        pieces_, [&](const Piece& piece) { return piece.at < finding.end && piece.at + piece.size > finding.begin; }));
    assembled.finding.begin = last.from;
    // What of the newest belongs to it; digits may have had separators, so the rest of its piece goes too.
    assembled.finding.end = std::min(newest.text.size(), last.from + std::max(last.size, finding.end - last.at));
    out.push_back(assembled);
  }
}

void Assembly::find(std::span<const Utterance> utterances, DetectorMask wanted, std::vector<Assembled>& out) {
  if (utterances.size() < 2) return;
  if (utterances.size() > kMostUtterances) utterances = utterances.last(kMostUtterances);
  std::size_t bytes = 0;
  std::size_t first = utterances.size();
  while (first > 0 && bytes < kMostText) bytes += utterances[--first].text.size();
  utterances = utterances.subspan(std::min(first, utterances.size() - 2));
  const DetectorSet& set = inspector_.detectors();
  const DetectorMask identifiers = set.of_family(Family::pii) | set.of_family(Family::terms);
  const DetectorMask encoded = set.of_family(Family::injection) | set.of_family(Family::secrets) | identifiers;
  join_numbers(utterances);
  look(utterances, wanted, identifiers, out);
  join_encoded(utterances);
  look(utterances, wanted, encoded, out);
  join_ends(utterances);
  look(utterances, wanted, set.of_family(Family::injection), out);
}

}  // namespace gatehouse::guard
