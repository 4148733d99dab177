#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/base/error.h"

namespace gatehouse::http {

// Undoes a content coding (RFC 9110, 8.4) piece by piece. One per body; not thread-safe. After an error it is of no
// more use.
class ContentDecoder {
 public:
  virtual ~ContentDecoder() = default;
  // Appends to `out` what `in` yields. `out` never grows beyond `out_limit` bytes in all, what it held before the call
  // included: bytes that would go beyond are upstream_too_large, found before they are stored. Data that breaks the
  // coding's rules, or follows its end, is upstream_broken.
  virtual Result<void> decode(std::string_view in, std::string& out, std::size_t out_limit) = 0;
  // The body ended: upstream_broken if the coded data did not. A body without a byte is taken for an empty one, as
  // servers send it beside Content-Encoding.
  virtual Result<void> finish() = 0;
};

// For the value of Content-Encoding: gzip, x-gzip, deflate (zlib, or raw deflate as some servers send it), br, zstd
// (windows up to 8 MB, RFC 9659), in any case of letters, at most two of them ("gzip, br": br was applied last and is
// undone first). nullptr where there is nothing to undo (empty, or only identity). Anything else is unsupported.
Result<std::unique_ptr<ContentDecoder>> make_content_decoder(std::string_view content_encoding);

}  // namespace gatehouse::http
