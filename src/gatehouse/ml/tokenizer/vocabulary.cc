#include "gatehouse/ml/tokenizer/vocabulary.h"

#include <algorithm>

namespace gatehouse::ml::tokenizer {

Result<Vocabulary::Entries> Vocabulary::read(const json::Value& object) {
  if (!object.is(json::Kind::object)) return fail(Code::configuration, "vocab: an object is needed");
  Entries entries;
  const char* problem = nullptr;
  object.members([&](std::string_view token, json::Value id) {
    if (problem != nullptr) return;
    const auto number = id.integer();
    if (!number || *number < 0 || *number > kMostId) {
      problem = "vocab: an id is no number in range";
    } else if (entries.size() == kMostTokens) {
      problem = "vocab: too many tokens";
    } else {
      entries.emplace_back(token, static_cast<std::int32_t>(*number));
    }
  });
  if (problem != nullptr) return fail(Code::configuration, problem);
  return entries;
}

Result<Vocabulary> Vocabulary::make(const Entries& entries, const Reserved& reserved) {
  if (entries.size() > kMostTokens) return fail(Code::configuration, "vocab: too many tokens");
  Vocabulary vocabulary;
  std::vector<Trie::Entry> keys;
  keys.reserve(entries.size());
  for (const auto& [token, id] : entries) {
    if (token.size() > kMostTokenBytes) return fail(Code::configuration, "vocab: a token is too long");
    const bool kept_back = reserved.ids.contains(id) || reserved.tokens.contains(token);
    keys.push_back({token, kept_back ? id | kReserved : id});
    vocabulary.highest_ = std::max(vocabulary.highest_, id);
  }
  auto trie = Trie::build(std::move(keys));
  if (!trie) return std::unexpected(std::move(trie.error()));
  vocabulary.trie_ = std::move(*trie);
  vocabulary.size_ = vocabulary.trie_.size();
  return vocabulary;
}

}  // namespace gatehouse::ml::tokenizer
