#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/text/views.h"

namespace gatehouse::guard {

// What a detector is about; a policy has a section for each. The names are used in configuration, records, metrics and
// refusals: rename none.
enum class Family : std::uint8_t {
  pii,
  secrets,
  injection,      // injection, jailbreak, prompt extraction
  leakage,        // of the system prompt
  unsafe_output,  // code and links that harm whoever executes or shows the answer
  terms,          // banned words and topics, customers' own
  schema,         // the answer is not what it was to be
  answer,         // language, length, refusals
  limits,         // of the request's shape
  conversation,   // risk over turns
  callout,        // an external guard's verdict
};
inline constexpr std::size_t kFamilyCount = 11;
std::string_view name(Family family);
std::optional<Family> family_from_name(std::string_view name);

enum class Direction : std::uint8_t { request, response };
std::string_view name(Direction direction);

// Something seen in a text. Names are static or owned by the detector, which outlives the findings.
struct Finding {
  Family family = Family::pii;
  std::string_view entity;    // "CREDIT_CARD", "AWS_ACCESS_KEY", "instruction_override"
  std::string_view detector;  // "pii.credit_card": what a refusal may name
  std::size_t begin = 0;      // bytes of the text that was looked at
  std::size_t end = 0;
  float score = 1;  // 0 to 1: how sure
  text::ViewKind view = text::ViewKind::original;
};

// Where detectors put what they see. One look's.
class Findings {
 public:
  void add(Finding finding) {
    if (list_.size() < kMost) {
      list_.push_back(finding);
    } else {
      fail("too many findings");
    }
  }
  // The text could not be judged whole (a bound was reached, a library failed): the policy's failure mode decides.
  // `why` is static and names no text.
  void fail(std::string_view why) {
    if (failure_.empty()) failure_ = why;
  }

  // A model was asked and has not answered yet: what is here is not all. Not a failure; the look is to be repeated.
  void wait() { waiting_ = true; }
  bool waiting() const { return waiting_; }

  // A model that was to judge for `family` gave no answer, or none for all of the text: what is here is what can be
  // said without. No failure in itself; policies that require the model take it for one.
  void unread(Family family) { unread_ |= bit(family); }
  bool is_unread(Family family) const { return (unread_ & bit(family)) != 0; }
  bool all_read() const { return unread_ == 0; }

  // What another look says of itself, but for its list.
  void join(const Findings& other) {
    if (!other.failure_.empty()) fail(other.failure_);
    waiting_ = waiting_ || other.waiting_;
    unread_ |= other.unread_;
  }

  std::vector<Finding>& list() { return list_; }
  const std::vector<Finding>& list() const { return list_; }
  std::string_view failure() const { return failure_; }
  void clear() {
    list_.clear();
    failure_ = {};
    waiting_ = false;
    unread_ = 0;
  }

  static constexpr std::size_t kMost = 4096;  // in one text

 private:
  static std::uint32_t bit(Family family) { return 1U << static_cast<unsigned>(family); }

  std::vector<Finding> list_;
  std::string_view failure_;
  std::uint32_t unread_ = 0;
  bool waiting_ = false;
};

}  // namespace gatehouse::guard
