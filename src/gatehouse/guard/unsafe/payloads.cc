#include "gatehouse/guard/unsafe/payloads.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "gatehouse/text/utf8.h"

namespace gatehouse::guard::unsafe {
namespace {

bool contains(Ahead& ahead, std::size_t at, std::size_t end, std::string_view word) {
  for (; at + word.size() <= end; ++at) {
    if (ahead.has(at, word)) return true;
  }
  return false;
}

// The length of a "go up" at `at`, however it is spelt; 0: none. `plain` stays true for ../ and ..\ only.
std::size_t step_up(Ahead& ahead, std::size_t at, bool& plain) {
  struct Spelling {
    std::string_view text;
    bool plain;
  };
  // Dots and slashes as they are, percent-encoded once and twice, in overlong UTF-8, and doubled for filters that take
  // "../" out once.
  static constexpr Spelling kDots[] = {{"....", false}, {"..", true},          {"%2e%2e", false},      {".%2e", false},
                                       {"%2e.", false}, {"%252e%252e", false}, {"%c0%ae%c0%ae", false}};
  static constexpr Spelling kSlashes[] = {{"//", false},    {"/", true},       {"\\", true},
                                          {"%2f", false},   {"%5c", false},    {"%252f", false},
                                          {"%255c", false}, {"%c0%af", false}, {"%u2215", false}};
  for (const Spelling& dots : kDots) {
    if (!ahead.has(at, dots.text)) continue;
    for (const Spelling& slash : kSlashes) {
      if (!ahead.has(at + dots.text.size(), slash.text)) continue;
      if (slash.text == "//" && dots.plain) continue;
      plain = plain && dots.plain && slash.plain;
      return dots.text.size() + slash.text.size();
    }
  }
  return 0;
}

bool ends_with_step(std::string_view text) {
  const auto drop = [&text](std::initializer_list<std::string_view> tails) {
    for (const std::string_view tail : tails) {
      if (text.size() < tail.size()) continue;
      if (std::ranges::equal(text.substr(text.size() - tail.size()), tail,
                             [](char a, char b) { return lower(static_cast<unsigned char>(a)) == b; })) {
        text.remove_suffix(tail.size());
        return true;
      }
    }
    return false;
  };
  const std::size_t size = text.size();
  drop({"//", "/", "\\", "%2f", "%5c", "%252f", "%255c", "%c0%af", "%u2215"});
  const bool slash = text.size() != size;
  // A dot directly in front belongs to this row's dots: "....//" is met at its second pair, too.
  return slash ? drop({"..", "%2e%2e", ".%2e", "%2e.", "%252e%252e", "%c0%ae%c0%ae"}) : text.ends_with('.');
}

bool ends_path(int c) { return c < 0 || is_space(c) || c == '"' || c == '\'' || c == '`' || c == '<' || c == '>'; }

// UTF-8 of the character at `at`; 0 at the end and for what is none.
struct Character {
  char32_t code = 0;
  std::size_t size = 0;
};
Character character_at(Ahead& ahead, std::size_t at) {
  std::array<char, 4> bytes;
  std::size_t size = 0;
  const int first = ahead[at];
  if (first < 0) return {};
  const std::size_t wanted = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
  while (size < wanted && ahead[at + size] >= 0) {
    bytes[size] = static_cast<char>(ahead[at + size]);
    ++size;
  }
  const text::Sequence sequence = text::next_sequence({bytes.data(), size});
  if (!sequence.valid) return {0, sequence.size};
  return {sequence.code_point, sequence.size};
}

enum class Hidden : std::uint8_t { no, bidi_override, bidi, tag, selector, zero_width };
Hidden hidden(char32_t code) {
  if (code == 0x202D || code == 0x202E) return Hidden::bidi_override;
  if ((code >= 0x202A && code <= 0x202C) || (code >= 0x2066 && code <= 0x2069)) return Hidden::bidi;
  if (code >= 0xE0000 && code <= 0xE007F) return Hidden::tag;
  if ((code >= 0xFE00 && code <= 0xFE0F) || (code >= 0xE0100 && code <= 0xE01EF)) return Hidden::selector;
  if (code == 0x200B || code == 0x200C || code == 0x200D || code == 0x2060 || code == 0xFEFF || code == 0x180E ||
      (code >= 0x2061 && code <= 0x2064) || code == 0x00AD) {
    return Hidden::zero_width;
  }
  return Hidden::no;
}

// The last character of a text, if whole.
char32_t last_character(std::string_view text) {
  std::size_t at = text.size();
  while (at > 0 && text.size() - at < 4) {
    --at;
    if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) {
      const text::Sequence sequence = text::next_sequence(text.substr(at));
      return sequence.valid && at + sequence.size == text.size() ? sequence.code_point : 0;
    }
  }
  return 0;
}

bool is_right_to_left(char32_t code) {
  return (code >= 0x590 && code <= 0x8FF) || (code >= 0xFB1D && code <= 0xFDFF) || (code >= 0xFE70 && code <= 0xFEFC);
}

bool speaks_right_to_left(std::string_view text) {
  while (!text.empty()) {
    const text::Sequence sequence = text::next_sequence(text);
    if (sequence.valid && is_right_to_left(sequence.code_point)) return true;
    text.remove_prefix(sequence.size);
  }
  return false;
}

}  // namespace

Verdict judge_traversal(Ahead& ahead, std::size_t at, std::string_view behind) {
  if (ends_with_step(behind)) return {};  // not the first of its row: that one was judged
  bool plain = true;
  int steps = 0;
  std::size_t i = at;
  while (const std::size_t size = step_up(ahead, i, plain)) {
    i += size;
    ++steps;
    if (steps == 24) break;
  }
  if (steps == 0) return {};
  const std::size_t end = ahead.find_if(i, ends_path);
  Verdict verdict{.begin = at, .end = std::max(end, at + 1)};
  bool secret = false;
  for (const std::string_view file :
       {"etc/passwd", "etc/shadow", "etc/hosts", "etc%2fpasswd", "win.ini", "boot.ini", "windows/", "windows\\",
        "system32", ".ssh/", "proc/self", ".aws/", "web-inf", ".env", "web.config", "id_rsa", "etc\\passwd", "%00"}) {
    secret = secret || contains(ahead, i, std::min(end, i + 96), file);
  }
  if (secret && steps + (plain ? 0 : 2) >= 2) {
    verdict.score = 0.85F;
  } else if (!plain && steps >= 2) {
    verdict.score = 0.7F;
  } else if (steps >= 6) {
    verdict.score = 0.55F;
  } else if (steps >= 3) {
    verdict.score = 0.3F;
    verdict.nature = Nature::code;
  }
  return verdict;
}

Verdict judge_template(Ahead& ahead, std::size_t at, std::string_view behind) {
  const std::size_t line = ahead.find_if(at, [](int c) { return c == '\n'; });
  const std::size_t end = std::min(line, at + 160);
  Verdict verdict{.begin = at, .end = std::max(end, at + 1)};
  const auto has = [&](std::string_view part) { return contains(ahead, at, end, part); };
  // {{7*7}}, ${7*7}, #{7*7}, <%= 7*7 %>: arithmetic that shows whether it is carried out.
  std::size_t i = at;
  while (ahead[i] == '{' || ahead[i] == '$' || ahead[i] == '#' || ahead[i] == '<' || ahead[i] == '%' ||
         ahead[i] == '=' || ahead[i] == '@' || ahead[i] == '*' || ahead[i] == '(') {
    ++i;
  }
  const bool opened = i > at + 1;
  i = ahead.skip_blanks(i);
  if (opened && is_digit(ahead[i])) {
    i = ahead.skip_blanks(ahead.find_if(i, [](int c) { return !is_digit(c); }));
    if (ahead[i] == '*' || ahead[i] == '+' || ahead[i] == '-') {
      i = ahead.skip_blanks(i + 1);
      if (ahead[i] == '\'' || ahead[i] == '"') ++i;
      if (is_digit(ahead[i])) {
        i = ahead.find_if(i, [](int c) { return !is_digit(c) && c != '\'' && c != '"' && c != ' '; });
        if (ahead[i] == '}' || ahead[i] == '%' || ahead[i] == ')') {
          verdict.score = 0.65F;
          verdict.end = ahead.find_if(i, [](int c) { return c != '}' && c != '%' && c != '>' && c != ')'; });
          return verdict;
        }
      }
    }
  }
  const auto inside = [&] {
    const std::size_t open = std::max(behind.rfind("{{") + 1, std::max(behind.rfind("${") + 1, behind.rfind("{%") + 1));
    return open != 0 && behind.find("}", open) == std::string_view::npos;
  };
  const bool braces =
      ahead.has(at, "{{") || ahead.has(at, "${") || ahead.has(at, "#{") || ahead.has(at, "{%") || inside();
  if (ahead.has(at, "__class__") || ahead.has(at, "__mro__") || ahead.has(at, "__subclasses__") ||
      ahead.has(at, "__globals__") || ahead.has(at, "__builtins__") || ahead.has(at, "__base__")) {
    int links = 0;
    for (const std::string_view link : {"__class__", "__mro__", "__subclasses__", "__globals__", "__builtins__",
                                        "__base__", "__init__", "__import__", "popen"}) {
      if (has(link)) ++links;
    }
    // The chain was judged where it begins.
    for (const std::string_view link :
         {"__class__", "__mro__", "__subclasses__", "__globals__", "__builtins__", "__base__"}) {
      const std::size_t found = behind.rfind(link);
      if (found != std::string_view::npos && behind.find('\n', found) == std::string_view::npos) return {};
    }
    verdict.score = links >= 2 ? braces ? 0.9F : 0.6F : braces ? 0.55F : 0.15F;
    if (!braces) verdict.nature = Nature::code;
    return verdict;
  }
  if (ahead.has(at, "java.lang.runtime") || ahead.has(at, "java.lang.processbuilder")) {
    verdict.score = braces || has("t(") || behind.ends_with("T(") ? 0.9F : has("exec") ? 0.4F : 0.1F;
    if (!braces) verdict.nature = Nature::code;
    return verdict;
  }
  if (ahead.has(at, "constructor.constructor")) {
    verdict.score = braces ? 0.9F : 0.6F;
    return verdict;
  }
  if (ahead.has(at, "freemarker.template.utility")) {
    verdict.score = has("execute") || has("objectconstructor") ? 0.85F : 0.3F;
    return verdict;
  }
  for (const std::string_view name :
       {"{{config", "{{self.", "{{ config", "{{request.", "{{ request.", "{{lipsum", "{{ lipsum", "{{cycler",
        "{{joiner", "{{namespace", "{{url_for.", "{{get_flashed"}) {
    if (!ahead.has(at, name)) continue;
    const bool deep = has("__") || has(".items") || has("popen") || has("|attr") || has("['");
    const bool bare = ahead.has(at, "{{config}}");
    verdict.score = deep ? 0.8F : bare ? 0.55F : 0.2F;
    return verdict;
  }
  return {};
}

Verdict judge_lookup(Ahead& ahead, std::size_t at) {
  // Resolves what the lookups in it would give, as far as the letters of "jndi:" may come from.
  std::array<char, 8> letters{};
  std::size_t size = 0;
  std::size_t i = at + 2;
  int depth = 1;
  while (i < at + 200 && size < 5) {
    const int c = ahead[i];
    if (c < 0 || is_space(c)) break;
    if (c == '$' && ahead[i + 1] == '{') {
      ++depth;
      i += 2;
      // ${lower:j}, ${upper:j}, ${::-j}, ${env:X:-j}, ${date:'j'}: the value is what stands last.
      const std::size_t close = ahead.find_if(i, [](int b) { return b == '}' || b == '$' || is_space(b); });
      if (ahead[close] == '}') {
        std::size_t value = i;
        for (std::size_t k = i; k < close; ++k) {
          if (ahead[k] == ':' || (ahead[k] == '-' && ahead[k - 1] == ':') || ahead[k] == '\'') {
            if (k + 1 < close) value = k + 1;
          }
        }
        for (std::size_t k = value; k < close && size < 5; ++k) {
          if (ahead[k] != '\'') letters[size++] = static_cast<char>(lower(ahead[k]));
        }
        i = close + 1;
        --depth;
      }
      continue;
    }
    if (c == '}') {
      if (--depth == 0) break;
      ++i;
      continue;
    }
    letters[size++] = static_cast<char>(lower(c));
    ++i;
  }
  const std::string_view said(letters.data(), size);
  if (!said.starts_with("jndi")) return {};
  const bool whole = said == "jndi:";
  const std::size_t end = ahead.find_if(i, [](int c) { return c == '}' || is_space(c) || c == '"'; });
  return {.score = whole ? 0.95F : 0.5F,
          .nature = Nature::payload,
          .begin = at,
          .end = ahead[end] == '}' ? end + 1 : std::max(end, at + 2)};
}

Verdict judge_ldap(Ahead& ahead, std::size_t at, std::string_view behind) {
  // What stands in front on the line and is still open: a filter that closes only what it opened is an ordinary one.
  int open = 0;
  for (const char c : behind) {
    if (c == '\n' || c == '"' || c == '\'' || c == '`')
      open = 0;
    else if (c == '(')
      ++open;
    else if (c == ')' && open > 0)
      --open;
  }
  const std::size_t word = behind.find_last_of(" \n\t\"'");
  const std::string_view front = word == std::string_view::npos ? behind : behind.substr(word + 1);
  for (const std::string_view earlier : {"*)(", "*))(", ")(|(", ")(&("}) {
    if (front.find(earlier) != std::string_view::npos) return {};
  }
  int lowest = 0;
  int depth = 0;
  std::size_t i = at;
  bool attribute = false;
  for (; i < at + 96; ++i) {
    const int c = ahead[i];
    if (c < 0 || c == '\n' || c == '"' || c == '\'' || c == '`' || is_space(c)) break;
    if (c == '(') ++depth;
    if (c == ')') lowest = std::min(lowest, --depth);
    if (c == '=' && is_alnum(ahead[i - 1])) attribute = true;
  }
  Verdict verdict{.begin = at, .end = std::max(i, at + 1)};
  if (-lowest > open && attribute)
    verdict.score = open == 0 ? 0.75F : 0.5F;
  else if (-lowest > open && ahead.has(at, "*)(&"))
    verdict.score = 0.6F;
  return verdict;
}

Verdict judge_entity(Ahead& ahead, std::size_t at) {
  const std::size_t end = ahead.find_if(at, [](int c) { return c == '>'; });
  Verdict verdict{.begin = at, .end = ahead[end] == '>' ? end + 1 : std::max(end, at + 1)};
  if (contains(ahead, at, end, "system") || contains(ahead, at, end, "public")) {
    const bool reaches = contains(ahead, at, end, "file:") || contains(ahead, at, end, "http") ||
                         contains(ahead, at, end, "php:") || contains(ahead, at, end, "expect:") ||
                         contains(ahead, at, end, "ftp:") || contains(ahead, at, end, "jar:") ||
                         contains(ahead, at, end, "/etc/") || contains(ahead, at, end, "netdoc");
    verdict.score = reaches ? 0.85F : 0.55F;
    return verdict;
  }
  int references = 0;
  for (std::size_t i = at; i < end; ++i) {
    if (ahead[i] == '&' && is_letter(ahead[i + 1])) ++references;
  }
  verdict.score = references >= 4 ? 0.85F : references >= 2 ? 0.4F : 0.2F;
  if (references < 4) verdict.nature = Nature::code;
  return verdict;
}

Verdict judge_inclusion(Ahead& ahead, std::size_t at) {
  const std::size_t end = ahead.find_if(at, [](int c) { return c == '>'; });
  Verdict verdict{.begin = at, .end = std::max(end, at + 1)};
  if (contains(ahead, at, end, "href") && (contains(ahead, at, end, "file:") || contains(ahead, at, end, "/etc/"))) {
    verdict.score = 0.8F;
  }
  return verdict;
}

Verdict judge_escape(Ahead& ahead, std::size_t at) {
  Verdict verdict{.nature = Nature::hazard, .begin = at};
  std::size_t i = at + 1;
  int kind = ahead[i];
  if (ahead[at] == 0xC2) kind = ahead[i] == 0x9B ? '[' : ahead[i] == 0x9D ? ']' : ahead[i] == 0x90 ? 'P' : 'X';  // C1
  switch (kind) {
    case '[': {
      const std::size_t parameters = i + 1;
      i = ahead.find_if(parameters, [](int c) { return c < 0x20 || c > 0x3F; });
      const int final = ahead[i];
      verdict.end = final < 0 ? i : i + 1;
      // Colours and weights show the text; the rest moves, hides, erases or answers.
      if (final == 'm') {
        const bool conceals = contains(ahead, parameters, i, "8") && i - parameters <= 2 && ahead[i - 1] == '8';
        verdict.score = conceals ? 0.75F : 0.5F;
      } else {
        verdict.score = final >= 0x40 && final <= 0x7E ? 0.75F : 0.5F;
      }
      break;
    }
    case ']': {  // OSC: titles, links (8), the clipboard (52)
      const std::size_t end = ahead.find_if(i + 1, [](int c) { return c == 0x07 || c == 0x1B || c == '\n'; });
      verdict.score = contains(ahead, i + 1, i + 4, "52;") ? 0.95F : 0.8F;
      verdict.end = ahead[end] == 0x07 ? end + 1 : ahead[end] == 0x1B && ahead[end + 1] == '\\' ? end + 2 : end;
      break;
    }
    case 'P':
    case 'X':
    case '^':
    case '_': {
      const std::size_t end = ahead.find_if(i + 1, [](int c) { return c == 0x07 || c == 0x1B || c == '\n'; });
      verdict.score = 0.8F;
      verdict.end = ahead[end] == 0x1B && ahead[end + 1] == '\\' ? end + 2 : end;
      break;
    }
    default:
      // ESC \ ends another one's string; a single letter resets or selects a character set.
      verdict.score = kind == '\\' ? 0 : 0.55F;
      verdict.end = i + (kind >= 0x20 && kind < 0x7F ? 1 : 0);
      break;
  }
  verdict.end = std::max(verdict.end, at + 1);
  return verdict;
}

Verdict judge_hidden(Ahead& ahead, std::size_t at, std::string_view behind) {
  const Character first = character_at(ahead, at);
  const Hidden kind = hidden(first.code);
  if (kind == Hidden::no) return {};
  const char32_t before = last_character(behind);
  if (hidden(before) == kind) return {};
  std::size_t i = at;
  std::size_t count = 0;
  bool cancelled = false;
  while (count < 1000) {
    const Character next = character_at(ahead, i);
    if (next.size == 0 || hidden(next.code) != kind) break;
    cancelled = next.code == 0xE007F;
    i += next.size;
    ++count;
  }
  Verdict verdict{.nature = Nature::hazard, .begin = at, .end = i};
  switch (kind) {
    case Hidden::bidi_override:
      verdict.score = speaks_right_to_left(behind) ? 0.55F : 0.85F;
      break;
    case Hidden::bidi:
      // Isolates and embeddings have their place among scripts that run both ways; alone they reorder code.
      verdict.score = speaks_right_to_left(behind) ? 0.15F : first.code >= 0x2066 ? 0.35F : 0.4F;
      break;
    case Hidden::tag:
      // The flags of England, Scotland and Wales: a black flag, up to six tags, the cancelling one.
      verdict.score = before == 0x1F3F4 && cancelled && count <= 7 ? 0 : count >= 2 ? 0.95F : 0.6F;
      break;
    case Hidden::selector:
      verdict.score = count >= 3 ? 0.9F : first.code >= 0xE0100 && before < 0x2E80 ? 0.6F : 0;
      break;
    case Hidden::zero_width:
      verdict.score = count >= 8 ? 0.85F : count >= 4 ? 0.6F : 0;
      break;
    case Hidden::no:
      break;
  }
  return verdict;
}

}  // namespace gatehouse::guard::unsafe
