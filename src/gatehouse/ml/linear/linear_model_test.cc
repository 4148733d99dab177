#include "gatehouse/ml/linear/linear_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/json/value.h"

namespace gatehouse::ml {
namespace {

std::string read_file(const std::string& name) {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/src/gatehouse/ml/linear/testdata/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Golden {
  std::string text{};
  std::vector<double> scores{};
};
std::vector<Golden> golden_rows() {
  std::vector<Golden> out;
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/src/gatehouse/ml/linear/testdata/golden.jsonl");
  for (std::string line; std::getline(file, line);) {
    const json::Value row(line);
    Golden& made = out.emplace_back();
    made.text = crypto::from_hex(row["hex"].string_or("?")).value_or("?");
    row["scores"].elements([&](json::Value score) { made.scores.push_back(score.number().value_or(1e9)); });
  }
  return out;
}

std::string file_of(const std::string& header, std::size_t weights) {
  std::string out = "GHTL";
  for (const std::uint32_t number : {1U, static_cast<std::uint32_t>(header.size())}) {
    for (unsigned shift = 0; shift < 32; shift += 8) out += static_cast<char>(number >> shift & 255U);
  }
  return out + header + std::string(weights, '\1');
}
constexpr std::string_view kOutputs =
    R"("injection":{"bias":0,"scale":1},"entities":{"bias":0,"scale":1},"harmful":{"bias":0,"scale":1})";
std::string header_of(std::string_view bits, std::string_view outputs) {
  return std::string(R"({"features":1,"bits":)") + std::string(bits) + R"(,"outputs":{)" + std::string(outputs) + "}}";
}

TEST(LinearModel, SaysWhatTheTrainingScriptSays) {
  const auto model = LinearModel::parse(read_file("golden.gtl"));
  ASSERT_TRUE(model) << model.error().to_string();
  const auto rows = golden_rows();
  ASSERT_GE(rows.size(), 100U);
  double spread = 0;
  for (const Golden& row : rows) {
    ASSERT_EQ(row.scores.size(), 3U);
    const auto scores = (*model)->score(row.text);
    const auto like = [](float got, double expected) {
      return std::abs(got - expected) <= 1e-5 * (1 + std::abs(expected));
    };
    EXPECT_TRUE(like(scores.injection, row.scores[0])) << row.text << ": " << scores.injection << " " << row.scores[0];
    EXPECT_TRUE(like(scores.entities, row.scores[1])) << row.text;
    EXPECT_TRUE(like(scores.harmful, row.scores[2])) << row.text;
    spread = std::max(spread, std::abs(row.scores[0] + 0.75));
  }
  EXPECT_GT(spread, 1) << "the golden rows say something";
}

TEST(LinearModel, HasTheBoundsAndTheCalibrationOfItsFile) {
  const auto model = LinearModel::parse(read_file("golden.gtl"));
  ASSERT_TRUE(model);
  EXPECT_EQ((*model)->clear().injection, -1.5F);
  EXPECT_EQ((*model)->clear().entities, -0.25F);
  EXPECT_NEAR((*model)->injection_probability(0.4F), 0.5, 1e-6);
  EXPECT_NEAR((*model)->injection_probability(2.4F), 1 / (1 + std::exp(-2.5)), 1e-6);
  EXPECT_GE((*model)->injection_probability(-1e30F), 0);
  EXPECT_LE((*model)->injection_probability(1e30F), 1);
  EXPECT_EQ((*model)->hash().size(), 64U);
}

TEST(LinearModel, AnOutputWithoutABoundIsNeverClear) {
  const auto model = LinearModel::parse(file_of(header_of("8", kOutputs), 768));
  ASSERT_TRUE(model) << model.error().to_string();
  EXPECT_EQ((*model)->clear().injection, -std::numeric_limits<float>::infinity());
  EXPECT_EQ((*model)->injection_probability(0), 0.5F);
  // All weights are 1: n distinct buckets of weight 1 over the root of n. "abc": a word, three pairs and shapes, six
  // n-grams; fewer where two fall into one bucket.
  const float score = (*model)->score("abc").injection;
  const float count = score * score;
  EXPECT_NEAR(count, std::round(count), 1e-3);
  EXPECT_GE(count, 6);
  EXPECT_LE(count, 10);
}

TEST(LinearModel, ARepeatedFeatureCountsOnce) {
  const auto model = LinearModel::parse(read_file("golden.gtl"));
  ASSERT_TRUE(model);
  std::string text = "harbour harbour harbour harbour";
  const auto few = (*model)->score(text);
  for (int i = 0; i < 1000; ++i) text += " harbour";
  EXPECT_EQ((*model)->score(text).injection, few.injection);
}

TEST(LinearModel, RefusesWhatIsNoModel) {
  const auto refused = [](const std::string& file) {
    const auto model = LinearModel::parse(file);
    return !model && model.error().code == Code::configuration && !model.error().detail.empty();
  };
  const std::string good = read_file("golden.gtl");
  EXPECT_TRUE(LinearModel::parse(file_of(header_of("8", kOutputs), 768)));
  EXPECT_TRUE(refused(""));
  EXPECT_TRUE(refused("GHTL"));
  EXPECT_TRUE(refused("x" + good.substr(1)));
  EXPECT_TRUE(refused(good.substr(0, good.size() - 1)));
  EXPECT_TRUE(refused(good + "x"));
  for (std::size_t size = 0; size < 400; size += 7) EXPECT_TRUE(refused(good.substr(0, size))) << size;
  std::string version = good;
  version[4] = 2;
  EXPECT_TRUE(refused(version));
  std::string longer = good;
  longer[11] = '\x7F';
  EXPECT_TRUE(refused(longer));
  EXPECT_TRUE(refused(file_of("[]", 768)));
  EXPECT_TRUE(refused(file_of("{", 768)));
  EXPECT_TRUE(refused(file_of("{}", 768)));
  EXPECT_TRUE(refused(file_of(header_of("7", kOutputs), 384)));
  EXPECT_TRUE(refused(file_of(header_of("63", kOutputs), 768)));
  EXPECT_TRUE(refused(file_of(header_of("-8", kOutputs), 768)));
  EXPECT_TRUE(refused(file_of(header_of("8", R"("injection":{"bias":0,"scale":1})"), 768)));
  for (const char* bad :
       {R"({"bias":0})", R"({"bias":"0","scale":1})", R"({"bias":1e300,"scale":1})", R"({"bias":0,"scale":-1})",
        R"({"bias":0,"scale":1,"clear":"low"})", R"({"bias":0,"scale":1,"calibration":[1]})",
        R"({"bias":0,"scale":1,"calibration":[0,1]})", R"({"bias":0,"scale":1,"calibration":[1,2,3]})"}) {
    const std::string outputs =
        std::string(R"("injection":)") + bad + R"(,"entities":{"bias":0,"scale":1},"harmful":{"bias":0,"scale":1})";
    EXPECT_TRUE(refused(file_of(header_of("8", outputs), 768))) << bad;
  }
  std::string features = header_of("8", kOutputs);
  features.replace(features.find(":1"), 2, ":2");
  EXPECT_TRUE(refused(file_of(features, 768)));
}

TEST(LinearModel, IsOneForAllThreads) {
  const auto model = LinearModel::parse(read_file("golden.gtl"));
  ASSERT_TRUE(model);
  const auto rows = golden_rows();
  std::vector<float> expected;
  for (const Golden& row : rows) expected.push_back((*model)->score(row.text).injection);
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::size_t at = (i * (t + 1)) % rows.size();
        wrong[t] += (*model)->score(rows[at].text).injection == expected[at] ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

}  // namespace
}  // namespace gatehouse::ml
