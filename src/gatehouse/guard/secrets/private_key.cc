#include "gatehouse/guard/secrets/private_key.h"

#include <algorithm>

#include "gatehouse/base/strings.h"

namespace gatehouse::guard {
namespace {

constexpr std::string_view kBegin = "-----BEGIN";
constexpr std::string_view kEnd = "-----END";
constexpr std::string_view kPutty = "PuTTY-User-Key-File-";

bool is_base64(char c) {
  return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z') || c == '+' || c == '/' || c == '=';
}

std::string_view entity_of(std::string_view label) {
  if (label.starts_with("RSA ")) return "RSA_PRIVATE_KEY";
  if (label.starts_with("EC ")) return "EC_PRIVATE_KEY";
  if (label.starts_with("DSA ")) return "DSA_PRIVATE_KEY";
  if (label.starts_with("OPENSSH ") || label.starts_with("SSH2 ")) return "OPENSSH_PRIVATE_KEY";
  if (label.starts_with("PGP ")) return "PGP_PRIVATE_KEY";
  if (label.starts_with("ENCRYPTED ")) return "ENCRYPTED_PRIVATE_KEY";
  return "PRIVATE_KEY";
}

// White space, and what stands between the lines of a string literal.
std::size_t skip_between(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    const char c = text[at];
    if (c == '\\' && at + 1 < text.size() && (text[at + 1] == 'n' || text[at + 1] == 'r')) {
      at += 2;
    } else if (std::string_view(" \t\r\n\"',\\").contains(c)) {
      ++at;
    } else {
      break;
    }
  }
  return at;
}

}  // namespace

KeyBlock parse_pem(std::string_view text, std::size_t begin, bool complete) {
  KeyBlock block;
  const auto ended = [&] {
    block.outcome = complete ? KeyBlock::Outcome::no : KeyBlock::Outcome::open;
    block.end = text.size();
    return block;
  };
  // "-----BEGIN RSA PRIVATE KEY-----"
  std::size_t at = begin + kBegin.size();
  const std::size_t label = at + 1;
  while (at < text.size() && at < label + 64 &&
         (text[at] == ' ' || base::is_digit(text[at]) || (text[at] >= 'A' && text[at] <= 'Z'))) {
    ++at;
  }
  if (at == text.size()) return ended();
  const std::string_view name = text.substr(std::min(label, at), at - std::min(label, at));
  const std::string_view dashes = text.substr(at, 5);
  if (dashes != std::string_view("-----").substr(0, dashes.size()) || !name.contains("PRIVATE KEY")) return block;
  if (dashes.size() < 5) return ended();
  block.entity = entity_of(name);
  at += 5;

  const std::size_t limit = std::min(text.size(), begin + KeyBlock::kLongest);
  std::size_t long_bytes = 0;
  std::size_t bytes = 0;
  std::size_t good = 0;     // end of the last line that can be of a key
  bool may_be_last = true;  // a key's last line is short
  while (true) {
    at = skip_between(text, at);
    const std::string_view rest = text.substr(at, kEnd.size());
    if (!rest.empty() && rest == kEnd.substr(0, rest.size()) && at < limit) {
      std::size_t end = at + kEnd.size();
      if (rest.size() < kEnd.size()) {
        if (!complete) return ended();
        break;
      }
      while (end < text.size() && end - at < 80 && text[end] != '-') ++end;
      std::size_t marks = 0;
      while (end < text.size() && marks < 5 && text[end] == '-') {
        ++end;
        ++marks;
      }
      if (end == text.size() && marks < 5 && !complete) return ended();
      if (bytes < 24) return block;
      block.outcome = KeyBlock::Outcome::yes;
      block.end = end;
      return block;
    }
    if (at >= limit) break;
    std::size_t end = at;
    while (end < limit && is_base64(text[end])) ++end;
    if (bytes == 0 && end < limit && (text[end] == '-' || text[end] == ':')) {
      // "Proc-Type: 4,ENCRYPTED": a header, up to the end of its line.
      std::size_t line = end;
      while (line < limit && line - at < 200 && text[line] != '\n' && text.substr(line, 2) != std::string_view("\\n")) {
        ++line;
      }
      if (line == text.size()) return ended();
      if (line - at >= 200 || !text.substr(at, line - at).contains(": ")) return block;
      at = line;
      continue;
    }
    if (end == at) break;
    const std::size_t size = end - at;
    bytes += size;
    if (size >= 16) {
      long_bytes += size;
      good = end;
      may_be_last = true;
    } else if (may_be_last) {
      good = end;
      may_be_last = false;
    }
    at = end;
  }
  if (at >= text.size() && at < begin + KeyBlock::kLongest && !complete) return ended();
  if (long_bytes < 48) return block;
  block.outcome = KeyBlock::Outcome::yes;
  block.end = good;
  return block;
}

KeyBlock parse_putty(std::string_view text, std::size_t begin, bool complete) {
  KeyBlock block;
  block.entity = "PUTTY_PRIVATE_KEY";
  const auto ended = [&] {
    block.outcome = complete ? KeyBlock::Outcome::no : KeyBlock::Outcome::open;
    block.end = text.size();
    return block;
  };
  std::size_t at = begin + kPutty.size();
  const auto expect = [&](std::string_view literal) {
    const std::string_view there = text.substr(at, literal.size());
    at += there.size();
    return there == literal.substr(0, there.size());
  };
  if (at >= text.size()) return ended();
  if (!base::is_digit(text[at++]) || !expect(": ")) return block;
  while (at < text.size() && at - begin < 80 && text[at] > ' ' && text[at] != '\\') ++at;
  at = skip_between(text, at);
  if (!expect("Encryption: ")) return block;
  if (at >= text.size()) return ended();
  constexpr std::string_view kMac = "Private-MAC:";
  const std::string_view body = text.substr(begin, KeyBlock::kLongest);
  std::size_t mac = body.find(kMac);
  if (mac == std::string_view::npos) {
    if (begin + body.size() == text.size() && !complete) return ended();
    if (!body.contains("Private-Lines:")) return block;
    block.outcome = KeyBlock::Outcome::yes;
    block.end = begin + body.size();
    return block;
  }
  mac += begin + kMac.size();
  while (mac < text.size() && text[mac] == ' ') ++mac;
  while (mac < text.size() &&
         base::is_digit(text[mac]) + (base::lower(text[mac]) >= 'a' && base::lower(text[mac]) <= 'f')) {
    ++mac;
  }
  if (mac == text.size() && !complete) return ended();
  block.outcome = KeyBlock::Outcome::yes;
  block.end = mac;
  return block;
}

}  // namespace gatehouse::guard
