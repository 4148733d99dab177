#include "gatehouse/app/eval/direct_oracle.h"

namespace gatehouse::app {

ml::Wants DirectOracle::answers() const {
  const auto models = service_.models();
  return models ? models->answers() & allowed_ : ml::Wants();
}

ml::Oracle::Answer DirectOracle::ask_beside(std::string_view context, std::string_view text, ml::Wants wants) {
  const ml::Wants possible = wants & answers();
  if (possible.empty()) return {};
  std::pair name{std::string(context), std::string(text)};
  const auto known = by_text_.find(name);
  if (known != by_text_.end() && known->second->answers.covers(possible)) return {.reading = known->second};
  // Several detectors ask about the same text; each is given what all asked for until now.
  const ml::Wants all = known == by_text_.end() ? possible : possible | known->second->answers;
  const ml::Reading& reading = readings_.emplace_back(service_.read(text, all & answers(), context));
  by_text_[std::move(name)] = &reading;
  if (!reading.answers.covers(possible)) return {};
  return {.reading = &reading};
}

void DirectOracle::forget() {
  by_text_.clear();
  readings_.clear();
}

}  // namespace gatehouse::app
