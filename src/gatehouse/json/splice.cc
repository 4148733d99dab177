#include "gatehouse/json/splice.h"

#include <cstdio>
#include <cstdlib>

namespace gatehouse::json {
namespace {

// Calls `piece` with every stretch of the edited text in order.
template <class Piece>
void each_piece(std::string_view original, std::span<const Edit> edits, const Piece& piece) {
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    if (edit.offset < at || edit.offset > original.size() || edit.length > original.size() - edit.offset) {
      std::fputs("json::splice: edits out of order or out of range\n", stderr);
      std::abort();
    }
    piece(original.substr(at, edit.offset - at));
    piece(edit.replacement);
    at = edit.offset + edit.length;
  }
  piece(original.substr(at));
}

}  // namespace

std::string splice(std::string_view original, std::span<const Edit> edits) {
  std::size_t size = 0;
  each_piece(original, edits, [&](std::string_view piece) { size += piece.size(); });
  std::string out;
  out.reserve(size);
  each_piece(original, edits, [&](std::string_view piece) { out.append(piece); });
  return out;
}

std::size_t splice_pieces(std::string_view original, std::span<const Edit> edits,
                          std::vector<std::string_view>& pieces) {
  std::size_t size = 0;
  each_piece(original, edits, [&](std::string_view piece) {
    if (piece.empty()) return;
    pieces.push_back(piece);
    size += piece.size();
  });
  return size;
}

}  // namespace gatehouse::json
