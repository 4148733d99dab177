#pragma once

#include <span>
#include <string>
#include <vector>

#include "gatehouse/text/views/making.h"
#include "gatehouse/text/views/screen.h"

namespace gatehouse::text::views {

// Encoded pieces that become views of their own. What is decoded counts as text, and is kept, where it reads as text:
// a stretch in which a printable character (ASCII, or a valid longer sequence) gives a point and any other byte takes
// four, as long as points are left. It must reach 10 points (20 past the first 256 decoded bytes, where chance has had
// more tries), or be all of the piece without a single other byte. NUL bytes count nothing and are left out: UTF-16
// of English reads.
//
// Linear. One thread's, reused for its buffers.
class Encodings {
 public:
  // Base64 (RFC 4648 sections 4 and 5), padded or not, broken into lines or not, also behind up to three characters
  // that do not belong to it. Of tokens of at least 8 characters.
  void make_base64(const Source& source, std::span<const Span> tokens, Sink& sink);
  // Runs of at least 8 hex digits, and of at least 4 pairs with one or two of " ,:;-" (and 0x) between them.
  void make_hex(const Source& source, const Screened& found, Sink& sink);
  // Tag characters (U+E0020 to U+E007E) as the ASCII they copy; runs of variation selectors as the bytes 0 to 255
  // that they number. Pieces at most 32 bytes apart are one.
  static void make_tags(const Source& source, std::size_t first, Sink& sink);

 private:
  void begin();
  void add(std::size_t begin, std::size_t end, std::string_view bytes, std::uint16_t from, std::uint16_t to);
  // Emits the stretches of `bytes_`. `least`: what all of it must have to count without reaching the points; 0: no
  // such. False: it does not begin with text. `growing`: the piece reaches the end of a text that goes on.
  bool emit_stretches(ViewKind kind, std::size_t least, bool growing, Sink& sink);
  void emit(ViewKind kind, std::size_t begin, std::size_t end, bool growing, Sink& sink);
  std::size_t source_of(std::size_t byte) const;
  void decode_base64(std::string_view text, std::size_t at, std::size_t end);
  std::size_t hex_pairs(const Source& source, std::size_t at, std::size_t not_before, Sink& sink);

  std::string bytes_;
  std::vector<ViewStep> map_;
  Steps steps_;
  std::size_t end_ = 0;  // of the source, behind what is decoded
};

}  // namespace gatehouse::text::views
