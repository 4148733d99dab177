// (a) Any bytes as a tokenizer.json; what is made of them reads a text. (b) Any text into a fixed tokenizer of each
// kind.
#include <cstdlib>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "gatehouse/ml/tokenizer/fixtures.h"
#include "gatehouse/ml/tokenizer/tokenizer.h"

namespace {

using gatehouse::ml::Token;
using gatehouse::ml::Tokenizer;
namespace fixtures = gatehouse::ml::tokenizer::fixtures;

void require(bool condition) {
  if (!condition) std::abort();
}

// `fixed`: a file of ours, whose frame's tokens are in the vocabulary.
void read(const Tokenizer& tokenizer, std::string_view text, bool fixed) {
  std::vector<Token> tokens;
  tokenizer.encode(text, 100'000, tokens);
  require(tokens.size() <= 100'000);
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  for (const Token& token : tokens) {
    require(token.begin <= token.end && token.end <= text.size());
    require(token.begin >= begin && token.end >= end);
    begin = token.begin;
    end = token.end;
    require(token.id >= 0 && static_cast<std::size_t>(token.id) < tokenizer.vocabulary_size());
  }
  if (!fixed) return;
  require(tokens.empty() || tokens.front().starts_word);
  for (const std::span<const std::int32_t> frame : {tokenizer.prefix(), tokenizer.suffix()}) {
    for (const std::int32_t id : frame) {
      require(id >= 0 && static_cast<std::size_t>(id) < tokenizer.vocabulary_size());
      for (const Token& token : tokens) require(token.id != id);
    }
  }
  // Fewer are the same ones.
  std::vector<Token> some;
  tokenizer.encode(text, tokens.size() / 2, some);
  require(some.size() == tokens.size() / 2);
  for (std::size_t i = 0; i < some.size(); ++i) require(some[i].id == tokens[i].id && some[i].end == tokens[i].end);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::shared_ptr<const Tokenizer>> fixed = [] {
    std::vector<std::shared_ptr<const Tokenizer>> made;
    for (const std::string_view file : {fixtures::kBert, fixtures::kByteLevel, fixtures::kUnigram}) {
      made.push_back(Tokenizer::parse(file).value());
    }
    return made;
  }();
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  for (const auto& tokenizer : fixed) read(*tokenizer, input, true);
  // A text may stand behind the file, after a zero byte.
  const std::size_t zero = input.find('\0');
  const std::string_view text =
      zero == std::string_view::npos ? std::string_view("Ab \xc3\xa9 1\xff\n'll") : input.substr(zero + 1);
  if (const auto tokenizer = Tokenizer::parse(input.substr(0, zero))) read(**tokenizer, text, false);
  return 0;
}
