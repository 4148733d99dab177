#include "gatehouse/guard/conversation/number_words.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace gatehouse::guard {
namespace {

struct Word {
  std::string_view word;
  std::uint8_t value;
};

// Words that are no numbers more often than they are ("a", "on") are left out.
constexpr auto kWords = std::to_array<Word>({
    {"acht", 8},          {"achtzehn", 18},   {"cero", 0},        {"cinco", 5},       {"cinq", 5},
    {"cinque", 5},        {"cuatro", 4},      {"deux", 2},        {"dix", 10},        {"dois", 2},
    {"dos", 2},           {"drei", 3},        {"dreizehn", 13},   {"due", 2},         {"eight", 8},
    {"eighteen", 18},     {"eighty", 80},     {"ein", 1},         {"eins", 1},        {"eleven", 11},
    {"elf", 11},          {"fifteen", 15},    {"fifty", 50},      {"five", 5},        {"forty", 40},
    {"four", 4},          {"fourteen", 14},   {"fuenf", 5},       {"huit", 8},        {"neuf", 9},
    {"neun", 9},          {"neunzehn", 19},   {"nil", 0},         {"nine", 9},        {"nineteen", 19},
    {"ninety", 90},       {"nove", 9},        {"nueve", 9},       {"nul", 0},         {"null", 0},
    {"ocho", 8},          {"oh", 0},          {"oito", 8},        {"one", 1},         {"onze", 11},
    {"otto", 8},          {"ought", 0},       {"quatre", 4},      {"quatro", 4},      {"quattro", 4},
    {"quinze", 15},       {"sechs", 6},       {"sechzehn", 16},   {"sei", 6},         {"seis", 6},
    {"sept", 7},          {"sete", 7},        {"sette", 7},       {"seven", 7},       {"seventeen", 17},
    {"seventy", 70},      {"sieben", 7},      {"siebzehn", 17},   {"siete", 7},       {"six", 6},
    {"sixteen", 16},      {"sixty", 60},      {"ten", 10},        {"thirteen", 13},   {"thirty", 30},
    {"tre", 3},           {"treize", 13},     {"tres", 3},        {"trois", 3},       {"twelve", 12},
    {"twenty", 20},       {"two", 2},         {"uno", 1},         {"un", 1},          {"vier", 4},
    {"vierzehn", 14},     {"zehn", 10},       {"zero", 0},        {"zwei", 2},        {"zwo", 2},
    {"zw\xc3\xb6lf", 12}, {"f\xc3\xbcnf", 5}, {"z\xc3\xa9ro", 0}, {"tr\xc3\xaas", 3},
});

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) & 0x80) != 0;
}

constexpr std::size_t kLongest = 10;

// -1: it is none.
int value_of(std::string_view word) {
  if (word.size() > kLongest || word.size() < 2) return -1;
  std::array<char, kLongest> lower{};
  std::ranges::transform(word, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const std::string_view folded(lower.data(), word.size());
  const auto found = std::ranges::find(kWords, folded, &Word::word);
  return found == kWords.end() ? -1 : found->value;
}

bool is_repeat(std::string_view word, int& times) {
  const auto is = [&](std::string_view wanted) {
    return std::ranges::equal(word, wanted, [](char a, char b) { return (a | 0x20) == b; });
  };
  if (is("double")) times = 2;
  if (is("triple") || is("treble")) times = 3;
  return times > 1;
}

}  // namespace

SpokenDigits append_spoken_digits(std::string_view text, std::string& out) {
  SpokenDigits told;
  bool any = false;
  const auto note = [&](std::size_t from, std::size_t to) {
    if (!std::exchange(any, true)) told.from = from;
    told.to = to;
  };
  int tens = -1;  // "forty" waits for its "two"
  int times = 1;  // "double" for what is doubled
  const auto put = [&](int value) {
    const int repeat = std::exchange(times, 1);
    for (int i = 0; i < repeat; ++i) out.append(std::to_string(value));
  };
  const auto settle = [&] {
    if (tens >= 0) put(std::exchange(tens, -1));
  };
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (is_digit(c)) {
      settle();
      const int repeat = std::exchange(times, 1);
      out.append(static_cast<std::size_t>(repeat), c);
      note(at, at + 1);
      ++at;
    } else if (is_letter(c)) {
      std::size_t end = at;
      while (end < text.size() && is_letter(text[end])) ++end;
      const std::string_view word = text.substr(at, end - at);
      const int value = value_of(word);
      int repeat = 1;
      if (value >= 0) {
        if (tens >= 0 && value > 0 && value < 10) {
          put(std::exchange(tens, -1) + value);
        } else {
          settle();
          if (value >= 20) {
            tens = value;
          } else {
            put(value);
          }
        }
        note(at, end);
      } else if (is_repeat(word, repeat)) {
        settle();
        times = repeat;
      } else {
        settle();
        told.others += word.size();
      }
      at = end;
    } else {
      ++at;
    }
  }
  settle();
  return told;
}

}  // namespace gatehouse::guard
