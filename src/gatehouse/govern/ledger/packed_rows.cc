#include "gatehouse/govern/ledger/packed_rows.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>

#include "gatehouse/govern/ledger/field_writer.h"
#include "gatehouse/govern/ledger/schema.h"

namespace gatehouse::govern {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kMaxText = 48;  // as row_codec.h cuts them
constexpr std::int64_t kMaxMicros = std::int64_t{1} << 53;
constexpr std::int64_t kMaxTokens = 1'000'000'000'000'000;
constexpr std::int64_t kMaxCost = 10'000'000'000'000'000;
constexpr std::uint64_t kMaxMask = (std::uint64_t{1} << (kPackedNumbers + kPackedTexts)) - 1;

// What differs most often first: the mask is a varint.
enum Number : std::size_t {
  kDuration,
  kFirstByte,
  kDimensions,
  kFlags,
  kStatus,
  kAttempts,
  kQueued,
  kTokensBegin,
  kCostsBegin = kTokensBegin + 8,
};
static_assert(kCostsBegin + 7 == kPackedNumbers);
enum Flag : std::int64_t { kNoFlag = 0, kUsageKnown = 1, kPriceKnown = 2, kStreamed = 4, kAllFlags = 7 };

constexpr std::array<std::uint64_t llm::Usage::*, 8> kTokens = {
    &llm::Usage::prompt_tokens,       &llm::Usage::completion_tokens,      &llm::Usage::total_tokens,
    &llm::Usage::cached_tokens,       &llm::Usage::cache_write_tokens,     &llm::Usage::reasoning_tokens,
    &llm::Usage::prompt_audio_tokens, &llm::Usage::completion_audio_tokens};
constexpr std::array<base::Money llm::Cost::*, 7> kCosts = {
    &llm::Cost::input,     &llm::Cost::cached, &llm::Cost::cache_write, &llm::Cost::output,
    &llm::Cost::reasoning, &llm::Cost::audio,  &llm::Cost::request};
constexpr std::array<std::string_view UsageRow::*, kPackedTexts> kTexts = {&UsageRow::error, &UsageRow::finish_reason,
                                                                           &UsageRow::finish, &UsageRow::cache};

// Fields of the mask, the longest texts and ten bytes a number: what one row can take.
constexpr std::size_t kMaxPackedRow =
    10 * (kPackedNumbers + 4 + kPackedTexts) + kMaxRequestId + kPackedTexts * kMaxText;

std::array<std::int64_t, kPackedNumbers> numbers_of(std::int64_t dimensions, const UsageRow& row) {
  std::array<std::int64_t, kPackedNumbers> numbers{};
  numbers[kDuration] = row.duration_us;
  numbers[kFirstByte] = row.time_to_first_byte_us;
  numbers[kDimensions] = dimensions;
  numbers[kFlags] = (row.usage.known ? kUsageKnown : kNoFlag) | (row.price_known ? kPriceKnown : kNoFlag) |
                    (row.streamed ? kStreamed : kNoFlag);
  numbers[kStatus] = row.status;
  numbers[kAttempts] = row.attempts;
  numbers[kQueued] = row.queued_us;
  for (std::size_t i = 0; i < kTokens.size(); ++i) {
    numbers[kTokensBegin + i] = static_cast<std::int64_t>(row.usage.*kTokens[i]);
  }
  for (std::size_t i = 0; i < kCosts.size(); ++i) numbers[kCostsBegin + i] = (row.cost.*kCosts[i]).nanos();
  return numbers;
}

bool is_in_range(const std::array<std::int64_t, kPackedNumbers>& numbers) {
  const auto within = [&](std::size_t field, std::int64_t least, std::int64_t most) {
    return numbers[field] >= least && numbers[field] <= most;
  };
  bool good = within(kDuration, 0, kMaxMicros) && within(kFirstByte, -1, kMaxMicros) &&
              within(kQueued, 0, kMaxMicros) && within(kDimensions, 0, std::numeric_limits<std::int64_t>::max()) &&
              within(kFlags, 0, kAllFlags) && within(kStatus, 0, 999) &&
              within(kAttempts, 0, std::numeric_limits<std::uint32_t>::max());
  for (std::size_t i = 0; i < kTokens.size(); ++i) good = good && within(kTokensBegin + i, 0, kMaxTokens);
  for (std::size_t i = 0; i < kCosts.size(); ++i) good = good && within(kCostsBegin + i, -kMaxCost, kMaxCost);
  return good;
}

void take_numbers(const std::array<std::int64_t, kPackedNumbers>& numbers, UsageRow& row) {
  row.duration_us = numbers[kDuration];
  row.time_to_first_byte_us = numbers[kFirstByte];
  row.usage.known = (numbers[kFlags] & kUsageKnown) != 0;
  row.price_known = (numbers[kFlags] & kPriceKnown) != 0;
  row.streamed = (numbers[kFlags] & kStreamed) != 0;
  row.status = static_cast<int>(numbers[kStatus]);
  row.attempts = static_cast<std::uint32_t>(numbers[kAttempts]);
  row.queued_us = numbers[kQueued];
  for (std::size_t i = 0; i < kTokens.size(); ++i) {
    row.usage.*kTokens[i] = static_cast<std::uint64_t>(numbers[kTokensBegin + i]);
  }
  for (std::size_t i = 0; i < kCosts.size(); ++i) row.cost.*kCosts[i] = base::Money::nanos(numbers[kCostsBegin + i]);
}

std::size_t same_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

}  // namespace

void RowPacker::clear() {
  bytes_.clear();
  before_ = {};
  id_.clear();
  for (std::string& text : texts_) text.clear();
  rows_ = 0;
  first_us_ = 0;
  last_us_ = 0;
}

void RowPacker::add(std::int64_t dimensions, const UsageRow& row) {
  if (bytes_.empty()) bytes_.push_back(kVersion);
  const auto numbers = numbers_of(dimensions, row);
  const std::int64_t time_us = micros_of(row.time);
  std::uint64_t mask = 0;
  for (std::size_t i = 0; i < kPackedNumbers; ++i) {
    if (numbers[i] != before_.numbers[i]) mask |= std::uint64_t{1} << i;
  }
  for (std::size_t i = 0; i < kPackedTexts; ++i) {
    if ((row.*kTexts[i]) != texts_[i]) mask |= std::uint64_t{1} << (kPackedNumbers + i);
  }
  std::array<char, kMaxPackedRow> buffer;  // written before it is read
  FieldWriter out(buffer.data());
  out.number(mask);
  out.signed_number(time_us - before_.time_us);
  const std::string_view id = row.request_id.substr(0, kMaxRequestId);
  const std::size_t same = same_prefix(id, id_);
  out.number(same);
  out.text(id.substr(same));
  for (std::size_t i = 0; i < kPackedNumbers; ++i) {
    if ((mask >> i & 1) != 0) out.signed_number(numbers[i]);
  }
  for (std::size_t i = 0; i < kPackedTexts; ++i) {
    if ((mask >> (kPackedNumbers + i) & 1) == 0) continue;
    texts_[i] = (row.*kTexts[i]).substr(0, kMaxText);
    out.text(texts_[i]);
  }
  bytes_.append(buffer.data(), static_cast<std::size_t>(out.at() - buffer.data()));
  before_.numbers = numbers;
  before_.time_us = time_us;
  id_ = id;
  first_us_ = rows_ == 0 ? time_us : std::min(first_us_, time_us);
  last_us_ = rows_ == 0 ? time_us : std::max(last_us_, time_us);
  ++rows_;
}

bool RowUnpacker::read(std::uint64_t& value) {
  if (!left_.empty() && static_cast<unsigned char>(left_.front()) < 0x80) {
    value = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    return true;
  }
  value = 0;
  for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
    const auto bits = static_cast<unsigned char>(left_.front());
    left_.remove_prefix(1);
    if (shift == 63 && bits > 1) return false;
    value |= std::uint64_t{bits & 0x7fU} << shift;
    if (bits < 0x80) return true;
  }
  return false;
}

bool RowUnpacker::read_signed(std::int64_t& value) {
  std::uint64_t bits = 0;
  if (!read(bits)) return false;
  value = static_cast<std::int64_t>(bits >> 1 ^ (0 - (bits & 1)));
  return true;
}

Result<bool> RowUnpacker::next(std::int64_t& dimensions, UsageRow& row) {
  const auto refused = [] { return fail(Code::internal, "ledger: packed rows cannot be read"); };
  if (!began_) {
    if (left_.empty() || left_.front() != kVersion) return refused();
    left_.remove_prefix(1);
    began_ = true;
  }
  if (left_.empty()) return false;
  std::uint64_t mask = 0;
  std::int64_t passed = 0;
  std::uint64_t same = 0;
  std::uint64_t size = 0;
  if (!read(mask) || mask > kMaxMask || !read_signed(passed) || !read(same) || !read(size)) return refused();
  if (__builtin_add_overflow(before_.time_us, passed, &before_.time_us) || before_.time_us < 0 ||
      before_.time_us > kMaxMicros) {
    return refused();
  }
  if (same > id_size_ || size > kMaxRequestId - same || size > left_.size()) return refused();
  std::copy_n(left_.begin(), size, id_.begin() + static_cast<std::ptrdiff_t>(same));
  id_size_ = static_cast<std::size_t>(same + size);
  left_.remove_prefix(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < kPackedNumbers; ++i) {
    if ((mask >> i & 1) != 0 && !read_signed(before_.numbers[i])) return refused();
  }
  if (!is_in_range(before_.numbers)) return refused();
  for (std::size_t i = 0; i < kPackedTexts; ++i) {
    if ((mask >> (kPackedNumbers + i) & 1) == 0) continue;
    if (!read(size) || size > kMaxText || size > left_.size()) return refused();
    texts_[i] = left_.substr(0, static_cast<std::size_t>(size));
    left_.remove_prefix(texts_[i].size());
  }
  dimensions = before_.numbers[kDimensions];
  take_numbers(before_.numbers, row);
  row.time = base::WallTime(std::chrono::microseconds(before_.time_us));
  row.request_id = {id_.data(), id_size_};
  for (std::size_t i = 0; i < kPackedTexts; ++i) row.*kTexts[i] = texts_[i];
  return true;
}

}  // namespace gatehouse::govern
