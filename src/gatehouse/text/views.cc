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

// The order of readings made in place. Of a text with several kinds of change, the reading with all of them is made in
// this order, one from the other; another order would give the same text. So a reading that comes earlier is made of
// a later one only where that brought up something new.
namespace {

constexpr std::uint8_t place_of(ViewKind kind) {
  switch (kind) {
    case ViewKind::json:
      return 1;
    case ViewKind::hex:
      return 2;  // \x41
    case ViewKind::percent:
      return 3;
    case ViewKind::html:
      return 4;
    case ViewKind::unmarked:
      return 5;
    case ViewKind::folded:
      return 6;
    case ViewKind::spaced:
      return 7;
    case ViewKind::leet:
      return 8;
    default:
      return 0;
  }
}

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

std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0x9E3779B97F4A7C15ULL ^ text.size();
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::copy_n(text.data() + at, 8, reinterpret_cast<char*>(&word));
    hash = (hash ^ word) * 0xFF51AFD7ED558CCDULL;
    hash ^= hash >> 32U;
  }
  for (; at < text.size(); ++at) hash = (hash ^ static_cast<unsigned char>(text[at])) * 0x100000001B3ULL;
  return hash ^ hash >> 29U;
}

// So much around a change of an earlier reading is it made again for.
constexpr std::size_t kNear = 256;
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
    view.last_reading_ = in_place_ ? place_of(kind) : 0;
    view.mirrored_ = making_.mirrored();
    view.grows_ = grows;
    std::swap(view.text_, making_.text());
    std::swap(view.map_, making_.map());
    view.hash_ = hash_of(view.text_);
    if (known(view)) return;
    bytes_ += view.text_.size();
    ++views_.used_;
    views_.order_.push_back(&view);
  }

  void open(std::size_t at) override {
    if (parent_ != nullptr) at = parent_->original(at, at + 1).begin;
    views_.open_from_ = std::min(views_.open_from_, at);
  }

  bool full() const override { return full_; }

  bool fresh(std::size_t begin, std::size_t end) const override {
    if (parent_ == nullptr) return true;
    const std::size_t around = in_place_ && kind_place_ > parent_->last_reading_ ? kNear : 1;
    const std::size_t size = parent_->text_.size();
    // At the edge of a piece that was decoded everything is new; of a window nothing is.
    if (parent_->last_reading_ == 0) return true;
    return !parent_->parent_range(begin > around ? begin - around : 0, std::min(size, end + around)).exact;
  }

 private:
  bool known(const View& view) const {
    ByteRange range;
    for (const View* other : views_.order_) {
      if (other->hash_ != view.hash_ || other->text_ != view.text_ || !view.steps_.contains(other->steps_)) continue;
      if (range == ByteRange{}) range = view.original(0, view.text_.size());
      if (other->original(0, other->text_.size()) == range && other->decodings_ <= view.decodings_) return true;
    }
    return false;
  }

  void expand(const View* view) {
    parent_ = view;
    views::Source source;
    source.text = view == nullptr ? text_ : view->text_;
    source.complete = view == nullptr ? complete_ : !view->grows_;
    source.least = limits_.least_decoded;
    source.windows = view == nullptr ? kMostWindows : kMostInnerWindows;
    source.view = view;
    const views::Wanted wanted{
        .tokens = wanted_.has(ViewKind::base64) || wanted_.has(ViewKind::hex) || wanted_.has(ViewKind::leet),
        .signs = wanted_.has(ViewKind::leet),
        .pairs = wanted_.has(ViewKind::hex),
        .singles = wanted_.has(ViewKind::spaced),
        .words = wanted_.has(ViewKind::rot13) || wanted_.has(ViewKind::reversed)};
    views::screen(source.text, wanted, screened_);
    const views::Screened& found = screened_;
    constexpr std::size_t kNone = views::Screened::kNone;

    in_place_ = true;
    if (found.backslash != kNone && starts(ViewKind::json)) views::make_json(source, found.backslash, *this);
    if (found.backslash != kNone && starts(ViewKind::hex)) views::make_hex_escapes(source, found.backslash, *this);
    if (found.percent != kNone && starts(ViewKind::percent)) views::make_percent(source, found.percent, *this);
    if (found.ampersand != kNone && starts(ViewKind::html)) views::make_html(source, found.ampersand, *this);
    if (found.mark != kNone && starts(ViewKind::unmarked)) views::make_unmarked(source, found.mark, *this);
    if (found.non_ascii != kNone && starts(ViewKind::folded)) views::make_folded(source, found.non_ascii, *this);
    if (!found.singles.empty() && starts_once(ViewKind::spaced)) views::make_spaced(source, found, *this);
    if ((!found.mixed.empty() || !found.signs.empty()) && starts_once(ViewKind::leet)) {
      views::make_leet(source, found, *this);
    }
    in_place_ = false;
    if (!found.mixed.empty() && starts(ViewKind::base64)) encodings_.make_base64(source, found.mixed, *this);
    if ((!found.mixed.empty() || !found.pairs.empty()) && starts(ViewKind::hex)) {
      encodings_.make_hex(source, found, *this);
    }
    if (found.non_ascii != kNone && starts(ViewKind::tags)) {
      views::Encodings::make_tags(source, found.non_ascii, *this);
    }
    if (!found.words.empty() && starts_once(ViewKind::rot13)) views::make_rot13(source, found, *this);
    if (!found.words.empty() && starts_once(ViewKind::reversed)) views::make_reversed(source, found, *this);
    if (!source.complete) {
      if (wanted.tokens) open_tail(source.text);
      if (wanted.singles) open_singles(source.text);
    }
  }

  bool starts(ViewKind kind) {
    kind_place_ = place_of(kind);
    return wanted_.has(kind) && !full_;
  }

  bool starts_once(ViewKind kind) { return (parent_ == nullptr || !parent_->steps_.has(kind)) && starts(kind); }

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
  bool in_place_ = false;
  std::uint8_t kind_place_ = 0;
};

void Views::build(std::string_view text, ViewKinds wanted, bool complete, const ViewLimits& limits) {
  ViewFrame(*this, text, wanted, complete, limits).run();
}

}  // namespace gatehouse::text
