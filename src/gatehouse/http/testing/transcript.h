#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "gatehouse/base/function_ref.h"
#include "gatehouse/http/body_decoder.h"
#include "gatehouse/http/head.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define GATEHOUSE_POISON(at, size) __asan_poison_memory_region(at, size)
#define GATEHOUSE_UNPOISON(at, size) __asan_unpoison_memory_region(at, size)
#endif
#endif
#ifndef GATEHOUSE_POISON
#define GATEHOUSE_POISON(at, size) (void)(at), (void)(size)
#define GATEHOUSE_UNPOISON(at, size) (void)(at), (void)(size)
#endif

// For the tests and fuzz targets of this room: reads a connection's bytes as a session would, fed in pieces, and writes
// down all that the codec says, so that two ways of cutting can be compared as two strings.
namespace gatehouse::http::testing {

// Bytes that come to light piece by piece. Under ASan those that have not come yet may not be touched.
class Feed {
 public:
  explicit Feed(std::string_view bytes) : size_(bytes.size()), bytes_(new char[size_ == 0 ? 1 : size_]) {
    if (size_ > 0) std::memcpy(bytes_.get(), bytes.data(), size_);
    GATEHOUSE_POISON(bytes_.get(), size_);
  }
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;
  ~Feed() { GATEHOUSE_UNPOISON(bytes_.get(), size_); }

  bool more(std::size_t size) {
    if (shown_ == size_) return false;
    shown_ = size < size_ - shown_ ? shown_ + size : size_;
    GATEHOUSE_UNPOISON(bytes_.get(), shown_);
    return true;
  }
  std::string_view from(std::size_t at) const { return {bytes_.get() + at, shown_ - at}; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
  std::size_t shown_ = 0;
};

// An invariant of the codec that does not hold: for fuzz targets and tests alike, the end.
inline void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

inline void check_fields(const Fields& fields) {
  for (const Field& field : fields) {
    check(valid_field_name(field.name), "a field's name is a token");
    check(valid_field_value(field.value), "a field's value has no control bytes");
    check(field.value.empty() || (field.value.front() != ' ' && field.value.back() != ' '), "a value is trimmed");
  }
}

inline void write(std::string& out, std::string_view key, std::string_view value) {
  out.append(key).append("=[").append(value).append("] ");
}
inline void write(std::string& out, std::string_view key, std::uint64_t value) {
  write(out, key, std::to_string(value));
}

inline void write_head(std::string& out, const RequestHead& head) {
  write(out, "method", head.method_text);
  write(out, "enum", static_cast<std::uint64_t>(head.method));
  write(out, "target", head.target);
  write(out, "path", head.path);
  write(out, "query", head.query);
  write(out, "version", static_cast<std::uint64_t>(head.minor_version));
  write(out, "framing", static_cast<std::uint64_t>(head.framing));
  write(out, "length", head.content_length);
  write(out, "flags",
        std::string(head.keep_alive ? "K" : "") + (head.expect_continue ? "E" : "") + (head.upgrade ? "U" : ""));
  for (const Field& field : head.fields) write(out, field.name, field.value);
}

inline void write_head(std::string& out, const ResponseHead& head) {
  write(out, "status", static_cast<std::uint64_t>(head.status));
  write(out, "reason", head.reason);
  write(out, "version", static_cast<std::uint64_t>(head.minor_version));
  write(out, "framing", static_cast<std::uint64_t>(head.framing));
  write(out, "length", head.content_length);
  write(out, "flags", head.keep_alive ? "K" : "");
  for (const Field& field : head.fields) write(out, field.name, field.value);
}

inline void check_head(const RequestHead& head) {
  check_fields(head.fields);
  check(head.path == "*" || head.path.starts_with('/'), "a path is absolute or *");
  check(head.minor_version == 0 || head.fields.count("host") == 1, "HTTP/1.1 has one Host");
  check(head.fields.count("content-length") + head.fields.count("transfer-encoding") <= 1, "one field frames");
  check(head.framing != Framing::until_close, "a request does not end by closing");
}

inline void check_head(const ResponseHead& head) {
  check_fields(head.fields);
  check(head.status >= 100 && head.status <= 599, "a status has three digits");
  check(head.fields.count("content-length") + head.fields.count("transfer-encoding") <= 1, "one field frames");
  check(head.framing != Framing::until_close || !head.keep_alive, "what ends by closing is not kept");
}

// `parse(bytes, scanned, head)` is a head parser; `next_cut()` gives the size of the next piece, at least 1.
template <class Head, class Parse>
std::string transcript(std::string_view bytes, Parse&& parse, base::FunctionRef<std::size_t()> next_cut) {
  std::string out;
  Feed feed(bytes);
  std::size_t at = 0;
  Head head;
  for (;;) {
    std::size_t scanned = 0;
    ParseResult result;
    while ((result = parse(feed.from(at), scanned, head)).state == ParseState::need_more) {
      check(result.consumed == 0, "need_more consumes nothing");
      check(scanned <= feed.from(at).size(), "scanned is within the bytes");
      if (!feed.more(next_cut())) return out + "\nend";
    }
    if (result.state == ParseState::bad) {
      check(result.status >= 400 && !result.reason.empty() && result.consumed == 0, "a refusal has status and reason");
      return out + "\nbad " + std::to_string(result.status) + " " + std::string(result.reason);
    }
    check(result.consumed > 0 && result.consumed <= feed.from(at).size(), "a head has bytes");
    check_head(head);
    write_head(out, head);
    at += result.consumed;

    BodyDecoder decoder(head.framing, head.content_length);
    std::string body;
    for (;;) {
      const std::string_view given = feed.from(at);
      const BodyDecoder::Step step = decoder.decode(given);
      check(step.consumed <= given.size(), "a body's step is within the bytes");
      at += step.consumed;
      if (step.state == BodyDecoder::State::data) {
        check(!step.data.empty(), "data is not empty");
        check(step.data.data() >= given.data() && step.data.data() + step.data.size() <= given.data() + step.consumed,
              "data lies in what was consumed");
        body.append(step.data);
        continue;
      }
      if (step.state == BodyDecoder::State::need_more) {
        check(step.consumed == given.size(), "need_more consumes all");
        if (feed.more(next_cut())) continue;
        write(out, "body", body);
        return out + (decoder.close_is_end() ? "\nclosed" : "\ntruncated");
      }
      write(out, "body", body);
      if (step.state == BodyDecoder::State::bad) return out + "\nbad body";
      check(decoder.done() && decoder.close_is_end(), "done is done");
      break;
    }
    out += '\n';
  }
}

inline std::string request_transcript(std::string_view bytes, base::FunctionRef<std::size_t()> next_cut,
                                      const HeadLimits& limits = {}) {
  return transcript<RequestHead>(
      bytes,
      [&limits](std::string_view given, std::size_t& scanned, RequestHead& head) {
        return parse_request_head(given, scanned, limits, head);
      },
      next_cut);
}

inline std::string response_transcript(std::string_view bytes, Method method, base::FunctionRef<std::size_t()> next_cut,
                                       const HeadLimits& limits = {}) {
  return transcript<ResponseHead>(
      bytes,
      [&limits, method](std::string_view given, std::size_t& scanned, ResponseHead& head) {
        return parse_response_head(given, scanned, limits, method, head);
      },
      next_cut);
}

}  // namespace gatehouse::http::testing
