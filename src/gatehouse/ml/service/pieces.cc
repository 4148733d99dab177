#include "gatehouse/ml/service/pieces.h"

#include <algorithm>

namespace gatehouse::ml {
namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// A place to cut at or before `at`, no further back than `most`: behind white space, else between characters.
std::size_t cut_before(std::string_view text, std::size_t at, std::size_t most) {
  for (std::size_t i = at; i > at - most; --i) {
    if (is_space(text[i - 1])) return i;
  }
  for (std::size_t i = at; i > at - 4; --i) {
    if (!continues(text[i])) return i;
  }
  return at;
}

}  // namespace

void score_pieces(const LinearModel& linear, std::string_view text, std::vector<Piece>& out) {
  out.clear();
  std::size_t begin = 0;
  while (begin < text.size()) {
    std::size_t end = text.size();
    if (end - begin > kPieceBytes + kPieceOverlap) end = cut_before(text, begin + kPieceBytes, kPieceOverlap);
    out.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                   linear.score(text.substr(begin, end - begin))});
    if (end == text.size()) break;
    begin = cut_before(text, end - kPieceOverlap / 2, kPieceOverlap / 2);
  }
}

bool clear(const LinearModel& linear, const Piece& piece, Wants wants) {
  const LinearModel::Clear bound = linear.clear();
  if (!(Want::injection | Want::entities).covers(wants)) return false;
  if (wants.has(Want::injection) && !(piece.scores.injection <= bound.injection)) return false;
  return !wants.has(Want::entities) || piece.scores.entities <= bound.entities;
}

LinearWord linear_word(const LinearModel& linear, const std::vector<Piece>& pieces) {
  LinearWord word;
  if (pieces.empty()) return word;
  word.known = true;
  word.clear = Want::injection | Want::entities;
  bool first = true;
  for (const Piece& piece : pieces) {
    if (first || piece.scores.injection > word.injection) {
      word.injection = piece.scores.injection;
      word.begin = piece.begin;
      word.end = piece.end;
    }
    first = false;
    for (const Want want : {Want::injection, Want::entities}) {
      if (!clear(linear, piece, want)) word.clear = word.clear.without(want);
    }
  }
  return word;
}

Reading word_reading(const LinearModel& linear, const LinearWord& word, Wants wants) {
  Reading reading;
  if (wants.has(Want::injection)) {
    reading.answers = reading.answers | Want::injection;
    reading.injection = linear.injection_probability(word.injection);
    reading.begin = word.begin;
    reading.end = word.end;
  }
  if (wants.has(Want::entities) && word.clear.has(Want::entities)) reading.answers = reading.answers | Want::entities;
  reading.settled = word.clear.covers(wants);
  reading.partial = !reading.settled;
  return reading;
}

}  // namespace gatehouse::ml
