#include "gatehouse/config/reader.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/config/files.h"
#include "gatehouse/config/units.h"

namespace gatehouse::config {
namespace {

constexpr std::size_t kMostValueBytes = 1ULL << 20;       // of a value after its variables were put in
constexpr std::size_t kMostReferenceBytes = 64ULL << 10;  // of a file that a value refers to
constexpr std::size_t kMostInputBytes = 16ULL << 20;      // of certificates and the like
constexpr std::string_view kFilePrefix = "file:";

bool is_variable_name(std::string_view name) {
  if (name.empty() || base::is_digit(name.front())) return false;
  return std::ranges::all_of(
      name, [](char c) { return base::is_digit(c) || c == '_' || (base::lower(c) >= 'a' && base::lower(c) <= 'z'); });
}

bool is_visible(char c) { return c > 0x20 && c < 0x7f; }
bool is_control(char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }

// Scalars that YAML 1.2 (core schema, section 10.3.2) reads as something other than text.
bool is_typed(std::string_view text) {
  const auto lowered = base::to_lower(text.substr(0, 8));
  for (const std::string_view word : {"null", "~", "true", "false", ".nan", ".inf", "-.inf", "+.inf"}) {
    if (text.size() == word.size() && lowered == word) return true;
  }
  std::string_view rest = text;
  if (rest.starts_with("0x") || rest.starts_with("0o")) {
    return rest.size() > 2 && rest.substr(2).find_first_not_of("0123456789abcdefABCDEF") == rest.npos;
  }
  if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
  const auto digits = [&rest] {
    const auto end = std::min(rest.find_first_not_of("0123456789"), rest.size());
    rest.remove_prefix(end);
    return end;
  };
  std::size_t count = digits();
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    count += digits();
  }
  if (count == 0) return false;
  if (!rest.empty() && base::lower(rest.front()) == 'e') {
    rest.remove_prefix(1);
    if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
    if (digits() == 0) return false;
  }
  return rest.empty();
}

std::string_view charset_problem(Charset charset, std::string_view text) {
  switch (charset) {
    case Charset::label:
      return std::ranges::any_of(text, is_control) ? "must not hold control characters" : "";
    case Charset::document:
      return std::ranges::any_of(text, [](char c) { return is_control(c) && c != '\n' && c != '\r' && c != '\t'; })
                 ? "must not hold control characters"
                 : "";
    case Charset::name:
      return std::ranges::all_of(text,
                                 [](char c) {
                                   return base::is_digit(c) || (base::lower(c) >= 'a' && base::lower(c) <= 'z') ||
                                          c == '.' || c == '_' || c == '-';
                                 })
                 ? ""
                 : "may hold only letters, digits, `.`, `_` and `-`";
    case Charset::visible:
    case Charset::pattern:
    case Charset::target_model:
      break;
  }
  if (!std::ranges::all_of(text, is_visible)) return "may hold only visible ASCII characters and no spaces";
  const auto star = text.find('*');
  if (charset == Charset::pattern && star != text.npos && star + 1 != text.size()) {
    return "may have `*` only at its end";
  }
  if (charset == Charset::target_model && star != text.npos && text.find('*', star + 1) != text.npos) {
    return "may have `*` only once";
  }
  return "";
}

std::vector<std::string_view> names_of(std::span<const Choice> choices) {
  std::vector<std::string_view> result;
  for (const Choice& choice : choices) result.push_back(choice.name);
  return result;
}

std::string_view article_kind(const Node& node) {
  return node.kind == Node::Kind::map ? "a map" : node.kind == Node::Kind::list ? "a list" : "one value";
}

}  // namespace

std::string show_number(const Field& field, std::uint64_t value) {
  if (field.kind == Kind::size) return format_size(value);
  if (field.kind == Kind::duration) return format_duration(milliseconds(static_cast<std::int64_t>(value)));
  return fmt::format("{}", value);
}

std::string show_range(const Field& field) {
  switch (field.kind) {
    case Kind::decimal:
      if (field.is_signed) return fmt::format("-{0} to {0}", show_number(field, field.max));
      [[fallthrough]];
    case Kind::integer:
    case Kind::size:
    case Kind::duration:
      return fmt::format("{} to {}", show_number(field, field.min), show_number(field, field.max));
    default:
      return {};
  }
}

Reader::Step::Step(Reader& reader, std::string_view name) : reader_(reader), length_(reader.path_.size()) {
  constexpr std::size_t kMostShown = 64;  // a key of the file may be of any length
  if (length_ > 0) reader_.path_ += '.';
  for (const char c : name.substr(0, kMostShown)) reader_.path_ += is_visible(c) ? c : '?';
}

Reader::Step::Step(Reader& reader, std::size_t index) : reader_(reader), length_(reader.path_.size()) {
  reader_.path_ += fmt::format("[{}]", index);
}

void Reader::problem_at(const Node& node, std::string_view field, std::string message) {
  const Spot spot = spot_of(node, field);
  report_.problem(spot.place, spot.path, std::move(message));
}

void Reader::warning_at(const Node& node, std::string_view field, std::string message) {
  const Spot spot = spot_of(node, field);
  report_.warning(spot.place, spot.path, std::move(message));
}

Reader::Spot Reader::spot_of(const Node& node, std::string_view field) const {
  const Node* value = node.find(field);
  return {.path = path_.empty() ? std::string(field) : fmt::format("{}.{}", path_, field),
          .place = value != nullptr ? value->place : node.place};
}

std::uint32_t Reader::last_provider() const {
  return snapshot_.providers.empty() ? 0 : static_cast<std::uint32_t>(snapshot_.providers.size() - 1);
}

void Reader::claim(Names list, const Node& node, const std::string& name) {
  if (name.empty()) return;  // its own problem was reported
  const auto spot = spot_of(node, "name");
  const auto [found, is_new] = claims_[static_cast<std::size_t>(list)].emplace(
      name, Claim{.place = spot.place, .path = path_, .owner = {}, .position = last_provider()});
  if (is_new) return;
  const Claim& first = found->second;
  problem_at(node, "name",
             first.owner.empty() ? fmt::format("is the name of {} already ({})", first.path,
                                               report_.where(first.place, spot.place.file))
                                 : fmt::format("is the name that {} adds", first.owner));
}

void Reader::claim_for(Names list, const std::string& name, std::string_view owner) {
  claims_[static_cast<std::size_t>(list)].emplace(
      name, Claim{.place = {}, .path = {}, .owner = std::string(owner), .position = last_provider()});
}

bool Reader::check_list(const Node& node) {
  if (node.kind == Node::Kind::list || node.kind == Node::Kind::null) return true;
  problem(node, fmt::format("must be a list, not {}", article_kind(node)));
  return false;
}

bool Reader::check_map(const Node& node, const Section* section) {
  if (node.kind == Node::Kind::map || node.kind == Node::Kind::null) return true;
  std::string message = fmt::format("must be a map of names to values, not {}", article_kind(node));
  // Somebody wrote the value of a field where the map of it belongs.
  if (section != nullptr && section->fields.size() == 1 && node.kind == Node::Kind::scalar) {
    message += fmt::format("; write {{ {}: ... }}", section->fields.front().name);
  }
  problem(node, std::move(message));
  return false;
}

void Reader::read_section(const Section& section, const Node& node, void* into) {
  if (section.before != nullptr) section.before(*this, into);
  if (check_map(node, &section)) read_fields(section, node, into);
  if (section.after != nullptr) section.after(*this, node, into);
}

void Reader::read_fields(const Section& section, const Node& node, void* into) {
  for (const Entry& entry : node.entries) {
    const auto is_it = [&](std::string_view name) { return name == entry.key; };
    if (std::ranges::any_of(section.fields, is_it, &Field::name)) continue;
    if (std::ranges::any_of(section.not_available, is_it)) {
      report_.problem(entry.place, path_, fmt::format("`{}` is not available in this version", entry.key));
      continue;
    }
    std::vector<std::string_view> known;
    for (const Field& field : section.fields) known.push_back(field.name);
    report_.problem(entry.place, path_,
                    fmt::format("unknown key {}{}", in_backticks(entry.key), did_you_mean(entry.key, known)));
  }
  for (const Field& field : section.fields) {
    const Node* value = node.find(field.name);
    if (value == nullptr) {
      if (field.is_required) problem(node, fmt::format("`{}` is missing", field.name));
      continue;
    }
    const Step step(*this, field.name);
    field.read(*this, field, *value, into);
  }
}

std::optional<std::string> Reader::interpolate(const Node& node) {
  const std::string_view text = node.text;
  std::string result;
  for (std::size_t at = 0; at < text.size();) {
    const auto dollar = std::min(text.find('$', at), text.size());
    result += text.substr(at, dollar - at);
    at = dollar;
    if (at == text.size()) break;
    if (text.substr(at).starts_with("$$")) {
      result += '$';
      at += 2;
      continue;
    }
    if (!text.substr(at).starts_with("${")) {
      result += '$';
      ++at;
      continue;
    }
    const auto close = text.find('}', at);
    if (close == text.npos) {
      problem(node, "has `${` without its `}`; write `$$` for a dollar sign");
      return std::nullopt;
    }
    const auto inside = text.substr(at + 2, close - at - 2);
    const auto separator = inside.find(":-");
    const auto name = inside.substr(0, separator);
    if (!is_variable_name(name)) {
      problem(node, "has no name of a variable after `${`; write ${NAME} or ${NAME:-default}");
      return std::nullopt;
    }
    auto value = env_ ? env_(name) : std::nullopt;
    if (separator != inside.npos && (!value || value->empty())) value = std::string(inside.substr(separator + 2));
    if (!value) {
      problem(node, fmt::format("the variable {} is not set and has no default", in_backticks(name)));
      return std::nullopt;
    }
    result += *value;
    if (result.size() > kMostValueBytes) {
      problem(node, fmt::format("is longer than {} bytes", kMostValueBytes));
      return std::nullopt;
    }
    at = close + 1;
  }
  return result;
}

std::string Reader::resolve_path(const Node& node, const std::string& path) const {
  return (std::filesystem::path(report_.file_name(node.place.file)).parent_path() / path).string();
}

std::optional<std::string> Reader::read_reference(const Node& node, const std::string& name, Use use) {
  auto file = read_file(resolve_path(node, name), kMostReferenceBytes);
  if (!file) {
    problem(node, fmt::format("the file of {} cannot be read: {}", in_backticks(node.text), file.error()));
    return std::nullopt;
  }
  if (use == Use::secret && file->world_readable) {
    report_.warning(node.place, path_,
                    fmt::format("every user of this machine can read the file of {}", in_backticks(node.text)));
  }
  std::string& bytes = file->bytes;
  if (bytes.ends_with('\n')) bytes.pop_back();
  if (bytes.ends_with('\r')) bytes.pop_back();
  return std::move(bytes);
}

std::optional<Reader::Scalar> Reader::scalar(const Node& node, Use use) {
  if (node.kind == Node::Kind::null) {
    problem(node, "has no value");
    return std::nullopt;
  }
  if (node.kind != Node::Kind::scalar) {
    problem(node, fmt::format("must be one value, not {}", article_kind(node)));
    return std::nullopt;
  }
  Scalar result;
  result.shown = use == Use::secret ? "the value" : in_backticks(node.text);
  // What decides is the text of the configuration: what a variable holds is never read as a reference.
  result.referenced = node.text.find("${") != node.text.npos || node.text.starts_with(kFilePrefix);
  result.plain = node.plain || result.referenced;
  auto text = interpolate(node);
  if (text && node.text.starts_with(kFilePrefix)) {
    text = read_reference(node, text->substr(kFilePrefix.size()), use);
  }
  if (!text) return std::nullopt;
  result.text = std::move(*text);
  return result;
}

std::optional<bool> Reader::boolean(const Node& node) {
  const auto value = scalar(node);
  if (!value) return std::nullopt;
  if (!value->plain) {
    problem(node, fmt::format("must be true or false without quotes, not {}", value->shown));
    return std::nullopt;
  }
  if (value->text == "true") return true;
  if (value->text == "false") return false;
  const auto word = base::to_lower(value->text.substr(0, 8));
  std::string_view hint;
  if (word == "yes" || word == "on" || word == "y" || word == "true" || word == "1") hint = "; write true";
  if (word == "no" || word == "off" || word == "n" || word == "false" || word == "0") hint = "; write false";
  problem(node, fmt::format("must be true or false, not {}{}", value->shown, hint));
  return std::nullopt;
}

bool Reader::check_range(const Field& field, const Node& node, const Scalar& value, std::uint64_t number) {
  if (number >= field.min && number <= field.max) return true;
  problem(node, fmt::format("must be {}, not {}", show_range(field), value.shown));
  return false;
}

std::optional<std::uint64_t> Reader::integer(const Field& field, const Node& node) {
  const auto value = scalar(node);
  if (!value) return std::nullopt;
  const std::string_view text = value->text;
  if (!value->plain) {
    problem(node, fmt::format("must be a number without quotes, not {}", value->shown));
    return std::nullopt;
  }
  const bool negative = text.starts_with('-');
  const auto digits = text.substr(negative ? 1 : 0);
  const bool is_number = !digits.empty() && std::ranges::all_of(digits, base::is_digit);
  if (!is_number || (digits.size() > 1 && digits.front() == '0')) {
    problem(node, fmt::format("must be a whole number, {}, not {}", show_range(field), value->shown));
    return std::nullopt;
  }
  const auto number = base::parse_u64(digits);
  if (!number || negative) {
    problem(node, fmt::format("must be {}, not {}", show_range(field), value->shown));
    return std::nullopt;
  }
  return check_range(field, node, *value, *number) ? number : std::nullopt;
}

// Minimum and maximum are whole numbers.
std::optional<base::Money> Reader::decimal(const Field& field, const Node& node) {
  const auto value = scalar(node);
  if (!value) return std::nullopt;
  const bool negative = field.is_signed && value->text.starts_with('-');
  auto amount = base::Money::parse(std::string_view(value->text).substr(negative ? 1 : 0));
  if (!amount || *amount < base::Money::usd(static_cast<std::int64_t>(field.min)) ||
      *amount > base::Money::usd(static_cast<std::int64_t>(field.max))) {
    problem(node, fmt::format("must be a decimal number, {}, with at most nine places, not {}", show_range(field),
                              value->shown));
    return std::nullopt;
  }
  if (negative) amount = *amount * -1;
  return amount;
}

std::optional<Scope> Reader::scope(const Field& field, const Node& node) {
  const auto text = words(field, node, Use::open);
  if (!text) return std::nullopt;
  const std::size_t colon = text->find(':');
  const std::string_view kind = std::string_view(*text).substr(0, colon);
  static constexpr std::string_view kKinds[] = {"org", "unit", "team",     "project", "user",
                                                "key", "tag",  "end_user", "provider"};
  if (colon == std::string::npos || colon + 1 == text->size() || std::ranges::find(kKinds, kind) == std::end(kKinds)) {
    problem(node, fmt::format("must be a place in the identity tree such as `team:support` (org, unit, team, project, "
                              "user, key, end_user, tag or provider), not {}",
                              in_backticks(*text)));
    return std::nullopt;
  }
  return Scope{.kind = std::string(kind), .id = text->substr(colon + 1)};
}

std::optional<std::uint64_t> Reader::size(const Field& field, const Node& node) {
  const auto value = scalar(node);
  if (!value) return std::nullopt;
  const bool is_digits = !value->text.empty() && std::ranges::all_of(value->text, base::is_digit);
  if (is_digits && !value->plain) {
    problem(node, fmt::format("must be a number without quotes or have a unit, not {}", value->shown));
    return std::nullopt;
  }
  const auto number = is_digits ? base::parse_u64(value->text) : std::nullopt;
  if (number) return check_range(field, node, *value, *number) ? number : std::nullopt;
  const auto parsed = parse_size(value->text);
  if (!parsed) {
    problem(node, fmt::format("{} {}", value->shown, is_digits ? "is too large" : parsed.error().detail));
    return std::nullopt;
  }
  return check_range(field, node, *value, *parsed) ? std::optional(*parsed) : std::nullopt;
}

std::optional<milliseconds> Reader::duration(const Field& field, const Node& node) {
  const auto value = scalar(node);
  if (!value) return std::nullopt;
  const auto parsed = parse_duration(value->text);
  if (!parsed) {
    problem(node,
            value->referenced
                ? fmt::format("{} does not give a duration; write a whole number with ms, s, m or h", value->shown)
                : fmt::format("{} {}", value->shown, parsed.error().detail));
    return std::nullopt;
  }
  const auto count = static_cast<std::uint64_t>(parsed->count());
  return check_range(field, node, *value, count) ? std::optional(*parsed) : std::nullopt;
}

std::optional<std::string> Reader::words(const Field& field, const Node& node, Use use) {
  auto value = scalar(node, use);
  if (!value) return std::nullopt;
  if (value->plain && !value->referenced && is_typed(value->text)) {
    problem(node, fmt::format("must be text; put {} in quotes", value->shown));
    return std::nullopt;
  }
  if (value->text.size() < field.min || value->text.size() > field.max) {
    if (value->text.empty()) {
      problem(node, "must not be empty");
    } else {
      problem(node, fmt::format("must have {} to {} characters; it has {}", field.min, field.max, value->text.size()));
    }
    return std::nullopt;
  }
  const auto wrong = charset_problem(field.charset, value->text);
  if (!wrong.empty()) {
    problem(node, std::string(wrong));
    return std::nullopt;
  }
  return std::move(value->text);
}

std::optional<std::string> Reader::text(const Field& field, const Node& node) { return words(field, node, Use::open); }

std::optional<base::Secret> Reader::secret(const Field& field, const Node& node) {
  auto value = words(field, node, Use::secret);
  if (!value) return std::nullopt;
  return base::Secret(std::move(*value));
}

std::optional<int> Reader::choice(const Field& field, const Node& node) {
  const auto value = scalar(node);
  if (!value) return std::nullopt;
  const auto found = std::ranges::find(field.choices, std::string_view(value->text), &Choice::name);
  // Strict types: a choice that reads as a number ("1.2") stands in quotes, so that no YAML tool rewrites it.
  if (found != field.choices.end() && !(value->plain && !value->referenced && is_typed(value->text))) {
    return found->value;
  }
  const auto known = names_of(field.choices);
  std::string list;
  for (const auto name : known) list += fmt::format("{}`{}`", list.empty() ? "" : ", ", name);
  if (found != field.choices.end()) {
    problem(node, fmt::format("must be text; put {} in quotes", value->shown));
    return std::nullopt;
  }
  for (const std::string_view name : field.not_available) {
    if (name != value->text) continue;
    problem(node, fmt::format("`{}` is not available in this version; available: {}", name, list));
    return std::nullopt;
  }
  problem(node, fmt::format("must be one of {}, not {}{}", list, value->shown,
                            value->referenced ? std::string() : did_you_mean(value->text, known)));
  return std::nullopt;
}

std::optional<std::string> Reader::input(const Node& node) {
  const auto value = scalar(node);
  if (!value) return std::nullopt;
  if (value->text.empty()) {
    problem(node, "must not be empty");
    return std::nullopt;
  }
  auto path = resolve_path(node, value->text);
  const auto file = read_file(path, kMostInputBytes);
  if (!file) {
    problem(node, fmt::format("the file {} cannot be read: {}", value->shown, file.error()));
    return std::nullopt;
  }
  return path;
}

std::optional<std::string> Reader::path(const Node& node) {
  const auto value = scalar(node);
  if (!value) return std::nullopt;
  if (value->text.empty() || value->text.size() > 4096 || std::ranges::any_of(value->text, is_control)) {
    problem(node, "must be a path");
    return std::nullopt;
  }
  return resolve_path(node, value->text);
}

std::optional<std::string> Reader::output(const Node& node) {
  const auto value = scalar(node);
  if (!value) return std::nullopt;
  if (value->text.empty() || std::ranges::any_of(value->text, is_control)) {
    problem(node, "must be the path of a file, or `-` for standard output");
    return std::nullopt;
  }
  return value->text == "-" ? value->text : resolve_path(node, value->text);
}

std::optional<base::Endpoint> Reader::listen(const Node& node) {
  const auto value = scalar(node);
  if (!value) return std::nullopt;
  const auto address = base::Endpoint::parse(value->text);
  if (address) return *address;
  problem(node, fmt::format("{} {}", value->shown, address.error().detail));
  return std::nullopt;
}

std::optional<base::Cidr> Reader::block(const Node& node) {
  const auto value = scalar(node);
  if (!value) return std::nullopt;
  const auto cidr = base::Cidr::parse(value->text);
  if (cidr) return *cidr;
  problem(node, value->referenced ? fmt::format("{} does not give an address block", value->shown)
                                  : fmt::format("{} {}", value->shown, cidr.error().detail));
  return std::nullopt;
}

std::optional<BaseUrl> Reader::url(const Node& node) {
  const auto value = scalar(node, Use::secret);  // a URL that is refused may hold a password
  if (!value) return std::nullopt;
  auto parsed = parse_base_url(value->text);
  if (parsed) return std::move(*parsed);
  problem(node, parsed.error().detail);
  return std::nullopt;
}

std::optional<base::WallTime> Reader::time(const Node& node) {
  const auto value = scalar(node);
  if (!value) return std::nullopt;
  const auto parsed = parse_time(value->text);
  if (parsed) return *parsed;
  problem(node, fmt::format("{} {}", value->shown, parsed.error().detail));
  return std::nullopt;
}

std::optional<std::uint32_t> Reader::provider(const Node& node) {
  const auto value = scalar(node);
  if (!value) return std::nullopt;
  const auto& claims = claims_[static_cast<std::size_t>(Names::providers)];
  if (const auto found = claims.find(value->text); found != claims.end()) return found->second.position;
  std::vector<std::string_view> known;
  for (const Provider& provider : snapshot_.providers) {
    if (known.size() == kMostCompared) break;
    known.push_back(provider.name);
  }
  problem(node, fmt::format("no provider is called {}{}", value->shown,
                            value->referenced ? std::string() : did_you_mean(value->text, known)));
  return std::nullopt;
}

}  // namespace gatehouse::config
