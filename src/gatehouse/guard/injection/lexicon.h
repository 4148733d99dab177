#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gatehouse::guard::injection {

// Words and stems and the classes they belong to: a trie over folded bytes (letters.h). Filled by `add`, then `finish`,
// from then on immutable.
class Lexicon {
 public:
  using Class = std::uint32_t;
  using Set = std::uint32_t;  // a set of classes, by number; 0 is the empty one

  void add(std::string_view folded, bool stem, Class word_class);
  // This word is also found with its inner letters in disorder, or letters doubled ("ignroe", "promptt"). After all
  // `add`.
  void add_scrambled(std::string_view folded);
  void finish();

  Set word(std::string_view folded) const;
  // The longest word at the beginning of `run` (a script without spaces): its set, and its bytes in `length`.
  Set longest(std::string_view run, std::size_t& length) const;

  std::size_t sets() const { return sets_.size(); }
  const std::vector<Class>& classes(Set set) const { return sets_[set]; }

 private:
  struct Draft {
    std::map<char, std::uint32_t> next;
    std::set<Class> exact, stem;
  };
  struct Node {
    std::uint32_t edges = 0;
    std::uint16_t count = 0;
    Set exact = 0;  // the word ends here: what it is, stems included
    Set stem = 0;   // it goes on
  };
  struct Edge {
    char byte;
    std::uint32_t node;
  };
  static std::uint32_t beginning(std::string_view folded);
  static std::uint32_t letters_of(std::string_view folded);
  static bool scramble_key(std::string_view folded, char* key, std::size_t& size);
  Set intern(const std::set<Class>& classes);
  const Node* step(const Node& node, char byte) const;
  Set find(std::string_view folded) const;

  std::vector<Draft> drafts_{1};
  std::vector<std::string> scrambled_words_;
  std::vector<Node> nodes_;
  std::vector<Edge> edges_;
  std::array<std::uint32_t, 256> roots_{};  // by first byte, 0: no word
  // How words begin, hashed from their first three bytes: most of a text's words are settled by it.
  std::vector<std::uint64_t> beginnings_ = std::vector<std::uint64_t>(1024);
  std::vector<std::vector<Class>> sets_;
  std::map<std::vector<Class>, Set> numbers_;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  std::unordered_map<std::string, Set, Hash, std::equal_to<>> scrambled_;
  std::array<std::uint32_t, 26> scrambled_ends_{};  // by first letter, the last letters that occur
  // Which letters they have, whatever their order, hashed.
  std::array<std::uint64_t, 16> scrambled_letters_{};
};

}  // namespace gatehouse::guard::injection
