#include "gatehouse/app/migrate/yaml.h"

#include <algorithm>
#include <string>
#include <utility>

#include <yaml-cpp/yaml.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::app::migrate {
namespace {

using config::Entry;
using config::Node;

class Reader {
 public:
  bool read(const YAML::Node& from, Node& to, std::size_t depth) {
    if (++count_ > config::kMostNodes || depth > config::kMostDepth) return false;
    to.place = place_of(from);
    switch (from.Type()) {
      case YAML::NodeType::Scalar:
        to.kind = Node::Kind::scalar;
        to.plain = from.Tag() == "?";
        to.text = from.Scalar();
        return true;
      case YAML::NodeType::Sequence:
        to.kind = Node::Kind::list;
        for (const auto& item : from) {
          to.items.emplace_back();
          if (!read(item, to.items.back(), depth + 1)) return false;
        }
        return true;
      case YAML::NodeType::Map:
        to.kind = Node::Kind::map;
        return read_map(from, to, depth);
      default:
        return true;
    }
  }

 private:
  static config::Place place_of(const YAML::Node& node) {
    const auto mark = node.Mark();
    return {.file = 0, .line = mark.line + 1, .column = mark.column + 1};
  }

  bool read_map(const YAML::Node& from, Node& to, std::size_t depth) {
    std::vector<Node> merged;
    for (const auto& pair : from) {
      const std::string key = pair.first.IsScalar() ? pair.first.Scalar() : std::string("?");
      Node value;
      if (!read(pair.second, value, depth + 1)) return false;
      if (key == "<<" && value.kind == Node::Kind::map) {
        merged.push_back(std::move(value));
      } else if (key == "<<" && value.kind == Node::Kind::list) {
        std::ranges::move(value.items, std::back_inserter(merged));
      } else {
        std::erase_if(to.entries, [&](const Entry& entry) { return entry.key == key; });
        to.entries.push_back({.key = key, .place = place_of(pair.first), .value = std::move(value)});
      }
    }
    // What the map says itself goes before what it merges, and an earlier merge before a later one.
    for (Node& other : merged) {
      for (Entry& entry : other.entries) {
        if (to.find(entry.key) == nullptr) to.entries.push_back(std::move(entry));
      }
    }
    return true;
  }

  std::size_t count_ = 0;
};

bool is_plain(std::string_view text) {
  const auto letter = [](char c) { return base::lower(c) >= 'a' && base::lower(c) <= 'z'; };
  if (text.empty() || !letter(text.front())) return false;
  for (const std::string_view word : {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}) {
    if (base::equals_ignore_case(text, word)) return false;
  }
  return std::ranges::all_of(
      text, [&](char c) { return letter(c) || base::is_digit(c) || c == '-' || c == '_' || c == '.' || c == '/'; });
}

}  // namespace

Result<Node> read_yaml(std::string_view text) {
  if (text.size() > config::kMostFileBytes) return fail(Code::configuration, "the file is larger than 8 MiB");
  // The YAML reader takes byte 4 for the end of the file and guesses UTF-16 from zeros.
  if (std::ranges::any_of(text, [](char c) { return c >= 0 && c < 0x20 && c != '\t' && c != '\n' && c != '\r'; })) {
    return fail(Code::configuration, "the file holds control characters");
  }
  try {
    Node root;
    if (!Reader().read(YAML::Load(std::string(text)), root, 0)) {
      return fail(Code::configuration, "the file is nested too deep or has too many values");
    }
    return root;
  } catch (const YAML::Exception& error) {
    return fail(Code::configuration, "line " + std::to_string(error.mark.line + 1) + ": not YAML: " + error.msg);
  }
}

std::string yaml_string(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string out;
  json::append_quoted(out, text);  // YAML's double quotes take all of JSON's strings (YAML 1.2 section 1.3)
  return out;
}

std::string literal(std::string_view text) {
  std::string doubled;
  for (const char c : text) doubled.append(c == '$' ? 2 : 1, c);
  return yaml_string(doubled);
}

}  // namespace gatehouse::app::migrate
