#include "gatehouse/ml/service/pieces.h"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/ml/service/testing/fake_models.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::ml {
namespace {

using testing::FakeLinear;

void check_cover(const std::string& text) {
  const FakeLinear linear;
  std::vector<Piece> pieces;
  score_pieces(linear, text, pieces);
  ASSERT_FALSE(pieces.empty());
  EXPECT_EQ(pieces.front().begin, 0U);
  EXPECT_EQ(pieces.back().end, text.size());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    EXPECT_LT(pieces[i].begin, pieces[i].end);
    EXPECT_LE(pieces[i].end - pieces[i].begin, kPieceBytes + kPieceOverlap);
    if (i == 0) continue;
    EXPECT_LT(pieces[i].begin, pieces[i - 1].end) << "neighbours overlap";
    EXPECT_GE(pieces[i].begin + kPieceOverlap, pieces[i - 1].end);
    EXPECT_GT(pieces[i].begin, pieces[i - 1].begin);
  }
}

TEST(Pieces, CoverEveryByteWhateverTheText) {
  std::string prose;
  while (prose.size() < 9000) prose += "rain fell on the harbour all night; ";
  check_cover(prose);
  check_cover(std::string(5000, 'x'));
  check_cover(std::string(5000, ' '));
  check_cover(std::string(5000, '\x80'));
  for (std::size_t size : {std::size_t{1}, kPieceBytes, kPieceBytes + kPieceOverlap, kPieceBytes + kPieceOverlap + 1}) {
    check_cover(std::string(size, 'y'));
  }
}

TEST(Pieces, AreCutBetweenWordsAndCharacters) {
  const FakeLinear linear;
  std::vector<Piece> pieces;
  std::string prose;
  while (prose.size() < 9000) prose += "lighthouse ";
  score_pieces(linear, prose, pieces);
  for (const Piece& piece : pieces) {
    if (piece.begin > 0) EXPECT_EQ(prose[piece.begin - 1], ' ');
    if (piece.end < prose.size()) EXPECT_EQ(prose[piece.end - 1], ' ');
  }
  std::string chinese;
  while (chinese.size() < 9000) chinese += "\xE6\xB2\xB3";
  score_pieces(linear, chinese, pieces);
  ASSERT_GT(pieces.size(), 5U);
  for (const Piece& piece : pieces) {
    EXPECT_TRUE(text::valid_utf8(std::string_view(chinese).substr(piece.begin, piece.end - piece.begin)));
  }
}

TEST(Pieces, ASuspectOneIsSeenInALongClearText) {
  const FakeLinear linear;
  std::string text(3000, 'a');
  text += " attack ";
  text += std::string(3000, 'b');
  std::vector<Piece> pieces;
  score_pieces(linear, text, pieces);
  std::size_t suspect = 0;
  for (const Piece& piece : pieces) suspect += clear(linear, piece, Want::injection) ? 0U : 1U;
  EXPECT_GE(suspect, 1U);
  EXPECT_LE(suspect, 2U);
  const LinearWord word = linear_word(linear, pieces);
  EXPECT_TRUE(word.known);
  EXPECT_FALSE(word.clear.has(Want::injection));
  EXPECT_TRUE(word.clear.has(Want::entities));
  EXPECT_LE(word.begin, 3001U);
  EXPECT_GE(word.end, 3007U);

  const Reading injection = word_reading(linear, word, Want::injection | Want::entities);
  EXPECT_EQ(injection.answers, Want::injection | Want::entities);
  EXPECT_TRUE(injection.partial);
  EXPECT_FALSE(injection.settled);
  EXPECT_FLOAT_EQ(injection.injection, 0.45F);
  const Reading entities = word_reading(linear, word, Want::entities);
  EXPECT_TRUE(entities.settled);
  EXPECT_FALSE(entities.partial);
}

TEST(Pieces, NothingIsClearThatTheLinearModelHasNoBoundFor) {
  const FakeLinear linear;
  std::vector<Piece> pieces;
  score_pieces(linear, "a harmless line", pieces);
  EXPECT_TRUE(clear(linear, pieces[0], Want::injection | Want::entities));
  EXPECT_FALSE(clear(linear, pieces[0], Want::embedding));
  EXPECT_FALSE(clear(linear, pieces[0], Want::injection | Want::harmful));
}

TEST(Pieces, ScoresThatAreNoNumbersAreNotClear) {
  const FakeLinear linear;
  Piece piece;
  piece.scores.injection = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(clear(linear, piece, Want::injection));
}

}  // namespace
}  // namespace gatehouse::ml
