#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "gatehouse/base/ids.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/crypto/encoding.h"
#include "gatehouse/govern/directory/directory_store.h"

namespace gatehouse::app {

// A secret of the installation that the store keeps under this name: 32 random bytes in base64url, made the first time.
// Blocks. Errors: of the store.
inline Result<base::Secret> kept_secret(govern::DirectoryStore& rows, std::string_view name) {
  auto kept = rows.setting(name);
  if (!kept) return std::unexpected(std::move(kept.error()));
  if (*kept) return base::Secret(std::move(**kept));
  std::array<std::uint8_t, 32> bytes{};
  base::random_bytes(bytes.data(), bytes.size());
  base::Secret made(crypto::to_base64url(bytes));
  if (auto put = rows.set_setting(name, made.reveal()); !put) return std::unexpected(std::move(put.error()));
  return made;
}

}  // namespace gatehouse::app
