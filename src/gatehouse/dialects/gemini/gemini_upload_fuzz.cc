// The input's lines are protocol, command, offset, size and query of a step: no crash; a later step has a ticket, a
// first one none, and the address made of a ticket is read as that ticket again.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "gatehouse/dialects/gemini/upload.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace gatehouse::dialects::gemini;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::array<std::string_view, 5> lines;
  for (auto& line : lines) {
    line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  }
  const auto step =
      read_upload_step({.protocol = lines[0], .command = lines[1], .offset = lines[2], .size = lines[3]}, lines[4]);
  if (!step) {
    require(!step.error().error.detail.empty());
    return 0;
  }
  require(step->start == step->ticket.empty());
  require(!(step->start && step->sends_bytes));
  if (step->start || step->ticket.find_first_of("&#") != std::string::npos) return 0;
  const std::string address = upload_address("https://h", step->ticket);
  const auto again = read_upload_step({.protocol = {}, .command = "query", .offset = {}, .size = {}},
                                      std::string_view(address).substr(address.find('?') + 1));
  require(again && again->ticket == step->ticket);
  return 0;
}
