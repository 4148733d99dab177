#include "gatehouse/ml/tokenizer/added_tokens.h"

#include <algorithm>

#include "gatehouse/ml/tokenizer/aligned.h"
#include "gatehouse/ml/tokenizer/characters.h"

namespace gatehouse::ml::tokenizer {

Result<AddedTokens> AddedTokens::read(const json::Value& list) {
  AddedTokens added;
  if (!list.exists() || list.is_null()) return added;
  if (!list.is(json::Kind::array)) return fail(Code::configuration, "added_tokens: a list is needed");
  const char* problem = nullptr;
  list.elements([&](json::Value value) {
    if (problem != nullptr) return;
    const auto content = value["content"].string();
    if (!content || content->size() > Vocabulary::kMostTokenBytes) {
      problem = "added_tokens: one without `content`, or with too long a one";
    } else if (added.tokens_.size() == kMostTokens) {
      problem = "added_tokens: too many";
    } else if (!content->empty()) {
      added.tokens_.push_back({.content = *content,
                               .special = value["special"].boolean().value_or(false),
                               .single_word = value["single_word"].boolean().value_or(false),
                               .lstrip = value["lstrip"].boolean().value_or(false),
                               .rstrip = value["rstrip"].boolean().value_or(false),
                               .normalized = value["normalized"].boolean().value_or(true)});
    }
  });
  if (problem != nullptr) return fail(Code::configuration, problem);
  return added;
}

void AddedTokens::reserve(Reserved& reserved) const {
  for (const AddedToken& token : tokens_) {
    if (token.special) reserved.tokens.insert(token.content);
  }
}

Result<> AddedTokens::settle(const Vocabulary& vocabulary, base::FunctionRef<std::string(std::string_view)> normalise) {
  auto next = static_cast<std::int32_t>(vocabulary.size());
  for (AddedToken& token : tokens_) {
    if (const auto known = ids_.find(token.content); known != ids_.end()) {
      token.id = known->second;
    } else {
      token.id = vocabulary.find(token.content).value_or(next);
      if (token.id == next) ++next;
      ids_.emplace(token.content, token.id);
    }
    highest_ = std::max(highest_, token.id);
  }
  // All are looked for, special ones too: what one of them takes up is not looked through again. Where nothing but
  // special ones would be found there is no need to look.
  for (const bool normalised : {false, true}) {
    std::vector<std::string> contents;
    std::vector<std::int32_t> places;
    bool any = false;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const AddedToken& token = tokens_[i];
      if (token.normalized != normalised) continue;
      contents.push_back(normalised ? normalise(token.content) : token.content);
      places.push_back(static_cast<std::int32_t>(i));
      if (!token.special) any = true;
    }
    if (!any) continue;
    std::vector<Trie::Entry> entries;
    for (std::size_t i = 0; i < contents.size(); ++i) entries.push_back({contents[i], places[i]});
    auto trie = Trie::build(std::move(entries));
    if (!trie) return fail(Code::configuration, "added_tokens: too many");
    (normalised ? normalised_ : raw_) = std::move(*trie);
  }
  return {};
}

void AddedTokens::split(std::string_view text, bool normalised, std::size_t begin, std::size_t end,
                        std::vector<Stretch>& out) const {
  const Trie& trie = normalised ? normalised_ : raw_;
  const Characters& characters = Characters::get();
  text = text.substr(0, end);
  std::size_t done = begin;
  const auto add = [&](std::size_t from, std::size_t to, std::int32_t id) {
    if (from < to) out.push_back({static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to), id});
  };
  for (std::size_t at = begin; !trie.empty() && at < end;) {
    std::int32_t state = Trie::kRoot;
    std::int32_t found = Trie::kNone;
    std::size_t behind = at;
    for (std::size_t next = at; next < end;) {
      state = trie.step(state, static_cast<std::uint8_t>(text[next++]));
      if (state == Trie::kNone) break;
      if (trie.value(state) != Trie::kNone) {
        found = trie.value(state);
        behind = next;
      }
    }
    if (found == Trie::kNone) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[static_cast<std::size_t>(found)];
    std::size_t from = at;
    std::size_t to = behind;
    at = behind;
    if (token.special) continue;
    if (token.single_word) {
      std::size_t before = from;
      std::size_t after = to;
      if (from > begin && characters.is(previous_point(text, before), kWord)) continue;
      if (to < end && characters.is(next_point(text, after), kWord)) continue;
    }
    if (token.lstrip) {
      while (from > done) {
        std::size_t before = from;
        if (!characters.is(previous_point(text, before), kSpace)) break;
        from = before;
      }
    }
    if (token.rstrip) {
      while (to < end) {
        std::size_t after = to;
        if (!characters.is(next_point(text, after), kSpace)) break;
        to = after;
      }
    }
    add(done, from, -1);
    add(from, to, token.id);
    done = to;
    at = std::max(at, to);
  }
  add(done, end, -1);
}

std::optional<std::int32_t> AddedTokens::find(std::string_view content) const {
  const auto found = ids_.find(std::string(content));
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

}  // namespace gatehouse::ml::tokenizer
