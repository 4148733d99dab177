#include "gatehouse/guard/judged_texts.h"

namespace gatehouse::guard {

JudgedTexts::JudgedTexts(std::string_view key, std::size_t most) : hash_(key), most_(most) {}

JudgedTexts::Name JudgedTexts::name(std::string_view text, llm::Role role, llm::SegmentKind kind,
                                    std::uint64_t judges) {
  scratch_.clear();
  scratch_.reserve(text.size() + 2 + sizeof judges);
  scratch_.push_back(static_cast<char>(role));
  scratch_.push_back(static_cast<char>(kind));
  for (std::size_t i = 0; i < sizeof judges; ++i) scratch_.push_back(static_cast<char>(judges >> 8 * i & 0xFF));
  scratch_.append(text);
  return hash_(scratch_);
}

const std::vector<Finding>* JudgedTexts::find(const Name& name) {
  const auto place = places_.find(name);
  if (place == places_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, place->second);
  return &entries_.front().findings;
}

void JudgedTexts::put(const Name& name, const std::vector<Finding>& findings) {
  if (most_ == 0 || findings.size() > kMostFindings || places_.contains(name)) return;
  if (entries_.size() >= most_) {
    places_.erase(entries_.back().name);
    entries_.pop_back();
  }
  entries_.push_front({name, findings});
  places_.emplace(name, entries_.begin());
}

}  // namespace gatehouse::guard
