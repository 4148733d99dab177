#include "gatehouse/guard/unsafe/url_judge.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

namespace gatehouse::guard::unsafe {
namespace {

bool ends_url(int c) {
  return c < 0 || is_space(c) || c == '"' || c == '\'' || c == '<' || c == '>' || c == '`' || c == '|' || c == '\\' ||
         c == '^';
}

// The scheme that `behind` ends with.
std::string_view scheme_of(std::string_view behind) {
  std::size_t i = behind.size();
  while (i > 0 && behind.size() - i < 12) {
    const int c = static_cast<unsigned char>(behind[i - 1]);
    if (!is_alnum(c) && c != '+' && c != '.' && c != '-') break;
    --i;
  }
  return behind.substr(i);
}

bool same(std::string_view text, std::string_view lower_case) {
  return std::ranges::equal(text, lower_case, [](char a, char b) {
    return lower(static_cast<unsigned char>(a)) == static_cast<unsigned char>(b);
  });
}

bool ends_with(std::string_view text, std::string_view tail) {
  return text.size() >= tail.size() && same(text.substr(text.size() - tail.size()), tail);
}

// One number of an address as inet_aton reads it; nothing: it is none.
struct Number {
  std::uint64_t value = 0;
  bool odd = false;  // not plain decimal
};
std::optional<Number> number_of(std::string_view text) {
  Number number;
  unsigned base = 10;
  if (text.empty() || text.size() > 16) return std::nullopt;
  if (text.size() > 1 && text[0] == '0') {
    number.odd = true;
    base = lower(static_cast<unsigned char>(text[1])) == 'x' ? 16 : 8;
    text.remove_prefix(base == 16 ? 2 : 1);
  }
  for (const char c : text) {
    const int b = static_cast<unsigned char>(c);
    const int digit = is_digit(b) ? b - '0' : is_hex(b) ? lower(b) - 'a' + 10 : 99;
    if (digit >= static_cast<int>(base)) return std::nullopt;
    number.value = number.value * base + static_cast<unsigned>(digit);
    if (number.value > 0xFFFFFFFFU) return std::nullopt;
  }
  return number;
}

struct Address {
  std::uint32_t v4 = 0;
  bool odd = false;  // written so that a reader would not see what it is
};
std::optional<Address> address_of(std::string_view host) {
  std::array<Number, 4> parts;
  std::size_t count = 0;
  Address address;
  if (host.ends_with('.')) host.remove_suffix(1);
  while (!host.empty()) {
    if (count == 4) return std::nullopt;
    const std::size_t dot = host.find('.');
    const auto part = number_of(host.substr(0, dot));
    if (!part) return std::nullopt;
    parts[count++] = *part;
    address.odd = address.odd || part->odd;
    host = dot == std::string_view::npos ? std::string_view() : host.substr(dot + 1);
  }
  if (count == 0) return std::nullopt;
  address.odd = address.odd || count != 4;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    if (parts[i].value > 255) return std::nullopt;
    value = value << 8 | parts[i].value;
  }
  const unsigned rest = static_cast<unsigned>(8 * (5 - count));
  if (parts[count - 1].value >= std::uint64_t{1} << rest) return std::nullopt;
  address.v4 = static_cast<std::uint32_t>(value << rest | parts[count - 1].value);
  return address;
}

enum class Reach : std::uint8_t { outside, loopback, private_range, link_local, metadata };
// RFC 6890 and what the clouds document for their instance metadata.
Reach reach_of(std::uint32_t v4) {
  const auto in = [v4](std::uint32_t net, unsigned bits) { return (v4 ^ net) >> (32 - bits) == 0; };
  if (v4 == 0xA9FEA9FE || v4 == 0xA9FEAA02 || v4 == 0x646464C8 || v4 == 0xC00000C0) return Reach::metadata;
  if (in(0x7F000000, 8) || v4 == 0) return Reach::loopback;
  if (in(0x0A000000, 8) || in(0xAC100000, 12) || in(0xC0A80000, 16) || in(0x64400000, 10)) return Reach::private_range;
  if (in(0xA9FE0000, 16)) return Reach::link_local;
  return Reach::outside;
}

// Inside of [ ]. Only what is ours to know: loopback, link-local, unique local, IPv4 inside.
Reach reach_of_v6(std::string_view host, bool& odd) {
  if (same(host, "::1") || same(host, "::")) return Reach::loopback;
  if (same(host, "fd00:ec2::254")) return Reach::metadata;
  if (host.size() >= 4 && (same(host.substr(0, 4), "fe80"))) return Reach::link_local;
  if (host.size() >= 4 && (same(host.substr(0, 2), "fc") || same(host.substr(0, 2), "fd"))) return Reach::private_range;
  const std::size_t colon = host.rfind(':');
  if (colon == std::string_view::npos) return Reach::outside;
  if (const auto inner = address_of(host.substr(colon + 1)); inner && host.find('.') != std::string_view::npos) {
    odd = true;
    return reach_of(inner->v4);
  }
  const std::size_t mapped = host.find("ffff:");
  if (host.starts_with("::") && mapped != std::string_view::npos) {  // ::ffff:a9fe:a9fe
    std::uint32_t value = 0;
    for (const char c : host.substr(mapped + 5)) {
      if (c == ':') continue;
      const int b = static_cast<unsigned char>(c);
      if (!is_hex(b)) return Reach::outside;
      value = value << 4 | static_cast<unsigned>(is_digit(b) ? b - '0' : lower(b) - 'a' + 10);
    }
    odd = true;
    return reach_of(value);
  }
  return Reach::outside;
}

Reach reach_of_name(std::string_view host, bool& odd) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (same(host, "localhost") || ends_with(host, ".localhost") || same(host, "localtest.me") ||
      ends_with(host, ".localtest.me") || ends_with(host, ".lvh.me")) {
    odd = !same(host, "localhost");
    return Reach::loopback;
  }
  if (same(host, "metadata.google.internal") || same(host, "metadata.goog") || same(host, "instance-data") ||
      same(host, "metadata.azure.internal") || same(host, "kubernetes.default.svc")) {
    return Reach::metadata;
  }
  // 10.0.0.1.nip.io and 10-0-0-1.sslip.io resolve to what they name.
  for (const std::string_view service : {".nip.io", ".sslip.io", ".xip.io"}) {
    if (!ends_with(host, service)) continue;
    std::array<char, 64> name{};
    std::string_view front = host.substr(0, host.size() - service.size());
    front = front.substr(front.size() > 15 ? front.size() - 15 : 0);
    for (std::size_t skip = 0; skip < front.size(); ++skip) {
      const std::string_view part = front.substr(skip);
      std::ranges::transform(part, name.begin(), [](char c) { return c == '-' ? '.' : c; });
      if (const auto address = address_of({name.data(), part.size()});
          address && !address->odd && reach_of(address->v4) != Reach::outside) {
        odd = true;
        return reach_of(address->v4);
      }
    }
  }
  return Reach::outside;
}

// Services that show a stranger what was asked of a host they made for him.
bool is_collector(std::string_view host) {
  constexpr std::string_view kTails[] = {
      ".oast.fun",       ".oast.me",        ".oast.live",      ".oast.online",      ".oast.pro",
      ".oast.site",      ".oastify.com",    ".interact.sh",    ".interactsh.com",   ".burpcollaborator.net",
      ".dnslog.cn",      ".ceye.io",        ".requestbin.net", ".pipedream.net",    ".beeceptor.com",
      ".ngrok.io",       ".ngrok-free.app", ".ngrok.app",      ".ngrok-free.dev",   ".trycloudflare.com",
      ".loca.lt",        ".serveo.net",     ".webhook.site",   ".canarytokens.com", ".canarytokens.org",
      ".xss.ht",         ".bxss.me",        ".ezxss.com",      ".hookbin.com",      ".requestcatcher.com",
      ".lhr.life",       ".localhost.run",  ".r87.me",         ".mockbin.org",      ".postb.in",
      ".dnsbin.zhack.ca"};
  return std::ranges::any_of(
      kTails, [host](std::string_view tail) { return ends_with(host, tail) || same(host, tail.substr(1)); });
}

bool is_trusted(std::string_view host, std::span<const std::string> trusted) {
  return std::ranges::any_of(trusted, [host](const std::string& entry) {
    return entry.starts_with('.') ? ends_with(host, entry) || same(host, std::string_view(entry).substr(1))
                                  : same(host, entry);
  });
}

// Bits a byte of a value, from how often its bytes occur.
float entropy(std::string_view text) {
  std::array<std::uint16_t, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  float bits = 0;
  const float total = static_cast<float>(text.size());
  for (const std::uint16_t count : counts) {
    if (count == 0) continue;
    const float share = static_cast<float>(count) / total;
    bits -= share * std::log2(share);
  }
  return bits;
}

// How much a value of a URL looks as if it carried something from the conversation.
float weigh_value(std::string_view value) {
  if (value.size() < 8) return 0;
  std::size_t encoded = 0;
  std::size_t spaces = 0;
  std::size_t code = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const int c = static_cast<unsigned char>(value[i]);
    if (c == '%') {
      ++encoded;
      if (value.substr(i, 3) == "%20") ++spaces;
    } else if (c == '+') {
      ++spaces;
      ++code;
    } else if (is_alnum(c) || c == '-' || c == '_' || c == '=' || c == '/') {
      ++code;
    }
  }
  // A placeholder for what is still to be put in: {data}, [SUMMARY], $(...), <...>.
  for (const std::string_view sign : {"{", "$(", "[", "%7B", "%5B", "<"}) {
    if (value.find(sign) != std::string_view::npos) return 0.5F;
  }
  if (spaces >= 3) return value.size() >= 40 ? 0.6F : 0.4F;  // a sentence
  const bool one_word = code == value.size();
  if (value.size() >= 24 && one_word && entropy(value) > 3.2F) return value.size() >= 40 ? 0.6F : 0.45F;
  if (value.size() >= 32 && encoded * 6 >= value.size()) return 0.5F;
  return value.size() >= 100 ? 0.5F : value.size() >= 48 ? 0.3F : 0;
}

bool is_telling_name(std::string_view name) {
  constexpr std::string_view kNames[] = {"data",    "d",        "leak",    "exfil",   "exfiltrate",   "secret",
                                         "payload", "prompt",   "msg",     "message", "conversation", "history",
                                         "content", "text",     "info",    "summary", "chat",         "cookie",
                                         "c",       "password", "pwd",     "key",     "apikey",       "api_key",
                                         "dump",    "stolen",   "context", "system",  "user_data",    "email",
                                         "ssn",     "p",        "q",       "log"};
  return std::ranges::any_of(kNames, [name](std::string_view known) { return same(name, known); });
}

UrlPlace place_of(std::string_view before_scheme) {
  const auto trim = [](std::string_view text) {
    while (!text.empty() && (text.back() == '"' || text.back() == '\'' || text.back() == '<' || text.back() == ' ')) {
      text.remove_suffix(1);
    }
    return text;
  };
  const std::string_view front = trim(before_scheme);
  if (front.ends_with("](")) {
    const std::size_t open = front.rfind('[', front.size() - 2);
    if (open == std::string_view::npos) return UrlPlace::link;
    return open > 0 && front[open - 1] == '!' ? UrlPlace::image : UrlPlace::link;
  }
  if (front.ends_with("]:")) return UrlPlace::link;  // a reference, which an image may use
  if (front.ends_with('=') || front.ends_with("url(")) {
    const std::size_t tag = front.rfind('<');
    const std::string_view inside = tag == std::string_view::npos ? std::string_view() : front.substr(tag);
    for (const std::string_view name : {"<img", "<image", "<video", "<audio", "<source", "<link", "<iframe", "<embed",
                                        "<object", "<input", "<track"}) {
      if (inside.size() > name.size() && same(inside.substr(0, name.size()), name)) return UrlPlace::image;
    }
    if (front.ends_with("url(")) return UrlPlace::image;
    return inside.size() > 2 ? UrlPlace::link : UrlPlace::plain;
  }
  return UrlPlace::plain;
}

struct Parts {
  std::string_view host;
  std::size_t host_end = 0;
  std::size_t end = 0;
  bool credentials = false;
  bool v6 = false;
};
Parts split(Ahead& ahead, std::size_t at, bool in_parentheses) {
  Parts parts;
  parts.end = ahead.find_if(at, [in_parentheses](int c) { return ends_url(c) || (in_parentheses && c == ')'); });
  // What ends a sentence is none of the URL.
  while (parts.end > at &&
         (ahead[parts.end - 1] == '.' || ahead[parts.end - 1] == ',' || ahead[parts.end - 1] == ')')) {
    --parts.end;
  }
  std::size_t begin = at;
  std::size_t authority = at;
  while (authority < parts.end && ahead[authority] != '/' && ahead[authority] != '?' && ahead[authority] != '#') {
    if (ahead[authority] == '@') {
      begin = authority + 1;
      parts.credentials = true;
    }
    ++authority;
  }
  if (ahead[begin] == '[') {
    const std::size_t close = ahead.find_if(begin, [](int c) { return c == ']' || ends_url(c); });
    parts.v6 = ahead[close] == ']';
    parts.host = ahead.slice(begin + 1, std::max(close, begin + 1));
    parts.host_end = authority;
    return parts;
  }
  std::size_t host_end = begin;
  while (host_end < authority && ahead[host_end] != ':') ++host_end;
  parts.host = ahead.slice(begin, host_end);
  parts.host_end = authority;
  return parts;
}

float judge_carried(Ahead& ahead, const Parts& parts, bool& telling, bool& placeholder) {
  // Path segments and query values.
  float most = 0;
  std::size_t i = parts.host_end;
  bool query = false;
  while (i < parts.end) {
    const int sign = ahead[i];
    if (sign == '?' || sign == '#') query = true;
    std::size_t begin = i + 1;
    std::size_t end = begin;
    while (end < parts.end && (query ? ahead[end] != '&' && ahead[end] != '?' && ahead[end] != ';'
                                     : ahead[end] != '/' && ahead[end] != '?' && ahead[end] != '#')) {
      ++end;
    }
    std::string_view value = ahead.slice(begin, end);
    std::string_view name;
    if (const std::size_t equals = value.find('='); query && equals != std::string_view::npos) {
      name = value.substr(0, equals);
      value = value.substr(equals + 1);
    }
    float weight = weigh_value(value);
    if (!query) weight *= 0.7F;  // paths name documents
    if (weight == 0.5F && query) placeholder = true;
    if (is_telling_name(name) && value.size() >= 8) {
      telling = true;
      weight = std::max(weight, 0.25F);
    }
    most = std::max(most, weight);
    i = std::max(end, i + 1);
  }
  return most;
}

}  // namespace

UrlVerdicts judge_url(Ahead& ahead, std::size_t colon, std::string_view behind, bool tool,
                      std::span<const std::string> trusted) {
  UrlVerdicts out;
  const std::string_view scheme = scheme_of(behind);
  if (scheme.empty() || !is_letter(static_cast<unsigned char>(scheme[0]))) return out;
  const std::size_t begin = colon - scheme.size();
  std::size_t at = colon + 1;
  while (ahead[at] == '/' && at < colon + 4) ++at;
  const std::string_view front = behind.substr(0, behind.size() - scheme.size());
  const UrlPlace place = place_of(front);
  const Parts parts = split(ahead, at, front.ends_with('('));
  out.inside = {.nature = Nature::code, .begin = begin, .end = std::max(parts.end, colon + 1)};
  out.carries = {.nature = Nature::payload, .begin = begin, .end = std::max(parts.end, colon + 1)};

  for (const std::string_view odd : {"gopher", "dict", "netdoc", "phar", "expect", "jar", "tftp", "ldap", "ldaps"}) {
    if (!same(scheme, odd)) continue;
    const bool strong = odd == "gopher" || odd == "dict" || odd == "netdoc" || odd == "phar" || odd == "expect";
    out.inside.score = strong ? 0.8F : tool ? 0.6F : 0.3F;
    if (strong) out.inside.nature = Nature::payload;
    return out;
  }
  if (same(scheme, "file")) {
    const std::string_view path = ahead.slice(at > colon + 1 ? at - 1 : at, std::max(parts.end, at));
    const bool secret = path.starts_with("/etc/") || path.starts_with("/proc/") || path.starts_with("/root/") ||
                        path.find(".ssh") != std::string_view::npos || path.find("win.ini") != std::string_view::npos;
    out.inside.score = secret ? 0.75F : tool ? 0.6F : 0.25F;
    return out;
  }
  if (!same(scheme, "http") && !same(scheme, "https") && !same(scheme, "ftp") && !same(scheme, "ws") &&
      !same(scheme, "wss")) {
    return out;
  }
  bool odd = false;
  Reach reach = Reach::outside;
  std::optional<Address> address;
  if (parts.v6) {
    reach = reach_of_v6(parts.host, odd);
  } else {
    address = address_of(parts.host);
    if (address) {
      odd = address->odd;
      reach = reach_of(address->v4);
    } else {
      reach = reach_of_name(parts.host, odd);
    }
  }
  switch (reach) {
    case Reach::metadata:
      out.inside.score = 0.85F;
      out.inside.nature = Nature::hazard;
      break;
    case Reach::link_local:
      out.inside.score = 0.6F;
      break;
    case Reach::loopback:
    case Reach::private_range:
      out.inside.score = tool ? 0.65F : 0.3F;
      break;
    case Reach::outside:
      break;
  }
  if (reach != Reach::outside && (odd || parts.credentials)) {
    out.inside.score = std::max(out.inside.score, 0.85F);
    out.inside.nature = Nature::payload;
  } else if (odd && (address || parts.v6)) {
    out.inside.score = std::max(out.inside.score, 0.5F);  // who writes an address like that hides it
  }

  if (reach != Reach::outside || parts.host.empty() || is_trusted(parts.host, trusted)) return out;
  bool telling = false;
  bool placeholder = false;
  float carried = judge_carried(ahead, parts, telling, placeholder);
  // What stands in front of the host may be the data: <encoded>.collector.
  const bool collector = is_collector(parts.host);
  const std::string_view first_label = parts.host.substr(0, parts.host.find('.'));
  if (!address && first_label.size() >= 32 && entropy(first_label) > 3.2F) carried = std::max(carried, 0.45F);
  const bool image = place == UrlPlace::image;
  float score = carried + (telling && carried > 0 ? 0.1F : 0.0F);
  if (carried > 0) {
    score += image ? 0.1F : place == UrlPlace::link ? -0.1F : -0.2F;
    if (address || parts.v6) score += 0.25F;
    if (collector) score += 0.4F;
    if (tool) score += 0.05F;
  }
  if (collector) score = std::max(score, image ? 0.7F : tool ? 0.65F : place == UrlPlace::link ? 0.55F : 0.4F);
  if (image && address) score = std::max(score, 0.45F);
  out.carries.score = std::clamp(score, 0.0F, 0.95F);
  if (score < 0.15F) out.carries.score = 0;
  return out;
}

}  // namespace gatehouse::guard::unsafe
