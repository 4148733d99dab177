#include "gatehouse/http/content_coding.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/http/syntax.h"

namespace gatehouse::http {
namespace {

using base::equals_ignore_case;

// How much is decoded at a time; also the room between two codings.
constexpr std::size_t kBlock = 16UL * 1024;
constexpr std::size_t kMaxCodings = 2;
// RFC 9659: no larger window may be asked for.
constexpr int kZstdWindowLog = 23;

std::unexpected<Error> broken() {
  return fail(Code::upstream_broken, "the upstream's body is not what its Content-Encoding says");
}

// One coding. A step takes bytes from the front of `in` and writes at most `room` bytes; it returns how many. Fewer
// than `room` means that all of `in` was taken and nothing is held back.
class Coding {
 public:
  virtual ~Coding() = default;
  virtual Result<std::size_t> step(std::string_view& in, char* out, std::size_t room) = 0;
  // Whether the data so far are whole.
  virtual bool ended() const = 0;
};

// gzip (one member or several, RFC 1952) and both kinds of deflate.
class ZlibCoding final : public Coding {
 public:
  explicit ZlibCoding(bool gzip) : gzip_(gzip) {}
  ZlibCoding(const ZlibCoding&) = delete;
  ZlibCoding& operator=(const ZlibCoding&) = delete;
  ~ZlibCoding() override {
    if (begun_) inflateEnd(&stream_);
  }

  Result<std::size_t> step(std::string_view& in, char* out, std::size_t room) override {
    std::size_t written = 0;
    bool pending = begun_ && !ended_;
    while (written < room && (pending || !in.empty())) {
      if (!begun_) {
        if (!begin(in.front())) return fail(Code::internal, "zlib could not start");
      } else if (ended_) {
        // Only gzip may go on, with another member.
        if (!gzip_ || inflateReset(&stream_) != Z_OK) return broken();
        ended_ = false;
      }
      const std::size_t given = std::min<std::size_t>(in.size(), UINT32_MAX / 2);
      const std::size_t space = std::min<std::size_t>(room - written, UINT32_MAX / 2);
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
      stream_.avail_in = static_cast<uInt>(given);
      stream_.next_out = reinterpret_cast<Bytef*>(out + written);
      stream_.avail_out = static_cast<uInt>(space);
      const int status = inflate(&stream_, Z_NO_FLUSH);
      in.remove_prefix(given - stream_.avail_in);
      written += space - stream_.avail_out;
      if (status == Z_STREAM_END) {
        ended_ = true;
      } else if (status == Z_MEM_ERROR) {
        return fail(Code::internal, "out of memory");
      } else if (status != Z_OK && status != Z_BUF_ERROR) {
        return broken();
      }
      pending = false;
    }
    return written;
  }
  bool ended() const override { return ended_; }

 private:
  // Whether a deflate body is zlib's or raw shows in its first byte (RFC 1950: method 8, window at most 7). A raw one
  // that looks the same would be a stored block with padding bits set, which no encoder writes.
  bool begin(char first) {
    const auto byte = static_cast<unsigned char>(first);
    const bool zlib = (byte & 0x0f) == 8 && byte >> 4 <= 7;
    const int window = gzip_ ? 15 + 16 : zlib ? 15 : -15;
    begun_ = inflateInit2(&stream_, window) == Z_OK;
    return begun_;
  }

  z_stream stream_{};
  bool gzip_;
  bool begun_ = false;
  bool ended_ = false;
};

class BrotliCoding final : public Coding {
 public:
  BrotliCoding() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (!state_) throw std::bad_alloc();
  }

  Result<std::size_t> step(std::string_view& in, char* out, std::size_t room) override {
    if (ended_ && !in.empty()) return broken();
    std::size_t space = room;
    if (!ended_) {
      std::size_t given = in.size();
      const auto* next_in = reinterpret_cast<const std::uint8_t*>(in.data());
      auto* next_out = reinterpret_cast<std::uint8_t*>(out);
      const auto status = BrotliDecoderDecompressStream(state_.get(), &given, &next_in, &space, &next_out, nullptr);
      in.remove_prefix(in.size() - given);
      if (status == BROTLI_DECODER_RESULT_ERROR) return broken();
      ended_ = status == BROTLI_DECODER_RESULT_SUCCESS;
      if (ended_ && !in.empty()) return broken();
    }
    return room - space;
  }
  bool ended() const override { return ended_; }

 private:
  struct Destroy {
    void operator()(BrotliDecoderState* state) const { BrotliDecoderDestroyInstance(state); }
  };
  std::unique_ptr<BrotliDecoderState, Destroy> state_;
  bool ended_ = false;
};

// One frame or several (RFC 8878), skippable ones included.
class ZstdCoding final : public Coding {
 public:
  ZstdCoding() : stream_(ZSTD_createDStream()) {
    if (!stream_) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(stream_.get(), ZSTD_d_windowLogMax, kZstdWindowLog);
  }

  Result<std::size_t> step(std::string_view& in, char* out, std::size_t room) override {
    ZSTD_outBuffer to{out, room, 0};
    bool pending = !ended_;
    while (to.pos < to.size && (pending || !in.empty())) {
      if (!magic_holds(in)) return broken();
      ZSTD_inBuffer from{in.data(), in.size(), 0};
      const std::size_t before = to.pos;
      const std::size_t status = ZSTD_decompressStream(stream_.get(), &to, &from);
      if (ZSTD_isError(status)) return broken();
      in.remove_prefix(from.pos);
      begun_ = begun_ || from.pos > 0;
      ended_ = status == 0 && begun_;
      if (ended_) magic_seen_ = 0;
      pending = false;
      if (from.pos == 0 && to.pos == before && !in.empty()) return broken();
    }
    return to.pos;
  }
  bool ended() const override { return ended_; }

 private:
  // The library also reads the formats of before RFC 8878 where it was built so; a browser does not, and they are
  // nothing to let in. So the four bytes that begin a frame, whatever cuts they come in, are checked before it sees
  // them.
  bool magic_holds(std::string_view in) {
    static constexpr unsigned char kFrame[] = {0x28, 0xb5, 0x2f, 0xfd};
    static constexpr unsigned char kSkippable[] = {0x50, 0x2a, 0x4d, 0x18};  // the first is 0x50 to 0x5f
    for (; magic_seen_ < 4 && !in.empty(); ++magic_seen_, in.remove_prefix(1)) {
      const auto byte = static_cast<unsigned char>(in.front());
      if (magic_seen_ == 0) first_ = byte;
      const bool skippable = (first_ & 0xf0) == 0x50;
      const unsigned char expected = skippable ? kSkippable[magic_seen_] : kFrame[magic_seen_];
      if (byte != expected && !(skippable && magic_seen_ == 0)) return false;
    }
    return true;
  }

  struct Destroy {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Destroy> stream_;
  std::size_t magic_seen_ = 0;
  unsigned char first_ = 0;
  bool begun_ = false;
  bool ended_ = false;
};

// Runs `coding` over `in` and appends to `out`, never beyond the limit.
Result<void> run(Coding& coding, std::string_view in, std::string& out, std::size_t limit) {
  for (;;) {
    const std::size_t held = out.size();
    if (held >= limit) {
      // No room left: one byte more is one too many, none is fine.
      char beyond;
      const auto written = coding.step(in, &beyond, 1);
      if (!written) return std::unexpected(written.error());
      if (*written > 0) return fail(Code::upstream_too_large, "the upstream's body is too large when decoded");
      return {};
    }
    const std::size_t room = std::min(kBlock, limit - held);
    Result<std::size_t> written = 0;
    out.resize_and_overwrite(held + room, [&](char* data, std::size_t) {
      written = coding.step(in, data + held, room);
      return held + written.value_or(0);
    });
    if (!written) return std::unexpected(written.error());
    if (*written < room) return {};
  }
}

class Single final : public ContentDecoder {
 public:
  explicit Single(std::unique_ptr<Coding> coding) : coding_(std::move(coding)) {}
  Result<void> decode(std::string_view in, std::string& out, std::size_t out_limit) override {
    any_ = any_ || !in.empty();
    return run(*coding_, in, out, out_limit);
  }
  Result<void> finish() override {
    if (any_ && !coding_->ended()) return broken();
    return {};
  }

 private:
  bool any_ = false;
  std::unique_ptr<Coding> coding_;
};

// Two codings, the outer one (applied last) undone first, a block at a time. What lies between them is itself coded
// data, and so no larger than the result by more than a trifle: more than that is a bomb that hides between the two.
class Double final : public ContentDecoder {
 public:
  Double(std::unique_ptr<Coding> outer, std::unique_ptr<Coding> inner)
      : outer_(std::move(outer)), inner_(std::move(inner)), block_(std::make_unique<std::array<char, kBlock>>()) {}
  Result<void> decode(std::string_view in, std::string& out, std::size_t out_limit) override {
    any_ = any_ || !in.empty();
    std::size_t between = 0;
    for (;;) {
      const auto written = outer_->step(in, block_->data(), kBlock);
      if (!written) return std::unexpected(written.error());
      between += *written;
      if (auto ran = run(*inner_, {block_->data(), *written}, out, out_limit); !ran) return ran;
      if (*written < kBlock) return {};
      if (between > kBlock && (between - kBlock) / 2 > out_limit) {
        return fail(Code::upstream_too_large, "the upstream's body is too large when decoded");
      }
    }
  }
  Result<void> finish() override {
    if (any_ && (!outer_->ended() || !inner_->ended())) return broken();
    return {};
  }

 private:
  bool any_ = false;
  std::unique_ptr<Coding> outer_;
  std::unique_ptr<Coding> inner_;
  std::unique_ptr<std::array<char, kBlock>> block_;
};

std::unique_ptr<Coding> make_coding(std::string_view name) {
  if (equals_ignore_case(name, "gzip") || equals_ignore_case(name, "x-gzip")) return std::make_unique<ZlibCoding>(true);
  if (equals_ignore_case(name, "deflate")) return std::make_unique<ZlibCoding>(false);
  if (equals_ignore_case(name, "br")) return std::make_unique<BrotliCoding>();
  if (equals_ignore_case(name, "zstd")) return std::make_unique<ZstdCoding>();
  return nullptr;
}

}  // namespace

Result<std::unique_ptr<ContentDecoder>> make_content_decoder(std::string_view content_encoding) {
  std::array<std::unique_ptr<Coding>, kMaxCodings> codings;  // in the order in which they were applied
  std::size_t count = 0;
  const bool known = syntax::for_each_in_list(content_encoding, [&](std::string_view name) {
    if (equals_ignore_case(name, "identity")) return true;
    if (count == kMaxCodings) return false;
    codings[count] = make_coding(name);
    return codings[count++] != nullptr;
  });
  if (!known) return fail(Code::unsupported, "a Content-Encoding that is not understood");
  if (count == 0) return nullptr;
  if (count == 1) return std::make_unique<Single>(std::move(codings[0]));
  return std::make_unique<Double>(std::move(codings[1]), std::move(codings[0]));
}

}  // namespace gatehouse::http
