#include "gatehouse/llm/tokens/image_tokens.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

namespace gatehouse::llm {
namespace {

constexpr std::size_t kLooked = 65536;  // bytes of base64 that are looked at

struct Price {
  std::string_view prefix;  // of the model's name
  std::uint32_t base;       // tiles; 0: patches
  std::uint32_t tile;
  double patch;
};
// The more special first. The guide's table; o200k models that it does not name count like gpt-4o.
constexpr auto kPrices = std::to_array<Price>({
    {"gpt-4o-mini", 2833, 5667, 0},
    {"gpt-4.1-mini", 0, 0, 1.62},
    {"gpt-4.1-nano", 0, 0, 2.46},
    {"o4-mini", 0, 0, 1.72},
    {"gpt-5-mini", 0, 0, 1.62},
    {"gpt-5-nano", 0, 0, 2.46},
    {"gpt-5", 70, 140, 0},
    {"o1", 75, 150, 0},
    {"o3", 75, 150, 0},
    {"computer-use", 65, 129, 0},
    {"", 85, 170, 0},
});
constexpr std::uint64_t kMostPatches = 1536;

std::uint64_t tiles(ImageSize size) {
  double width = size.width;
  double height = size.height;
  if (const double longest = std::max(width, height); longest > 2048) {
    width *= 2048 / longest;
    height *= 2048 / longest;
  }
  if (const double shortest = std::min(width, height); shortest > 768) {
    width *= 768 / shortest;
    height *= 768 / shortest;
  }
  // Rounded first: 1536.0000001 is three tiles, not four.
  return static_cast<std::uint64_t>(std::ceil(std::round(width) / 512) * std::ceil(std::round(height) / 512));
}

std::uint64_t patches(ImageSize size) {
  const std::uint64_t wide = (std::uint64_t{size.width} + 31) / 32;
  const std::uint64_t high = (std::uint64_t{size.height} + 31) / 32;
  if (wide * high <= kMostPatches) return wide * high;
  // Scaled down to fit, then to whole patches.
  const double width = size.width;
  const double height = size.height;
  const double shrink = std::sqrt(static_cast<double>(kMostPatches) * 32 * 32 / (width * height));
  const double across = width * shrink / 32;
  const double down = height * shrink / 32;
  const double fit = std::min(std::floor(across) / across, std::floor(down) / down);
  const double count = std::ceil(across * fit - 1e-9) * std::ceil(down * fit - 1e-9);
  return fit > 0 ? std::min(kMostPatches, static_cast<std::uint64_t>(count)) : kMostPatches;
}

std::uint32_t byte(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }
std::uint32_t big16(std::string_view b, std::size_t at) { return byte(b, at) << 8U | byte(b, at + 1); }
std::uint32_t big32(std::string_view b, std::size_t at) { return big16(b, at) << 16U | big16(b, at + 2); }
std::uint32_t little16(std::string_view b, std::size_t at) { return byte(b, at + 1) << 8U | byte(b, at); }
std::uint32_t little24(std::string_view b, std::size_t at) { return byte(b, at + 2) << 16U | little16(b, at); }

std::optional<ImageSize> jpeg_size(std::string_view bytes) {
  std::size_t at = 2;
  while (at + 9 <= bytes.size() && byte(bytes, at) == 0xff) {
    const std::uint32_t marker = byte(bytes, at + 1);
    if (marker == 0xff) {  // fill
      ++at;
      continue;
    }
    // A frame's header; C4, C8 and CC are tables.
    const bool frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (frame) return ImageSize{.width = big16(bytes, at + 7), .height = big16(bytes, at + 5)};
    const bool alone = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += alone ? 2 : 2 + std::size_t{big16(bytes, at + 2)};
  }
  return std::nullopt;
}

std::optional<ImageSize> webp_size(std::string_view bytes) {
  const std::string_view form = bytes.substr(12, 4);
  if (form == "VP8X") return ImageSize{.width = little24(bytes, 24) + 1, .height = little24(bytes, 27) + 1};
  if (form == "VP8 ") return ImageSize{.width = little16(bytes, 26) & 0x3fff, .height = little16(bytes, 28) & 0x3fff};
  if (form != "VP8L" || byte(bytes, 20) != 0x2f) return std::nullopt;
  const std::uint32_t bits = little24(bytes, 21) | byte(bytes, 24) << 24U;
  return ImageSize{.width = (bits & 0x3fff) + 1, .height = (bits >> 14U & 0x3fff) + 1};
}

int base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  return c == '/' || c == '_' ? 63 : -1;
}

}  // namespace

std::optional<ImageSize> image_size(std::string_view bytes) {
  std::optional<ImageSize> size;
  if (bytes.size() >= 24 && bytes.starts_with("\x89PNG\r\n\x1a\n")) {
    size = ImageSize{.width = big32(bytes, 16), .height = big32(bytes, 20)};
  } else if (bytes.size() >= 10 && bytes.starts_with("GIF8")) {
    size = ImageSize{.width = little16(bytes, 6), .height = little16(bytes, 8)};
  } else if (bytes.starts_with("\xff\xd8")) {
    size = jpeg_size(bytes);
  } else if (bytes.size() >= 30 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP") {
    size = webp_size(bytes);
  }
  if (size && (size->width == 0 || size->height == 0)) return std::nullopt;
  return size;
}

std::optional<ImageSize> image_size_of_data_url(std::string_view url) {
  const std::size_t comma = url.substr(0, 256).find(',');
  if (!url.starts_with("data:") || comma == std::string_view::npos) return std::nullopt;
  if (!url.substr(0, comma).ends_with(";base64")) return std::nullopt;
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : url.substr(comma + 1, kLooked)) {
    if (c == '\\') continue;
    const int digit = base64_digit(c);
    if (digit < 0) break;
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 0xffU);
  }
  return image_size(bytes);
}

std::uint64_t image_tokens(std::string_view model, bool low, std::optional<ImageSize> size) {
  if (const auto slash = model.rfind('/'); slash != std::string_view::npos) model.remove_prefix(slash + 1);
  if (model.starts_with("ft:")) model.remove_prefix(3);
  const Price& price =
      *std::find_if(kPrices.begin(), kPrices.end(), [&](const Price& p) { return model.starts_with(p.prefix); });
  const ImageSize seen = size.value_or(ImageSize{.width = 1024, .height = 1024});
  if (price.base == 0) {
    return static_cast<std::uint64_t>(std::ceil(static_cast<double>(patches(seen)) * price.patch));
  }
  return low ? price.base : price.base + price.tile * tiles(seen);
}

}  // namespace gatehouse::llm
