#include "gatehouse/guard/matcher.h"

#include <hs.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace gatehouse::guard {
namespace {

struct DatabaseFree {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
};
struct ScratchFree {
  void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
};
using ScratchSpace = std::unique_ptr<hs_scratch_t, ScratchFree>;

// Vectorscan 5.4.9 loses matches of small sets: made into one automaton, they skip ahead by a search for two bytes that
// overlooks pairs across vectors (its issues 317, 358, 368; mended in later releases, never wrong in Hyperscan). Larger
// sets are driven by their literals instead, and so is every set with literals of another kind in it: each gets some
// that no text has. (A set of 40 of its own was seen to fail, with eight of these none.) matcher_test.cc compares sets
// of all sizes with RE2.
constexpr std::size_t kFillers = 16;
std::string filler(std::size_t number) {
  const auto control = [](std::size_t n) { return fmt::format("\\x{:02x}", 1 + n % 8); };
  return control(number) + control(number / 8 + 3) + control(number + 5) + control(number / 8 + 1) +
         control(number * 3);
}

// Whose trigger an expression of the database is.
struct Source {
  std::uint32_t detector;
  std::uint32_t trigger;
};

class VectorscanScratch final : public Matcher::Scratch {
 public:
  VectorscanScratch(ScratchSpace space, std::size_t detectors) : space_(std::move(space)) { hits_.resize(detectors); }

  hs_scratch_t* space() { return space_.get(); }

  void begin(const std::vector<Source>* sources) {
    clear();
    sources_ = sources;
    ordered_ = true;
  }
  void clear() {
    for (std::vector<Hit>& hits : hits_) hits.clear();
    count_ = 0;
  }
  // Not zero: enough.
  int add(unsigned expression, std::size_t end) {
    if (expression >= sources_->size()) return 0;  // a filler
    const Source source = (*sources_)[expression];
    std::vector<Hit>& hits = hits_[source.detector];
    if (!hits.empty()) {
      const Hit& last = hits.back();
      if (last.end > end) ordered_ = false;
      if (last.end == end && last.trigger == source.trigger) return 0;
    }
    if (++count_ > Matcher::kMostHits) return 1;
    hits.push_back({source.trigger, end});
    return 0;
  }
  // The library promises no order between patterns; as a rule it is there.
  void finish() {
    if (ordered_) return;
    for (std::vector<Hit>& hits : hits_) {
      std::ranges::sort(
          hits, [](const Hit& a, const Hit& b) { return a.end != b.end ? a.end < b.end : a.trigger < b.trigger; });
      const auto repeated = std::ranges::unique(
          hits, [](const Hit& a, const Hit& b) { return a.end == b.end && a.trigger == b.trigger; });
      hits.erase(repeated.begin(), repeated.end());
    }
  }

 private:
  ScratchSpace space_;
  const std::vector<Source>* sources_ = nullptr;
  std::size_t count_ = 0;
  bool ordered_ = true;
};

class VectorscanMatcher final : public Matcher {
 public:
  // By setting; without a database there is nothing to match.
  using Databases = std::array<std::shared_ptr<hs_database_t>, kSettingCount>;

  VectorscanMatcher(Databases databases, ScratchSpace prototype, std::vector<Source> sources, std::size_t detectors)
      : databases_(std::move(databases)),
        prototype_(std::move(prototype)),
        sources_(std::move(sources)),
        detectors_(detectors) {}

  std::unique_ptr<Scratch> make_scratch() const override {
    hs_scratch_t* copy = nullptr;
    // Out of memory leaves it without: then scan says that it failed.
    if (prototype_ && hs_clone_scratch(prototype_.get(), &copy) != HS_SUCCESS) copy = nullptr;
    return std::make_unique<VectorscanScratch>(ScratchSpace(copy), detectors_);
  }

  bool scan(std::string_view text, Scratch& scratch, Setting setting) const override {
    auto& mine = static_cast<VectorscanScratch&>(scratch);
    mine.begin(&sources_);
    const hs_database_t* database = databases_[static_cast<std::size_t>(setting)].get();
    if (database == nullptr) return true;
    const auto on_match = [](unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
      return static_cast<VectorscanScratch*>(context)->add(id, static_cast<std::size_t>(to));
    };
    if (text.size() > std::numeric_limits<unsigned>::max() || mine.space() == nullptr ||
        hs_scan(database, text.data(), static_cast<unsigned>(text.size()), 0, mine.space(), on_match, &mine) !=
            HS_SUCCESS) {
      mine.clear();
      return false;
    }
    mine.finish();
    return true;
  }

 private:
  Databases databases_;
  ScratchSpace prototype_;  // large enough for each
  std::vector<Source> sources_;
  std::size_t detectors_;
};

// Of how many triggers databases are made for each setting. To match what does not matter costs time and changes no
// finding; so does compiling it three times, and under the sanitizers that is seconds at each start.
#ifdef GATEHOUSE_SANITIZED
constexpr std::size_t kMostApart = 500;
#else
constexpr std::size_t kMostApart = std::numeric_limits<std::size_t>::max();
#endif

// Patterns for one database, with the place of each in the list of all.
struct Patterns {
  std::vector<const char*> expressions;
  std::vector<unsigned> flags;
  std::vector<unsigned> ids;

  void add(const char* expression, unsigned flag, std::size_t id) {
    expressions.push_back(expression);
    flags.push_back(flag);
    ids.push_back(static_cast<unsigned>(id));
  }
};

}  // namespace

Result<std::shared_ptr<const Matcher>> Matcher::make(std::span<const Detector* const> detectors) {
  std::vector<Source> sources;
  std::vector<Trigger> triggers;
  for (std::size_t i = 0; i < detectors.size(); ++i) {
    for (Trigger& trigger : detectors[i]->triggers()) {
      // A C string is what the library takes: the rest behind a zero would silently be no part of the pattern.
      if (trigger.pattern.find('\0') != std::string::npos) {
        return fail(Code::configuration, fmt::format("detector {}: the pattern of trigger {} has a zero byte in it",
                                                     detectors[i]->name(), trigger.trigger));
      }
      sources.push_back({static_cast<std::uint32_t>(i), trigger.trigger});
      triggers.push_back(std::move(trigger));
    }
  }
  std::vector<std::string> fillers;
  for (std::size_t i = 0; i < kFillers; ++i) fillers.push_back(filler(i));

  VectorscanMatcher::Databases databases;
  hs_scratch_t* space = nullptr;
  for (std::size_t setting = 0; setting < kSettingCount; ++setting) {
    Patterns patterns;
    for (std::size_t i = 0; i < triggers.size(); ++i) {
      const Trigger& trigger = triggers[i];
      if (static_cast<Setting>(setting) == Setting::own_words && !trigger.in_own_words) continue;
      if (static_cast<Setting>(setting) == Setting::answers && !trigger.in_answers) continue;
      // Not HS_FLAG_UTF8: a text may hold any bytes.
      patterns.add(trigger.pattern.c_str(),
                   (trigger.caseless ? HS_FLAG_CASELESS : 0U) | (trigger.once ? HS_FLAG_SINGLEMATCH : 0U), i);
    }
    if (setting > 0 && (patterns.ids.size() == triggers.size() || triggers.size() > kMostApart)) {
      databases[setting] = databases[0];
      continue;
    }
    if (patterns.ids.empty()) continue;
    for (std::size_t i = 0; i < kFillers; ++i) {
      patterns.add(fillers[i].c_str(), HS_FLAG_SINGLEMATCH, triggers.size() + i);
    }
    hs_database_t* compiled = nullptr;
    hs_compile_error_t* refused = nullptr;
    if (hs_compile_multi(patterns.expressions.data(), patterns.flags.data(), patterns.ids.data(),
                         static_cast<unsigned>(patterns.ids.size()), HS_MODE_BLOCK, nullptr, &compiled,
                         &refused) != HS_SUCCESS) {
      const std::string why = refused != nullptr && refused->message != nullptr ? refused->message : "no reason given";
      const int at = refused != nullptr ? refused->expression : -1;
      hs_free_compile_error(refused);
      hs_free_scratch(space);
      if (at < 0 || static_cast<std::size_t>(at) >= patterns.ids.size() ||
          patterns.ids[static_cast<std::size_t>(at)] >= sources.size()) {
        return fail(Code::configuration, fmt::format("the detectors' patterns cannot be compiled together: {}", why));
      }
      const Source& source = sources[patterns.ids[static_cast<std::size_t>(at)]];
      return fail(Code::configuration, fmt::format("detector {}: the pattern of trigger {} is refused: {}",
                                                   detectors[source.detector]->name(), source.trigger, why));
    }
    databases[setting] = std::shared_ptr<hs_database_t>(compiled, DatabaseFree());
    // Grows to what the largest of them needs.
    if (hs_alloc_scratch(compiled, &space) != HS_SUCCESS) {
      hs_free_scratch(space);
      return fail(Code::configuration, "no memory to match the detectors' patterns");
    }
  }
  return std::make_shared<VectorscanMatcher>(std::move(databases), ScratchSpace(space), std::move(sources),
                                             detectors.size());
}

}  // namespace gatehouse::guard
