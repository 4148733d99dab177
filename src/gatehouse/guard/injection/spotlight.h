#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::guard::injection {

// Marking text that nobody vouches for (a tool's result, a retrieved document), so that a model can tell it from
// instructions. Pure functions; the caller puts `text` where the untrusted text stood and `notice` in the system
// message of the same request. The three ways are those of "Defending Against Indirect Prompt Injection Attacks With
// Spotlighting" (Hines et al., 2024); the wording is ours.
enum class Spotlight : std::uint8_t {
  delimit,   // between two tags that hold the marker: cheapest, weakest
  datamark,  // the marker between all words
  encode,    // base64: strongest, only for models that read it well, a third more tokens or worse
};

struct Spotlighted {
  std::string text;
  std::string notice;  // one paragraph; the same for every text marked with the same way and marker
};

// A marker for one request from 64 random bits that the caller draws: letters only, not to be guessed by who wrote the
// text. All texts of a request share it, so that one notice explains all.
std::string spotlight_marker(std::uint64_t random);

// `marker` from spotlight_marker. What the text holds of the marker itself is taken out first, so that it cannot end
// its own span; bytes that are no UTF-8 stay as they are. Linear; at most kMostGrowth times the text and 256 bytes.
Spotlighted spotlight(Spotlight way, std::string_view text, std::string_view marker);

// Only the notice, for a request whose texts are marked one by one.
std::string spotlight_notice(Spotlight way, std::string_view marker);

inline constexpr std::size_t kMostGrowth = 14;  // datamarking one-letter words

}  // namespace gatehouse::guard::injection
