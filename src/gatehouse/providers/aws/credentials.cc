#include "gatehouse/providers/aws/credentials.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/providers/aws/text.h"

namespace gatehouse::providers::aws {
namespace {

constexpr std::chrono::seconds kClocksDiffer{60};

Result<std::optional<Credentials>> pair_of(std::string_view id, std::string_view secret, std::string_view token,
                                           std::string_view where) {
  if (id.empty() && secret.empty()) return std::nullopt;
  if (id.empty() || secret.empty()) {
    return fail(Code::configuration, fmt::format("{}: one of an AWS key's two halves is missing", where));
  }
  if (!is_field_text(id) || !is_field_text(secret) || (!token.empty() && !is_field_text(token))) {
    return fail(Code::configuration, fmt::format("{}: an AWS key with characters that none has", where));
  }
  return Credentials{std::string(id), base::Secret(std::string(secret)), base::Secret(std::string(token)), {}};
}

// The lines of one profile of a file; several sections of it count as one, a key's last value is its own.
class ProfileReader {
 public:
  ProfileReader(std::string_view text, std::string_view profile) : text_(text), profile_(profile) {}

  Result<std::optional<Profile>> read() {
    if (text_.size() > kMostCredentialBytes) return fail(Code::too_large, "An AWS credentials file is too long");
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
    for (std::size_t number = 1; !text_.empty(); ++number) {
      const std::size_t end = std::min(text_.find('\n'), text_.size());
      std::string_view line = text_.substr(0, end);
      text_.remove_prefix(std::min(end + 1, text_.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (!take(line)) {
        return fail(Code::configuration, fmt::format("Line {} of an AWS credentials file is neither a section nor a "
                                                     "setting",
                                                     number));
      }
    }
    if (!found_) return std::nullopt;
    auto credentials = pair_of(id_, secret_.reveal(), token_.reveal(), "An AWS credentials file");
    if (!credentials) return std::unexpected(std::move(credentials.error()));
    if (*credentials) out_.credentials = std::move(**credentials);
    return std::move(out_);
  }

 private:
  bool take(std::string_view line) {
    const std::string_view text = base::trim(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') return true;
    // Settings below a setting ("s3 =" and what is indented after it): none that we know.
    if (base::trim(line.substr(0, 1)).empty()) return true;
    if (text.front() == '[') return section(text);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) return false;
    if (mine_) setting(base::trim(text.substr(0, equals)), base::trim(text.substr(equals + 1)));
    return true;
  }

  bool section(std::string_view text) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return false;
    std::string_view name = base::trim(text.substr(1, end - 1));
    constexpr std::string_view kProfile = "profile";
    if (name.starts_with(kProfile) && name.size() > kProfile.size() &&
        base::trim(name.substr(kProfile.size(), 1)).empty()) {
      name = base::trim(name.substr(kProfile.size()));
    }
    if (name.size() >= 2 && name.front() == name.back() && (name.front() == '"' || name.front() == '\'')) {
      name = name.substr(1, name.size() - 2);
    }
    mine_ = name == profile_;
    found_ = found_ || mine_;
    return true;
  }

  // A comment may follow a value behind white space.
  static std::string_view without_comment(std::string_view value) {
    for (std::size_t i = 1; i < value.size(); ++i) {
      if ((value[i] == '#' || value[i] == ';') && (value[i - 1] == ' ' || value[i - 1] == '\t')) {
        return base::trim(value.substr(0, i));
      }
    }
    return value;
  }

  void setting(std::string_view key, std::string_view value) {
    value = without_comment(value);
    const auto is = [key](std::string_view name) { return base::equals_ignore_case(key, name); };
    if (is("aws_access_key_id")) id_ = value;
    if (is("aws_secret_access_key")) secret_ = base::Secret(std::string(value));
    if (is("aws_session_token") || is("aws_security_token")) token_ = base::Secret(std::string(value));
    if (is("region")) out_.region = value;
    if (is("role_arn")) out_.role_arn = value;
    if (is("source_profile")) out_.source_profile = value;
    if (is("external_id")) out_.external_id = value;
    if (is("role_session_name")) out_.role_session_name = value;
    if (is("web_identity_token_file")) out_.web_identity_token_file = value;
    if (is("credential_source")) out_.credential_source = value;
    if (is("duration_seconds")) out_.duration_seconds = base::parse_u64(value);
  }

  std::string_view text_;
  std::string_view profile_;
  bool mine_ = false;
  bool found_ = false;
  std::string id_;
  base::Secret secret_;
  base::Secret token_;
  Profile out_;
};

// The JSON of instances and containers.
Result<Credentials> read_json(std::string_view body, bool instance) {
  if (body.size() > kMostCredentialBytes) return refuse_answer("too long");
  std::string code;
  std::string id;
  std::string secret;
  std::string token;
  std::string expiration;
  const auto scanned = json::scan_object(body, [&](const json::Member& member) {
    const auto take = [&member](std::string& to) { to = json::read_string(member.value).value_or(""); };
    if (member.key == "Code") take(code);
    if (member.key == "AccessKeyId") take(id);
    if (member.key == "SecretAccessKey") take(secret);
    if (member.key == "Token") take(token);
    if (member.key == "Expiration") take(expiration);
  });
  base::Secret kept(std::move(secret));
  if (!scanned) return refuse_answer("no JSON object");
  if (instance && code != "Success") return refuse_answer("not successful");
  return made_of(id, kept.reveal(), token, expiration, !instance);
}

bool is_role_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || base::is_digit(c) ||
         std::string_view("+=,.@_-").find(c) != std::string_view::npos;
}

std::uint64_t digits(std::string_view text, std::size_t at, std::size_t count) {
  return base::parse_u64(text.substr(at, count)).value_or(0);
}

}  // namespace

std::unexpected<Error> refuse_answer(std::string_view what) {
  return fail(Code::upstream_credentials, fmt::format("The answer with AWS credentials cannot be used: {}", what));
}

bool is_field_text(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

Result<Credentials> made_of(std::string_view id, std::string_view secret, std::string_view token,
                            std::string_view expiration, bool may_be_forever) {
  if (!is_field_text(id) || !is_field_text(secret)) return refuse_answer("no key in it");
  if (!token.empty() && !is_field_text(token)) return refuse_answer("its session token cannot be sent");
  Credentials made{std::string(id), base::Secret(std::string(secret)), base::Secret(std::string(token)), {}};
  if (expiration.empty() && may_be_forever) return made;
  made.expires = parse_time(expiration);
  if (!made.expires) return refuse_answer("no time at which they end");
  return made;
}

bool wants_refresh(const Credentials& credentials, base::WallTime now) {
  return credentials.expires && *credentials.expires - kRefreshAhead <= now;
}

bool expired(const Credentials& credentials, base::WallTime now) {
  return credentials.expires && *credentials.expires - kClocksDiffer <= now;
}

Result<std::optional<Credentials>> credentials_from_environment(std::string_view access_key_id,
                                                                std::string_view secret_access_key,
                                                                std::string_view session_token) {
  return pair_of(access_key_id, secret_access_key, session_token, "The environment");
}

Result<std::optional<Profile>> profile_from_file(std::string_view text, std::string_view profile) {
  return ProfileReader(text, profile).read();
}

Result<std::optional<Credentials>> credentials_from_file(std::string_view text, std::string_view profile) {
  auto read = profile_from_file(text, profile);
  if (!read) return std::unexpected(std::move(read.error()));
  if (!*read || (*read)->credentials.empty()) return std::nullopt;
  return std::move((*read)->credentials);
}

Result<std::string> read_imds_token(std::string_view body) {
  body = trim_lines(body);
  if (!is_field_text(body) || body.size() > 1024) return refuse_answer("no token of the instance's metadata");
  return std::string(body);
}

Result<std::string> read_imds_role(std::string_view body) {
  body = trim_lines(body);
  const std::string_view role = trim_lines(body.substr(0, body.find('\n')));
  // It goes into a path: IAM's own characters only, and no dot segment.
  if (role.empty() || role.size() > 128 || role == "." || role == ".." ||
      !std::all_of(role.begin(), role.end(), is_role_character)) {
    return refuse_answer("no name of the instance's role");
  }
  return std::string(role);
}

Result<Credentials> read_imds_credentials(std::string_view body) { return read_json(body, true); }
Result<Credentials> read_container_credentials(std::string_view body) { return read_json(body, false); }

bool is_container_endpoint(std::string_view url) {
  const auto host_of = [](std::string_view rest) {
    rest = rest.substr(0, rest.find_first_of("/?#"));
    if (rest.find('@') != std::string_view::npos) return std::string_view();
    if (rest.starts_with('[')) {
      const std::size_t end = rest.find(']');
      return end == std::string_view::npos ? std::string_view() : rest.substr(0, end + 1);
    }
    return rest.substr(0, rest.find(':'));
  };
  constexpr std::string_view kTls = "https://";
  constexpr std::string_view kPlain = "http://";
  if (url.starts_with(kTls)) return !host_of(url.substr(kTls.size())).empty();
  if (!url.starts_with(kPlain)) return false;
  const std::string_view host = host_of(url.substr(kPlain.size()));
  if (host == "localhost" || host == "[::1]" || host == "169.254.170.2" || host == "169.254.170.23" ||
      host == "[fd00:ec2::23]") {
    return true;
  }
  // 127.0.0.0/8, in its plain spelling only: "127.evil.example" is a name.
  constexpr std::string_view kLoopback = "127.";
  if (!host.starts_with(kLoopback)) return false;
  std::size_t parts = 0;
  for (std::string_view rest = host;;) {
    const std::size_t end = std::min(rest.find('.'), rest.size());
    const auto part = base::parse_u64(rest.substr(0, end));
    if (!part || *part > 255 || end > 3) return false;
    ++parts;
    if (end == rest.size()) return parts == 4;
    rest.remove_prefix(end + 1);
  }
}

std::string_view trim_lines(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = std::min(text.find_first_not_of(kSpace), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

std::optional<base::WallTime> parse_time(std::string_view text) {
  using namespace std::chrono;
  constexpr std::string_view kForm = "0000-00-00T00:00:00";
  if (text.size() < kForm.size() + 1 || text.size() > 40) return std::nullopt;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == '0' ? !base::is_digit(text[i]) : text[i] != kForm[i]) return std::nullopt;
  }
  const year_month_day date(year(static_cast<int>(digits(text, 0, 4))),
                            month(static_cast<unsigned>(digits(text, 5, 2))),
                            day(static_cast<unsigned>(digits(text, 8, 2))));
  const auto h = digits(text, 11, 2);
  const auto m = digits(text, 14, 2);
  const auto s = digits(text, 17, 2);
  // Years that system_clock's nanoseconds hold.
  if (!date.ok() || date.year() < year(1970) || date.year() > year(2200) || h > 23 || m > 59 || s > 60) {
    return std::nullopt;
  }
  base::WallTime time = sys_days(date) + hours(h) + minutes(m) + seconds(s);
  std::string_view rest = text.substr(kForm.size());
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    const std::size_t end = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (end == 0) return std::nullopt;
    rest.remove_prefix(end);
  }
  if (rest == "Z" || rest == "z") return time;
  // "+01:00", "-0530"
  if (rest.size() < 5 || (rest[0] != '+' && rest[0] != '-')) return std::nullopt;
  const bool colon = rest[3] == ':';
  if (rest.size() != (colon ? 6U : 5U)) return std::nullopt;
  const auto offset_h = base::parse_u64(rest.substr(1, 2));
  const auto offset_m = base::parse_u64(rest.substr(colon ? 4 : 3, 2));
  if (!offset_h || !offset_m || *offset_h > 23 || *offset_m > 59) return std::nullopt;
  const auto offset = hours(*offset_h) + minutes(*offset_m);
  return rest[0] == '+' ? time - offset : time + offset;
}

}  // namespace gatehouse::providers::aws
