#include "gatehouse/guard/matcher.h"

#include <hs.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace gatehouse::guard {
namespace {

struct DatabaseFree {
  void operator()(hs_database_t* database) const { hs_free_database(database); }
};
struct ScratchFree {
  void operator()(hs_scratch_t* scratch) const { hs_free_scratch(scratch); }
};
using Database = std::unique_ptr<hs_database_t, DatabaseFree>;
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
  // Without a database there is nothing to match.
  VectorscanMatcher(Database database, ScratchSpace prototype, std::vector<Source> sources, std::size_t detectors)
      : database_(std::move(database)),
        prototype_(std::move(prototype)),
        sources_(std::move(sources)),
        detectors_(detectors) {}

  std::unique_ptr<Scratch> make_scratch() const override {
    hs_scratch_t* copy = nullptr;
    // Out of memory leaves it without: then scan says that it failed.
    if (prototype_ && hs_clone_scratch(prototype_.get(), &copy) != HS_SUCCESS) copy = nullptr;
    return std::make_unique<VectorscanScratch>(ScratchSpace(copy), detectors_);
  }

  bool scan(std::string_view text, Scratch& scratch) const override {
    auto& mine = static_cast<VectorscanScratch&>(scratch);
    mine.begin(&sources_);
    if (!database_) return true;
    const auto on_match = [](unsigned id, unsigned long long, unsigned long long to, unsigned, void* context) {
      return static_cast<VectorscanScratch*>(context)->add(id, static_cast<std::size_t>(to));
    };
    if (text.size() > std::numeric_limits<unsigned>::max() || mine.space() == nullptr ||
        hs_scan(database_.get(), text.data(), static_cast<unsigned>(text.size()), 0, mine.space(), on_match, &mine) !=
            HS_SUCCESS) {
      mine.clear();
      return false;
    }
    mine.finish();
    return true;
  }

 private:
  Database database_;
  ScratchSpace prototype_;
  std::vector<Source> sources_;
  std::size_t detectors_;
};

}  // namespace

Result<std::shared_ptr<const Matcher>> Matcher::make(std::span<const Detector* const> detectors) {
  std::vector<std::string> patterns;
  std::vector<unsigned> flags;
  std::vector<Source> sources;
  for (std::size_t i = 0; i < detectors.size(); ++i) {
    for (Trigger& trigger : detectors[i]->triggers()) {
      // Not HS_FLAG_UTF8: a text may hold any bytes.
      flags.push_back((trigger.caseless ? HS_FLAG_CASELESS : 0U) | (trigger.once ? HS_FLAG_SINGLEMATCH : 0U));
      sources.push_back({static_cast<std::uint32_t>(i), trigger.trigger});
      patterns.push_back(std::move(trigger.pattern));
    }
  }
  if (patterns.empty())
    return std::make_shared<VectorscanMatcher>(nullptr, nullptr, std::move(sources), detectors.size());

  for (std::size_t i = 0; i < kFillers; ++i) {
    patterns.push_back(filler(i));
    flags.push_back(HS_FLAG_SINGLEMATCH);
  }
  std::vector<const char*> expressions;
  std::vector<unsigned> ids;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    // A C string is what the library takes: the rest behind a zero would silently be no part of the pattern.
    if (patterns[i].find('\0') != std::string::npos) {
      return fail(Code::configuration, fmt::format("detector {}: the pattern of trigger {} has a zero byte in it",
                                                   detectors[sources[i].detector]->name(), sources[i].trigger));
    }
    expressions.push_back(patterns[i].c_str());
    ids.push_back(static_cast<unsigned>(i));
  }
  hs_database_t* compiled = nullptr;
  hs_compile_error_t* refused = nullptr;
  if (hs_compile_multi(expressions.data(), flags.data(), ids.data(), static_cast<unsigned>(expressions.size()),
                       HS_MODE_BLOCK, nullptr, &compiled, &refused) != HS_SUCCESS) {
    const std::string why = refused != nullptr && refused->message != nullptr ? refused->message : "no reason given";
    const int at = refused != nullptr ? refused->expression : -1;
    hs_free_compile_error(refused);
    if (at < 0 || static_cast<std::size_t>(at) >= sources.size()) {
      return fail(Code::configuration, fmt::format("the detectors' patterns cannot be compiled together: {}", why));
    }
    const Source& source = sources[static_cast<std::size_t>(at)];
    return fail(Code::configuration, fmt::format("detector {}: the pattern of trigger {} is refused: {}",
                                                 detectors[source.detector]->name(), source.trigger, why));
  }
  Database database(compiled);
  hs_scratch_t* space = nullptr;
  if (hs_alloc_scratch(database.get(), &space) != HS_SUCCESS) {
    return fail(Code::configuration, "no memory to match the detectors' patterns");
  }
  return std::make_shared<VectorscanMatcher>(std::move(database), ScratchSpace(space), std::move(sources),
                                             detectors.size());
}

}  // namespace gatehouse::guard
