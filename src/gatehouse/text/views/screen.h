#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

// The one pass over every text that decides which readings are tried at all. Ordinary prose ends here.
namespace gatehouse::text::views {

struct Span {
  std::size_t begin;
  std::size_t end;
};

// What a text holds. Reused.
struct Screened {
  static constexpr std::size_t kNone = std::string_view::npos;
  std::size_t non_ascii = kNone;  // where the first of each stands, or a little before
  std::size_t backslash = kNone;
  std::size_t percent = kNone;
  std::size_t ampersand = kNone;
  std::size_t mark = kNone;  // * ` ~ < next to a letter
  // Runs of letters, digits and + / - _ in which letters and digits meet, a capital follows a small letter, or eight
  // digits stand together; ascending.
  std::vector<Span> mixed;
  std::vector<std::uint32_t> signs;    // @ $ ! | between letters
  std::vector<std::uint32_t> pairs;    // within two digits, a space, two digits, a space
  std::vector<std::uint32_t> singles;  // at the third of three letters that stand alone, one sign between each
  std::vector<std::uint32_t> words;    // words that begin like a common one in rot13 or backwards
  void clear();
};

struct Wanted {
  bool tokens = true;
  bool signs = true;
  bool pairs = true;
  bool singles = true;
  bool words = true;
};

void screen(std::string_view text, const Wanted& wanted, Screened& out);

}  // namespace gatehouse::text::views
