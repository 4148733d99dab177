#include "gatehouse/guard/inspector.h"

#include <algorithm>
#include <utility>

#include "gatehouse/guard/names/merge.h"

namespace gatehouse::guard {
namespace {

// So many readings of one text may be asked about: encodings are cheap to make, and a model's look is not.
class Rationed final : public ml::Oracle {
 public:
  explicit Rationed(ml::Oracle* oracle) : oracle_(oracle) {}
  ml::Wants answers() const override { return oracle_->answers(); }
  Answer ask(std::string_view text, ml::Wants wants) override {
    if (left_ == 0) return {};
    --left_;
    return oracle_->ask(text, wants);
  }
  Answer ask_beside(std::string_view context, std::string_view text, ml::Wants wants) override {
    if (left_ == 0) return {};
    --left_;
    return oracle_->ask_beside(context, text, wants);
  }

 private:
  ml::Oracle* oracle_;
  std::size_t left_ = Inspector::kMostAsks;
};

}  // namespace

Inspector::Inspector(std::shared_ptr<const DetectorSet> detectors)
    : detectors_(std::move(detectors)), scratch_(detectors_->matcher().make_scratch()) {}

std::size_t Inspector::look_at(const Look& look, DetectorMask wanted, Findings& out) {
  if (!detectors_->matcher().scan(look.text, *scratch_, setting_of(look))) {
    out.fail("the pattern matcher failed");
    return look.complete ? look.text.size() : look.from;
  }
  std::size_t frontier = look.text.size();
  for (std::size_t i = 0; i < detectors_->size(); ++i) {
    if (!wanted.has(i)) continue;
    const std::size_t before = out.list().size();
    try {
      frontier = std::min(frontier, (*detectors_)[i].look(look, scratch_->hits(i), out));
    } catch (...) {
      // What it had found so far is no whole answer; how far it was sure nobody knows. What was thrown may quote the
      // text, so it is not told.
      out.list().resize(before);
      out.fail("a detector broke off");
    }
  }
  return frontier;
}

std::size_t Inspector::look(const Look& look, DetectorMask wanted, Findings& out) {
  DetectorMask concerned;
  text::ViewKinds kinds;
  for (std::size_t i = 0; i < detectors_->size(); ++i) {
    if (!wanted.has(i) || !(*detectors_)[i].concerns(look.direction, look.role, look.kind)) continue;
    concerned.add(i);
    kinds = kinds | detectors_->views(i, look.direction);
  }
  out.clear();
  if (concerned.empty() || look.text.empty()) return look.text.size();

  std::size_t frontier = look_at(look, concerned, out);
  views_.build(look.text, kinds, look.complete);
  if (views_.truncated()) out.fail("more encodings inside each other than are decoded");
  if (!look.complete) frontier = std::min(frontier, std::max(views_.open_from(), look.from));
  Rationed rationed(look.meaning);
  order_.assign(views_.all().begin(), views_.all().end());
  // What is not asked about is the shortest.
  if (look.meaning != nullptr && order_.size() > kMostAsks) {
    std::ranges::sort(order_, [](const text::View* a, const text::View* b) {
      return a->text().size() != b->text().size() ? a->text().size() > b->text().size() : a->text() < b->text();
    });
  }
  // What stands in front of a reading, for the one before; they ascend as a rule.
  TextBefore before = look.before;
  std::size_t before_to = 0;
  for (const text::View* view : order_) {
    DetectorMask here;
    for (std::size_t i = 0; i < detectors_->size(); ++i) {
      if (concerned.has(i) && detectors_->views(i, look.direction).contains(view->steps())) here.add(i);
    }
    if (here.empty()) continue;
    Look inner = look;
    inner.text = view->text();
    inner.view = view->kind();
    inner.from = 0;
    // A piece that was decoded is whole; a reading of the whole text goes on where that does.
    const text::ByteRange covered = view->original(0, view->text().size());
    inner.complete = look.complete || covered.end < look.text.size();
    if (covered.begin < before_to) {
      before = look.before;
      before_to = 0;
    }
    before.advance(look.text.substr(before_to, covered.begin - before_to));
    before_to = covered.begin;
    inner.before = before;
    inner.written = look.text.substr(covered.begin, covered.end - covered.begin);
    inner.meaning = look.meaning != nullptr ? &rationed : nullptr;
    seen_.clear();
    const std::size_t sure = look_at(inner, here, seen_);
    out.join(seen_);
    if ((!inner.complete || seen_.waiting()) && sure < inner.text.size()) {
      frontier = std::min(frontier, std::max(view->original(sure, sure + 1).begin, look.from));
    }
    for (Finding finding : seen_.list()) {
      const text::ByteRange range = view->original(finding.begin, finding.end);
      finding.begin = range.begin;
      finding.end = range.end;
      finding.view = view->kind();
      out.add(finding);
    }
  }
  auto& list = out.list();
  std::erase_if(list, [&](const Finding& finding) { return finding.begin < look.from; });
  join(list);
  yield_to_patterns(list);
  return std::max(frontier, look.from);
}

void Inspector::join(std::vector<Finding>& list) {
  if (list.size() < 2) return;
  const auto before = [](const Finding& a, const Finding& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    if (a.end != b.end) return a.end > b.end;
    if (a.entity != b.entity) return a.entity < b.entity;
    if (a.score != b.score) return a.score > b.score;
    return a.view < b.view;
  };
  // One detector's come in their order.
  if (!std::ranges::is_sorted(list, before)) std::ranges::sort(list, before);
  // The same thing seen in another reading, there or inside.
  std::vector<Finding> kept;
  kept.reserve(list.size());
  constexpr std::size_t kBack = 16;
  for (const Finding& finding : list) {
    bool known = false;
    for (std::size_t i = kept.size(); i > 0 && i + kBack > kept.size() && !known; --i) {
      Finding& earlier = kept[i - 1];
      // Names last: they are compared byte by byte, and where all was found in one reading not at all.
      if (earlier.view != finding.view && earlier.end >= finding.end && earlier.entity == finding.entity &&
          earlier.detector == finding.detector) {
        earlier.score = std::max(earlier.score, finding.score);
        known = true;
      }
    }
    if (!known) kept.push_back(finding);
  }
  list = std::move(kept);
}

}  // namespace gatehouse::guard
