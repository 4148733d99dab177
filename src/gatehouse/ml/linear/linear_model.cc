#include "gatehouse/ml/linear/linear_model.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/ml/linear/features.h"

namespace gatehouse::ml {
namespace {

constexpr std::string_view kMagic = "GHTL";
constexpr std::uint32_t kFormat = 1;
constexpr std::uint32_t kFeatures = 1;
constexpr std::size_t kFixed = 12;  // magic, format, size of the header
constexpr std::size_t kMostHeader = std::size_t{64} << 10;
constexpr unsigned kLeastBits = 8;
constexpr unsigned kMostBits = 20;
constexpr double kMostNumber = 1e6;
constexpr std::size_t kOutputs = 3;
constexpr std::array<std::string_view, kOutputs> kNames = {"injection", "entities", "harmful"};
// Buffers that a longer text left are not kept.
constexpr std::size_t kMostKept = std::size_t{1} << 20;

struct Output {
  double bias = 0;
  double scale = 0;
  float clear = -std::numeric_limits<float>::infinity();
  double calibration_scale = 1;
  double calibration_shift = 0;
};

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;) value = value << 8U | static_cast<std::uint8_t>(bytes[i]);
  return value;
}

std::optional<double> sane(json::Value value) {
  const std::optional<double> number = value.number();
  if (!number || !(std::abs(*number) <= kMostNumber)) return std::nullopt;
  return number;
}

std::unexpected<Error> refuse(std::string_view why) {
  return fail(Code::configuration, fmt::format("linear model: {}", why));
}

Result<Output> read_output(json::Value value, std::string_view name) {
  Output out;
  const auto bias = sane(value["bias"]);
  const auto scale = sane(value["scale"]);
  if (!bias || !scale || *scale < 0) return refuse(fmt::format("{}: no bias or scale", name));
  out.bias = *bias;
  out.scale = *scale;
  if (const json::Value clear = value["clear"]; clear.exists() && !clear.is_null()) {
    const auto bound = sane(clear);
    if (!bound) return refuse(fmt::format("{}: clear is no number", name));
    out.clear = static_cast<float>(*bound);
  }
  if (const json::Value calibration = value["calibration"]; calibration.exists()) {
    std::vector<double> numbers;
    calibration.elements([&](json::Value element) {
      if (const auto number = sane(element)) numbers.push_back(*number);
    });
    // Falling, or level: a text that is more suspect would not be more probable.
    if (calibration.size() != 2 || numbers.size() != 2 || numbers[0] <= 0) {
      return refuse(fmt::format("{}: calibration is not two numbers, the first above 0", name));
    }
    out.calibration_scale = numbers[0];
    out.calibration_shift = numbers[1];
  }
  return out;
}

// What one thread's scoring needs; between calls nothing in it matters.
struct Desk {
  linear::Features features{};
  std::vector<std::uint32_t> buckets{};
  std::vector<std::uint64_t> seen{};  // a bit for each bucket, all zero
};
Desk& desk() {
  static thread_local Desk of_thread;
  return of_thread;
}

class HashedLinearModel final : public LinearModel {
 public:
  HashedLinearModel(unsigned bits, const std::array<Output, kOutputs>& outputs, std::string_view weights,
                    std::string hash)
      : bits_(bits), outputs_(outputs), hash_(std::move(hash)), weights_(std::size_t{1} << bits) {
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      std::uint32_t packed = 0;
      for (std::size_t o = 0; o < kOutputs; ++o) {
        packed |= std::uint32_t{static_cast<std::uint8_t>(weights[i * kOutputs + o])} << (8 * o);
      }
      weights_[i] = packed;
    }
  }

  std::string_view hash() const override { return hash_; }

  Scores score(std::string_view text) const override {
    Desk& with = desk();
    with.buckets.clear();
    with.features.extract(text, bits_, with.buckets);
    const std::size_t words = std::max<std::size_t>(1, weights_.size() / 64);
    if (with.seen.size() < words) with.seen.resize(words);
    // A bucket counts once. No branch: whether it was seen is anybody's guess.
    std::array<std::int64_t, kOutputs> sums{};
    std::size_t count = 0;
    for (const std::uint32_t bucket : with.buckets) {
      std::uint64_t& bits = with.seen[bucket / 64];
      const std::uint64_t bit = std::uint64_t{1} << (bucket % 64);
      const std::uint32_t first = (bits & bit) == 0 ? 1 : 0;
      bits |= bit;
      count += first;
      const std::uint32_t packed = weights_[bucket] & (0U - first);
      for (std::size_t o = 0; o < kOutputs; ++o) sums[o] += static_cast<std::int8_t>(packed >> (8 * o));
    }
    for (const std::uint32_t bucket : with.buckets) with.seen[bucket / 64] = 0;
    if (with.buckets.capacity() > kMostKept) with = Desk{};
    const double length = std::sqrt(static_cast<double>(std::max<std::size_t>(1, count)));
    const auto value = [&](std::size_t o) {
      return static_cast<float>(outputs_[o].bias + outputs_[o].scale * (static_cast<double>(sums[o]) / length));
    };
    return {value(0), value(1), value(2)};
  }

  Clear clear() const override { return {outputs_[0].clear, outputs_[1].clear}; }

  float injection_probability(float log_odds) const override {
    const double z = outputs_[0].calibration_scale * log_odds + outputs_[0].calibration_shift;
    return static_cast<float>(1.0 / (1.0 + std::exp(-z)));
  }

 private:
  unsigned bits_;
  std::array<Output, kOutputs> outputs_;
  std::string hash_;
  std::vector<std::uint32_t> weights_;  // of each bucket: a signed byte for each output
};

}  // namespace

Result<std::shared_ptr<const LinearModel>> LinearModel::parse(std::string_view file) {
  if (file.size() < kFixed || !file.starts_with(kMagic)) return refuse("not a .gtl file");
  if (little_endian(file.substr(4)) != kFormat) return refuse("a format of another version");
  const std::size_t header_size = little_endian(file.substr(8));
  if (header_size > kMostHeader || header_size > file.size() - kFixed) return refuse("a header longer than the file");
  const std::string_view raw = file.substr(kFixed, header_size);
  const auto kind = json::validate(raw);
  if (!kind || *kind != json::Kind::object) return refuse("a header that is no JSON object");
  const json::Value header(raw);
  if (header["features"].integer() != kFeatures) return refuse("features of another version");
  const auto bits = header["bits"].integer();
  if (!bits || *bits < kLeastBits || *bits > kMostBits) return refuse("bits out of range");
  std::array<Output, kOutputs> outputs;
  for (std::size_t o = 0; o < kOutputs; ++o) {
    auto output = read_output(header["outputs"][kNames[o]], kNames[o]);
    if (!output) return std::unexpected(std::move(output.error()));
    outputs[o] = *output;
  }
  const std::string_view weights = file.substr(kFixed + header_size);
  if (weights.size() != kOutputs << *bits) return refuse("not as many weights as the header says");
  return std::make_shared<const HashedLinearModel>(static_cast<unsigned>(*bits), outputs, weights,
                                                   crypto::to_hex(crypto::sha256(file)));
}

}  // namespace gatehouse::ml
