#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "gatehouse/base/clock.h"

namespace gatehouse::base {

// xoshiro256** (Blackman and Vigna, public domain algorithm): fast, not for secrets. One per thread.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  static Random from_device();  // seeded from the operating system
  std::uint64_t next();
  // Uniform in [0, bound); bound >= 1.
  std::uint64_t below(std::uint64_t bound);

 private:
  std::array<std::uint64_t, 4> state_;
};

// Fills with bytes fit for keys and tokens (getrandom). Throws std::system_error if the kernel has none.
void random_bytes(void* out, std::size_t size);

// A request id: `req_` + 10 characters of milliseconds since 1970 + 16 random ones, Crockford base32. Ids made
// later sort later (by the millisecond).
inline constexpr std::size_t kRequestIdSize = 30;
using RequestId = std::array<char, kRequestIdSize>;
RequestId new_request_id(WallTime now, Random& random);
inline std::string_view view(const RequestId& id) { return {id.data(), id.size()}; }

}  // namespace gatehouse::base
