#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gatehouse::text {

// A way in which a text may be read by a model though it is not written like that. The names are used in findings:
// rename none.
enum class ViewKind : std::uint8_t {
  original,
  folded,   // compatibility forms, case, look-alike letters; zero-width, bidi and other invisible characters taken out
  json,     // JSON string escapes decoded: \u0040, \n
  base64,   // base64 and base64url
  hex,      // also \x41 and 0x41 sequences
  percent,  // URL encoding
  html,     // character references
  rot13,
  leet,      // digits and signs that stand for letters
  spaced,    // letters set apart: i g n o r e
  unmarked,  // without markdown emphasis, code fences and comments, which split words
  reversed,  // words or the whole text written backwards
  tags,      // Unicode tag characters (U+E0000 block) and variation-selector bytes, decoded to what they smuggle
};
inline constexpr std::size_t kViewKindCount = 13;
std::string_view name(ViewKind kind);

// A set of them.
class ViewKinds {
 public:
  constexpr ViewKinds() = default;
  constexpr ViewKinds(std::initializer_list<ViewKind> kinds) {
    for (const ViewKind kind : kinds) bits_ |= bit(kind);
  }
  static constexpr ViewKinds all() {
    ViewKinds kinds;
    kinds.bits_ = (1U << kViewKindCount) - 1;
    return kinds;
  }
  constexpr bool has(ViewKind kind) const { return (bits_ & bit(kind)) != 0; }
  constexpr bool contains(ViewKinds other) const { return (other.bits_ & ~bits_) == 0; }
  constexpr ViewKinds operator|(ViewKinds other) const {
    other.bits_ |= bits_;
    return other;
  }
  constexpr bool operator==(const ViewKinds&) const = default;

 private:
  static constexpr std::uint32_t bit(ViewKind kind) { return 1U << static_cast<unsigned>(kind); }
  std::uint32_t bits_ = 0;
};

// Bytes [begin, end) of the original.
struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const ByteRange&) const = default;
};

// From byte `at` of a view on, each `from` bytes stand for `to` bytes of its parent, the first of them at `source`.
struct ViewStep {
  std::uint32_t at;
  std::uint32_t source;
  std::uint16_t from;
  std::uint16_t to : 15;
  std::uint16_t same : 1;  // they are the parent's very bytes, one for one
};

// A text made from the original, or from another view, with the way back. Owned by its Views.
class View {
 public:
  ViewKind kind() const { return kind_; }          // the last step
  ViewKinds steps() const { return steps_; }       // all steps from the original to it
  std::string_view text() const { return text_; }  // UTF-8, or any bytes where a decoder gave none
  // The bytes of the original that [begin, end) of this text stands for: the smallest range that holds all of them.
  // An empty range gives an empty one. Offsets past the end count as the end.
  ByteRange original(std::size_t begin, std::size_t end) const;

 private:
  friend class ViewFrame;
  struct Origin {
    ByteRange range;
    bool exact = false;  // the very same bytes, none taken out between them
  };
  Origin parent_range(std::size_t begin, std::size_t end) const;
  ByteRange source_of(std::size_t byte) const;

  ViewKind kind_ = ViewKind::original;
  ViewKinds steps_;
  std::string text_;
  std::size_t size_ = 0;          // of the text, also where it is not kept
  std::vector<ViewStep> map_;     // ascending in `at`, the first at 0
  const View* parent_ = nullptr;  // null: made from the original
  std::uint32_t source_end_ = 0;  // of the parent's text: behind all that this one stands for
  std::uint64_t hash_ = 0;        // of the text
  std::uint8_t decodings_ = 0;    // encodings taken off, this one included
  bool in_place_ = false;         // all of a stretch of its parent, with changes; not a piece decoded
  bool hidden_ = false;           // a link in a chain of such readings, not listed
  bool mirrored_ = false;         // the parent's text up to source_end_, backwards
  bool grows_ = false;            // more of its parent would make it longer
};

// Bounds on what is made of one text, so that encodings inside encodings cost no more than this.
struct ViewLimits {
  std::uint32_t depth = 4;         // encodings inside encodings
  std::uint32_t count = 256;       // views in all
  std::size_t bytes = 4ULL << 20;  // of all views together
  std::size_t least_decoded = 4;   // shorter pieces are not decoded: nothing is found in them
};

// The readings of one text that differ from it. Made once for a text and shared by all who look at it; reused for the
// next. One thread's. Linear in the text but for the bounded views.
class Views {
 public:
  // `text` outlives the use. With `complete` false more text will follow: `open_from` then tells what is undecided.
  void build(std::string_view text, ViewKinds wanted, bool complete = true, const ViewLimits& limits = {});

  std::span<const View* const> all() const { return order_; }
  // Only of a text that is not complete: from here on its views may change with what follows (an encoded piece in
  // progress, an unfinished character). The size of the text where nothing may.
  std::size_t open_from() const { return open_from_; }
  // The limits cut something off: what was not looked at cannot be called clean.
  bool truncated() const { return truncated_; }

 private:
  friend class ViewFrame;
  std::deque<View> views_;  // kept for the next text; the first used_ are in use
  std::size_t used_ = 0;
  std::vector<const View*> order_;
  std::size_t open_from_ = 0;
  bool truncated_ = false;
  std::string scratch_text_;  // of the view in the making
  std::vector<ViewStep> scratch_map_;
};

}  // namespace gatehouse::text
