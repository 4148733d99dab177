#include "gatehouse/guard/conversation/assembly.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gatehouse/guard/conversation/number_words.h"

namespace gatehouse::guard {
namespace {

constexpr std::size_t kMostDigits = 30;   // more in one text is a table
constexpr std::size_t kMostGap = 2;       // texts without a number between such with one
constexpr std::size_t kAround = 64;       // letters that may stand around digits which are a piece
constexpr std::size_t kLead = 48;         // what is said before the first piece: "my social security number is"
constexpr std::size_t kLeastEncoded = 4;  // characters of a piece of an encoding
constexpr std::size_t kLeastEncodedInAll = 24;
constexpr std::size_t kOfOne = 4096;    // of one text, from its end, where encodings and quotes are sought
constexpr std::size_t kEnd = 320;       // of a text's end and beginning that may make one instruction
constexpr std::size_t kTogether = 4;    // texts that may make one
constexpr std::size_t kMostEnds = 8;    // of new texts whose encodings are put together with those before
constexpr std::size_t kQuoteLead = 64;  // "part two: ..."

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_letter(char c) { return is_lower(c) || is_upper(c); }
bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_encoded(char c) {
  return is_digit(c) || is_letter(c) || c == '+' || c == '/' || c == '=' || c == '-' || c == '_';
}

// Whether a token mixes classes of characters as encodings do and words do not.
bool looks_encoded(std::string_view token) {
  std::size_t changes = 0;
  bool letters = false;
  const auto kind = [](char c) { return is_lower(c) ? 1 : is_upper(c) ? 2 : is_digit(c) ? 3 : 4; };
  for (std::size_t i = 0; i < token.size(); ++i) {
    letters = letters || is_letter(token[i]);
    // A capital in front is how words begin.
    if (i > 0 && kind(token[i]) != kind(token[i - 1]) && !(i == 1 && is_upper(token[0]))) ++changes;
  }
  if (!letters) return false;
  if (token.ends_with('=')) return true;
  return changes >= 3 || (token.size() < 12 && changes >= 2 && std::ranges::any_of(token, is_digit)) ||
         (token.size() >= 40 && changes >= 2);
}

float odds(float score) { return score / std::max(1 - score, 1e-4F); }

std::string_view end_of(std::string_view text, std::size_t most) {
  return text.size() > most ? text.substr(text.size() - most) : text;
}

// Names of what follows them.
bool is_label(std::string_view word) {
  static constexpr auto kLabels = std::to_array<std::string_view>(
      {"IBAN", "BIC", "SSN", "VAT", "ID", "NHS", "PAN", "PIN", "NO", "NR", "OK", "MY", "IS", "IT", "AND", "THE", "I"});
  return std::ranges::find(kLabels, word) != kLabels.end();
}

}  // namespace

void Assembly::clear() {
  joined_.clear();
  pieces_.clear();
}

void Assembly::add(std::size_t utterance, std::size_t from, std::size_t length, std::string_view text) {
  pieces_.push_back(
      {.utterance = utterance, .from = from, .length = length, .at = joined_.size(), .size = text.size()});
  joined_.append(text);
}

// The digits of the utterances [first, last), as one run behind what was said before the first of them.
void Assembly::join_numbers(std::span<const Utterance> utterances, std::size_t first, std::size_t last, Digits digits) {
  clear();
  for (std::size_t i = first; i < last; ++i) {
    if (utterances[i].role != llm::Role::user) continue;
    const std::string_view text = utterances[i].text;
    if (text.size() > kOfOne) continue;
    scratch_.clear();
    std::size_t from = 0;
    std::size_t to = 0;
    if (digits == Digits::words) {
      const SpokenDigits told = append_spoken_digits(text, scratch_);
      if (told.others > kAround) continue;
      from = told.from;
      to = told.to;
    } else {
      std::size_t best = 0;
      for (std::size_t at = 0; at < text.size();) {
        if (!is_digit(text[at])) {
          ++at;
          continue;
        }
        // Digits in groups are one number.
        std::size_t end = at;
        std::size_t count = 0;
        for (std::size_t j = at; j < text.size(); ++j) {
          if (is_digit(text[j])) {
            ++count;
            end = j + 1;
          } else if (text[j] != ' ' && text[j] != '-' && text[j] != '.') {
            break;
          }
        }
        if (digits == Digits::all) {
          if (scratch_.empty()) from = at;
          to = end;
        } else if (count <= best) {
          at = end;
          continue;
        } else {
          scratch_.clear();
          best = count;
          from = at;
          to = end;
        }
        for (const char c : text.substr(at, end - at)) {
          if (is_digit(c)) scratch_.push_back(c);
        }
        at = end;
      }
    }
    if (scratch_.empty() || scratch_.size() > kMostDigits) continue;
    if (pieces_.empty()) {
      joined_.append(end_of(text.substr(0, from), kLead));
      if (!joined_.empty() && !is_space(joined_.back())) joined_.push_back(' ');
    }
    add(i, from, to - from, scratch_);
  }
}

// Groups of capitals and digits, as account numbers are written. False: there are not two.
bool Assembly::join_codes(std::span<const Utterance> utterances, std::size_t first, std::size_t last, bool spaced) {
  clear();
  bool letters = false;
  for (std::size_t i = first; i < last; ++i) {
    if (utterances[i].role != llm::Role::user) continue;
    const std::string_view text = utterances[i].text;
    if (text.size() > kOfOne) continue;
    scratch_.clear();
    std::size_t from = 0;
    std::size_t to = 0;
    for (std::size_t at = 0; at < text.size();) {
      if (!is_digit(text[at]) && !is_letter(text[at])) {
        ++at;
        continue;
      }
      std::size_t end = at;
      bool code = true;
      bool digit = false;
      while (end < text.size() && (is_digit(text[end]) || is_letter(text[end]))) {
        code = code && !is_lower(text[end]);
        digit = digit || is_digit(text[end]);
        ++end;
      }
      const std::string_view word = text.substr(at, end - at);
      const bool whole = word.size() == text.size();
      if (code && (digit || whole || (word.size() >= 2 && word.size() <= 4 && !is_label(word)))) {
        if (scratch_.empty()) from = at;
        if (spaced && !scratch_.empty()) scratch_.push_back(' ');
        scratch_.append(word);
        letters = letters || std::ranges::any_of(word, is_upper);
        to = end;
      }
      at = end;
    }
    if (scratch_.empty() || scratch_.size() > 2 * kMostDigits) continue;
    if (spaced && !joined_.empty()) joined_.push_back(' ');
    add(i, from, to - from, scratch_);
  }
  return letters && pieces_.size() >= 2;
}

// The tokens that look encoded, of each utterance the longest, without what stands between them.
void Assembly::join_encoded(std::span<const Utterance> utterances) {
  clear();
  for (std::size_t i = 0; i < utterances.size(); ++i) {
    const std::string_view all = utterances[i].text;
    const std::size_t skipped = all.size() - std::min(all.size(), kOfOne);
    const std::string_view text = all.substr(skipped);
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
    add(i, skipped + best, best_size, text.substr(best, best_size));
  }
  if (joined_.size() < kLeastEncodedInAll) clear();
}

// What stands in quotes, or behind "part two:" and "b =". False: there are not two.
bool Assembly::join_quoted(std::span<const Utterance> utterances) {
  clear();
  for (std::size_t i = 0; i < utterances.size(); ++i) {
    const std::string_view text = utterances[i].text;
    if (utterances[i].role != llm::Role::user || text.size() > kOfOne) continue;
    scratch_.clear();
    std::size_t from = 0;
    std::size_t to = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      std::string_view close;
      if (text[at] == '"') close = "\"";
      if (text[at] == '`') close = "`";
      if (text[at] == '\'' && (at == 0 || !is_letter(text[at - 1]))) close = "'";
      std::size_t open = 1;
      if (text.substr(at).starts_with("\xe2\x80\x9c") || text.substr(at).starts_with("\xe2\x80\x9e")) {
        close = "\xe2\x80\x9d";
        open = 3;
      }
      if (close.empty()) continue;
      const std::size_t end = text.find(close, at + open);
      if (end == std::string_view::npos) continue;
      if (scratch_.empty()) from = at + open;
      to = end;
      scratch_.append(text.substr(at + open, end - at - open));
      at = end + close.size() - 1;
    }
    if (scratch_.empty()) {
      const std::size_t mark = text.substr(0, kQuoteLead).find_first_of(":=");
      if (mark == std::string_view::npos || mark + 4 > text.size()) continue;
      from = mark + 1;
      while (from < text.size() && is_space(text[from])) ++from;
      to = text.size();
      scratch_.assign(text.substr(from, std::min(kEnd, to - from)));
    }
    if (scratch_.size() < 2) continue;
    add(i, from, to - from, scratch_);
  }
  return pieces_.size() >= 2;
}

// The ends of what came before, and the beginning of `last`.
void Assembly::join_ends(std::span<const Utterance> utterances, std::size_t last, std::string_view between) {
  clear();
  const std::size_t first = last >= kTogether ? last + 1 - kTogether : 0;
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
    if (!joined_.empty()) joined_.append(between);
    add(i, from, text.size(), text);
  }
}

void Assembly::look(std::span<const Utterance> utterances, std::size_t fresh, DetectorMask asked,
                    std::vector<Assembled>& out) {
  if (pieces_.size() < 2 || asked.empty()) return;
  const Utterance& newest = utterances[pieces_.back().utterance];
  const Look look{.text = joined_, .direction = Direction::request, .role = newest.role, .kind = newest.kind};
  inspector_->look(look, asked, findings_);
  if (findings_.list().empty()) return;
  const std::vector<Finding> seen = std::exchange(findings_.list(), {});
  for (const Finding& finding : seen) {
    // It must need two, the last of which is new.
    const auto begin =
        std::ranges::find_if(pieces_, [&](const Piece& piece) { return piece.at + piece.size > finding.begin; });
    auto end = begin;
    while (end != pieces_.end() && end->at < finding.end) ++end;
    if (end - begin < 2) continue;
    const Piece& last = *(end - 1);
    if (last.utterance < fresh) continue;
    const bool known = std::ranges::any_of(out, [&](const Assembled& other) {
      return other.finding.entity == finding.entity && other.utterance == last.utterance;
    });
    if (known) continue;
    if (finding.family == Family::injection) {
      // Signs that one of them gives alone are no assembly.
      float alone = 0;
      for (auto piece = begin; piece != end; ++piece) {
        Look one = look;
        one.text = std::string_view(joined_).substr(piece->at, piece->size);
        inspector_->look(one, asked, findings_);
        for (const Finding& other : findings_.list()) {
          if (other.entity == finding.entity) alone = std::max(alone, other.score);
        }
      }
      if (odds(finding.score) < 2 * odds(alone)) continue;
    }
    Assembled assembled{.finding = finding, .utterance = last.utterance, .pieces = 0};
    assembled.pieces = static_cast<std::uint32_t>(end - begin);
    // What of the last belongs to it: all of its piece, as digits may have had separators.
    assembled.finding.begin = last.from;
    assembled.finding.end = std::min(utterances[last.utterance].text.size(), last.from + last.length);
    out.push_back(assembled);
  }
}

void Assembly::find(Inspector& inspector, std::span<const Utterance> utterances, std::size_t fresh, DetectorMask wanted,
                    std::vector<Assembled>& out) {
  const std::size_t given = utterances.size();
  std::size_t first = given;
  for (std::size_t bytes = 0; first > 0 && given - first < kMostUtterances && bytes < kMostText; --first) {
    bytes += std::min(utterances[first - 1].text.size(), kOfOne);
  }
  utterances = utterances.subspan(first);
  fresh -= std::min(fresh, first);
  if (utterances.size() < 2 || fresh >= utterances.size()) return;
  inspector_ = &inspector;
  const std::size_t found = out.size();
  const DetectorSet& set = inspector.detectors();
  const DetectorMask identifiers = wanted & (set.of_family(Family::pii) | set.of_family(Family::terms));
  const DetectorMask encoded =
      wanted & (set.of_family(Family::injection) | set.of_family(Family::secrets) | identifiers);
  const DetectorMask attacks = wanted & set.of_family(Family::injection);

  if (!identifiers.empty()) {
    // Runs of utterances that hold numbers and little else.
    std::size_t begin = 0;
    std::size_t end = 0;  // behind the last of the run
    std::size_t gap = 0;
    const auto settle = [&] {
      if (end > begin + 1 && end > fresh) {
        for (const Digits digits : {Digits::all, Digits::longest, Digits::words}) {
          join_numbers(utterances, begin, end, digits);
          look(utterances, fresh, identifiers, out);
        }
        for (const bool spaced : {true, false}) {
          if (join_codes(utterances, begin, end, spaced)) look(utterances, fresh, identifiers, out);
        }
      }
    };
    for (std::size_t i = 0; i < utterances.size(); ++i) {
      if (utterances[i].role != llm::Role::user) continue;
      bool piece = false;
      if (utterances[i].text.size() <= kOfOne) {
        scratch_.clear();
        const SpokenDigits told = append_spoken_digits(utterances[i].text, scratch_);
        piece = !scratch_.empty() && scratch_.size() <= kMostDigits && told.others <= kAround;
        // "NWBK", the bank of an account number.
        piece = piece || (utterances[i].text.size() <= 8 && std::ranges::all_of(utterances[i].text, is_upper));
      }
      if (piece) {
        if (end == 0) begin = i;
        end = i + 1;
        gap = 0;
      } else if (end > 0 && ++gap > kMostGap) {
        settle();
        end = 0;
      }
    }
    if (end > 0) settle();
  }

  if (!encoded.empty()) {
    join_encoded(utterances);
    const std::vector<Piece> all = pieces_;
    const std::string text = joined_;
    std::size_t ends = 0;
    for (std::size_t last = all.size(); last > 1 && ends < kMostEnds; --last) {
      if (all[last - 1].utterance < fresh) break;
      ++ends;
      // What was said long ago may not belong to it.
      for (const std::size_t count : {std::size_t{2}, std::size_t{3}, std::size_t{4}, std::size_t{6}, last}) {
        if (count > last) continue;
        const std::size_t from = all[last - count].at;
        const std::size_t to = all[last - 1].at + all[last - 1].size;
        if (to - from < kLeastEncodedInAll) continue;
        joined_ = text.substr(from, to - from);
        pieces_.assign(all.begin() + static_cast<std::ptrdiff_t>(last - count),
                       all.begin() + static_cast<std::ptrdiff_t>(last));
        for (Piece& piece : pieces_) piece.at -= from;
        look(utterances, fresh, encoded, out);
        if (count == last) break;
      }
    }
  }

  if (!attacks.empty()) {
    for (std::size_t i = std::max<std::size_t>(fresh, 1); i < utterances.size(); ++i) {
      join_ends(utterances, i, " ");
      look(utterances, fresh, attacks, out);
      // A word that was cut.
      const std::string_view before = utterances[i - 1].text;
      const std::string_view after = utterances[i].text;
      if (!before.empty() && !after.empty() && is_letter(before.back()) && is_lower(after.front())) {
        join_ends(utterances, i, "");
        look(utterances, fresh, attacks, out);
      }
    }
    if (join_quoted(utterances) && pieces_.back().utterance >= fresh) {
      look(utterances, fresh, attacks, out);
      std::string spaced;
      for (Piece& piece : pieces_) {
        if (!spaced.empty()) spaced.push_back(' ');
        const std::size_t at = spaced.size();
        spaced.append(joined_, piece.at, piece.size);
        piece.at = at;
      }
      joined_ = std::move(spaced);
      look(utterances, fresh, attacks, out);
    }
  }
  for (std::size_t i = found; i < out.size(); ++i) out[i].utterance += first;
}

}  // namespace gatehouse::guard
