#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gatehouse/crypto/hmac.h"
#include "gatehouse/guard/finding.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::guard {

// What was found in texts that were looked at before: chat clients send the whole conversation with every turn. Keyed
// by a keyed hash of the text, its role and kind, so that nobody can make one text pass for another; holds findings
// without their text. Owner: a worker, for one DetectorSet; one thread's. Bounded; the least recently seen go first.
class JudgedTexts {
 public:
  // `key`: random, of this process.
  JudgedTexts(std::string_view key, std::size_t most);

  // Shorter texts are looked at again: that costs less than the hash.
  static constexpr std::size_t kLeast = 2048;
  // Texts with more findings are looked at again.
  static constexpr std::size_t kMostFindings = 64;

  using Name = crypto::Digest;
  // `judges`: which models were asked; what others found is another matter.
  Name name(std::string_view text, llm::Role role, llm::SegmentKind kind, std::uint64_t judges = 0);
  // Null: it was not seen. Holds until the next `put`.
  const std::vector<Finding>* find(const Name& name);
  void put(const Name& name, const std::vector<Finding>& findings);

 private:
  struct Hash {
    std::size_t operator()(const Name& name) const {
      std::size_t value = 0;
      for (std::size_t i = 0; i < sizeof value; ++i) value = value << 8 | name[i];
      return value;
    }
  };
  struct Entry {
    Name name;
    std::vector<Finding> findings;
  };
  crypto::HmacSha256 hash_;
  std::size_t most_;
  std::list<Entry> entries_;  // the last seen first
  std::unordered_map<Name, std::list<Entry>::iterator, Hash> places_;
  std::string scratch_;
};

}  // namespace gatehouse::guard
