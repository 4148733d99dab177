#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/ml/onnx/runtime.h"
#include "gatehouse/ml/testing/onnx_file.h"
#include "gatehouse/ml/tokenizer/tokenizer.h"

namespace gatehouse::ml::testing {

// ONNX Runtime as scripts/setup installs it; an error where it is not there.
inline const Result<Runtime>& runtime() {
  static const Result<Runtime> kRuntime = Runtime::load();
  return kRuntime;
}
#define GATEHOUSE_NEEDS_ONNX_RUNTIME()                                  \
  if (!::gatehouse::ml::testing::runtime()) {                           \
    GTEST_SKIP() << ::gatehouse::ml::testing::runtime().error().detail; \
  }

// Words are what blanks part, pieces of them three bytes; an id is that of a piece's first letter: a is 3. Capitals are
// read as small letters, all else is 29.
class FakeTokenizer final : public Tokenizer {
 public:
  static constexpr std::int32_t kBegin = 1;
  static constexpr std::int32_t kEnd = 2;
  static constexpr std::size_t kIds = 30;
  static std::int32_t id(char c) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return c >= 'a' && c <= 'z' ? c - 'a' + 3 : 29;
  }

  explicit FakeTokenizer(std::size_t vocabulary = kIds) : vocabulary_(vocabulary) {}

  void encode(std::string_view text, std::size_t most, std::vector<Token>& out) const override {
    for (std::size_t at = 0; at < text.size();) {
      if (text[at] == ' ') {
        ++at;
        continue;
      }
      const std::size_t end = std::min(text.find(' ', at), text.size());
      for (bool first = true; at < end; first = false) {
        if (out.size() == most) return;
        const std::size_t size = std::min<std::size_t>(3, end - at);
        out.push_back({id(text[at]), static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + size), first});
        at += size;
      }
    }
  }
  std::span<const std::int32_t> prefix() const override { return {&kBegin, 1}; }
  std::span<const std::int32_t> suffix() const override { return {&kEnd, 1}; }
  std::int32_t padding() const override { return 0; }
  std::size_t vocabulary_size() const override { return vocabulary_; }
  std::optional<std::int32_t> id_of(std::string_view) const override { return std::nullopt; }

 private:
  std::size_t vocabulary_;
};

// A model that looks every id up in tables: a sum of numbers as log odds, rows of numbers as logits and embeddings.
struct TinyModel {
  using Shape = OnnxFile::Shape;
  std::size_t ids = FakeTokenizer::kIds;
  OnnxFile file{};

  // Without a mask all tokens count, those of padding too.
  explicit TinyModel(bool masked = true) {
    file.input("input_ids", OnnxFile::kInt64, {-1, -1});
    if (masked) file.input("attention_mask", OnnxFile::kInt64, {-1, -1});
    if (!masked) file.node("Equal", {"input_ids", "input_ids"}, {"attention_mask"});
    file.node("Cast", {"attention_mask"}, {"mask"}, {{"to", OnnxFile::kFloat}});
    file.integers("one", {1}, {1}).integers("two", {1}, {2});
    file.node("Unsqueeze", {"mask", "two"}, {"mask3"});
  }
  TinyModel& also(std::string_view input) {
    file.input(input, OnnxFile::kInt64, {-1, -1});
    return *this;
  }

  // [batch x tokens x width], of the masked tokens too.
  TinyModel& tokens(const std::string& output, std::size_t width,
                    const std::vector<std::pair<char, std::vector<float>>>& rows) {
    file.floats(output + "_table", {static_cast<std::int64_t>(ids), static_cast<std::int64_t>(width)},
                table(width, rows));
    file.node("Gather", {output + "_table", "input_ids"}, {output});
    return declare(output, {-1, -1, static_cast<std::int64_t>(width)});
  }
  // [batch x width]: the sum over the tokens that are not padding.
  TinyModel& sums(const std::string& output, std::size_t width,
                  const std::vector<std::pair<char, std::vector<float>>>& rows) {
    file.floats(output + "_table", {static_cast<std::int64_t>(ids), static_cast<std::int64_t>(width)},
                table(width, rows));
    file.node("Gather", {output + "_table", "input_ids"}, {output + "_rows"});
    file.node("Mul", {output + "_rows", "mask3"}, {output + "_kept"});
    file.node("ReduceSum", {output + "_kept", "one"}, {output}, {{"keepdims", 0}});
    return declare(output, {-1, static_cast<std::int64_t>(width)});
  }
  // [batch]: the same, of width 1; plus the sum of another input, if there is one.
  TinyModel& score(const std::string& output, const std::vector<std::pair<char, std::vector<float>>>& rows,
                   const std::string& plus = {}) {
    file.floats(output + "_table", {static_cast<std::int64_t>(ids), 1}, table(1, rows));
    file.node("Gather", {output + "_table", "input_ids"}, {output + "_rows"});
    file.node("Mul", {output + "_rows", "mask3"}, {output + "_kept"});
    file.node("ReduceSum", {output + "_kept", "one"}, {output + "_sum"}, {{"keepdims", 0}});
    file.node("Squeeze", {output + "_sum", "one"}, {plus.empty() ? output : output + "_flat"});
    if (!plus.empty()) {
      file.node("Cast", {plus}, {plus + "_float"}, {{"to", OnnxFile::kFloat}});
      file.node("ReduceSum", {plus + "_float", "one"}, {plus + "_sum"}, {{"keepdims", 0}});
      file.node("Add", {output + "_flat", plus + "_sum"}, {output});
    }
    return declare(output, {-1});
  }
  std::string bytes() const { return file.bytes(); }

 private:
  TinyModel& declare(const std::string& output, const Shape& shape) {
    file.output(output, OnnxFile::kFloat, shape);
    return *this;
  }
  std::vector<float> table(std::size_t width, const std::vector<std::pair<char, std::vector<float>>>& rows) const {
    std::vector<float> values(ids * width, 0.0F);
    for (const auto& [letter, row] : rows) {
      std::copy(
          row.begin(), row.end(),
          values.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(FakeTokenizer::id(letter)) * width));
    }
    return values;
  }
};

}  // namespace gatehouse::ml::testing
