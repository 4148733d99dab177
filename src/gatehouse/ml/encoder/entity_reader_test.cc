#include "gatehouse/ml/encoder/entity_reader.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/ml/encoder/edges.h"
#include "gatehouse/ml/encoder/windows.h"
#include "gatehouse/ml/testing/tiny_model.h"

namespace gatehouse::ml {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Reads words with the labels that a test gives them: every token of a word gets the word's.
class Reader {
 public:
  explicit Reader(std::vector<std::string> labels) : labels_(std::move(labels)) {
    std::vector<EntityLabel> meanings;
    for (const auto& label : labels_) meanings.push_back(entity_of(label, {}));
    reader_.emplace(std::move(meanings));
  }

  // "ENTITY text" of each span. `given`: the label of each word, in order.
  std::vector<std::string> read(std::string_view text, const std::vector<std::string>& given) {
    auto windows = cut_windows(testing::FakeTokenizer(), text, 1, {256, 0, false});
    Window& window = windows[0];
    for (auto& place : window.places) {
      const Edges edges = edges_of(text, place.begin, place.end);
      place.front = edges.front;
      place.back = edges.back;
    }
    std::vector<float> logits(window.ids.size() * labels_.size(), 0);
    std::size_t word = 0;
    for (std::size_t t = 1; t + 1 < window.ids.size(); ++t) {
      if (window.places[t].starts_word) ++word;
      const auto label = std::ranges::find(labels_, given.at(word - 1)) - labels_.begin();
      logits[t * labels_.size() + static_cast<std::size_t>(label)] = 9;
    }
    window.own_begin = own_begin;
    window.own_end = own_end == 0 ? window.own_end : own_end;
    reader_->read(window, logits, spans);
    std::vector<std::string> result;
    for (const auto& span : spans) {
      result.push_back(std::string(span.entity) + " " + std::string(text.substr(span.begin, span.end - span.begin)));
    }
    return result;
  }

  std::vector<EntitySpan> spans;
  std::uint32_t own_begin = 1;
  std::uint32_t own_end = 0;

 private:
  std::vector<std::string> labels_;
  std::optional<EntityReader> reader_;
};

TEST(EntityReader, ReadsMarkedLabels) {
  Reader reader({"O", "B-PER", "I-PER", "B-ORG", "I-ORG"});
  EXPECT_THAT(reader.read("Ada Lovelace met Babbage at Acme Engines today",
                          {"B-PER", "I-PER", "O", "B-PER", "O", "B-ORG", "I-ORG", "O"}),
              ElementsAre("PERSON Ada Lovelace", "PERSON Babbage", "ORGANIZATION Acme Engines"));
  EXPECT_GT(reader.spans[0].score, 0.9F);
  EXPECT_LE(reader.spans[0].score, 1.0F);
  // Two in a row.
  EXPECT_THAT(reader.read("Ada Grace", {"B-PER", "B-PER"}), ElementsAre("PERSON Ada", "PERSON Grace"));
  // One that goes on from nothing.
  EXPECT_THAT(reader.read("so Ada went", {"O", "I-PER", "O"}), ElementsAre("PERSON Ada"));
  EXPECT_THAT(reader.read("Ada Acme", {"B-PER", "I-ORG"}), ElementsAre("PERSON Ada", "ORGANIZATION Acme"));
}

TEST(EntityReader, ReadsPlainLabelsAndSingles) {
  Reader plain({"O", "PER"});
  EXPECT_THAT(plain.read("Ada Lovelace wrote", {"PER", "PER", "O"}), ElementsAre("PERSON Ada Lovelace"));
  Reader single({"O", "B-PER", "I-PER", "E-PER", "S-PER"});
  EXPECT_THAT(single.read("Ada Ada Lovelace", {"S-PER", "B-PER", "E-PER"}),
              ElementsAre("PERSON Ada", "PERSON Ada Lovelace"));
}

TEST(EntityReader, JoinsThePartsOfANameAndAnAddress) {
  Reader reader({"O", "B-GIVENNAME", "B-SURNAME", "B-CITY", "B-COUNTRY", "B-BUILDINGNUM", "B-STREET"});
  EXPECT_THAT(reader.read("Ada Lovelace of Paris France", {"B-GIVENNAME", "B-SURNAME", "O", "B-CITY", "B-COUNTRY"}),
              ElementsAre("PERSON Ada Lovelace", "LOCATION Paris", "LOCATION France"));
  EXPECT_THAT(reader.read("Ada Grace", {"B-GIVENNAME", "B-GIVENNAME"}), ElementsAre("PERSON Ada", "PERSON Grace"));
  EXPECT_THAT(reader.read("at 12 Elm", {"O", "B-BUILDINGNUM", "B-STREET"}), ElementsAre("STREET_ADDRESS 12 Elm"));
}

TEST(EntityReader, LeavesPunctuationOut) {
  Reader reader({"O", "B-PER", "I-PER"});
  EXPECT_THAT(reader.read("(Ada Lovelace), then", {"B-PER", "I-PER", "O"}), ElementsAre("PERSON Ada Lovelace"));
  EXPECT_THAT(reader.read("Lovelace's engine", {"B-PER", "O"}), ElementsAre("PERSON Lovelace"));
  EXPECT_THAT(reader.read("dear J. R. Smith.", {"O", "B-PER", "I-PER", "I-PER"}), ElementsAre("PERSON J. R. Smith"));
  EXPECT_THAT(reader.read("so ... yes", {"O", "B-PER", "O"}), IsEmpty());
}

TEST(EntityReader, JoinsWhatAMarkWithoutBlanksParts) {
  // Words as BERT parts them: the apostrophe is one.
  Window window;
  window.ids = {1, 5, 6, 7, 2};
  window.places = {{0, 0, false}, {0, 1, true}, {1, 2, true, 1, 1}, {2, 6, true}, {0, 0, false}};
  window.own_begin = 1;
  window.own_end = 4;
  const EntityReader reader({entity_of("O", {}), entity_of("B-PER", {}), entity_of("I-PER", {})});
  std::vector<EntitySpan> spans;
  reader.read(window, std::vector<float>{9, 0, 0, 0, 9, 0, 9, 0, 0, 0, 9, 0, 9, 0, 0}, spans);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_EQ(spans[0].begin, 0U);
  EXPECT_EQ(spans[0].end, 6U);
  // With a blank between they are two.
  window.places[3].begin = 3;
  reader.read(window, std::vector<float>{9, 0, 0, 0, 9, 0, 9, 0, 0, 0, 9, 0, 9, 0, 0}, spans);
  EXPECT_EQ(spans.size(), 2U);
}

TEST(EntityReader, VotesOfOneEntityCountTogether) {
  Window window;
  window.ids = {1, 5, 2};
  window.places = {{0, 0, false}, {0, 3, true}, {0, 0, false}};
  window.own_begin = 1;
  window.own_end = 2;
  const EntityReader reader({entity_of("O", {}), entity_of("B-PER", {}), entity_of("I-PER", {})});
  std::vector<EntitySpan> spans;
  // O has the most of any label, PERSON more in two.
  reader.read(window, std::vector<float>{0, 0, 0, 1.0F, 0.8F, 0.8F, 0, 0, 0}, spans);
  ASSERT_EQ(spans.size(), 1U);
  EXPECT_NEAR(spans[0].score, 0.62F, 0.01F);
}

TEST(EntityReader, TellsOnlyWhatTouchesTheWindowsOwn) {
  Reader reader({"O", "B-PER", "I-PER"});
  reader.own_begin = 2;
  reader.own_end = 3;
  EXPECT_THAT(reader.read("Ada Eve Bob", {"B-PER", "B-PER", "B-PER"}), ElementsAre("PERSON Eve"));
  EXPECT_THAT(reader.read("Ada Eve Bob", {"B-PER", "I-PER", "I-PER"}), ElementsAre("PERSON Ada Eve Bob"));
}

TEST(EntityReader, TooFewLogitsAreNothing) {
  Reader reader({"O", "B-PER"});
  EXPECT_THAT(reader.read("Ada", {"B-PER"}), ElementsAre("PERSON Ada"));
  const EntityReader bare({entity_of("O", {}), entity_of("B-PER", {})});
  Window window;
  window.ids = {1, 5, 2};
  window.places.resize(3);
  std::vector<EntitySpan> spans(1);
  bare.read(window, std::vector<float>{1, 2, 3}, spans);
  EXPECT_THAT(spans, IsEmpty());
}

}  // namespace
}  // namespace gatehouse::ml
