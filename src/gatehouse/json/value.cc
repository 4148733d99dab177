#include "gatehouse/json/value.h"

#include <charconv>
#include <cmath>

#include "gatehouse/json/lexer.h"

namespace gatehouse::json {
namespace detail {
namespace {

void append_utf8(std::uint32_t point, std::string& out) {
  const auto push = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    push(point);
  } else if (point < 0x800) {
    push(0xC0 | point >> 6);
    push(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    push(0xE0 | point >> 12);
    push(0x80 | (point >> 6 & 0x3F));
    push(0x80 | (point & 0x3F));
  } else {
    push(0xF0 | point >> 18);
    push(0x80 | (point >> 12 & 0x3F));
    push(0x80 | (point >> 6 & 0x3F));
    push(0x80 | (point & 0x3F));
  }
}

}  // namespace

void append_decoded(std::string_view inside, std::string& out) {
  const char* p = inside.data();
  const char* const end = p + inside.size();
  while (p < end) {
    const char* stop = plain_end(p, end);
    out.append(p, stop);
    if (stop == end) return;
    p = stop + 2;
    switch (stop[1]) {
      case 'b':
        out.push_back('\b');
        break;
      case 'f':
        out.push_back('\f');
        break;
      case 'n':
        out.push_back('\n');
        break;
      case 'r':
        out.push_back('\r');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'u': {
        auto point = static_cast<std::uint32_t>(hex4(p));
        p += 4;
        if (is_paired(stop, end)) {
          point = 0x10000 + ((point - 0xD800) << 10) + (static_cast<std::uint32_t>(hex4(p + 2)) - 0xDC00);
          p += 6;
        } else if ((point & 0xF800) == 0xD800) {
          point = 0xFFFD;
        }
        append_utf8(point, out);
        break;
      }
      default:
        out.push_back(stop[1]);
    }
  }
}

}  // namespace detail

namespace {

template <class T>
std::optional<T> read_as(std::string_view raw) {
  T value{};
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (error != std::errc() || end != raw.data() + raw.size()) return std::nullopt;
  return value;
}

bool starts_number(std::string_view raw) {
  return !raw.empty() && (raw.front() == '-' || detail::is_digit(raw.front()));
}

std::string_view last_member(std::string_view object, std::string_view key) {
  std::string_view found;
  const bool whole = walk_object(object, [&](const Member& member) {
    if (member.key == key) found = member.value;
  });
  return whole ? found : std::string_view();
}

}  // namespace

bool append_string(std::string_view raw, std::string& out) {
  if (raw.size() < 2 || raw.front() != '"') return false;
  detail::Lexer lexer(raw);
  bool escaped;
  if (!lexer.string(escaped) || !lexer.at_end()) return false;
  const std::string_view inside = raw.substr(1, raw.size() - 2);
  if (escaped) {
    detail::append_decoded(inside, out);
  } else {
    out.append(inside);
  }
  return true;
}

std::optional<std::string> read_string(std::string_view raw) {
  std::string out;
  if (!append_string(raw, out)) return std::nullopt;
  return out;
}

std::optional<std::int64_t> read_integer(std::string_view raw) {
  return starts_number(raw) ? read_as<std::int64_t>(raw) : std::nullopt;
}

std::optional<std::uint64_t> read_count(std::string_view raw) {
  if (raw.empty() || !detail::is_digit(raw.front())) return std::nullopt;
  if (const auto point = raw.find('.'); point != std::string_view::npos) {
    if (raw.find_first_not_of('0', point + 1) != std::string_view::npos) return std::nullopt;
    raw = raw.substr(0, point);
  }
  return read_as<std::uint64_t>(raw);
}

std::optional<double> read_number(std::string_view raw) {
  return starts_number(raw) ? read_as<double>(raw) : std::nullopt;
}

std::optional<bool> read_bool(std::string_view raw) {
  if (raw == "true") return true;
  if (raw == "false") return false;
  return std::nullopt;
}

std::optional<Kind> kind_of(std::string_view raw) {
  switch (raw.empty() ? '\0' : raw.front()) {
    case '{':
      return Kind::object;
    case '[':
      return Kind::array;
    case '"':
      return Kind::string;
    case 't':
    case 'f':
      return Kind::boolean;
    case 'n':
      return Kind::null;
    default:
      if (starts_number(raw)) return Kind::number;
      return std::nullopt;
  }
}

std::string_view find(std::string_view raw, std::string_view path) {
  for (;;) {
    const auto dot = path.find('.');
    raw = last_member(raw, path.substr(0, dot));
    if (raw.empty() || dot == std::string_view::npos) return raw;
    path.remove_prefix(dot + 1);
  }
}

Value::Value(std::string_view raw) {
  while (!raw.empty() && detail::is_space(raw.front())) raw.remove_prefix(1);
  while (!raw.empty() && detail::is_space(raw.back())) raw.remove_suffix(1);
  if (const auto kind = kind_of(raw)) {
    raw_ = raw;
    kind_ = *kind;
  }
}

Value Value::operator[](std::string_view key) const {
  return is(Kind::object) ? Value(last_member(raw_, key)) : Value();
}

void Value::members(base::FunctionRef<void(std::string_view key, Value value)> visit) const {
  if (!is(Kind::object)) return;
  walk_object(raw_, [&](const Member& member) { visit(member.key, Value(member.value)); });
}

void Value::elements(base::FunctionRef<void(Value value)> visit) const {
  if (!is(Kind::array)) return;
  walk_array(raw_, [&](const Element& element) { visit(Value(element.value)); });
}

std::size_t Value::size() const {
  std::size_t count = 0;
  if (is(Kind::object)) {
    members([&](std::string_view, Value) { ++count; });
  } else {
    elements([&](Value) { ++count; });
  }
  return count;
}

std::string Value::string_or(std::string_view otherwise) const {
  if (auto text = string()) return *std::move(text);
  return std::string(otherwise);
}

}  // namespace gatehouse::json
