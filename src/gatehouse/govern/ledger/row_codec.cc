#include "gatehouse/govern/ledger/row_codec.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "gatehouse/govern/ledger/field_writer.h"

namespace gatehouse::govern {
namespace {

// One byte of version, one of flags, numbers as varints (7 bits a byte, low first; signed ones zigzag), texts with
// their length before them.
constexpr char kVersion = 1;
enum Flag : unsigned { kUsageKnown = 1, kPriceKnown = 2, kStreamed = 4, kAllFlags = 7 };

constexpr std::uint64_t kMaxTokens = 1'000'000'000'000'000;
constexpr std::int64_t kMaxCost = 10'000'000'000'000'000;
constexpr std::size_t kVarint = 10;  // bytes at most

struct TextField {
  std::string_view UsageRow::* member;
  std::size_t max;
};
constexpr std::array<TextField, 18> kTexts = {{
    {&UsageRow::request_id, 64},
    {&UsageRow::org, kMaxNodeId},
    {&UsageRow::unit, kMaxNodeId},
    {&UsageRow::team, kMaxNodeId},
    {&UsageRow::project, kMaxNodeId},
    {&UsageRow::user, kMaxNodeId},
    {&UsageRow::key_id, kMaxNodeId},
    {&UsageRow::key_name, kMaxNodeId},
    {&UsageRow::end_user, kMaxNodeId},
    {&UsageRow::tags, kMaxRowTags},
    {&UsageRow::operation, 40},
    {&UsageRow::model_asked, 160},
    {&UsageRow::model_sent, 160},
    {&UsageRow::provider, 80},
    {&UsageRow::error, 48},
    {&UsageRow::finish_reason, 48},
    {&UsageRow::finish, 24},
    {&UsageRow::cache, 24},
}};
constexpr std::size_t kTextCount = kTexts.size();
constexpr std::size_t kDimensionTexts = 13;  // from org to provider, behind the request's id

constexpr std::array<std::uint64_t llm::Usage::*, 8> kTokens = {
    &llm::Usage::prompt_tokens,       &llm::Usage::completion_tokens,      &llm::Usage::total_tokens,
    &llm::Usage::cached_tokens,       &llm::Usage::cache_write_tokens,     &llm::Usage::reasoning_tokens,
    &llm::Usage::prompt_audio_tokens, &llm::Usage::completion_audio_tokens};
constexpr std::array<base::Money llm::Cost::*, 7> kCosts = {
    &llm::Cost::input,     &llm::Cost::cached, &llm::Cost::cache_write, &llm::Cost::output,
    &llm::Cost::reasoning, &llm::Cost::audio,  &llm::Cost::request};

consteval std::size_t largest() {
  std::size_t size = 2 + kVarint * (1 + kTokens.size() + kCosts.size() + 2 + 3);
  for (const TextField& text : kTexts) size += 2 + text.max;
  return size;
}
static_assert(largest() <= kMaxEncodedRow);

// Not in the middle of a character.
std::string_view cut(std::string_view text, std::size_t max) {
  if (text.size() <= max) return text;
  std::size_t end = max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

// A tag is whole or not there.
std::string_view cut_tags(std::string_view tags) {
  if (tags.size() <= kMaxRowTags) return tags;
  const std::size_t comma = tags.rfind(',', kMaxRowTags);
  return comma == std::string_view::npos ? std::string_view() : tags.substr(0, comma);
}

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  unsigned byte() {
    if (at_ == end_) return fail_with<unsigned>();
    return static_cast<unsigned char>(*at_++);
  }
  std::uint64_t number() {
    // Most are small.
    if (at_ != end_ && static_cast<unsigned char>(*at_) < 0x80) return static_cast<unsigned char>(*at_++);
    return long_number();
  }
  std::int64_t signed_number() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>(value >> 1 ^ (0 - (value & 1)));
  }
  std::string_view text(std::size_t max) {
    const std::uint64_t size = number();
    if (size > max || size > static_cast<std::size_t>(end_ - at_)) return fail_with<std::string_view>();
    const std::string_view text(at_, static_cast<std::size_t>(size));
    at_ += size;
    return text;
  }
  bool take(std::string_view expected) {
    if (!std::string_view(at_, end_).starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }
  void refuse() { ok_ = false; }
  const char* at() const { return at_; }
  bool at_end() const { return ok_ && at_ == end_; }

 private:
  std::uint64_t long_number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint64_t bits = byte();
      if (shift == 63 && bits > 1) return fail_with<std::uint64_t>();
      value |= (bits & 0x7f) << shift;
      if (bits < 0x80) return value;
    }
    return fail_with<std::uint64_t>();
  }
  template <class T>
  T fail_with() {
    ok_ = false;
    at_ = end_;
    return {};
  }
  const char* at_;
  const char* end_;
  bool ok_ = true;
};

constexpr std::int64_t kMaxMicros = std::int64_t{1} << 53;

std::int64_t micros_of(base::WallTime time) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
  return std::clamp<std::int64_t>(micros, 0, kMaxMicros);
}

}  // namespace

std::string_view encode(const UsageRow& row, std::span<char> out) {
  if (out.size() < kMaxEncodedRow) std::abort();
  FieldWriter encoder(out.data());
  encoder.byte(kVersion);
  encoder.byte(static_cast<char>((row.usage.known ? kUsageKnown : 0U) | (row.price_known ? kPriceKnown : 0U) |
                                 (row.streamed ? kStreamed : 0U)));
  encoder.number(static_cast<std::uint64_t>(micros_of(row.time)));
  for (const TextField& field : kTexts) {
    const std::string_view text = row.*field.member;
    if (text.empty()) {
      encoder.byte(0);
    } else if (text.size() <= field.max) {
      encoder.text(text);
    } else {
      encoder.text(field.member == &UsageRow::tags ? cut_tags(text) : cut(text, field.max));
    }
  }
  for (const auto tokens : kTokens) encoder.number(std::min(row.usage.*tokens, kMaxTokens));
  for (const auto cost : kCosts) {
    encoder.signed_number(std::clamp((row.cost.*cost).nanos(), -kMaxCost, kMaxCost));
  }
  encoder.number(static_cast<std::uint64_t>(std::clamp(row.status, 0, 999)));
  encoder.number(row.attempts);
  encoder.signed_number(std::clamp<std::int64_t>(row.queued_us, 0, kMaxMicros));
  encoder.signed_number(std::clamp<std::int64_t>(row.time_to_first_byte_us, -1, kMaxMicros));
  encoder.signed_number(std::clamp<std::int64_t>(row.duration_us, 0, kMaxMicros));
  return {out.data(), static_cast<std::size_t>(encoder.at() - out.data())};
}

Result<UsageRow> decode(std::string_view bytes) {
  std::string_view dimensions;
  return decode(bytes, dimensions);
}

Result<UsageRow> decode(std::string_view bytes, std::string_view& dimensions, std::string_view known) {
  Decoder decoder(bytes);
  UsageRow row;
  if (decoder.byte() != kVersion) decoder.refuse();
  const unsigned flags = decoder.byte();
  if (flags > kAllFlags) decoder.refuse();
  row.usage.known = (flags & kUsageKnown) != 0;
  row.price_known = (flags & kPriceKnown) != 0;
  row.streamed = (flags & kStreamed) != 0;
  const std::uint64_t micros = decoder.number();
  if (micros > kMaxMicros) decoder.refuse();
  row.time = base::WallTime(std::chrono::microseconds(std::min<std::uint64_t>(micros, kMaxMicros)));
  row.request_id = decoder.text(kTexts[0].max);
  const char* begin = decoder.at();
  // Each text says its length, so what begins with the same bytes reads the same.
  if (known.empty() || !decoder.take(known)) {
    for (std::size_t i = 1; i <= kDimensionTexts; ++i) row.*kTexts[i].member = decoder.text(kTexts[i].max);
  }
  const char* end = decoder.at();
  for (std::size_t i = kDimensionTexts + 1; i < kTextCount; ++i) row.*kTexts[i].member = decoder.text(kTexts[i].max);
  for (const auto tokens : kTokens) {
    row.usage.*tokens = decoder.number();
    if (row.usage.*tokens > kMaxTokens) decoder.refuse();
  }
  for (const auto cost : kCosts) {
    const std::int64_t nanos = decoder.signed_number();
    if (nanos > kMaxCost || nanos < -kMaxCost) decoder.refuse();
    row.cost.*cost = base::Money::nanos(nanos);
  }
  const std::uint64_t status = decoder.number();
  const std::uint64_t attempts = decoder.number();
  if (status > 999 || attempts > 0xffffffff) decoder.refuse();
  row.status = static_cast<int>(status);
  row.attempts = static_cast<std::uint32_t>(attempts);
  row.queued_us = decoder.signed_number();
  row.time_to_first_byte_us = decoder.signed_number();
  row.duration_us = decoder.signed_number();
  if (!decoder.at_end()) return fail(Code::internal, "ledger: a row of the journal cannot be read");
  dimensions = {begin, end};
  return row;
}

}  // namespace gatehouse::govern
