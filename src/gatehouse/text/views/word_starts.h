#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string_view>

// Words by which a text in rot13 or written backwards is known: common English ones and those that attacks are made
// of. A word counts by its first four characters; one of three letters with the space behind it. Words whose image
// begins like another English word are left out.
namespace gatehouse::text::views {

inline constexpr std::string_view kRot13Words[] = {
    "ignore",  "previous",   "instructions", "system",       "prompt",  "reveal",      "secret",   "password",
    "forget",  "every",      "disregard",    "above",        "your",    "you ",        "the ",     "and ",
    "all ",    "not ",       "from",         "that",         "this",    "with",        "have",     "what",
    "tell",    "please",     "show",         "print",        "write",   "output",      "repeat",   "following",
    "rules",   "override",   "pretend",      "developer",    "message", "assistant",   "would",    "should",
    "could",   "about",      "there",        "which",        "make",    "give",        "into",     "when",
    "they",    "will",       "been",         "more",         "some",    "like",        "just",     "know",
    "because", "how ",       "for ",         "token",        "keys",    "credentials", "bypass",   "security",
    "hidden",  "initial",    "directions",   "command",      "execute", "delete",      "send",     "email",
    "data",    "file",       "word",         "only",         "answer",  "question",    "response", "never",
    "always",  "must",       "before",       "after",        "without", "content",     "policy",   "filter",
    "safety",  "guidelines", "restrictions", "confidential", "private", "information", "hello",    "world",
    "help",    "bomb",       "weapon",       "explosive",    "drugs",   "kill",        "hack",     "malware",
    "steal",
};
inline constexpr std::string_view kReversedWords[] = {
    "ignore", "previous",   "instructions", "instruction", "system",   "prompt",  "reveal",  "secret",    "password",
    "forget", "everything", "above",        "your",        "you",      "the",     "all",     "from",      "that",
    "this",   "with",       "have",         "what",        "tell",     "please",  "show",    "print",     "write",
    "output", "repeat",     "following",    "rules",       "override", "pretend", "message", "assistant", "would",
    "about",  "there",      "their",        "which",       "make",     "give",    "into",    "when",      "they",
    "will",   "been",       "more",         "some",        "like",     "just",    "token",   "keys",      "security",
    "hidden", "commands",   "execute",      "delete",      "send",     "data",    "word",    "answer",    "response",
    "always", "must",       "before",       "after",       "content",  "policy",  "hello",   "world",     "help",
    "bomb",   "weapon",     "kill",         "hack",        "private",
};

constexpr char rot13(char c) {
  if (c >= 'a' && c <= 'z') return static_cast<char>('a' + (c - 'a' + 13) % 26);
  if (c >= 'A' && c <= 'Z') return static_cast<char>('A' + (c - 'A' + 13) % 26);
  return c;
}

// The first four characters of a written word, in small letters.
constexpr std::uint32_t start_key(char a, char b, char c, char d) {
  const auto byte = [](char x) { return static_cast<std::uint32_t>(static_cast<unsigned char>(x | 0x20)); };
  return byte(a) | byte(b) << 8U | byte(c) << 16U | byte(d) << 24U;
}
constexpr std::uint32_t rot13_key(std::string_view word) {
  return start_key(rot13(word[0]), rot13(word[1]), rot13(word[2]), rot13(word[3]));
}
constexpr std::uint32_t reversed_key(std::string_view word) {
  const std::size_t n = word.size();
  return start_key(word[n - 1], word[n - 2], word[n - 3], n == 3 ? ' ' : word[n - 4]);
}
[[gnu::always_inline]] constexpr std::uint32_t hash_key(std::uint32_t key) { return key * 0x85EBCA6BU >> 16U; }

inline constexpr auto kStartBits = [] {
  std::array<std::uint8_t, 8192> bits{};
  const auto add = [&](std::uint32_t key) {
    bits[hash_key(key) / 8] = static_cast<std::uint8_t>(bits[hash_key(key) / 8] | 1U << hash_key(key) % 8);
  };
  for (const std::string_view word : kRot13Words) add(rot13_key(word));
  for (const std::string_view word : kReversedWords) add(reversed_key(word));
  return bits;
}();

// The same for many bytes at a time, a first sieve: by each of the four characters' low six bits (with bit 5 set), in
// which of eight groups of words it has that place. A word's beginning that no group has at all four is none of theirs.
inline constexpr auto kStartSieve = [] {
  constexpr std::size_t kWords = std::size(kRot13Words) + std::size(kReversedWords);
  std::array<std::uint32_t, kWords> keys{};
  std::size_t count = 0;
  for (const std::string_view word : kRot13Words) keys[count++] = rot13_key(word);
  for (const std::string_view word : kReversedWords) keys[count++] = reversed_key(word);
  // Those of one group begin alike.
  std::ranges::sort(keys, {}, [](std::uint32_t key) { return std::byteswap(key); });
  std::array<std::array<std::uint8_t, 64>, 4> sieve{};
  for (std::size_t i = 0; i < kWords; ++i) {
    for (unsigned place = 0; place < 4; ++place) {
      std::uint8_t& groups = sieve[place][keys[i] >> (place * 8) & 0x3FU];
      groups = static_cast<std::uint8_t>(groups | 1U << (i * 8 / kWords));
    }
  }
  return sieve;
}();

// Four bytes are read. 0 for almost every other word.
[[gnu::always_inline]] inline std::uint32_t may_start_word(const char* at) {
  std::uint32_t key = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&key, at, 4);
    key |= 0x20202020U;
  } else {
    key = start_key(at[0], at[1], at[2], at[3]);
  }
  const std::uint32_t hash = hash_key(key);
  return kStartBits[hash / 8] >> hash % 8 & 1U;
}

}  // namespace gatehouse::text::views
