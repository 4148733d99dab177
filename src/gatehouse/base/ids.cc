#include "gatehouse/base/ids.h"

#include <sys/random.h>

#include <bit>
#include <cerrno>
#include <system_error>

namespace gatehouse::base {
namespace {

__extension__ using Wide = unsigned __int128;

constexpr std::string_view kCrockford = "0123456789abcdefghjkmnpqrstvwxyz";

std::uint64_t split_mix(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (auto& word : state_) word = split_mix(seed);
}

Random Random::from_device() {
  std::uint64_t seed = 0;
  random_bytes(&seed, sizeof(seed));
  return Random(seed);
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17U;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Random::below(std::uint64_t bound) {
  // Lemire's multiplication; the bias is below 2^-32 for the bounds used here (weights, list sizes).
  return static_cast<std::uint64_t>((static_cast<Wide>(next()) * bound) >> 64U);
}

void random_bytes(void* out, std::size_t size) {
  auto* at = static_cast<unsigned char*>(out);
  while (size > 0) {
    const ssize_t got = ::getrandom(at, size, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    at += got;
    size -= static_cast<std::size_t>(got);
  }
}

RequestId new_request_id(WallTime now, Random& random) {
  RequestId id{'r', 'e', 'q', '_'};
  auto millis =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
  for (int i = 9; i >= 0; --i, millis >>= 5U) id[static_cast<std::size_t>(4 + i)] = kCrockford[millis & 31U];
  std::uint64_t bits = random.next();
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 12) bits = random.next();
    id[14 + i] = kCrockford[bits & 31U];
    bits >>= 5U;
  }
  return id;
}

}  // namespace gatehouse::base
