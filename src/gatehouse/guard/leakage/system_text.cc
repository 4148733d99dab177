#include "gatehouse/guard/leakage/system_text.h"

#include <algorithm>
#include <bit>

#include "gatehouse/guard/leakage/words.h"

namespace gatehouse::guard {

void SystemText::add(std::string_view text) {
  if (text.empty()) return;
  const std::size_t room = kMostBytes - std::min(bytes_, kMostBytes);
  bytes_ += text.size();
  if (room == 0) return;
  parts_.push_back(text.substr(0, room));
  built_ = false;
}

void SystemText::insert(std::uint64_t run) const {
  const auto tag = static_cast<std::uint32_t>(run >> 32) | 1U;
  std::uint64_t at = run & mask_;
  while (slots_[at] != 0) {
    if (slots_[at] == tag) return;
    at = (at + 1) & mask_;
  }
  slots_[at] = tag;
}

void SystemText::build() const {
  built_ = true;
  std::size_t bytes = 0;
  for (const std::string_view part : parts_) bytes += part.size();
  // A word has five letters and a space as a rule; where there are more, the table grows below.
  std::vector<std::uint32_t> words;
  words.reserve(bytes / 5 + 16);
  for (const std::string_view part : parts_) {
    WordReader reader(part);
    Word word;
    std::uint32_t end = 0;
    while (reader.next(word)) {
      if (word.begin - end > kWidestGap) words.push_back(0);
      words.push_back(word.hash);
      end = word.end;
    }
    words.push_back(0);
  }
  slots_.assign(std::bit_ceil(words.size() * kShingle * 3 / 2 + 16), 0);
  mask_ = slots_.size() - 1;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::uint64_t run = 0;
    for (std::size_t k = 0; k < kShingle && i + k < words.size() && words[i + k] != 0; ++k) {
      run = append(run, words[i + k]);
      insert(run);
    }
  }
}

bool SystemText::has(std::uint64_t run) const {
  if (!built_) build();
  const auto tag = static_cast<std::uint32_t>(run >> 32) | 1U;
  std::uint64_t at = run & mask_;
  while (slots_[at] != 0) {
    if (slots_[at] == tag) return true;
    at = (at + 1) & mask_;
  }
  return false;
}

}  // namespace gatehouse::guard
