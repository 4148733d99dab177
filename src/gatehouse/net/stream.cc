#include "gatehouse/net/stream.h"

namespace gatehouse::net {
namespace {

// Drops `count` bytes from the front of the pieces. Returns what is left.
std::span<std::string_view> drop_front(std::span<std::string_view> pieces, std::size_t count) {
  while (!pieces.empty() && count >= pieces.front().size()) {
    count -= pieces.front().size();
    pieces = pieces.subspan(1);
  }
  if (!pieces.empty()) pieces.front().remove_prefix(count);
  return pieces;
}

Task<Result<void>> wait_and_write(Stream& stream, std::span<std::string_view> pieces, base::Duration stall) {
  while (!pieces.empty()) {
    if (stall != base::Duration::zero()) stream.deadline(stall);
    auto ready = co_await stream.wait_writable();
    if (stall != base::Duration::zero()) stream.no_deadline();
    if (!ready) co_return ready;
    auto written = stream.try_write(pieces);
    if (!written) co_return std::unexpected(std::move(written.error()));
    pieces = drop_front(pieces, *written);
  }
  co_return Result<void>();
}

}  // namespace

Eventually<Result<void>> write_all(Stream& stream, std::span<std::string_view> pieces, base::Duration stall) {
  pieces = drop_front(pieces, 0);
  if (pieces.empty()) return Result<void>();
  return write_rest(stream, pieces, stream.try_write(pieces), stall);
}

Eventually<Result<void>> write_rest(Stream& stream, std::span<std::string_view> pieces, Result<std::size_t> written,
                                    base::Duration stall) {
  if (!written) return Result<void>(std::unexpected(std::move(written.error())));
  pieces = drop_front(pieces, *written);
  if (pieces.empty()) return Result<void>();
  return wait_and_write(stream, pieces, stall);
}

}  // namespace gatehouse::net
