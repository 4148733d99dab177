#include "gatehouse/crypto/ff1.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include <openssl/err.h>
#include <openssl/evp.h>

namespace gatehouse::crypto {
namespace {

using Block = std::array<std::uint8_t, 16>;
constexpr int kRounds = 10;

// A number below 256^32: half of kMost numerals of kMostRadix need no more. Big-endian bytes.
using Number = std::array<std::uint8_t, 32>;

// NUM_radix(X), step "Num" of the standard.
Number number_of(std::span<const std::uint8_t> numerals, unsigned radix) {
  Number number{};
  for (const std::uint8_t numeral : numerals) {
    unsigned carry = numeral;
    for (std::size_t i = number.size(); i > 0; --i) {
      carry += number[i - 1] * radix;
      number[i - 1] = static_cast<std::uint8_t>(carry & 0xff);
      carry >>= 8U;
    }
  }
  return number;
}

// The last `count` numerals of the number that `bytes` is, most significant first: NUM(S) mod radix^count.
void numerals_of(std::span<std::uint8_t> bytes, unsigned radix, std::span<std::uint8_t> out) {
  for (std::size_t n = out.size(); n > 0; --n) {
    unsigned rest = 0;
    for (std::uint8_t& byte : bytes) {
      const unsigned value = rest << 8U | byte;
      byte = static_cast<std::uint8_t>(value / radix);
      rest = value % radix;
    }
    out[n - 1] = static_cast<std::uint8_t>(rest);
  }
}

// ceil(log2(radix) * count / 8): how many bytes radix^count - 1 takes.
std::size_t bytes_for(unsigned radix, std::size_t count) {
  const std::vector<std::uint8_t> highest(count, static_cast<std::uint8_t>(radix - 1));
  const Number number = number_of(highest, radix);
  const auto first = std::ranges::find_if(number, [](std::uint8_t byte) { return byte != 0; });
  return static_cast<std::size_t>(number.end() - first);
}

}  // namespace

struct Ff1::State {
  EVP_CIPHER_CTX* context = nullptr;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_CIPHER_CTX_free(context); }

  Block cipher(const Block& in) const {
    Block out;
    int size = 0;
    if (EVP_EncryptUpdate(context, out.data(), &size, in.data(), static_cast<int>(in.size())) != 1) {
      throw std::runtime_error("AES-256 failed");
    }
    return out;
  }
  // PRF: CBC-MAC of whole blocks, going on from `mac`.
  Block mac(Block mac, std::span<const std::uint8_t> message) const {
    for (std::size_t at = 0; at < message.size(); at += mac.size()) {
      for (std::size_t i = 0; i < mac.size(); ++i) mac[i] ^= message[at + i];
      mac = cipher(mac);
    }
    return mac;
  }
};

Ff1::Ff1(std::span<const std::uint8_t, kKeySize> key) : state_(std::make_unique<State>()) {
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr);
  state_->context = EVP_CIPHER_CTX_new();
  const bool ready = cipher != nullptr && state_->context != nullptr &&
                     EVP_EncryptInit_ex2(state_->context, cipher, key.data(), nullptr, nullptr) == 1 &&
                     EVP_CIPHER_CTX_set_padding(state_->context, 0) == 1;
  EVP_CIPHER_free(cipher);  // the context holds its own reference
  if (!ready) {
    ERR_clear_error();
    throw std::runtime_error("AES-256 failed");
  }
}

Ff1::Ff1(Ff1&&) noexcept = default;
Ff1& Ff1::operator=(Ff1&&) noexcept = default;
Ff1::~Ff1() = default;

void Ff1::encrypt(std::span<std::uint8_t> numerals, unsigned radix, std::string_view tweak) {
  run(numerals, radix, tweak, true);
}
void Ff1::decrypt(std::span<std::uint8_t> numerals, unsigned radix, std::string_view tweak) {
  run(numerals, radix, tweak, false);
}

// Algorithms 7 and 8 of the standard, with its names.
void Ff1::run(std::span<std::uint8_t> numerals, unsigned radix, std::string_view tweak, bool forward) {
  const std::size_t n = numerals.size();
  if (n < kLeast || n > kMost || radix < 2 || radix > kMostRadix || tweak.size() > 0xffff ||
      std::ranges::any_of(numerals, [&](std::uint8_t numeral) { return numeral >= radix; })) {
    std::abort();
  }
  const std::size_t u = n / 2;
  const std::size_t v = n - u;
  const std::size_t b = bytes_for(radix, v);
  const std::size_t d = 4 * ((b + 3) / 4) + 4;
  const auto t = static_cast<std::uint32_t>(tweak.size());
  const Block p = {1,
                   2,
                   1,
                   static_cast<std::uint8_t>(radix >> 16U),
                   static_cast<std::uint8_t>(radix >> 8U),
                   static_cast<std::uint8_t>(radix),
                   10,
                   static_cast<std::uint8_t>(u % 256),
                   0,
                   0,
                   0,
                   static_cast<std::uint8_t>(n),
                   0,
                   0,
                   static_cast<std::uint8_t>(t >> 8U),
                   static_cast<std::uint8_t>(t)};
  // P and the tweak's whole blocks are the same in every round.
  const Block fixed = state_->mac({}, p);
  std::vector<std::uint8_t> q(tweak.begin(), tweak.end());
  q.resize((tweak.size() + 1 + b + 15) / 16 * 16);  // zeros, the round, NUM(B)

  std::vector<std::uint8_t> left(numerals.begin(), numerals.begin() + static_cast<std::ptrdiff_t>(u));
  std::vector<std::uint8_t> right(numerals.begin() + static_cast<std::ptrdiff_t>(u), numerals.end());
  std::vector<std::uint8_t> s;
  std::vector<std::uint8_t> y;
  for (int step = 0; step < kRounds; ++step) {
    const int round = forward ? step : kRounds - 1 - step;
    const std::size_t m = round % 2 == 0 ? u : v;
    if (!forward) left.swap(right);
    // Now `right` is what goes into the round function and `left` what it is added to.
    const Number number = number_of(right, radix);
    q[q.size() - b - 1] = static_cast<std::uint8_t>(round);
    std::copy(number.end() - static_cast<std::ptrdiff_t>(b), number.end(), q.end() - static_cast<std::ptrdiff_t>(b));
    const Block r = state_->mac(fixed, q);
    s.assign(r.begin(), r.end());
    for (std::uint8_t j = 1; s.size() < d; ++j) {
      Block next = r;
      next[15] ^= j;
      next = state_->cipher(next);
      s.insert(s.end(), next.begin(), next.end());
    }
    s.resize(d);
    y.assign(m, 0);
    numerals_of(s, radix, y);
    int carry = 0;
    for (std::size_t i = m; i > 0; --i) {
      int sum = forward ? left[i - 1] + y[i - 1] + carry : left[i - 1] - y[i - 1] + carry;
      carry = 0;
      if (sum >= static_cast<int>(radix)) {
        sum -= static_cast<int>(radix);
        carry = 1;
      } else if (sum < 0) {
        sum += static_cast<int>(radix);
        carry = -1;
      }
      left[i - 1] = static_cast<std::uint8_t>(sum);
    }
    if (forward) left.swap(right);
  }
  std::copy(left.begin(), left.end(), numerals.begin());
  std::copy(right.begin(), right.end(), numerals.begin() + static_cast<std::ptrdiff_t>(left.size()));
}

}  // namespace gatehouse::crypto
