#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::llm {

struct ImageSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool operator==(const ImageSize&) const = default;
};

// The size of a PNG, JPEG, GIF or WebP by its first bytes (48 KiB do for all but rare JPEGs); nothing where they do not
// tell. Reads nothing past `bytes`; any thread.
std::optional<ImageSize> image_size(std::string_view bytes);

// The same of a data URL with base64, as it stands in JSON: backslashes before slashes are skipped.
std::optional<ImageSize> image_size_of_data_url(std::string_view url);

// What an image costs a model of OpenAI's, by its guide "Images and vision" (2025): models that look at tiles of 512
// pixels pay a base and a price a tile, others a multiple of the patches of 32 pixels. `low`: detail "low", the base
// alone. Without a size: as for 1024 by 1024 pixels.
std::uint64_t image_tokens(std::string_view model, bool low, std::optional<ImageSize> size);

}  // namespace gatehouse::llm
