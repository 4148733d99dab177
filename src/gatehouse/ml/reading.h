#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// What models make of a text: plain values, free of any runtime.
namespace gatehouse::ml {

// Which verdicts somebody asks for.
enum class Want : std::uint8_t { injection = 1, entities = 2, embedding = 4, harmful = 8 };
class Wants {
 public:
  constexpr Wants() = default;
  constexpr Wants(Want want) : bits_(static_cast<std::uint8_t>(want)) {}  // NOLINT(google-explicit-constructor)
  constexpr bool has(Want want) const { return (bits_ & static_cast<std::uint8_t>(want)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::uint8_t bits() const { return bits_; }
  constexpr bool covers(Wants other) const { return (other.bits_ & ~bits_) == 0; }
  constexpr Wants operator|(Wants other) const { return Wants(static_cast<std::uint8_t>(bits_ | other.bits_)); }
  constexpr Wants operator&(Wants other) const { return Wants(static_cast<std::uint8_t>(bits_ & other.bits_)); }
  constexpr Wants without(Wants other) const { return Wants(static_cast<std::uint8_t>(bits_ & ~other.bits_)); }
  constexpr bool operator==(const Wants&) const = default;

 private:
  constexpr explicit Wants(std::uint8_t bits) : bits_(bits) {}
  std::uint8_t bits_ = 0;
};
constexpr Wants operator|(Want a, Want b) { return Wants(a) | Wants(b); }

// A stretch of the text that names something. `entity` is Gatehouse's name for it ("PERSON"), static or owned by the
// model, which the reading keeps alive.
struct EntitySpan {
  std::uint32_t begin = 0;  // bytes of the text
  std::uint32_t end = 0;
  std::string_view entity{};
  float score = 0;  // 0 to 1: the mean probability of its tokens
};

// Immutable once made; shared by whoever asked and by the memory of texts.
struct Reading {
  Wants answers{};      // what of the below was judged
  float injection = 0;  // 0 to 1, calibrated: an injection, a jailbreak or an extraction of the prompt
  // Where in the text the injection score comes from: the window that scored highest. Bytes.
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  float harmful = 0;                   // 0 to 1
  std::vector<EntitySpan> entities{};  // ascending, not overlapping
  std::vector<float> embedding{};      // of unit length; empty where not asked for
  // The linear model alone decided on some of the text: it was clear, or there was no time or room for more.
  bool settled = false;  // all of it was clear to the linear model; the encoder was not asked
  bool partial = false;  // some windows were left to the linear model though they were not clear; entities lack there
  std::shared_ptr<const void> owner{};  // of the names
};

}  // namespace gatehouse::ml
