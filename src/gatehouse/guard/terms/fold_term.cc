#include "gatehouse/guard/terms/fold_term.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>

#include <algorithm>
#include <cstdint>

namespace gatehouse::guard {

std::string fold_term(std::string_view term) {
  const bool ascii = std::ranges::all_of(term, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) return std::string(term);
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* folder = icu::Normalizer2::getNFKCCasefoldInstance(error);
  std::string out;
  if (U_SUCCESS(error)) {
    icu::StringByteSink<std::string> sink(&out);
    folder->normalizeUTF8(0, icu::StringPiece(term.data(), static_cast<std::int32_t>(term.size())), sink, nullptr,
                          error);
  }
  return U_SUCCESS(error) ? out : std::string(term);
}

}  // namespace gatehouse::guard
