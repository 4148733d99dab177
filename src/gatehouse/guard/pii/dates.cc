#include "gatehouse/guard/pii/dates.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gatehouse/guard/pii/characters.h"
#include "gatehouse/guard/pii/checks.h"

namespace gatehouse::guard::pii {
namespace {

struct Month {
  std::string_view name;
  int number;
};

// Ascending. English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Polish (as dates inflect it).
constexpr Month kMonths[] = {{"abr", 4},
                             {"abril", 4},
                             {"ago", 8},
                             {"agosto", 8},
                             {"ao\xC3\xBBt", 8},
                             {"apr", 4},
                             {"april", 4},
                             {"aprile", 4},
                             {"aug", 8},
                             {"august", 8},
                             {"augusti", 8},
                             {"augustus", 8},
                             {"avr", 4},
                             {"avril", 4},
                             {"czerwca", 6},
                             {"dec", 12},
                             {"december", 12},
                             {"dez", 12},
                             {"dezember", 12},
                             {"dezembro", 12},
                             {"dic", 12},
                             {"dicembre", 12},
                             {"diciembre", 12},
                             {"d\xC3\xA9"
                              "c",
                              12},
                             {"d\xC3\xA9"
                              "cembre",
                              12},
                             {"ene", 1},
                             {"enero", 1},
                             {"feb", 2},
                             {"febbraio", 2},
                             {"febrero", 2},
                             {"februar", 2},
                             {"februari", 2},
                             {"february", 2},
                             {"fev", 2},
                             {"fevereiro", 2},
                             {"f\xC3\xA9v", 2},
                             {"f\xC3\xA9vrier", 2},
                             {"genn", 1},
                             {"gennaio", 1},
                             {"giu", 6},
                             {"giugno", 6},
                             {"grudnia", 12},
                             {"jan", 1},
                             {"janeiro", 1},
                             {"januar", 1},
                             {"januari", 1},
                             {"january", 1},
                             {"janv", 1},
                             {"janvier", 1},
                             {"juil", 7},
                             {"juillet", 7},
                             {"juin", 6},
                             {"jul", 7},
                             {"julho", 7},
                             {"juli", 7},

                             {"julio", 7},
                             {"july", 7},
                             {"jun", 6},
                             {"june", 6},
                             {"junho", 6},
                             {"juni", 6},
                             {"junio", 6},
                             {"kwietnia", 4},
                             {"lipca", 7},
                             {"listopada", 11},
                             {"lug", 7},
                             {"luglio", 7},
                             {"lutego", 2},
                             {"maart", 3},
                             {"mag", 5},
                             {"maggio", 5},
                             {"mai", 5},
                             {"maio", 5},
                             {"maj", 5},
                             {"maja", 5},
                             {"mar", 3},
                             {"marca", 3},
                             {"march", 3},
                             {"mars", 3},
                             {"marzo", 3},
                             {"mar\xC3\xA7o", 3},
                             {"may", 5},
                             {"mayo", 5},
                             {"mei", 5},
                             {"m\xC3\xA4rz", 3},
                             {"nov", 11},
                             {"november", 11},
                             {"novembre", 11},
                             {"novembro", 11},
                             {"noviembre", 11},
                             {"oct", 10},
                             {"october", 10},
                             {"octobre", 10},
                             {"octubre", 10},
                             {"okt", 10},
                             {"oktober", 10},
                             {"ott", 10},
                             {"ottobre", 10},
                             {"out", 10},
                             {"outubro", 10},
                             {"pa\xC5\xBA"
                              "dziernika",
                              10},
                             {"sep", 9},
                             {"sept", 9},
                             {"september", 9},
                             {"septembre", 9},
                             {"septiembre", 9},
                             {"set", 9},
                             {"setembro", 9},
                             {"settembre", 9},
                             {"sierpnia", 8},
                             {"stycznia", 1},
                             {"wrze\xC5\x9Bnia", 9}};
static_assert(std::ranges::is_sorted(kMonths, {}, &Month::name));
constexpr std::size_t kLongestMonth = 13;

constexpr bool is_month_byte(char c) { return is_letter(c) || static_cast<unsigned char>(c) >= 0x80; }

struct Number {
  int value = 0;
  std::size_t digits = 0;
};
Number number_at(std::string_view text, std::size_t at) {
  Number number;
  while (at < text.size() && number.digits < 5 && is_number(text[at])) {
    number.value = number.value * 10 + (text[at++] - '0');
    ++number.digits;
  }
  return number;
}

constexpr bool is_year(const Number& number) {
  return number.digits == 4 && number.value >= 1850 && number.value < 2150;
}
// Of a year written with two digits, one with as many days in February.
constexpr int full_year(const Number& number) { return number.digits == 2 ? 2000 + number.value : number.value; }

bool take(std::string_view text, std::size_t& at, std::string_view what) {
  if (text.substr(at, what.size()) != what) return false;
  at += what.size();
  return true;
}

// The month's name at `at`, moved behind it.
int month_at(std::string_view text, std::size_t& at) {
  std::size_t end = at;
  while (end < text.size() && end - at <= kLongestMonth && is_month_byte(text[end])) ++end;
  const int month = month_named(text.substr(at, end - at));
  if (month != 0) at = end;
  return month;
}

// hh:mm[:ss[.fraction]][Z or an offset] behind a date.
void take_time(std::string_view text, std::size_t& at) {
  std::size_t i = at;
  if (i >= text.size() || (text[i] != 'T' && text[i] != ' ')) return;
  ++i;
  const auto two = [&](int below) {
    const Number n = number_at(text, i);
    if (n.digits != 2 || n.value >= below) return false;
    i += 2;
    return true;
  };
  if (!two(24) || !take(text, i, ":") || !two(60)) return;
  at = i;
  if (take(text, i, ":") && two(61)) {
    at = i;
    if (take(text, i, ".")) {
      std::size_t digits = 0;
      while (i < text.size() && digits < 9 && is_number(text[i])) ++i, ++digits;
      if (digits > 0) at = i;
    }
  }
  i = at;
  if (take(text, i, "Z")) {
    at = i;
  } else if (i < text.size() && (text[i] == '+' || text[i] == '-')) {
    ++i;
    if (two(24)) {
      take(text, i, ":");
      if (two(60)) at = i;
    }
  }
}

}  // namespace

int month_named(std::string_view word) {
  if (word.size() < 3 || word.size() > kLongestMonth) return 0;
  std::array<char, kLongestMonth> lower{};
  for (std::size_t i = 0; i < word.size(); ++i) {
    lower[i] = to_lower(word[i]);
    // Upper case of the few letters beyond ASCII that names of months have: U+00C0 to U+00DE.
    if (i > 0 && static_cast<unsigned char>(word[i - 1]) == 0xC3 && static_cast<unsigned char>(word[i]) < 0xA0) {
      lower[i] = static_cast<char>(word[i] + 0x20);
    }
  }
  const std::string_view name(lower.data(), word.size());
  const auto* found = std::ranges::lower_bound(kMonths, name, {}, &Month::name);
  return found != std::end(kMonths) && found->name == name ? found->number : 0;
}

std::size_t month_before(std::string_view text, std::size_t at, std::size_t from) {
  std::size_t end = at;
  if (end > from && (text[end - 1] == ' ' || text[end - 1] == '-' || text[end - 1] == '/')) --end;
  if (end > from && text[end - 1] == '.') --end;
  if (end == at) return at;
  std::size_t begin = end;
  while (begin > from && end - begin <= kLongestMonth && is_month_byte(text[begin - 1])) --begin;
  return month_named(text.substr(begin, end - begin)) != 0 ? begin : at;
}

struct Dates::Form {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool year = false;
  bool certain = true;  // false: also a fraction or a section
};

void Dates::at(Scene& scene, std::size_t digit) const {
  const std::string_view text = scene.text;
  const KindFacts& birth = scene.facts(birth_);
  const KindFacts& date = scene.facts(date_);
  if (!scene.wanted(date_, date.score) && !scene.wanted(birth_, birth.score_near)) return;
  const Number first = number_at(text, digit);
  if (first.digits == 3 || (first.digits > 4 && first.digits != 5)) return;
  std::size_t at = digit + first.digits;

  Form form{.begin = digit, .end = 0};
  bool open = false;
  const auto finish = [&](std::size_t end) {
    // ".", "," and "-" may be followed by more of a number.
    open |= scene.cut(end) || scene.cut(end + 1);
    form.end = end;
  };
  if (first.digits == 5) {
    // "19800520": only a word makes it a date.
    std::size_t end = digit;
    while (end < text.size() && end - digit < 9 && is_number(text[end])) ++end;
    if (end - digit != 8) {
      if (scene.cut(end)) scene.hold(digit);
      return;
    }
    const std::string_view all = text.substr(digit, 8);
    const auto part = [&](std::size_t i, std::size_t n) { return static_cast<int>(number(all.substr(i, n))); };
    const bool year_first = is_year({part(0, 4), 4}) && is_date(part(0, 4), part(4, 2), part(6, 2));
    const bool year_last = is_year({part(4, 4), 4}) &&
                           (is_date(part(4, 4), part(2, 2), part(0, 2)) || is_date(part(4, 4), part(0, 2), part(2, 2)));
    if (!year_first && !year_last) return;
    if (!free_before(text, digit) || (scene.cut(end) ? false : !free_behind(text, end))) return;
    if (scene.cut(end)) {
      scene.hold(digit);
      return;
    }
    scene.judge(birth_, digit, end, 0, 0.6F);
    return;
  }

  // A month's name in front: "March 5, 1980", "May-2021".
  const std::size_t named = month_before(text, digit, digit - std::min<std::size_t>(digit, kLongestMonth + 4));
  if (named != digit && free_before(text, named)) {
    form.begin = named;
    if (is_year(first)) {
      form.year = true;
      form.certain = false;
      finish(at);
    } else if (first.digits <= 2 && first.value >= 1 && first.value <= 31) {
      std::size_t i = at;
      for (const std::string_view ordinal : {"st", "nd", "rd", "th"}) {
        if (take(text, i, ordinal)) break;
      }
      finish(i);
      take(text, i, ",");
      if (take(text, i, " ") || i > form.end) {
        const Number year = number_at(text, i);
        if (is_year(year)) {
          form.year = true;
          finish(i + 4);
        }
        open |= scene.cut(i + year.digits) && year.digits < 5;
      }
      open |= scene.cut(i);
    }
  } else if (at < text.size() && (text[at] == '-' || text[at] == '/' || text[at] == '.') && at + 1 < text.size() &&
             (is_number(text[at + 1]) || (is_letter(text[at + 1]) && text[at] != '.'))) {
    const char separator = text[at];
    std::size_t i = at + 1;
    int month = 0;
    Number second;
    if (is_number(text[i])) {
      second = number_at(text, i);
      i += second.digits;
    } else {
      month = month_at(text, i);
      open |= month == 0 && scene.cut(i + kLongestMonth);
      second = {.value = month, .digits = month != 0 ? 2U : 0U};
    }
    Number third;
    if (second.digits != 0 && second.digits <= 2 && i < text.size() && text[i] == separator) {
      third = number_at(text, i + 1);
    }
    open |= scene.cut(i) || scene.cut(i + 1) || (third.digits != 0 && scene.cut(i + 1 + third.digits));
    const auto day_month = [&](int year) {
      return is_date(year, second.value, first.value) || (month == 0 && is_date(year, first.value, second.value));
    };
    if (is_year(first) && third.digits >= 1 && third.digits <= 2 && is_date(first.value, second.value, third.value)) {
      form.year = true;
      std::size_t end = i + 1 + third.digits;
      take_time(text, end);
      // A time in progress is no longer than that.
      open |= scene.cut(i + 36);
      finish(end);
    } else if (first.digits <= 2 && (is_year(third) || third.digits == 2) && day_month(full_year(third))) {
      form.year = true;
      form.certain = third.digits == 4 || month != 0 || separator == '/';
      std::size_t end = i + 1 + third.digits;
      take_time(text, end);
      open |= scene.cut(i + 36);
      finish(end);
    } else if (third.digits == 0 && separator != '.' && first.digits <= 2 && second.digits != 0) {
      form.certain = false;
      const bool month_year = is_year(second) && first.value >= 1 && first.value <= 12;
      const bool no_year = second.digits <= 2 && day_month(2000);
      if (month_year || no_year) {
        form.year = month_year;
        finish(i);
      }
    }
  } else if (first.digits <= 2 && first.value >= 1 && first.value <= 31) {
    // "5 March 1980", "5th of March, 1980", "5. M\u00e4rz 1980", "5 de marzo de 1980".
    std::size_t i = at;
    if (!take(text, i, ".")) {
      for (const std::string_view ordinal : {"st", "nd", "rd", "th"}) {
        if (take(text, i, ordinal)) break;
      }
    }
    if (take(text, i, " ")) {
      if (!take(text, i, "of ")) take(text, i, "de ");
      const std::size_t name = i;
      if (month_at(text, i) != 0) {
        finish(i);
        if (!take(text, i, ",")) take(text, i, ".");
        if (take(text, i, " ")) {
          take(text, i, "de ");
          const Number year = number_at(text, i);
          if (is_year(year)) {
            form.year = true;
            finish(i + 4);
          }
          open |= scene.cut(i + year.digits) && year.digits < 5;
        }
        open |= scene.cut(i + 3);
      } else {
        open |= scene.cut(name + kLongestMonth + 1);
      }
    }
    open |= scene.cut(i);
  } else if (is_year(first) && take(text, at, "\xE5\xB9\xB4")) {
    const Number month = number_at(text, at);
    std::size_t i = at + month.digits;
    open |= scene.cut(i + 2);
    if (month.digits >= 1 && month.digits <= 2 && take(text, i, "\xE6\x9C\x88")) {
      const Number day = number_at(text, i);
      std::size_t end = i + day.digits;
      open |= scene.cut(end + 2);
      if (day.digits >= 1 && take(text, end, "\xE6\x97\xA5") && is_date(first.value, month.value, day.value)) {
        form.year = true;
        finish(end);
      }
    }
  }
  // What is in progress at the end of the text is decided later. Before the signs above nothing of it is there.
  open |= scene.cut(digit + first.digits + 1);
  if (open) {
    scene.hold(form.begin);
    return;
  }
  if (form.end == 0 || !free_before(text, form.begin) || !free_behind(text, form.end)) return;
  if (form.begin > 0) {
    const char c = text[form.begin - 1];
    if (c == '/' || c == '-' || c == '_' || c == '.' || c == '=' || c == '+') return;
    if (c == ':' && form.begin > 1 && is_number(text[form.begin - 2])) return;
  }
  if (form.end + 1 < text.size() && is_alnum(text[form.end + 1])) {
    const char c = text[form.end];
    if (c == '/' || c == '-' || c == '_' || (c == '.' && is_number(text[form.end + 1]))) return;
  }
  if (form.year && !scene.judge(birth_, form.begin, form.end, 0, birth.score_near)) return;
  scene.judge(date_, form.begin, form.end, form.year && form.certain ? date.score : 0.1F, 0);
}

void find_coordinates(Scene& scene, std::size_t digit, std::uint16_t kind) {
  const std::string_view text = scene.text;
  const KindFacts& facts = scene.facts(kind);
  if (!free_before(text, digit)) return;
  std::size_t begin = digit;
  if (begin > 0 && (text[begin - 1] == '-' || text[begin - 1] == '+')) --begin;
  if (begin > 0 && (text[begin - 1] == '.' || is_alnum(text[begin - 1]))) return;
  std::size_t at = digit;
  bool open = false;
  // One of the two angles; false: it is none.
  const auto angle = [&](int most, std::size_t& decimals, bool& degrees) {
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    const Number whole = number_at(text, at);
    if (whole.digits == 0 || whole.digits > 3 || whole.value > most) return false;
    at += whole.digits;
    decimals = 0;
    if (take(text, at, ".")) {
      while (at < text.size() && decimals < 16 && is_number(text[at])) ++at, ++decimals;
    }
    degrees = take(text, at, "\xC2\xB0");
    if (degrees) {
      take(text, at, " ");
      const Number minutes = number_at(text, at);
      if (minutes.digits >= 1 && minutes.digits <= 2 && minutes.value < 60) {
        at += minutes.digits;
        if (!take(text, at, "'")) take(text, at, "\xE2\x80\xB2");
        take(text, at, " ");
        const Number seconds = number_at(text, at);
        if (seconds.digits >= 1 && seconds.digits <= 2 && seconds.value < 60) {
          at += seconds.digits;
          if (take(text, at, ".")) {
            for (std::size_t n = 0; n < 6 && at < text.size() && is_number(text[at]); ++n) ++at;
          }
          if (!take(text, at, "\"") && !take(text, at, "\xE2\x80\xB3")) take(text, at, "''");
        }
      }
    }
    return true;
  };
  const auto compass = [&](std::string_view letters) {
    std::size_t i = at;
    take(text, i, " ");
    if (i < text.size() && letters.find(text[i]) != std::string_view::npos && free_behind(text, i + 1)) {
      at = i + 1;
      return true;
    }
    return false;
  };
  std::size_t decimals[2] = {};
  bool degrees[2] = {};
  bool letters[2] = {};
  const bool north = angle(90, decimals[0], degrees[0]);
  if (north) {
    letters[0] = compass("NSns");
    const std::size_t mark = at;
    take(text, at, ",");
    take(text, at, " ");
    if (at == mark && at < text.size()) return;
    if (decimals[0] < 4 && !degrees[0] && !scene.cut(at)) return;
    const std::size_t second = at;
    const bool east = angle(180, decimals[1], degrees[1]);
    if (east) letters[1] = compass("EWew");
    // The longest that may still come: 000\u00b000'00.000000" E
    open = scene.cut(at) || scene.cut(at + 2) || (scene.cut(second + 24) && scene.cut(at + 1));
    if (!open && (!east || at == second)) return;
  } else {
    return;
  }
  if (open) {
    scene.hold(begin);
    return;
  }
  if (!free_behind(text, at)) return;
  const bool marked = degrees[0] && degrees[1] && letters[0] && letters[1];
  const bool exact = decimals[0] >= 4 && decimals[1] >= 4;
  if (!marked && !exact) return;
  scene.judge(kind, begin, at, marked ? 0.8F : decimals[0] == decimals[1] ? facts.score : 0.4F, facts.score_near);
}

}  // namespace gatehouse::guard::pii
