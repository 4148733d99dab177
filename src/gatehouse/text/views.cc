#include "gatehouse/text/views.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "gatehouse/text/utf8.h"
#include "gatehouse/text/views/chars.h"
#include "gatehouse/text/views/encodings.h"
#include "gatehouse/text/views/escapes.h"
#include "gatehouse/text/views/fold.h"
#include "gatehouse/text/views/making.h"
#include "gatehouse/text/views/rewordings.h"
#include "gatehouse/text/views/screen.h"

namespace gatehouse::text {

namespace {

// The readings made in place, in the order in which one is made from the other.
constexpr ViewKind kDecoding[] = {ViewKind::json, ViewKind::hex,      ViewKind::percent,
                                  ViewKind::html, ViewKind::unmarked, ViewKind::folded};
constexpr ViewKind kRewording[] = {ViewKind::spaced, ViewKind::leet};

bool is_encoding(ViewKind kind) {
  switch (kind) {
    case ViewKind::json:
    case ViewKind::base64:
    case ViewKind::hex:
    case ViewKind::percent:
    case ViewKind::html:
    case ViewKind::tags:
      return true;
    default:
      return false;
  }
}

// Of a part of the text: those that agree in it are compared.
std::uint64_t hash_of(std::string_view text) {
  constexpr std::size_t kPart = 64;
  std::uint64_t hash = 0x9E3779B97F4A7C15ULL ^ text.size();
  const auto add = [&hash](std::string_view part) {
    for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  };
  add(text.substr(0, kPart));
  add(text.substr(text.size() / 2, kPart));
  add(text.substr(text.size() - std::min(text.size(), kPart)));
  return hash;
}

constexpr std::size_t kMostWindows = 8;  // of one reading of the original; of another view's, fewer
constexpr std::size_t kMostInnerWindows = 2;
constexpr std::size_t kLongWord = 16;
constexpr std::size_t kLongest = 512;  // of an unbroken piece in progress without a sign of an encoding

}  // namespace

// One build.
class ViewFrame final : public views::Sink {
 public:
  ViewFrame(Views& views, std::string_view text, ViewKinds wanted, bool complete, const ViewLimits& limits)
      : views_(views),
        text_(text),
        wanted_(wanted),
        complete_(complete),
        limits_(limits),
        making_(views.scratch_text_, views.scratch_map_) {}

  void run() {
    views_.order_.clear();
    release_large();
    views_.used_ = 0;
    views_.truncated_ = false;
    views_.open_from_ = text_.size();
    if (text_.empty()) return;
    if (text_.size() >= std::numeric_limits<std::uint32_t>::max() / 2) {
      views_.truncated_ = true;
      if (!complete_) views_.open_from_ = 0;
      return;
    }
    if (!complete_) views_.open_from_ -= incomplete_tail(text_);
    expand(nullptr);
    for (std::size_t i = 0; i < views_.order_.size() && !full_; ++i) expand(views_.order_[i]);
    if (complete_) return;
    // What stands in front of something undecided may belong to it.
    parent_ = nullptr;
    for (std::size_t before = 0; before != views_.open_from_;) {
      before = views_.open_from_;
      open_ends(text_.substr(0, before));
    }
  }

  views::Making& begin() override {
    making_.start(limits_.bytes - bytes_);
    return making_;
  }

  void emit(ViewKind kind, bool grows) override {
    if (making_.full()) {
      views_.truncated_ = true;
      full_ = true;
    }
    if (making_.text().empty()) return;
    if (is_encoding(kind) && parent_ != nullptr && parent_->decodings_ >= limits_.depth) {
      views_.truncated_ = true;
      return;
    }
    if (views_.used_ >= limits_.count) {
      views_.truncated_ = true;
      full_ = true;
      return;
    }
    if (views_.used_ == views_.views_.size()) views_.views_.emplace_back();
    View& view = views_.views_[views_.used_];
    view.kind_ = kind;
    view.steps_ = (parent_ == nullptr ? ViewKinds{} : parent_->steps_) | ViewKinds{kind};
    view.parent_ = parent_;
    view.source_end_ = static_cast<std::uint32_t>(making_.source_end());
    view.decodings_ = static_cast<std::uint8_t>((parent_ == nullptr ? 0 : parent_->decodings_) + is_encoding(kind));
    view.in_place_ = in_place_;
    view.hidden_ = false;
    view.mirrored_ = making_.mirrored();
    view.grows_ = grows;
    std::swap(view.text_, making_.text());
    std::swap(view.map_, making_.map());
    view.size_ = view.text_.size();
    ++made_;
    if (chaining_) {
      view.hidden_ = true;
      bytes_ += view.size_;
      ++views_.used_;
      link_ = &view;
      return;
    }
    show(view);
    if (shown_) ++views_.used_;
  }

  void open(std::size_t at) override {
    if (parent_ != nullptr) at = parent_->original(at, at + 1).begin;
    views_.open_from_ = std::min(views_.open_from_, at);
  }

  bool full() const override { return full_; }

  bool fresh(std::size_t begin, std::size_t end) const override {
    // In a reading made in place it is what touches a change; in what was decoded, everything.
    if (chaining_ || parent_ == nullptr || !parent_->in_place_) return true;
    ByteRange range{begin > 0 ? begin - 1 : 0, std::min(parent_->size_, end + 1)};
    const View* view = parent_;
    do {
      const View::Origin origin = view->parent_range(range.begin, range.end);
      if (!origin.exact) return true;
      range = origin.range;
      view = view->parent_;
    } while (view != nullptr && view->hidden_);
    return false;
  }

 private:
  // Adds it to the list, unless the same text from the same place is there.
  void show(View& view) {
    view.hash_ = hash_of(view.text_);
    shown_ = !known(view);
    if (!shown_) return;
    bytes_ += view.text_.size();
    views_.order_.push_back(&view);
  }

  bool known(const View& view) const {
    ByteRange range;
    for (const View* other : views_.order_) {
      if (other->hash_ != view.hash_ || other->text_ != view.text_ || !view.steps_.contains(other->steps_)) continue;
      if (range == ByteRange{}) range = view.original(0, view.text_.size());
      if (other->original(0, other->text_.size()) == range && other->decodings_ <= view.decodings_) return true;
    }
    return false;
  }

  // What a large text left behind is not kept for small ones.
  void release_large() {
    constexpr std::size_t kKept = std::size_t{64} << 10;
    const auto release = [](std::string& text, std::vector<ViewStep>& map) {
      if (text.capacity() > kKept) std::string().swap(text);
      if (map.capacity() > kKept / sizeof(ViewStep)) std::vector<ViewStep>().swap(map);
    };
    for (std::size_t i = 0; i < views_.used_; ++i) release(views_.views_[i].text_, views_.views_[i].map_);
    release(views_.scratch_text_, views_.scratch_map_);
  }

  views::Source source_at(const View* view) {
    parent_ = view;
    views::Source source;
    source.text = view == nullptr ? text_ : std::string_view(view->text_);
    source.complete = view == nullptr ? complete_ : !view->grows_;
    source.least = limits_.least_decoded;
    if (chaining_) source.from = 0;
    source.windows = chaining_ ? 1 : view == nullptr ? kMostWindows : kMostInnerWindows;
    return source;
  }

  void screen(const views::Source& source) {
    const views::Wanted wanted{
        .tokens = wanted_.has(ViewKind::base64) || wanted_.has(ViewKind::hex) || wanted_.has(ViewKind::leet),
        .signs = wanted_.has(ViewKind::leet),
        .pairs = wanted_.has(ViewKind::hex),
        .singles = wanted_.has(ViewKind::spaced),
        .words = !chaining_ && (wanted_.has(ViewKind::rot13) || wanted_.has(ViewKind::reversed))};
    views::screen(source.text, wanted, screened_);
  }

  // One reading in place of what was screened. Whether there is any.
  bool read_in_place(const views::Source& source, ViewKind kind) {
    if (!wanted_.has(kind) || full_) return false;
    constexpr std::size_t kNone = views::Screened::kNone;
    const views::Screened& found = screened_;
    const std::size_t before = made_;
    in_place_ = true;
    switch (kind) {
      case ViewKind::json:
        if (found.backslash != kNone) views::make_json(source, found.backslash, *this);
        break;
      case ViewKind::hex:
        if (found.backslash != kNone) views::make_hex_escapes(source, found.backslash, *this);
        break;
      case ViewKind::percent:
        if (found.percent != kNone) views::make_percent(source, found.percent, *this);
        break;
      case ViewKind::html:
        if (found.ampersand != kNone) views::make_html(source, found.ampersand, *this);
        break;
      case ViewKind::unmarked:
        if (found.mark != kNone) views::make_unmarked(source, found.mark, *this);
        break;
      case ViewKind::folded:
        if (found.non_ascii != kNone) views::make_folded(source, found.non_ascii, *this);
        break;
      case ViewKind::spaced:
        if (!found.singles.empty() && once(kind)) views::make_spaced(source, found, *this);
        break;
      case ViewKind::leet:
        if ((!found.mixed.empty() || !found.signs.empty()) && once(kind)) views::make_leet(source, found, *this);
        break;
      default:
        break;
    }
    in_place_ = false;
    return made_ != before;
  }

  void expand(const View* view) {
    const views::Source source = source_at(view);
    const views::Screened& found = screened_;
    constexpr std::size_t kNone = views::Screened::kNone;
    screen(source);

    // Of the original and of what was decoded: each reading by itself, then all together.
    const bool whole = view == nullptr || !view->in_place_;
    const std::size_t first = views_.order_.size();
    int kinds = 0;
    if (whole) {
      for (const ViewKind kind : kDecoding) kinds += read_in_place(source, kind) ? 1 : 0;
      for (const ViewKind kind : kRewording) kinds += read_in_place(source, kind) ? 1 : 0;
    }
    const std::size_t last = views_.order_.size();
    if (!found.mixed.empty() && starts(ViewKind::base64)) encodings_.make_base64(source, found.mixed, *this);
    if ((!found.mixed.empty() || !found.pairs.empty()) && starts(ViewKind::hex)) {
      encodings_.make_hex(source, found, *this);
    }
    if (found.non_ascii != kNone && starts(ViewKind::tags)) {
      views::Encodings::make_tags(source, found.non_ascii, *this);
    }
    if (!found.words.empty() && once(ViewKind::rot13)) views::make_rot13(source, found, *this);
    if (!found.words.empty() && once(ViewKind::reversed)) views::make_reversed(source, found, *this);
    if (!source.complete && view != nullptr) open_ends(source.text);
    if (kinds == 1) {
      for (std::size_t i = first; i < last && !full_; ++i) chain(views_.order_[i], 1, 0);
    } else if (kinds > 1) {
      std::size_t from = std::string_view::npos;
      for (std::size_t i = first; i < last; ++i) {
        from = std::min(from, views_.order_[i]->parent_range(0, 1).range.begin);
      }
      chain(view, 0, from);
    }
  }

  // The reading with everything decoded and folded, and the one that is reworded as well. Their links stay, without
  // their texts, for the way back. `steps` have led to `root`; changes are looked for from `from` on.
  void chain(const View* root, int steps, std::size_t from) {
    chaining_ = true;
    const std::size_t first = views_.used_;
    const View* at = root;
    const int given = steps;
    views::Source source;
    const auto look = [&] {
      source = source_at(at);
      if (steps == 0) source.from = from;
      screen(source);
    };
    const auto apply = [&](ViewKind kind) {
      if (!read_in_place(source, kind)) return false;
      at = link_;
      ++steps;
      look();
      return true;
    };
    look();
    constexpr int kMostRounds = 8;
    for (int round = 0; round < kMostRounds; ++round) {
      bool any = false;
      for (const ViewKind kind : kDecoding) any = apply(kind) || any;
      if (!any) break;
    }
    const View* decoded = steps > given && steps > 1 ? at : nullptr;
    const int before = steps;
    for (const ViewKind kind : kRewording) apply(kind);
    const View* reworded = steps > 1 && steps > before ? at : nullptr;
    chaining_ = false;
    for (std::size_t i = first; i < views_.used_; ++i) {
      View& view = views_.views_[i];
      const bool wanted = &view == decoded || &view == reworded;
      bytes_ -= view.size_;
      if (wanted) show(view);
      if (wanted && shown_) {
        view.hidden_ = false;
      } else {
        view.text_.clear();
      }
    }
  }

  bool starts(ViewKind kind) const { return wanted_.has(kind) && !full_; }
  bool once(ViewKind kind) const { return starts(kind) && (parent_ == nullptr || !parent_->steps_.has(kind)); }

  void open_ends(std::string_view text) {
    if (wanted_.has(ViewKind::base64) || wanted_.has(ViewKind::hex) || wanted_.has(ViewKind::leet)) open_tail(text);
    if (wanted_.has(ViewKind::spaced)) open_singles(text);
  }

  // Letters set apart, too few yet to be found as such.
  void open_singles(std::string_view text) {
    std::size_t at = text.size();
    std::size_t begin = at;
    for (int letters = 0; letters < 3; ++letters) {
      for (int gap = 0; gap < 2 && at > 0 && !views::is_alnum(text[at - 1]) && text[at - 1] != '\n'; ++gap) --at;
      if (at == 0 || !views::is_letter(text[at - 1])) break;
      if (at > 1 && (views::is_alnum(text[at - 2]) || static_cast<unsigned char>(text[at - 2]) >= 0x80)) break;
      begin = --at;
    }
    if (begin != text.size()) open(begin);
  }

  // What may be the beginning of an encoded piece that shows no sign of it yet: a long word, one with digits, pairs of
  // hex digits.
  void open_tail(std::string_view text) {
    const std::size_t most = text.size() > kLongest ? text.size() - kLongest : 0;
    std::size_t at = text.size();
    bool digits = false;
    const auto is_token = [](char c) { return views::is_alnum(c) || c == '+' || c == '/' || c == '-' || c == '_'; };
    while (at > most && is_token(text[at - 1])) digits = views::is_digit(text[--at]) || digits;
    if (text.size() - at >= kLongWord || digits) open(at);
    // Pairs, the last of them perhaps half there.
    at = text.size();
    const auto is_hex = [&](std::size_t i) { return views::hex_digit(text[i]) >= 0 || (text[i] | 0x20) == 'x'; };
    while (at > most) {
      std::size_t begin = at;
      while (begin > most && at - begin < 4 && is_hex(begin - 1)) --begin;
      if (begin > 0 && views::is_alnum(text[begin - 1])) break;
      if (begin == at && at != text.size()) break;
      at = begin;
      std::size_t gap = at;
      while (gap > most && at - gap < 2 && std::string_view(" ,:;-\n").find(text[gap - 1]) != std::string_view::npos) {
        --gap;
      }
      if (gap == at || gap == most || !is_hex(gap - 1)) break;
      at = gap;
    }
    if (at != text.size()) open(at);
  }

  Views& views_;
  std::string_view text_;
  ViewKinds wanted_;
  bool complete_;
  const ViewLimits& limits_;
  views::Making making_;
  views::Screened screened_;
  views::Encodings encodings_;
  const View* parent_ = nullptr;
  std::size_t bytes_ = 0;
  bool full_ = false;
  bool in_place_ = false;  // what is being made
  bool chaining_ = false;  // a link is
  bool shown_ = false;     // the last one was not there yet
  std::size_t made_ = 0;
  const View* link_ = nullptr;
};

void Views::build(std::string_view text, ViewKinds wanted, bool complete, const ViewLimits& limits) {
  ViewFrame(*this, text, wanted, complete, limits).run();
}

}  // namespace gatehouse::text
