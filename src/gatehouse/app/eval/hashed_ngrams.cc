#include "gatehouse/app/eval/hashed_ngrams.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>

namespace gatehouse::app {
namespace {

constexpr std::uint32_t kBuckets = 1U << 20U;

// FNV-1a; `kind` keeps words and letters apart.
std::uint32_t bucket(std::string_view text, unsigned char kind) {
  std::uint64_t hash = 14695981039346656037ULL ^ kind;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return static_cast<std::uint32_t>(hash ^ (hash >> 32U)) % kBuckets;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

HashedNgrams::HashedNgrams(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  std::vector<std::uint32_t> buckets;
  std::string before;
  for (std::size_t at = 0; at < lower.size();) {
    if (!is_word(lower[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < lower.size() && is_word(lower[end])) ++end;
    const std::string word = lower.substr(at, end - at);
    buckets.push_back(bucket(word, 1));
    if (!before.empty()) buckets.push_back(bucket(before + " " + word, 2));
    before = word;
    const std::string padded = " " + word + " ";
    for (std::size_t size = 3; size <= 5; ++size) {
      for (std::size_t i = 0; i + size <= padded.size(); ++i) {
        buckets.push_back(bucket(std::string_view(padded).substr(i, size), 3));
      }
    }
    at = end;
  }
  std::ranges::sort(buckets);
  double sum = 0;
  for (std::size_t i = 0; i < buckets.size();) {
    std::size_t end = i;
    while (end < buckets.size() && buckets[end] == buckets[i]) ++end;
    const double weight = 1 + std::log(static_cast<double>(end - i));
    weights_.emplace_back(buckets[i], static_cast<float>(weight));
    sum += weight * weight;
    i = end;
  }
  const auto scale = static_cast<float>(sum > 0 ? 1 / std::sqrt(sum) : 0);
  for (auto& [at, weight] : weights_) weight *= scale;
}

float HashedNgrams::likeness(const HashedNgrams& other) const {
  float sum = 0;
  auto a = weights_.begin();
  auto b = other.weights_.begin();
  while (a != weights_.end() && b != other.weights_.end()) {
    if (a->first == b->first) {
      sum += a->second * b->second;
      ++a;
      ++b;
    } else if (a->first < b->first) {
      ++a;
    } else {
      ++b;
    }
  }
  return sum;
}

}  // namespace gatehouse::app
