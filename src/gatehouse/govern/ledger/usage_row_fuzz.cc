#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gatehouse/govern/ledger/row_codec.h"

namespace govern = gatehouse::govern;

// What can be read is written again as the same row; nothing else is read out of the bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto row = govern::decode(bytes);
  if (!row) return 0;
  for (const std::string_view text : {row->request_id, row->tags, row->model_sent, row->cache}) {
    if (!text.empty() && (text.data() < bytes.data() || text.end() > bytes.end())) std::abort();
  }
  std::array<char, govern::kMaxEncodedRow> out{};
  const auto again = govern::decode(govern::encode(*row, out));
  if (!again || again->request_id != row->request_id || again->usage != row->usage || again->cost != row->cost ||
      again->time != row->time || again->tags != row->tags || again->cache != row->cache) {
    std::abort();
  }
  return 0;
}
