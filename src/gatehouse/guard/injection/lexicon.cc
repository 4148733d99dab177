#include "gatehouse/guard/injection/lexicon.h"

#include <algorithm>
#include <array>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::guard::injection {
namespace {

constexpr std::size_t kLeastScrambled = 5;
constexpr std::size_t kMostScrambled = 24;

}  // namespace

std::uint32_t Lexicon::beginning(std::string_view folded) {
  std::uint32_t key = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    key = key * 31 + (i < folded.size() ? static_cast<unsigned char>(folded[i]) : 0U);
  }
  return (key * 0x9E3779B1U) >> 16;  // 16 bits
}

void Lexicon::add(std::string_view folded, bool stem, Class word_class) {
  if (folded.size() < 3 && stem) {
    beginnings_.assign(beginnings_.size(), ~std::uint64_t{0});  // anything may follow
  } else {
    const std::uint32_t key = beginning(folded);
    beginnings_[key / 64] |= std::uint64_t{1} << (key % 64);
  }
  std::uint32_t at = 0;
  for (const char c : folded) {
    const auto next = drafts_[at].next.find(c);
    if (next != drafts_[at].next.end()) {
      at = next->second;
      continue;
    }
    const auto made = static_cast<std::uint32_t>(drafts_.size());
    drafts_.emplace_back();
    drafts_[at].next.emplace(c, made);
    at = made;
  }
  (stem ? drafts_[at].stem : drafts_[at].exact).insert(word_class);
}

void Lexicon::add_scrambled(std::string_view folded) { scrambled_words_.emplace_back(folded); }

Lexicon::Set Lexicon::intern(const std::set<Class>& classes) {
  std::vector<Class> list(classes.begin(), classes.end());
  const auto [found, added] = numbers_.try_emplace(list, static_cast<Set>(sets_.size()));
  if (added) sets_.push_back(std::move(list));
  return found->second;
}

void Lexicon::finish() {
  sets_.clear();
  numbers_.clear();
  intern({});
  nodes_.assign(drafts_.size(), {});
  std::vector<std::set<Class>> inherited(drafts_.size());
  std::deque<std::uint32_t> open{0};
  while (!open.empty()) {
    const std::uint32_t at = open.front();
    open.pop_front();
    const Draft& draft = drafts_[at];
    std::set<Class>& stems = inherited[at];
    stems.insert(draft.stem.begin(), draft.stem.end());
    std::set<Class> exact = stems;
    exact.insert(draft.exact.begin(), draft.exact.end());
    Node& node = nodes_[at];
    node.stem = intern(stems);
    node.exact = intern(exact);
    node.edges = static_cast<std::uint32_t>(edges_.size());
    node.count = static_cast<std::uint16_t>(draft.next.size());
    for (const auto& [byte, next] : draft.next) {
      edges_.push_back({byte, next});
      inherited[next] = stems;
      open.push_back(next);
    }
  }
  for (std::uint16_t i = 0; i < nodes_[0].count; ++i) {
    const Edge& edge = edges_[nodes_[0].edges + i];
    roots_[static_cast<unsigned char>(edge.byte)] = edge.node;
  }
  drafts_.clear();
  for (const std::string& word : scrambled_words_) {
    std::array<char, kMostScrambled> key;
    std::size_t size = 0;
    if (!scramble_key(word, key.data(), size)) continue;
    scrambled_ends_[static_cast<std::size_t>(word.front() - 'a')] |= 1U << static_cast<unsigned>(word.back() - 'a');
    const std::uint32_t letters = letters_of(word);
    scrambled_letters_[letters / 64] |= std::uint64_t{1} << (letters % 64);
    scrambled_.try_emplace(std::string(key.data(), size), find(word));
  }
  scrambled_words_.clear();
}

inline const Lexicon::Node* Lexicon::step(const Node& node, char byte) const {
  if (&node == nodes_.data()) {
    const std::uint32_t root = roots_[static_cast<unsigned char>(byte)];
    return root == 0 ? nullptr : &nodes_[root];
  }
  const Edge* const begin = edges_.data() + node.edges;
  const Edge* const end = begin + node.count;
  const Edge* const edge =
      node.count <= 8 ? std::find_if(begin, end, [&](const Edge& e) { return e.byte == byte; })
                      : std::lower_bound(begin, end, byte, [](const Edge& e, char value) { return e.byte < value; });
  return edge == end || edge->byte != byte ? nullptr : &nodes_[edge->node];
}

Lexicon::Set Lexicon::find(std::string_view folded) const {
  const Node* node = nodes_.data();
  for (const char c : folded) {
    const Node* const next = step(*node, c);
    if (next == nullptr) return node->stem;
    node = next;
  }
  return node->exact;
}

Lexicon::Set Lexicon::word(std::string_view folded) const {
  const std::uint32_t begins = beginning(folded);
  if ((beginnings_[begins / 64] >> (begins % 64) & 1U) != 0) {
    const Set found = find(folded);
    if (found != 0) return found;
  }
  // Arabic writes "and", "with", "for" and the article onto the word.
  static constexpr std::array<std::string_view, 4> kPrefixes = {"\u0648", "\u0641", "\u0628", "\u0644"};
  if (folded.size() > 6 && (folded[0] == '\xd8' || folded[0] == '\xd9')) {
    std::string_view rest = folded;
    for (const std::string_view prefix : kPrefixes) {
      if (rest.starts_with(prefix)) {
        rest.remove_prefix(prefix.size());
        break;
      }
    }
    if (rest.starts_with("\u0627\u0644") && rest.size() > 8) rest.remove_prefix(4);
    return rest.size() == folded.size() ? 0 : find(rest);
  }
  // Most words end here: no scrambled word begins and ends like them.
  const char first = folded.front();
  const char last = folded.back();
  if (first < 'a' || first > 'z' || last < 'a' || last > 'z' ||
      (scrambled_ends_[static_cast<std::size_t>(first - 'a')] >> static_cast<unsigned>(last - 'a') & 1U) == 0) {
    return 0;
  }
  if (folded.size() < kLeastScrambled || folded.size() > kMostScrambled) return 0;
  const std::uint32_t letters = letters_of(folded);
  if ((scrambled_letters_[letters / 64] >> (letters % 64) & 1U) == 0) return 0;
  std::array<char, kMostScrambled> key;
  std::size_t size = 0;
  if (!scramble_key(folded, key.data(), size)) return 0;
  const auto scrambled = scrambled_.find(std::string_view(key.data(), size));
  return scrambled == scrambled_.end() ? 0 : scrambled->second;
}

Lexicon::Set Lexicon::longest(std::string_view run, std::size_t& length) const {
  const Node* node = nodes_.data();
  Set best = 0;
  length = 0;
  for (std::size_t i = 0; i < run.size(); ++i) {
    node = step(*node, run[i]);
    if (node == nullptr) break;
    if (node->exact != 0) {
      best = node->exact;
      length = i + 1;
    }
  }
  return best;
}

// 10 bits of the letters' set.
std::uint32_t Lexicon::letters_of(std::string_view folded) {
  std::uint32_t set = 0;
  for (const char c : folded) set |= 1U << (static_cast<unsigned char>(c) & 31U);
  return (set * 0x9E3779B1U) >> 22;
}

// First letter, the inner ones sorted, the last one; runs of one letter count once.
bool Lexicon::scramble_key(std::string_view folded, char* key, std::size_t& size) {
  if (folded.size() < kLeastScrambled || folded.size() > kMostScrambled) return false;
  size = 0;
  for (const char c : folded) {
    if (c < 'a' || c > 'z') return false;
    if (size == 0 || key[size - 1] != c) key[size++] = c;
  }
  if (size < kLeastScrambled) return false;
  std::sort(key + 1, key + size - 1);
  return true;
}

}  // namespace gatehouse::guard::injection
