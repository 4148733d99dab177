#include "gatehouse/dialects/text_rules.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/base64.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::dialects {
namespace {

using llm::SegmentKind;

enum Class : std::uint8_t { letter = 1, digit = 2, in_word = 4, in_id = 8, in_blob = 16, in_name = 32 };

constexpr auto kClasses = [] {
  std::array<std::uint8_t, 256> table{};
  const auto mark = [&table](std::string_view chars, unsigned bits) {
    for (const char c : chars) table[static_cast<unsigned char>(c)] |= static_cast<std::uint8_t>(bits);
  };
  mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", letter | in_word | in_id | in_blob | in_name);
  mark("0123456789", digit | in_word | in_id | in_blob | in_name);
  mark("_-.", in_word | in_id | in_blob | in_name);
  mark(":/", in_word | in_id | in_blob);
  mark("=+", in_id | in_blob);
  mark("#$|~", in_id);
  mark("$", in_name);
  return table;
}();

std::uint8_t class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }

bool all(std::string_view text, std::uint8_t bit) {
  return std::ranges::all_of(text, [bit](char c) { return (class_of(c) & bit) != 0; });
}

// The first characters of a string, decoded: enough for the head of a data: URL.
std::string head_of(const json::Cursor::String& string) {
  constexpr std::size_t kHead = 256;
  std::string_view inside = string.inside;
  if (inside.size() > kHead) {
    inside = inside.substr(0, kHead);
    // No escape is cut in two: the longest is a pair of surrogates.
    if (const auto escape = inside.find('\\', kHead - 12); escape != std::string_view::npos) {
      inside = inside.substr(0, escape);
    }
  }
  std::string head;
  json::append_decoded({0, 0, inside, string.escaped}, head);
  return head;
}

// Whether base64 begins as a text does: no image, sound or document is without a control character or a byte that is no
// UTF-8 for as long.
bool is_coded_text(std::string_view base64) {
  const auto bytes = read_base64(base64);
  return bytes &&
         std::ranges::all_of(*bytes,
                             [](char c) {
                               return (c >= ' ' && c != 0x7F) || c == '\n' || c == '\r' || c == '\t' ||
                                      static_cast<unsigned char>(c) >= 0x80;
                             }) &&
         text::valid_utf8(std::string_view(*bytes).substr(0, bytes->size() - text::incomplete_tail(*bytes)));
}

// What a data: URL holds; anything else where it is none.
SegmentKind kind_of_data_url(std::string head, SegmentKind otherwise) {
  for (char& c : head) c = base::lower(c);
  std::string_view url = base::trim(head);
  constexpr std::string_view kScheme = "data:";
  if (!url.starts_with(kScheme)) return otherwise;
  url.remove_prefix(kScheme.size());
  const auto comma = url.find(',');
  if (comma == std::string_view::npos) return SegmentKind::document;
  const std::string_view params = url.substr(0, comma);
  const std::string_view type = base::trim(params.substr(0, params.find(';')));
  const bool encoded = params.find(";base64") != std::string_view::npos;
  return encoded && !is_text_type(type) ? SegmentKind::media : SegmentKind::document;
}

}  // namespace

bool is_text_type(std::string_view type) {
  if (type.empty()) return true;  // RFC 2397: text/plain
  for (const std::string_view part : {"text", "json", "xml", "html", "javascript", "yaml", "csv", "markdown", "svg"}) {
    if (type.find(part) != std::string_view::npos) return true;
  }
  return false;
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 && (class_of(text.front()) & letter) != 0 && all(text, in_word);
}

bool is_id(std::string_view text) {
  return text.size() <= 128 && all(text, in_id) &&
         std::ranges::any_of(text, [](char c) { return (class_of(c) & letter) != 0; });
}

bool is_opaque(std::string_view written) {
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '\\' && written.substr(i + 1).starts_with('/')) continue;
    if ((class_of(written[i]) & in_blob) == 0) return false;
  }
  return true;
}

bool is_plain_name(std::string_view name) {
  if (name.empty() || name.size() > 40 || !all(name, in_name)) return false;
  return std::ranges::count_if(name, [](char c) { return (class_of(c) & digit) != 0; }) <= 4;
}

SegmentKind kind_of_url(const json::Cursor::String& string) {
  // Nearly all are URLs of the web.
  if (string.inside.starts_with("http")) return SegmentKind::url;
  return kind_of_data_url(head_of(string), SegmentKind::url);
}

SegmentKind kind_of_blob(const json::Cursor::String& string, std::size_t least) {
  std::string head = head_of(string);
  const bool base64 = string.inside.size() >= least && all(std::string_view(head).substr(0, 64), in_blob) &&
                      !(string.inside.size() >= 64 && is_coded_text(std::string_view(head).substr(0, 64)));
  return kind_of_data_url(std::move(head), base64 ? SegmentKind::media : SegmentKind::document);
}

std::string_view text_of(const json::Cursor::String& string, std::deque<std::string>& decoded) {
  if (!string.escaped) return string.inside;
  // Many short texts share a block; decoding never makes longer.
  constexpr std::size_t kBlock = std::size_t{8} * 1024;
  if (decoded.empty() || decoded.back().capacity() - decoded.back().size() < string.inside.size()) {
    decoded.emplace_back().reserve(std::max(kBlock, string.inside.size()));
  }
  std::string& block = decoded.back();
  const std::size_t from = block.size();
  json::append_decoded(string, block);
  return std::string_view(block).substr(from);
}

}  // namespace gatehouse::dialects
