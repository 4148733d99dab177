#pragma once

#include <hs/hs.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/guard/detector.h"

namespace gatehouse::guard::injection {

// For tests, benches and fuzzing of this folder: one detector's triggers and nothing else, one thread.
class TestingMatcher {
 public:
  explicit TestingMatcher(const Detector& detector) {
    const std::vector<Trigger> triggers = detector.triggers();
    std::vector<const char*> patterns;
    std::vector<unsigned> flags, ids;
    for (const Trigger& trigger : triggers) {
      patterns.push_back(trigger.pattern.c_str());
      flags.push_back((trigger.caseless ? HS_FLAG_CASELESS : 0U) | (trigger.once ? HS_FLAG_SINGLEMATCH : 0U));
      ids.push_back(trigger.trigger);
    }
    hs_compile_error_t* error = nullptr;
    if (hs_compile_multi(patterns.data(), flags.data(), ids.data(), static_cast<unsigned>(patterns.size()),
                         HS_MODE_BLOCK, nullptr, &database_, &error) != HS_SUCCESS) {
      std::abort();
    }
    if (hs_alloc_scratch(database_, &scratch_) != HS_SUCCESS) std::abort();
  }
  ~TestingMatcher() {
    hs_free_scratch(scratch_);
    hs_free_database(database_);
  }
  TestingMatcher(const TestingMatcher&) = delete;
  TestingMatcher& operator=(const TestingMatcher&) = delete;

  std::span<const Hit> scan(std::string_view text) {
    hits_.clear();
    hs_scan(database_, text.data(), static_cast<unsigned>(text.size()), 0, scratch_, &on_match, &hits_);
    return hits_;
  }

 private:
  static int on_match(unsigned id, unsigned long long, unsigned long long end, unsigned, void* context) {
    static_cast<std::vector<Hit>*>(context)->push_back({id, static_cast<std::size_t>(end)});
    return 0;
  }

  hs_database_t* database_ = nullptr;
  hs_scratch_t* scratch_ = nullptr;
  std::vector<Hit> hits_;
};

}  // namespace gatehouse::guard::injection
