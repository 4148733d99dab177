#include "gatehouse/ml/tokenizer/wordpiece.h"

#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/text/utf8.h"

namespace gatehouse::ml::tokenizer {
namespace {

constexpr std::size_t kMostCharacters = 10'000;

constexpr auto kNoFold = [] {
  std::array<std::uint8_t, 256> fold{};
  for (std::size_t i = 0; i < fold.size(); ++i) fold[i] = static_cast<std::uint8_t>(i);
  return fold;
}();

}  // namespace

Result<std::unique_ptr<WordPiece>> WordPiece::parse(const json::Value& model, const Reserved& reserved) {
  auto entries = Vocabulary::read(model["vocab"]);
  if (!entries) return fail(Code::configuration, "model: " + entries.error().detail);
  auto vocabulary = Vocabulary::make(*entries, reserved);
  if (!vocabulary) return fail(Code::configuration, "model: " + vocabulary.error().detail);

  auto made = std::make_unique<WordPiece>();
  made->vocabulary_ = std::move(*vocabulary);
  const std::string unknown = model["unk_token"].string_or("[UNK]");
  const auto id = made->vocabulary_.find(unknown);
  if (!id) {
    return fail(Code::configuration,
                fmt::format("model: unk_token `{}` is not in the vocabulary", text::safe_excerpt(unknown, 64)));
  }
  made->unknown_ = *id;
  if (const json::Value most = model["max_input_chars_per_word"]; most.exists()) {
    const auto number = most.integer();
    if (!number || *number < 1 || static_cast<std::uint64_t>(*number) > kMostCharacters) {
      return fail(Code::configuration,
                  fmt::format("model: max_input_chars_per_word must be from 1 to {}", kMostCharacters));
    }
    made->most_characters_ = static_cast<std::size_t>(*number);
  }
  made->continuing_ = made->vocabulary_.trie().walk(Trie::kRoot, model["continuing_subword_prefix"].string_or("##"));
  return made;
}

void WordPiece::encode(std::string_view word, WordScratch&, std::vector<Piece>& out) const {
  std::size_t characters = 0;
  for (const char byte : word) characters += (static_cast<std::uint8_t>(byte) & 0xC0U) != 0x80 ? 1 : 0;
  const std::size_t before = out.size();
  const auto add = [&](std::int32_t id, std::size_t begin, std::size_t end) {
    out.push_back({id, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)});
  };
  if (characters <= most_characters_ && cut(word, kNoFold.data(), add)) return;
  out.resize(before);
  add(unknown_, 0, word.size());
}

}  // namespace gatehouse::ml::tokenizer
