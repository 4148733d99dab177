#include "gatehouse/guard/pii/network.h"

#include <algorithm>
#include <array>

#include "gatehouse/guard/pii/characters.h"
#include "gatehouse/guard/pii/pii_detector.h"

namespace gatehouse::guard::pii {
namespace {

constexpr std::size_t kLongestLocalPart = 64;  // RFC 5321, 4.5.3.1.1
constexpr std::size_t kLongestDomain = 253;    // RFC 1035, 2.3.4, without the root
constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestScheme = 12;
constexpr std::size_t kLongestUser = 96;  // user information of a URL, searched for an @

// What stands in local parts as people have them; the rest of RFC 5322's atext is left to separate.
constexpr bool is_local(char c) {
  return is_alnum(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-' || c == '\'';
}
constexpr bool is_wide(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// The end of a dotted name that begins at `begin`: labels of letters, digits and inner hyphens. A dot or hyphen at the
// end is no part of it.
struct Name {
  std::size_t end = 0;
  std::size_t labels = 0;
  std::size_t last = 0;  // where the last label begins
  bool cut = false;      // the text may go on with it
};
Name name_at(const Scene& scene, std::size_t begin) {
  const std::string_view text = scene.text;
  Name name{.end = begin, .labels = 0, .last = begin, .cut = false};
  std::size_t at = begin;
  while (true) {
    const std::size_t label = at;
    while (at < text.size() && at - label <= kLongestLabel && (is_alnum(text[at]) || text[at] == '-')) ++at;
    if (scene.cut(at)) name.cut = true;
    std::size_t end = at;
    while (end > label && text[end - 1] == '-') --end;
    if (end == label || text[label] == '-' || end - label > kLongestLabel || end - begin > kLongestDomain) break;
    name.end = end;
    name.last = label;
    ++name.labels;
    if (end != at || at >= text.size() || text[at] != '.') break;
    if (scene.cut(at + 1)) name.cut = true;
    ++at;
  }
  return name;
}

bool is_top_label(std::string_view label) {
  if (label.size() < 2) return false;
  if (label.starts_with("xn--") || label.starts_with("XN--")) return label.size() > 4;
  return std::ranges::all_of(label, is_letter);
}

constexpr bool ends_url(char c) {
  return static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '<' || c == '>' || c == '`' || c == '{' ||
         c == '}' || c == '|' || c == '\\' || c == '^' || c == 0x7F;
}

// The end of a URL whose host begins at `host`, and whether it may go on.
std::size_t url_end(const Scene& scene, std::size_t begin, std::size_t host, bool& cut) {
  const std::string_view text = scene.text;
  const std::size_t most = std::min(text.size(), begin + PiiDetector::kLongestFinding);
  std::size_t end = host;
  std::size_t round = 0;
  while (end < most && !ends_url(text[end])) {
    const char c = text[end];
    if (c == '(') ++round;
    // A bracket that was not opened within closes something around the URL; so does a quote.
    if (c == ')') {
      if (round == 0) break;
      --round;
    }
    if (c == '\'' || (c == ']' && end > host && text[host] != '[')) break;
    // CJK full stops, commas and brackets.
    if (text.substr(end, 2) == "\xE3\x80" || text.substr(end, 2) == "\xEF\xBC") break;
    ++end;
  }
  cut = end == most && most == text.size() && !scene.complete;
  while (end > host && std::string_view(".,;:!?*_~-&=").find(text[end - 1]) != std::string_view::npos) --end;
  return end;
}

}  // namespace

std::size_t ipv4_length(std::string_view text) {
  std::size_t at = 0;
  for (int octet = 0; octet < 4; ++octet) {
    if (octet > 0) {
      if (at >= text.size() || text[at] != '.') return 0;
      ++at;
    }
    const std::size_t begin = at;
    int value = 0;
    while (at < text.size() && at - begin < 4 && is_number(text[at])) value = value * 10 + (text[at++] - '0');
    if (at == begin || at - begin > 3 || value > 255 || (at - begin > 1 && text[begin] == '0')) return 0;
  }
  return at;
}

bool is_ipv6(std::string_view text) {
  int groups = 0;
  bool compressed = false;
  std::size_t at = 0;
  if (text.starts_with("::")) {
    compressed = true;
    at = 2;
    if (at == text.size()) return true;
  } else if (text.starts_with(':')) {
    return false;
  }
  while (at < text.size()) {
    const std::size_t begin = at;
    while (at < text.size() && is_hex(text[at])) ++at;
    if (at < text.size() && text[at] == '.') {
      const std::size_t length = ipv4_length(text.substr(begin));
      if (length == 0 || begin + length != text.size()) return false;
      groups += 2;
      break;
    }
    if (at == begin || at - begin > 4) return false;
    ++groups;
    if (at == text.size()) break;
    if (text[at] != ':') return false;
    ++at;
    if (at == text.size()) return false;
    if (text[at] == ':') {
      if (compressed) return false;
      compressed = true;
      ++at;
    }
  }
  return compressed ? groups <= 7 : groups == 8;
}

bool is_top_level_domain(std::string_view label) {
  constexpr std::array<std::string_view, 44> kNames = {
      "academy", "agency", "aero",    "app",  "asia",  "biz",     "blog", "cloud",  "club",    "com",    "company",
      "coop",    "dev",    "digital", "edu",  "email", "finance", "fun",  "gov",    "group",   "health", "info",
      "int",     "jobs",   "life",    "live", "ltd",   "mil",     "mobi", "museum", "name",    "net",    "online",
      "org",     "pro",    "shop",    "site", "space", "store",   "tech", "travel", "website", "work",   "xyz"};
  // ISO 3166-1 codes that are delegated, and uk, eu.
  constexpr std::string_view kCountries =
      "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc "
      "cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga "
      "gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp "
      "ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms "
      "mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro "
      "rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt "
      "tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw ";
  std::array<char, 16> lower{};
  if (label.size() < 2 || label.size() >= lower.size()) return false;
  std::ranges::transform(label, lower.begin(), to_lower);
  const std::string_view name(lower.data(), label.size());
  if (name.size() == 2) {
    for (std::size_t i = 0; i < kCountries.size(); i += 3) {
      if (kCountries.substr(i, 2) == name) return true;
    }
    return false;
  }
  return std::ranges::binary_search(kNames, name);
}

void Network::email(Scene& scene, std::size_t at) const {
  const std::string_view text = scene.text;
  // Letters beyond ASCII as characters of two bytes only: CJK text runs into an address without a space.
  std::size_t begin = at;
  while (begin > 0 && at - begin <= kLongestLocalPart) {
    if (is_local(text[begin - 1])) {
      --begin;
    } else if (letter_before(text, begin)) {
      begin -= 2;
    } else {
      break;
    }
  }
  if (begin == at || at - begin > kLongestLocalPart) return;
  while (begin < at && (text[begin] == '.' || text[begin] == '\'' || text[begin] == '-' || text[begin] == '%')) ++begin;
  if (begin == at || text[at - 1] == '.') return;
  const Name name = name_at(scene, at + 1);
  if (name.cut) {
    scene.hold(begin);
    return;
  }
  if (name.labels < 2 || !is_top_label(text.substr(name.last, name.end - name.last))) return;
  if (letter_behind(text, name.end)) return;
  scene.judge(kinds_.email, begin, name.end);
}

std::size_t Network::url(Scene& scene, std::size_t colon, std::size_t not_before) const {
  const std::string_view text = scene.text;
  const KindFacts& facts = scene.facts(kinds_.url);
  if (!scene.wanted(kinds_.url, std::max(facts.score, facts.score_near))) return colon;
  std::size_t begin = colon;
  const auto in_scheme = [](char c) { return is_alnum(c) || c == '+' || c == '-' || c == '.'; };
  while (begin > 0 && colon - begin <= kLongestScheme && in_scheme(text[begin - 1])) --begin;
  if (colon - begin > kLongestScheme) return colon;
  while (begin < colon && !is_letter(text[begin])) ++begin;
  if (colon - begin < 2 || begin < not_before) return colon;
  if (scene.cut(colon + 1) || scene.cut(colon + 2) || scene.cut(colon + 3)) {
    scene.hold(begin);
    return colon;
  }
  if (text.substr(colon, 3) != "://") return colon;
  // Behind user information stands the host. It is looked at first: what is no URL must not cost the length of one.
  std::size_t host = colon + 3;
  std::size_t seen = host;
  for (; seen < text.size() && seen - colon < kLongestUser; ++seen) {
    const char c = text[seen];
    if (ends_url(c) || c == '/' || c == '?' || c == '#') break;
    if (c == '@') host = seen + 1;
  }
  bool good = false;
  if (host < text.size() && text[host] == '[') {
    const std::size_t close = text.substr(host, 48).find(']');
    good = close != std::string_view::npos && is_ipv6(text.substr(host + 1, close - 1));
    if (close == std::string_view::npos && text.size() < host + 48 && !scene.complete) {
      scene.hold(begin);
      return colon;
    }
  } else {
    const Name name = name_at(scene, host);
    if (name.cut || scene.cut(seen)) {
      scene.hold(begin);
      return colon;
    }
    good = (name.labels >= 2 && is_top_label(text.substr(name.last, name.end - name.last))) ||
           ipv4_length(text.substr(host, 16)) != 0 || (name.end < text.size() && is_wide(text[name.end]));
  }
  if (!good) return colon;
  bool cut = false;
  const std::size_t end = url_end(scene, begin, host, cut);
  if (cut) {
    scene.hold(begin);
    return text.size();
  }
  scene.judge(kinds_.url, begin, end);
  return end;
}

std::size_t Network::domain(Scene& scene, std::size_t dot, std::size_t not_before) const {
  const std::string_view text = scene.text;
  if (dot == 0 || !is_alnum(text[dot - 1])) return dot;
  const bool www =
      dot >= 3 && to_lower(text[dot - 1]) == 'w' && to_lower(text[dot - 2]) == 'w' && to_lower(text[dot - 3]) == 'w';
  const std::uint16_t kind = www ? kinds_.url : kinds_.domain;
  if (!scene.wanted(kind, std::max(scene.facts(kind).score, scene.facts(kind).score_near))) return dot;
  std::size_t begin = dot;
  while (begin > 0 && dot - begin <= kLongestLabel && (is_alnum(text[begin - 1]) || text[begin - 1] == '-')) --begin;
  if (dot - begin > kLongestLabel || begin < not_before || text[begin] == '-' || !free_before(text, begin)) return dot;
  // The beginning of a name, not the middle of an address, a path or a query.
  if (begin > 0 && std::string_view("@./:=&#%_+$").find(text[begin - 1]) != std::string_view::npos) return dot;
  const Name name = name_at(scene, begin);
  if (name.cut) {
    scene.hold(begin);
    return dot;
  }
  const std::string_view last = text.substr(name.last, name.end - name.last);
  if (name.labels < (www ? 3U : 2U) || letter_behind(text, name.end)) return dot;
  if (www ? !is_top_label(last) : !is_top_level_domain(last)) return dot;
  if (name.end < text.size() && (text[name.end] == '@' || text[name.end] == '_' || text[name.end] == '(')) return dot;
  std::size_t end = name.end;
  if (end < text.size() && (text[end] == '/' || text[end] == '?' || text[end] == '#' || text[end] == ':')) {
    bool cut = false;
    end = url_end(scene, begin, name.end, cut);
    if (cut) {
      scene.hold(begin);
      return text.size();
    }
  }
  scene.judge(kind, begin, end);
  return end;
}

std::size_t Network::ipv6(Scene& scene, std::size_t colon) const {
  const std::string_view text = scene.text;
  constexpr std::size_t kLongest = 45;
  const auto inside = [](char c) { return is_hex(c) || c == ':' || c == '.'; };
  std::size_t begin = colon;
  while (begin > 0 && colon - begin <= 4 && is_hex(text[begin - 1])) --begin;
  if (colon - begin > 4 || !free_before(text, begin)) return colon;
  if (begin > 0 && (text[begin - 1] == ':' || text[begin - 1] == '.' || text[begin - 1] == '_')) return colon;
  std::size_t end = colon;
  while (end < text.size() && end - begin <= kLongest && inside(text[end])) ++end;
  if (end - begin > kLongest) return end;
  if (scene.cut(end)) {
    scene.hold(begin);
    return end;
  }
  if (!free_behind(text, end)) return end;
  std::size_t address = end;
  while (address > begin && text[address - 1] == '.') --address;
  if (address > begin && text[address - 1] == ':' && (address - begin < 2 || text[address - 2] != ':')) --address;
  if (address - begin < 2 || !is_ipv6(text.substr(begin, address - begin))) return end;
  std::size_t full = address;
  if (full == end && full < text.size() && text[full] == '%') {  // RFC 4007: a zone
    std::size_t zone = full + 1;
    while (zone < text.size() && zone - full <= 16 && is_alnum(text[zone])) ++zone;
    if (scene.cut(zone)) {
      scene.hold(begin);
      return end;
    }
    if (zone > full + 1) full = zone;
  } else if (full == end && full < text.size() && text[full] == '/') {
    std::size_t prefix = full + 1;
    int bits = 0;
    while (prefix < text.size() && prefix - full <= 4 && is_number(text[prefix]))
      bits = bits * 10 + (text[prefix++] - '0');
    if (scene.cut(prefix)) {
      scene.hold(begin);
      return end;
    }
    if (prefix > full + 1 && prefix - full <= 4 && bits <= 128) full = prefix;
  }
  const std::string_view written = text.substr(begin, address - begin);
  // "::" and "a::b" are also how programs are written.
  const bool plain = written.size() < 6 && written != "::1";
  const KindFacts& facts = scene.facts(kinds_.ip);
  scene.judge(kinds_.ip, begin, full, written == "::" ? 0.1F : plain ? 0.3F : facts.score, facts.score_near);
  return end;
}

void Network::ipv4(Scene& scene, std::size_t digit) const {
  const std::string_view text = scene.text;
  if (!free_before(text, digit)) return;
  if (digit > 0 && (text[digit - 1] == '.' || text[digit - 1] == '-' || text[digit - 1] == '_')) return;
  std::size_t end = digit;
  while (end < text.size() && end - digit < 19 && (is_number(text[end]) || text[end] == '.')) ++end;
  if (end - digit < 7 && !scene.cut(end)) return;
  if (scene.cut(end) && end - digit < 19) {
    scene.hold(digit);
    return;
  }
  const std::size_t length = ipv4_length(text.substr(digit, end - digit));
  if (length == 0) return;
  std::size_t full = digit + length;
  if (!free_behind(text, full)) return;
  if (full + 1 < text.size() && text[full] == '.' && is_number(text[full + 1])) return;
  if (full < text.size() && text[full] == '/') {
    std::size_t prefix = full + 1;
    int bits = 0;
    while (prefix < text.size() && prefix - full <= 3 && is_number(text[prefix]))
      bits = bits * 10 + (text[prefix++] - '0');
    if (scene.cut(prefix)) {
      scene.hold(digit);
      return;
    }
    if (prefix > full + 1 && prefix - full <= 3 && bits <= 32) full = prefix;
  }
  // All octets of one digit: rather a version or a section.
  const KindFacts& facts = scene.facts(kinds_.ip);
  scene.judge(kinds_.ip, digit, full, length == 7 ? 0.3F : facts.score, facts.score_near);
}

bool Network::mac(Scene& scene, std::size_t mark) const {
  const std::string_view text = scene.text;
  const char separator = text[mark];
  const std::size_t width = separator == '.' ? 4 : 2;
  const std::size_t total = separator == '.' ? 14 : 17;
  if (mark < width) return false;
  const std::size_t begin = mark - width;
  for (std::size_t i = begin; i < mark; ++i) {
    if (!is_hex(text[i])) return false;
  }
  if (!free_before(text, begin) || (begin > 0 && text[begin - 1] == separator)) return false;
  bool zero = true;
  bool ones = true;
  for (std::size_t i = 0; i < total; ++i) {
    if (begin + i >= text.size()) {
      if (!scene.complete) scene.hold(begin);
      return false;
    }
    const char c = text[begin + i];
    if (i % (width + 1) == width) {
      if (c != separator) return false;
      continue;
    }
    if (!is_hex(c)) return false;
    zero &= c == '0';
    ones &= c == 'f' || c == 'F';
  }
  const std::size_t end = begin + total;
  if (scene.cut(end) || (end < text.size() && text[end] == separator && scene.cut(end + 1))) {
    scene.hold(begin);
    return false;
  }
  // Nobody's, and everybody's.
  if (zero || ones || !free_behind(text, end)) return false;
  if (end + 1 < text.size() && text[end] == separator && is_alnum(text[end + 1])) return false;
  scene.judge(kinds_.mac, begin, end);
  return true;
}

}  // namespace gatehouse::guard::pii
