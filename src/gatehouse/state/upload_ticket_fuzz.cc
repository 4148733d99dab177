// The input is a ticket: nobody can make one up, and what was made does not survive a change of its text.
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/state/upload_tickets.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const state::UploadTickets tickets([] {
    std::vector<state::StateKey> masters;
    masters.push_back({.id = 1, .secret = base::Secret(std::string(32, 'k'))});
    return state::StateKeys::make(std::move(masters)).value();
  }());
  const base::WallTime now{std::chrono::seconds(1'800'000'000)};
  require(!tickets.read("t", text, now));
  const auto own = tickets.write("t", {.provider = "p", .origin = "https://h", .target = std::string(text)}, now);
  require(own.has_value() == (text.size() <= state::UploadTickets::kMostTarget));
  if (!own) return 0;
  const auto read = tickets.read("t", *own, now);
  require(read && read->target == text);
  require(!tickets.read("t", *own + "A", now));
  return 0;
}
