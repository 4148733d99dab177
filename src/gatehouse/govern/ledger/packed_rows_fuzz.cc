#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gatehouse/govern/ledger/packed_rows.h"

namespace govern = gatehouse::govern;

// What can be read is packed again as the same rows; nothing else is read out of the bytes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  govern::RowPacker packer;
  govern::UsageRow row;
  std::int64_t dimensions = 0;
  govern::RowUnpacker first(bytes);
  while (true) {
    const auto there = first.next(dimensions, row);
    if (!there || !*there) break;
    for (const std::string_view text : {row.error, row.finish_reason, row.finish, row.cache}) {
      if (!text.empty() && (text.data() < bytes.data() || text.end() > bytes.end())) std::abort();
    }
    packer.add(dimensions, row);
  }
  if (packer.rows() == 0) return 0;
  govern::RowUnpacker again(packer.bytes());
  govern::RowUnpacker once_more(bytes);
  govern::UsageRow other;
  std::int64_t other_dimensions = 0;
  for (std::size_t i = 0; i < packer.rows(); ++i) {
    const auto a = again.next(dimensions, row);
    const auto b = once_more.next(other_dimensions, other);
    if (!a || !*a || !b || !*b || dimensions != other_dimensions || row.request_id != other.request_id ||
        row.time != other.time || row.usage != other.usage || row.cost != other.cost || row.error != other.error ||
        row.finish != other.finish || row.status != other.status || row.duration_us != other.duration_us) {
      std::abort();
    }
  }
  if (const auto end = again.next(dimensions, row); !end || *end) std::abort();
  return 0;
}
