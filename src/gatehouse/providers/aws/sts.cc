#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/crypto/sigv4.h"
#include "gatehouse/providers/aws/credentials.h"
#include "gatehouse/providers/aws/text.h"

namespace gatehouse::providers::aws {
namespace {

// The little of XML 1.0 that STS writes, in one pass over a bounded text: elements, attributes (skipped), text,
// references of characters and the five names, comments and declarations. No document types, so nothing that expands.
class XmlWalk {
 public:
  static constexpr std::size_t kMostDepth = 16;
  static constexpr std::size_t kMostText = 16UL * 1024;

  explicit XmlWalk(std::string_view text) : text_(text) {}

  // Calls `leaf(parent, name, text)` at the end of every element, with the text that stood in it. False: no such XML.
  template <class Leaf>
  bool read(Leaf&& leaf) {
    while (at_ < text_.size()) {
      if (text_[at_] != '<') {
        if (!character()) return false;
        continue;
      }
      if (skip("<?", "?>") || skip("<!--", "-->")) continue;
      if (broken_ || text_.substr(at_).starts_with("<!")) return false;
      if (text_.substr(at_).starts_with("</")) {
        if (!close(leaf)) return false;
      } else if (!open(leaf)) {
        return false;
      }
    }
    return open_.empty() && seen_;
  }

 private:
  struct Open {
    std::string_view name;
    std::string text;
  };

  bool skip(std::string_view begin, std::string_view end) {
    if (!text_.substr(at_).starts_with(begin)) return false;
    const std::size_t found = text_.find(end, at_ + begin.size());
    if (found == std::string_view::npos) {
      broken_ = true;
      return false;
    }
    at_ = found + end.size();
    return true;
  }

  // "sts:Code" is Code.
  static std::string_view local(std::string_view name) { return name.substr(name.find(':') + 1); }

  std::string_view name() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::string_view(" \t\r\n/>=<\"'&").find(text_[at_]) == std::string_view::npos) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  template <class Leaf>
  bool open(Leaf& leaf) {
    if (open_.size() == kMostDepth || (open_.empty() && seen_)) return false;
    seen_ = true;
    ++at_;
    const std::string_view element = local(name());
    if (element.empty()) return false;
    open_.push_back({element, {}});
    // Attributes: quoted values may hold a '>'.
    char quote = '\0';
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '<') {
        return false;
      } else if (c == '>') {
        const bool empty = text_[at_ - 1] == '/';
        ++at_;
        return !empty || end(leaf);
      }
    }
    return false;
  }

  template <class Leaf>
  bool close(Leaf& leaf) {
    at_ += 2;
    const std::string_view element = local(name());
    while (at_ < text_.size() && base::trim(text_.substr(at_, 1)).empty()) ++at_;
    if (open_.empty() || open_.back().name != element || at_ == text_.size() || text_[at_] != '>') return false;
    ++at_;
    return end(leaf);
  }

  template <class Leaf>
  bool end(Leaf& leaf) {
    Open ended = std::move(open_.back());
    open_.pop_back();
    leaf(open_.empty() ? std::string_view() : open_.back().name, ended.name, trim_lines(ended.text));
    return true;
  }

  bool character() {
    std::string decoded(1, text_[at_]);
    if (text_[at_] == '&') {
      if (!reference(decoded)) return false;
    } else {
      ++at_;
    }
    if (open_.empty()) return trim_lines(decoded).empty();
    if (open_.back().text.size() + decoded.size() > kMostText) return false;
    open_.back().text += decoded;
    return true;
  }

  bool reference(std::string& decoded) {
    const std::size_t end = text_.substr(at_, 12).find(';');
    if (end == std::string_view::npos) return false;
    const std::string_view name = text_.substr(at_ + 1, end - 1);
    at_ += end + 1;
    constexpr std::array<std::pair<std::string_view, char>, 5> kNames = {
        {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}}};
    for (const auto& [known, c] : kNames) {
      if (name == known) {
        decoded = c;
        return true;
      }
    }
    // A number: only ASCII can be part of what we look for; another character stands for itself as a question mark.
    if (!name.starts_with('#') || name.size() < 2) return false;
    const bool hex = name[1] == 'x';
    std::uint32_t value = 0;
    for (const char c : name.substr(hex ? 2 : 1)) {
      const char low = base::lower(c);
      if (base::is_digit(c)) {
        value = value * (hex ? 16 : 10) + static_cast<std::uint32_t>(c - '0');
      } else if (hex && low >= 'a' && low <= 'f') {
        value = value * 16 + static_cast<std::uint32_t>(low - 'a' + 10);
      } else {
        return false;
      }
      if (value > 0x10FFFF) return false;
    }
    if (value == 0) return false;
    decoded = value < 0x80 ? static_cast<char>(value) : '?';
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Open> open_;
  bool seen_ = false;
  bool broken_ = false;
};

void append_parameter(std::string& form, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (!form.empty()) form.push_back('&');
  form.append(name).push_back('=');
  crypto::append_uri_encoded(form, value);
}

std::string form_of(std::string_view action, const AssumeRole& role) {
  std::string form;
  append_parameter(form, "Action", action);
  append_parameter(form, "Version", "2011-06-15");
  append_parameter(form, "RoleArn", role.role_arn);
  append_parameter(form, "RoleSessionName", role.session_name.empty() ? "gatehouse" : role.session_name);
  append_parameter(form, "Policy", role.policy);
  append_parameter(form, "DurationSeconds", role.duration_seconds ? fmt::format("{}", *role.duration_seconds) : "");
  return form;
}

}  // namespace

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text.front() != '-' && text.back() != '-' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || base::is_digit(c) || c == '-'; });
}

std::string service_host(std::string_view service, std::string_view region) {
  if (!is_region(region)) return {};
  // The partitions of botocore's partitions.json, by the beginnings of their regions' names.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSuffixes = {{{"cn-", "amazonaws.com.cn"},
                                                                                       {"us-iso-", "c2s.ic.gov"},
                                                                                       {"us-isob-", "sc2s.sgov.gov"},
                                                                                       {"us-isof-", "csp.hci.ic.gov"},
                                                                                       {"eu-isoe-", "cloud.adc-e.uk"},
                                                                                       {"eusc-", "amazonaws.eu"}}};
  std::string_view suffix = "amazonaws.com";
  for (const auto& [begin, of] : kSuffixes) {
    if (region.starts_with(begin)) suffix = of;
  }
  return fmt::format("{}.{}.{}", service, region, suffix);
}

std::string assume_role_form(const AssumeRole& role) {
  std::string form = form_of("AssumeRole", role);
  append_parameter(form, "ExternalId", role.external_id);
  return form;
}

std::string assume_role_with_web_identity_form(const AssumeRole& role, std::string_view token) {
  std::string form = form_of("AssumeRoleWithWebIdentity", role);
  append_parameter(form, "WebIdentityToken", trim_lines(token));
  return form;
}

Result<std::string> sign_sts_request(std::string_view form, std::string_view authority, std::string_view region,
                                     const Credentials& credentials, base::WallTime now) {
  if (credentials.empty()) return fail(Code::configuration, "There are no AWS credentials to assume a role with");
  if (!is_region(region)) return fail(Code::configuration, "This is no AWS region");
  crypto::SigningKey key(credentials.access_key_id, credentials.secret_access_key.reveal(),
                         credentials.session_token.reveal(), region, "sts", now);
  const std::array<crypto::SigV4Field, 2> fields = {{{"host", authority}, {"content-type", kStsContentType}}};
  const std::string hash = crypto::payload_hash(form);
  std::string lines;
  crypto::append_signature(lines, key,
                           {.method = "POST", .path = "/", .query = "", .fields = fields, .payload_hash = hash}, now);
  return lines;
}

Result<Credentials> read_assume_role(std::string_view xml) {
  if (xml.size() > kMostCredentialBytes) return refuse_answer("too long");
  std::string id;
  std::string secret;
  std::string token;
  std::string expiration;
  std::string code;
  const bool read = XmlWalk(xml).read([&](std::string_view parent, std::string_view name, std::string_view text) {
    if (parent == "Error" && name == "Code") code = text;
    if (parent != "Credentials") return;
    if (name == "AccessKeyId") id = text;
    if (name == "SecretAccessKey") secret = text;
    if (name == "SessionToken") token = text;
    if (name == "Expiration") expiration = text;
  });
  const base::Secret kept(std::move(secret));
  if (!read) return refuse_answer("no XML of STS");
  if (!code.empty()) {
    // STS's own word for it is what an operator needs; only if it is one.
    const bool word = code.size() <= 64 && std::all_of(code.begin(), code.end(), [](char c) {
                        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || base::is_digit(c);
                      });
    return refuse_answer(word ? fmt::format("STS says {}", code) : "STS tells an error");
  }
  if (token.empty()) return refuse_answer("no session token in it");
  return made_of(id, kept.reveal(), token, expiration, false);
}

}  // namespace gatehouse::providers::aws
