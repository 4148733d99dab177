#include "gatehouse/guard/redact/surrogate.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/guard/redact/normalise.h"

namespace gatehouse::guard {
namespace {

constexpr auto kFirst = std::to_array<std::string_view>(
    {"Ada",    "Alan",  "Amira", "Anders", "Anna",   "Arjun",  "Beatriz", "Ben",   "Carla",  "Chen",   "Clara",
     "Daniel", "Diego", "Elena", "Emil",   "Emma",   "Farid",  "Fiona",   "Greta", "Hannah", "Hugo",   "Ines",
     "Ivan",   "Jana",  "Jonas", "Julia",  "Karim",  "Kenji",  "Lara",    "Leon",  "Lucia",  "Malik",  "Maria",
     "Mateo",  "Mei",   "Mina",  "Nadia",  "Nils",   "Nora",   "Oscar",   "Paula", "Priya",  "Rafael", "Rosa",
     "Samir",  "Sofia", "Tara",  "Theo",   "Tomas",  "Vera",   "Wanda",   "Yuki",  "Zoe",    "Felix",  "Irene",
     "Marta",  "Pavel", "Ruth",  "Simon",  "Stella", "Victor", "Walter",  "Agnes", "Otto"});

constexpr auto kLast = std::to_array<std::string_view>(
    {"Abbott",   "Alder",   "Almeida", "Bauer",  "Becker", "Bell",    "Berg",      "Brandt", "Carter", "Castro",
     "Dalton",   "Duarte",  "Ekman",   "Ellis",  "Farrow", "Fischer", "Foster",    "Fuchs",  "Garner", "Haas",
     "Hansen",   "Hartley", "Holm",    "Ibarra", "Ito",    "Jensen",  "Kaplan",    "Keller", "Kovac",  "Lang",
     "Lindgren", "Lopez",   "Marsh",   "Mendez", "Meyer",  "Moreau",  "Nakata",    "Nolan",  "Novak",  "Olsen",
     "Osborne",  "Pacheco", "Palmer",  "Patel",  "Quinn",  "Rahman",  "Reyes",     "Rossi",  "Saito",  "Sanders",
     "Silva",    "Steiner", "Stone",   "Tanaka", "Thorne", "Torres",  "Underhill", "Varga",  "Vogel",  "Wagner",
     "Walsh",    "Weber",   "Winter",  "Zeller"});

constexpr auto kStreets = std::to_array<std::string_view>(
    {"Alder Lane",    "Birch Street",  "Canal Road",    "Cedar Avenue",   "Chapel Row",  "Dove Close",
     "Elm Court",     "Fern Way",      "Garden Street", "Harbour Road",   "Hazel Drive", "Juniper Lane",
     "Lark Rise",     "Linden Street", "Maple Grove",   "Meadow View",    "Mill Lane",   "Orchard Road",
     "Poplar Street", "Quarry Road",   "Rowan Close",   "Station Street", "Thistle Way", "Willow Walk"});

constexpr auto kTowns = std::to_array<std::string_view>(
    {"Alderbrook", "Ashbourne Vale", "Birkholm",    "Castelmar", "Dunmere",     "Eastbrook", "Fernhill",
     "Glanford",   "Harrowgate",     "Isenfeld",    "Kingsmere", "Larkhaven",   "Millbrook", "Neustett",
     "Oakhurst",   "Pinevale",       "Queensferry", "Rosental",  "Stonebridge", "Westerholt"});

constexpr auto kFirms = std::to_array<std::string_view>(
    {"Alderway Supply", "Bluefin Logistics", "Cobalt Works",     "Dunmere Trading",       "Eastbrook Partners",
     "Fernhill Foods",  "Greyline Systems",  "Harbour Textiles", "Isenfeld Maschinenbau", "Juniper Analytics",
     "Kestrel Travel",  "Larkhaven Media",   "Meridian Tools",   "Northgate Clinics",     "Orchard Press",
     "Pinevale Energy", "Quarry Stone",      "Rowan Consulting", "Silverbirch Retail",    "Thistle Labs"});

constexpr auto kMailDomains = std::to_array<std::string_view>({"example.com", "example.net", "example.org"});

constexpr std::string_view kUrl = "https://example.com/";

// North American area codes; the numbers within them are the ones for fiction.
constexpr auto kAreaCodes = std::to_array<unsigned>({202, 206, 212, 213, 303, 305, 312, 404, 415, 416, 503, 512,
                                                     514, 602, 604, 612, 615, 617, 702, 713, 718, 808, 815, 919});

// As processors publish them (Visa, Mastercard, American Express, Discover, Diners Club, JCB, UnionPay).
constexpr auto kCards = std::to_array<std::string_view>(
    {"4111111111111111", "4242424242424242", "4012888888881881", "4000056655665556", "5555555555554444",
     "5105105105105100", "5200828282828210", "2223003122003222", "6011111111111117", "6011000990139424",
     "3530111333300000", "3566002020360505", "6200000000000005", "378282246310005", "371449635398431",
     "378734493671000", "30569309025904", "38520000023237", "36227206271667"});

// Draws from a digest, four bytes at a time.
class Draws {
 public:
  explicit Draws(const crypto::Digest& digest) : digest_(digest) {}
  std::uint32_t below(std::size_t bound) {
    std::uint64_t word = 0;
    for (int i = 0; i < 4; ++i) word = word << 8U | digest_[at_++ % digest_.size()];
    return static_cast<std::uint32_t>(word * bound >> 32U);
  }
  template <std::size_t N>
  std::string_view of(const std::array<std::string_view, N>& list) {
    return list[below(N)];
  }

 private:
  const crypto::Digest& digest_;
  std::size_t at_ = 0;
};

std::string digits_of(std::string_view value) {
  std::string digits;
  std::ranges::copy_if(value, std::back_inserter(digits), base::is_digit);
  return digits;
}

bool has_lower(std::string_view value) {
  return std::ranges::any_of(value,
                             [](char c) { return (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80; });
}

std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return text;
}

std::string person(std::string_view value, Draws& draws) {
  const std::string_view first = draws.of(kFirst);
  const std::string_view last = draws.of(kLast);
  const bool several = base::trim(value).find(' ') != std::string_view::npos;
  std::string name = several ? fmt::format("{} {}", first, last) : std::string(first);
  return has_lower(value) ? name : upper(std::move(name));
}

std::string email(Draws& draws) {
  const std::string first = base::to_lower(draws.of(kFirst));
  const std::string last = base::to_lower(draws.of(kLast));
  return fmt::format("{}.{}{}@{}", first, last, draws.below(90) + 10, draws.of(kMailDomains));
}

std::string phone(std::string_view value, Draws& draws) {
  const std::string digits = digits_of(value);
  const bool plus = value.find('+') != std::string_view::npos;
  const auto abroad = [&](std::string_view country) {
    return (plus && digits.starts_with(country)) ||
           (digits.starts_with("00") && std::string_view(digits).substr(2).starts_with(country));
  };
  if (abroad("44")) return fmt::format("+44 20 7946 0{:03}", draws.below(1000));
  if (abroad("49")) return fmt::format("+49 30 23125 {:03}", draws.below(1000));
  if (abroad("33")) return fmt::format("+33 1 99 00 {:02} {:02}", draws.below(100), draws.below(100));
  if (abroad("61")) return fmt::format("+61 2 5550 {:04}", draws.below(10'000));
  const unsigned area = kAreaCodes[draws.below(kAreaCodes.size())];
  const unsigned line = 100 + draws.below(100);
  return fmt::format(fmt::runtime(plus ? "+1 {}-555-0{}" : "({}) 555-0{}"), area, line);
}

// `digits` in the places of the value's digits.
std::optional<std::string> in_groups(std::string_view value, std::string_view digits) {
  std::string out;
  for (const char c : value) {
    if (base::is_digit(c)) {
      if (digits.empty()) return std::nullopt;
      out.push_back(digits.front());
      digits.remove_prefix(1);
    } else {
      out.push_back(c == ' ' || c == '-' || c == '.' ? c : ' ');
    }
  }
  if (!digits.empty()) return std::nullopt;
  return out;
}

std::optional<std::string> card(std::string_view value, Draws& draws) {
  const std::size_t size = digits_of(value).size();
  std::vector<std::string_view> fitting;
  std::ranges::copy_if(kCards, std::back_inserter(fitting), [&](auto number) { return number.size() == size; });
  if (fitting.empty()) return std::nullopt;
  return in_groups(value, fitting[draws.below(fitting.size())]);
}

std::string ip(std::string_view value, Draws& draws) {
  if (value.find(':') != std::string_view::npos) {
    return fmt::format("2001:db8:{:x}::{:x}", draws.below(0x10000), 1 + draws.below(0xffff));
  }
  constexpr auto kNets = std::to_array<std::string_view>({"192.0.2.", "198.51.100.", "203.0.113."});
  const std::string_view net = draws.of(kNets);
  return fmt::format("{}{}", net, 1 + draws.below(254));
}

// Three groups of digits, one of them a year of four digits in front or at the end.
std::optional<std::string> date(std::string_view value, Draws& draws) {
  std::vector<std::string_view> groups;
  std::string separators;
  for (std::size_t at = 0; at < value.size();) {
    std::size_t end = at;
    while (end < value.size() && base::is_digit(value[end])) ++end;
    groups.push_back(value.substr(at, end - at));
    if (end == value.size()) break;
    if (value[end] != '-' && value[end] != '/' && value[end] != '.') return std::nullopt;
    separators.push_back(value[end]);
    at = end + 1;
  }
  const auto short_group = [](std::string_view group) { return group.size() == 1 || group.size() == 2; };
  if (groups.size() != 3 || separators.size() != 2 || !short_group(groups[1])) return std::nullopt;
  const bool year_first = groups[0].size() == 4 && short_group(groups[2]);
  if (!year_first && !(groups[2].size() == 4 && short_group(groups[0]))) return std::nullopt;
  const auto year = base::parse_u64(year_first ? groups[0] : groups[2]).value_or(1980);
  // Day and month are both at most twelve, so that it is a date in either order.
  const std::uint64_t other_year = std::clamp<std::uint64_t>(year + draws.below(7), 1003, 9999) - 3;
  const unsigned a = 1 + draws.below(12);
  const unsigned b = 1 + draws.below(12);
  if (year_first) return fmt::format("{:04}{}{:02}{}{:02}", other_year, separators[0], a, separators[1], b);
  return fmt::format("{:02}{}{:02}{}{:04}", a, separators[0], b, separators[1], other_year);
}

}  // namespace

std::optional<std::string> surrogate(std::string_view entity, std::string_view value, const crypto::Digest& digest) {
  Draws draws(digest);
  switch (value_kind(entity)) {
    case ValueKind::person:
      return person(value, draws);
    case ValueKind::email:
      return email(draws);
    case ValueKind::phone:
      return phone(value, draws);
    case ValueKind::address: {
      const unsigned number = 1 + draws.below(199);
      return fmt::format("{} {}", number, draws.of(kStreets));
    }
    case ValueKind::city:
      return std::string(draws.of(kTowns));
    case ValueKind::organisation:
      return std::string(draws.of(kFirms));
    case ValueKind::card:
      return card(value, draws);
    case ValueKind::ip:
      return ip(value, draws);
    case ValueKind::mac: {
      const char separator = value.find('-') != std::string_view::npos ? '-' : ':';
      return fmt::format("00{0}00{0}5E{0}00{0}53{0}{1:02X}", separator, draws.below(256));
    }
    case ValueKind::url:
      return fmt::format("{}{:08x}", kUrl, draws.below(0xffffffff));
    case ValueKind::date:
      return date(value, draws);
    case ValueKind::iban:
    case ValueKind::identifier:
    case ValueKind::other:
      break;
  }
  return std::nullopt;
}

bool belongs_to_nobody(std::string_view entity, std::string_view value) {
  switch (value_kind(entity)) {
    case ValueKind::email: {
      const std::string lower = base::to_lower(value);
      return std::ranges::any_of(kMailDomains, [&](std::string_view domain) {
        return lower.size() > domain.size() && lower.ends_with(domain) &&
               lower[lower.size() - domain.size() - 1] == '@';
      });
    }
    case ValueKind::card: {
      const std::string digits = digits_of(value);
      return std::ranges::find(kCards, digits) != kCards.end();
    }
    case ValueKind::phone: {
      std::string digits = digits_of(value);
      if (digits.size() == 11 && digits.starts_with('1')) digits.erase(0, 1);
      if (digits.size() == 10 && digits.compare(3, 5, "55501") == 0) return true;
      constexpr auto kRanges = std::to_array<std::pair<std::string_view, std::size_t>>(
          {{"442079460", 12}, {"493023125", 12}, {"3319900", 11}, {"6125550", 11}});
      return std::ranges::any_of(
          kRanges, [&](const auto& range) { return digits.size() == range.second && digits.starts_with(range.first); });
    }
    case ValueKind::ip:
      return value.starts_with("192.0.2.") || value.starts_with("198.51.100.") || value.starts_with("203.0.113.") ||
             base::to_lower(value).starts_with("2001:db8:");
    case ValueKind::mac:
      return normalised(entity, value).starts_with("00005E0053");
    case ValueKind::url:
      return value.size() == kUrl.size() + 8 && value.starts_with(kUrl) &&
             value.find_first_not_of("0123456789abcdef", kUrl.size()) == std::string_view::npos;
    default:
      return false;
  }
}

}  // namespace gatehouse::guard
