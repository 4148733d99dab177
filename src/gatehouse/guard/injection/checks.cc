#include "gatehouse/guard/injection/checks.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace gatehouse::guard::injection {
namespace {

using Range = Check::Range;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 0x20) : c; }

bool starts(std::string_view text, std::string_view wanted) {  // `wanted` in lower case
  return text.size() >= wanted.size() &&
         std::equal(wanted.begin(), wanted.end(), text.begin(), [](char w, char c) { return lower(c) == w; });
}

// One pass, whatever the number of wanted texts.
bool contains_any(std::string_view text, std::span<const std::string_view> wanted) {
  std::array<bool, 256> first{};
  for (const std::string_view w : wanted) first[static_cast<unsigned char>(w[0])] = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!first[static_cast<unsigned char>(lower(text[i]))]) continue;
    for (const std::string_view w : wanted) {
      if (starts(text.substr(i), w)) return true;
    }
  }
  return false;
}

bool contains(std::string_view text, std::string_view wanted) { return contains_any(text, std::span(&wanted, 1)); }

// The character that begins at `at`, 0 where none does.
char32_t character(std::string_view text, std::size_t at, std::size_t& bytes) {
  const auto byte = [&](std::size_t i) { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U; };
  const unsigned lead = byte(0);
  bytes = 1;
  if (lead < 0x80) return lead;
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (size == 0) return 0;
  char32_t c = lead & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
    c = (c << 6) | (byte(i) & 0x3FU);
  }
  bytes = size;
  return c;
}

std::size_t previous(std::string_view text, std::size_t at) {
  std::size_t back = 1;
  while (back < 4 && back < at && (static_cast<unsigned char>(text[at - back]) & 0xC0U) == 0x80U) ++back;
  return at - std::min(at, back);
}

// The run of characters for which `belongs` holds around the one that ends at `end`; `number` of them.
template <class Belongs>
Range run_around(std::string_view text, std::size_t end, std::size_t least, Belongs belongs, std::size_t& number) {
  Range run{end, end};
  number = 0;
  std::size_t bytes = 0;
  while (run.begin > least) {
    const std::size_t before = previous(text, run.begin);
    if (!belongs(character(text, before, bytes)) || before + bytes != run.begin) break;
    run.begin = before;
    ++number;
  }
  while (run.end < text.size() && belongs(character(text, run.end, bytes))) {
    run.end += bytes;
    ++number;
  }
  return run;
}

// --- Characters that nobody sees.

// Unicode's tag block (U+E0000): shadows of ASCII. Legitimate only in the three flags of subdivisions (UTS #51), where
// it follows a black flag.
bool is_tag(char32_t c) { return c >= 0xE0000 && c <= 0xE007F; }

constexpr std::array<std::string_view, 16> kTagTriggers = {
    "\U000E0001", "\U000E0020", "\U000E0061", "\U000E0065", "\U000E0069", "\U000E006F", "\U000E0074", "\U000E006E",
    "\U000E0073", "\U000E0072", "\U000E0041", "\U000E0045", "\U000E0049", "\U000E004F", "\U000E0054", "\U000E0075"};

void look_tags(std::string_view text, std::span<const std::size_t> ends, std::vector<Range>& out) {
  std::size_t done = 0;
  for (const std::size_t end : ends) {
    if (end <= done) continue;
    std::size_t number = 0;
    const Range run = run_around(text, end, done, is_tag, number);
    done = run.end;
    std::size_t bytes = 0;
    const bool flag = run.begin >= 4 && character(text, run.begin - 4, bytes) == 0x1F3F4 && number <= 7;
    if (number >= 3 && !flag) out.push_back(run);
  }
}

// A byte hidden as a variation selector behind a visible character. One is how emoji and ideographs are varied, a row
// of them is no writing.
bool is_selector(char32_t c) { return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF); }

constexpr std::array<std::string_view, 8> kSelectorTriggers = {"\U000E0110", "\U000E0151", "\U000E0155", "\U000E0159",
                                                               "\U000E015F", "\U000E0164", "\U000E015E", "\U000E0163"};

void look_selectors(std::string_view text, std::span<const std::size_t> ends, std::vector<Range>& out) {
  std::size_t done = 0;
  for (const std::size_t end : ends) {
    if (end <= done) continue;
    std::size_t number = 0;
    const Range run = run_around(text, end, done, is_selector, number);
    done = run.end;
    if (number >= 4) out.push_back(run);
  }
}

bool is_zero_width(char32_t c) {
  return (c >= 0x200B && c <= 0x200F) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF || c == 0x180E;
}

constexpr std::array<std::string_view, 10> kZeroWidthTriggers = {
    "\u200b", "\u2060",       "\u2062",       "\u2063",       "\u2064",
    "\ufeff", "\u200c\u200c", "\u200d\u200d", "\u200c\u200d", "\u200d\u200c"};

// A row of them (bits written with two kinds), or many of them each between two Latin letters, which need none. Joiners
// in emoji, Persian and Indic scripts and breaks in Thai and Khmer are neither.
void look_zero_width(std::string_view text, std::span<const std::size_t> ends, std::vector<Range>& out) {
  constexpr std::size_t kRow = 6;
  constexpr std::size_t kBetween = 8;
  constexpr std::size_t kReach = 400;
  std::size_t done = 0;
  std::size_t between = 0;
  Range found{0, 0};
  for (const std::size_t end : ends) {
    if (end <= done) continue;
    std::size_t number = 0;
    const Range run = run_around(text, end, done, is_zero_width, number);
    done = run.end;
    if (number >= kRow) out.push_back(run);
    if (run.begin == 0 || run.end >= text.size() || !is_letter(text[run.begin - 1]) || !is_letter(text[run.end]))
      continue;
    if (between == 0 || run.begin - found.begin > kReach) {
      between = 0;
      found.begin = run.begin;
    }
    found.end = run.end;
    if (++between == kBetween) {
      out.push_back(found);
      between = 0;
    }
  }
}

// --- Text that is not shown to people.

constexpr std::array<std::string_view, 16> kAddressed = {
    "ignore",         "instruction", "assistant", "system prompt",  " ai ",     "you must",
    "language model", "chatgpt",     "disregard", "system message", "override", "llm",
    "do not tell",    "you are now", "ai agent",  "ai model"};

// From the hit to `until` (or a bound, or the next hit): is somebody told there what to do?
void look_hidden(std::string_view text, std::span<const std::size_t> ends, std::string_view until, std::size_t most,
                 std::vector<Range>& out) {
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const std::size_t begin = ends[i];
    std::size_t end = std::min(text.size(), begin + most);
    if (i + 1 < ends.size()) end = std::min(end, ends[i + 1]);
    std::string_view inside = text.substr(begin, end - begin);
    inside = inside.substr(0, inside.find(until));
    if (inside.size() >= 12 && contains_any(inside, kAddressed)) out.push_back({begin, begin + inside.size()});
  }
}

constexpr std::array<std::string_view, 1> kCommentTriggers = {"<!--"};
void look_comment(std::string_view text, std::span<const std::size_t> ends, std::vector<Range>& out) {
  look_hidden(text, ends, "-->", 2048, out);
}

constexpr std::array<std::string_view, 14> kStyleTriggers = {
    "display:none", "display: none", "visibility:hidden", "visibility: hidden", "font-size:0",
    "font-size: 0", "font-size:1px", "font-size: 1px",    "opacity:0;",         "opacity: 0;",
    "color:white",  "color: white",  "color:#fff",        "color: #fff"};
void look_style(std::string_view text, std::span<const std::size_t> ends, std::vector<Range>& out) {
  look_hidden(text, ends, "</", 2048, out);
}

// --- Images and links that carry data away.

constexpr std::array<std::string_view, 4> kImageTriggers = {"](http", "<img", "](//", "](data:"};
constexpr std::array<std::string_view, 20> kPayload = {
    "secret",  "prompt", "history", "conversation", "password", "chat_", "chatlog", "user_data", "userdata", "token=",
    "summary", "base64", "your_",   "your-",        "exfil",    "leak",  "stolen",  "api_key",   "[data",    "{data"};

// An image whose address has a place to fill in, or names what is to be put there.
void look_image(std::string_view text, std::span<const std::size_t> ends, std::vector<Range>& out) {
  std::size_t done = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const std::size_t end = ends[i];
    if (end < done) continue;
    std::size_t begin = end;
    std::size_t stop = std::min(text.size(), end + 600);
    if (i + 1 < ends.size()) stop = std::min(stop, std::max(end, ends[i + 1]));
    char closing = ')';
    const bool html = end > 0 && lower(text[end - 1]) == 'g';
    if (html) {
      begin = end - 4;
      closing = '>';
    } else {
      const std::size_t from = end - std::min<std::size_t>({end, 240, end - done});
      const std::size_t bang = text.substr(from, end - from).rfind("![");
      if (bang == std::string_view::npos) continue;
      begin = from + bang;
    }
    std::string_view address = text.substr(end, stop - end);
    address = address.substr(0, address.find(closing));
    stop = end + address.size();
    done = stop;
    const std::size_t query = address.find_first_of("?=");
    const bool slot = address.find_first_of("{[<$", html ? address.find("src") : 0) != std::string_view::npos ||
                      contains(address, "%7b") || contains(address, "%5b");
    const bool named = query != std::string_view::npos && contains_any(address.substr(query), kPayload);
    if (slot || named) out.push_back({begin, stop});
  }
}

// --- Turns of a conversation inside one text.

constexpr std::array<std::string_view, 12> kTurnTriggers = {
    "assistant:", "human:", "user:", "chatgpt:", "gpt:", "\nai:", "\nbot:", "\nq:", "\na:", "model:", "llm:", "agent:"};

struct Turns {
  std::size_t asked = 0;
  std::size_t answered = 0;
  std::size_t answered_by_machine = 0;
  Range first{0, 0};
  Range machine{0, 0};
  Range last{0, 0};
};

Turns count_turns(std::string_view text, std::span<const std::size_t> ends) {
  Turns turns;
  for (const std::size_t end : ends) {
    std::size_t begin = end - 1;  // the colon
    while (begin > 0 && is_letter(text[begin - 1])) --begin;
    const std::string_view label = text.substr(begin, end - 1 - begin);
    std::size_t line = begin;
    while (line > 0 && begin - line < 8 && std::strchr(" \t*#>[\"'-_", text[line - 1]) != nullptr &&
           text[line - 1] != 0) {
      --line;
    }
    if (line > 0 && text[line - 1] != '\n') continue;
    const bool asks = label.size() == 1 ? lower(label[0]) == 'q' : contains(label, "user") || contains(label, "human");
    const Range place{begin, end};
    if (turns.asked + turns.answered == 0) turns.first = place;
    turns.last = place;
    if (asks) {
      ++turns.asked;
    } else {
      ++turns.answered;
      if (label.size() > 1) {
        if (turns.answered_by_machine == 0) turns.machine = place;
        ++turns.answered_by_machine;
      }
    }
  }
  return turns;
}

void look_many_turns(std::string_view text, std::span<const std::size_t> ends, std::vector<Range>& out) {
  const Turns turns = count_turns(text, ends);
  if (std::min(turns.asked, turns.answered) >= 5) out.push_back({turns.first.begin, turns.last.end});
}

void look_fake_turn(std::string_view text, std::span<const std::size_t> ends, std::vector<Range>& out) {
  const Turns turns = count_turns(text, ends);
  if (turns.answered_by_machine > 0) out.push_back(turns.machine);
}

// --- One token again and again.

// Asked of every text, so it only samples: eight places, and the whole run only where a short period shows.
void look_repeated(std::string_view text, std::span<const std::size_t>, std::vector<Range>& out) {
  constexpr std::size_t kSample = 64;
  constexpr std::size_t kLongest = 24;
  constexpr std::size_t kLeast = 300;
  if (text.size() < kLeast) return;
  constexpr std::size_t kPlaces = 8;
  std::size_t done = 0;
  for (std::size_t place = 0; place < kPlaces; ++place) {
    const std::size_t at = (text.size() - kSample - kLongest) / kPlaces * place;
    if (at < done) continue;
    // The period, if there is one, is where the next eight bytes return.
    const auto eight = [&](std::size_t i) {
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, text.data() + i, sizeof bytes);
      return bytes;
    };
    const std::uint64_t first = eight(at);
    std::size_t period = 0;
    for (std::size_t p = 2; p <= kLongest && period == 0; ++p) {
      if (first == eight(at + p) && std::memcmp(text.data() + at, text.data() + at + p, kSample) == 0) period = p;
    }
    if (period == 0) continue;
    std::size_t end = at + period;
    while (end < text.size() && text[end] == text[end - period]) ++end;
    std::size_t begin = at;
    while (begin > done && text[begin - 1] == text[begin - 1 + period]) --begin;
    done = end;
    // Rulers, padding and tables repeat one or two signs.
    std::array<bool, 256> seen{};
    std::size_t distinct = 0;
    bool letters = false;
    for (const char c : text.substr(at, period)) {
      if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || seen[static_cast<unsigned char>(c)]) continue;
      seen[static_cast<unsigned char>(c)] = true;
      ++distinct;
      letters = letters || is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
    }
    const bool spaced = text.substr(at, period).find_first_of(" \n\t") != std::string_view::npos;
    const bool token = (letters && (spaced || distinct >= 2)) || distinct >= 3;
    if (token && end - begin >= kLeast) {
      out.push_back({begin, end});
      return;
    }
  }
}

constexpr std::array<Check, 9> kChecks = {{
    {"tag_characters", kTagTriggers, look_tags},
    {"variation_selectors", kSelectorTriggers, look_selectors},
    {"zero_width", kZeroWidthTriggers, look_zero_width},
    {"html_comment", kCommentTriggers, look_comment},
    {"hidden_style", kStyleTriggers, look_style},
    {"image_with_payload", kImageTriggers, look_image},
    {"many_turns", kTurnTriggers, look_many_turns},
    {"fake_turn", kTurnTriggers, look_fake_turn},
    {"repeated_token", {}, look_repeated},
}};

}  // namespace

std::span<const Check> checks() { return kChecks; }

}  // namespace gatehouse::guard::injection
