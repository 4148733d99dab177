#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

// The other direction of content_coding.h, for its tests.
namespace gatehouse::http::testing {

inline void require(bool holds) {
  if (!holds) std::abort();
}

inline std::string deflate_with(std::string_view plain, int window, int flush) {
  z_stream stream{};
  require(deflateInit2(&stream, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  require(deflate(&stream, flush) == (flush == Z_FINISH ? Z_STREAM_END : Z_OK));
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

inline std::string brotli_with(std::string_view plain, BrotliEncoderOperation operation) {
  BrotliEncoderState* state = BrotliEncoderCreateInstance(nullptr, nullptr, nullptr);
  BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, 5);
  std::string out(BrotliEncoderMaxCompressedSize(plain.size()) + 64, '\0');
  std::size_t in_size = plain.size();
  std::size_t out_size = out.size();
  const auto* next_in = reinterpret_cast<const std::uint8_t*>(plain.data());
  auto* next_out = reinterpret_cast<std::uint8_t*>(out.data());
  require(BrotliEncoderCompressStream(state, operation, &in_size, &next_in, &out_size, &next_out, nullptr) != 0);
  require(in_size == 0 && BrotliEncoderHasMoreOutput(state) == 0);
  out.resize(out.size() - out_size);
  BrotliEncoderDestroyInstance(state);
  return out;
}

inline std::string zstd_with(std::string_view plain, ZSTD_EndDirective directive, int window = 0) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  if (window != 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window);
  std::string out(ZSTD_compressBound(plain.size()) + 64, '\0');
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  ZSTD_inBuffer from{plain.data(), plain.size(), 0};
  // Begun with a flush the frame states its window and not its size.
  if (window != 0) require(ZSTD_compressStream2(context, &to, &from, ZSTD_e_flush) == 0);
  require(ZSTD_compressStream2(context, &to, &from, directive) == 0);
  out.resize(to.pos);
  ZSTD_freeCCtx(context);
  return out;
}

inline std::string encode_one(std::string_view coding, std::string_view plain, bool finish) {
  if (coding == "gzip" || coding == "x-gzip") return deflate_with(plain, 15 + 16, finish ? Z_FINISH : Z_SYNC_FLUSH);
  if (coding == "deflate") return deflate_with(plain, 15, finish ? Z_FINISH : Z_SYNC_FLUSH);
  if (coding == "deflate-raw") return deflate_with(plain, -15, finish ? Z_FINISH : Z_SYNC_FLUSH);
  if (coding == "br") return brotli_with(plain, finish ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_FLUSH);
  require(coding == "zstd");
  return zstd_with(plain, finish ? ZSTD_e_end : ZSTD_e_flush);
}

inline std::string encode_all(std::string_view codings, std::string_view plain, bool finish) {
  std::string out(plain);
  while (!codings.empty()) {
    const std::size_t comma = codings.find(',');
    out = encode_one(codings.substr(0, comma), out, finish);
    if (comma == std::string_view::npos) break;
    codings.remove_prefix(comma + 1);
    while (codings.starts_with(' ')) codings.remove_prefix(1);
  }
  return out;
}

// A whole body; codings as in Content-Encoding, and "deflate-raw".
inline std::string encode(std::string_view codings, std::string_view plain) { return encode_all(codings, plain, true); }
// The beginning of one, flushed.
inline std::string encode_flushed(std::string_view codings, std::string_view plain) {
  return encode_all(codings, plain, false);
}
inline std::string encode_zstd_window(std::string_view plain, int window) {
  return zstd_with(plain, ZSTD_e_end, window);
}

}  // namespace gatehouse::http::testing
