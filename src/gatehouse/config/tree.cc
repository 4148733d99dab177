#include "gatehouse/config/tree.h"

#include <sstream>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

namespace gatehouse::config {
namespace {

// Length of the UTF-8 sequence at the front (Unicode table 3-7), 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = first == 0xed ? 0x9f : 0xbf;
    return byte(1) >= low && byte(1) <= high && tail(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned low = first == 0xf0 ? 0x90 : 0x80;
    const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
    return byte(1) >= low && byte(1) <= high && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

// The YAML reader takes byte 4 for the end of the file and guesses UTF-16 from zeros, so such bytes must not reach it.
bool check_bytes(std::string_view yaml, std::uint32_t file, Report& report) {
  Place place{.file = file, .line = 1, .column = 1};
  for (std::size_t at = 0; at < yaml.size();) {
    const auto length = utf8_length(yaml.substr(at));
    const char c = yaml[at];
    if (length == 0) {
      report.problem(place, {}, "is not UTF-8 text");
      return false;
    }
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f) {
      report.problem(place, {}, fmt::format("holds the control character 0x{:02x}", c));
      return false;
    }
    if (c == '\n') {
      ++place.line;
      place.column = 0;
    }
    ++place.column;
    at += length;
  }
  return true;
}

Node make_node(Node::Kind kind, Place place) {
  Node node;
  node.kind = kind;
  node.place = place;
  return node;
}

// A tab where a line's indentation is, up to the line of a syntax error: most often its cause, and the reader's own
// message does not say so.
std::optional<Place> find_tab(std::string_view yaml, Place error) {
  Place place{.file = error.file, .line = 1, .column = 1};
  for (; place.line <= error.line; ++place.line) {
    const auto line = yaml.substr(0, yaml.find('\n'));
    const auto indent = line.substr(0, line.find_first_not_of(" \t"));
    if (const auto tab = indent.find('\t'); tab != indent.npos && indent.size() < line.size()) {
      place.column = static_cast<int>(tab) + 1;
      return place;
    }
    if (line.size() == yaml.size()) break;
    yaml.remove_prefix(line.size() + 1);
  }
  return std::nullopt;
}

struct Stop {};  // thrown through the YAML reader when reading on makes no sense

class Builder final : public YAML::EventHandler {
 public:
  Builder(std::uint32_t file, std::size_t& nodes, Report& report) : file_(file), nodes_(nodes), report_(report) {}

  Node take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check_extras(mark, {}, anchor);
    add(make_node(Node::Kind::null, place(mark)));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_alias(place(mark)); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_extras(mark, tag, anchor);
    Node node = make_node(Node::Kind::scalar, place(mark));
    node.plain = tag != "!";
    node.text = value;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::list);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Node::Kind::map);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

  // The names of anchors are not shown: an unquoted secret that begins with `*` or `&` reads as one.
  void refuse_alias(Place place) {
    report_.problem(place, {}, "aliases (`*name`) are not supported; quote a value that begins with `*`");
    throw Stop();
  }

 private:
  struct Level {
    Node node;
    bool has_key = false;  // of a map: `key` waits for its value
    std::string key;
    Place key_place;
    std::unordered_map<std::string, int> lines;  // of the keys so far
  };

  Place place(const YAML::Mark& mark) const {
    return {.file = file_, .line = mark.line + 1, .column = mark.column + 1};
  }

  void check_extras(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
      report_.problem(place(mark), {}, "anchors (`&name`) are not supported; quote a value that begins with `&`");
    }
    if (!tag.empty() && tag != "?" && tag != "!") {
      report_.problem(place(mark), {}, "tags (`!name`) are not supported; quote a value that begins with `!`");
    }
    if (++nodes_ > kMostNodes) {
      report_.problem(place(mark), {}, fmt::format("more than {} values", kMostNodes));
      throw Stop();
    }
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Node::Kind kind) {
    check_extras(mark, tag, anchor);
    if (!stack_.empty() && stack_.back().node.kind == Node::Kind::map && !stack_.back().has_key) {
      refuse_key(place(mark));
    }
    if (stack_.size() == kMostDepth) {
      report_.problem(place(mark), {}, fmt::format("nested more than {} levels deep", kMostDepth));
      throw Stop();
    }
    stack_.emplace_back();
    stack_.back().node = make_node(kind, place(mark));
  }

  void close() {
    Node node = std::move(stack_.back().node);
    stack_.pop_back();
    add(std::move(node));
  }

  [[noreturn]] void refuse_key(Place where) {
    report_.problem(where, {}, "a key must be text on one line");
    throw Stop();
  }

  void add(Node node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = stack_.back();
    if (level.node.kind == Node::Kind::list) {
      level.node.items.push_back(std::move(node));
      return;
    }
    if (!level.has_key) {
      if (node.kind != Node::Kind::scalar) refuse_key(node.place);
      if (node.plain && node.text == "<<") {
        report_.problem(node.place, {}, "merge keys (`<<`) are not supported");
      }
      level.key = std::move(node.text);
      level.key_place = node.place;
      level.has_key = true;
      return;
    }
    level.has_key = false;
    if (node.kind == Node::Kind::null) node.place = level.key_place;  // the reader puts it where the next thing begins
    const auto [first, is_new] = level.lines.emplace(level.key, level.key_place.line);
    if (!is_new) {
      report_.problem(
          level.key_place, {},
          fmt::format("the key {} is given twice; first on line {}", in_backticks(level.key), first->second));
      return;
    }
    if (level.key == "<<") return;
    level.node.entries.push_back({.key = std::move(level.key), .place = level.key_place, .value = std::move(node)});
  }

  std::uint32_t file_;
  std::size_t& nodes_;
  Report& report_;
  std::vector<Level> stack_;
  Node root_;
};

void merge(Node& into, Node&& from, std::string& path, Report& report) {
  if (from.kind == Node::Kind::null) return;
  if (into.kind == Node::Kind::null) {
    into = std::move(from);
    return;
  }
  if (into.kind == Node::Kind::scalar || from.kind != into.kind) {
    const auto first = fmt::format("{}:{}:{}", report.file_name(into.place.file), into.place.line, into.place.column);
    report.problem(from.place, path,
                   from.kind == into.kind ? fmt::format("is set twice; first at {}", first)
                                          : fmt::format("is not of the kind that it has at {}", first));
    return;
  }
  if (into.kind == Node::Kind::list) {
    into.items.insert(into.items.end(), std::make_move_iterator(from.items.begin()),
                      std::make_move_iterator(from.items.end()));
    return;
  }
  std::unordered_map<std::string, std::size_t> known;
  for (std::size_t i = 0; i < into.entries.size(); ++i) known.emplace(into.entries[i].key, i);
  for (Entry& entry : from.entries) {
    const auto found = known.find(entry.key);
    if (found == known.end()) {
      into.entries.push_back(std::move(entry));
      continue;
    }
    const auto length = path.size();
    if (!path.empty()) path += '.';
    path += entry.key;
    merge(into.entries[found->second].value, std::move(entry.value), path, report);
    path.resize(length);
  }
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::optional<Node> parse_tree(std::string_view yaml, std::uint32_t file, std::size_t& nodes, Report& report) {
  const Place start{.file = file, .line = 1, .column = 1};
  if (yaml.size() > kMostFileBytes) {
    report.problem(start, {}, fmt::format("is larger than {} bytes", kMostFileBytes));
    return std::nullopt;
  }
  if (!check_bytes(yaml, file, report)) return std::nullopt;
  Builder builder(file, nodes, report);
  try {
    std::istringstream stream{std::string(yaml)};
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return make_node(Node::Kind::map, start);
    Node root = builder.take_root();
    if (parser) {
      report.problem(start, {}, "holds more than one YAML document");
      return std::nullopt;
    }
    return root;
  } catch (const Stop&) {
    return std::nullopt;
  } catch (const YAML::Exception& error) {
    const Place place{.file = file, .line = error.mark.line + 1, .column = error.mark.column + 1};
    if (error.msg.starts_with(YAML::ErrorMsg::UNKNOWN_ANCHOR)) {
      report.problem(place, {}, "aliases (`*name`) are not supported; quote a value that begins with `*`");
    } else if (const auto tab = find_tab(yaml, place)) {
      report.problem(*tab, {}, "YAML syntax: a tab in the indentation; write spaces");
    } else {
      report.problem(place, {}, fmt::format("YAML syntax: {}", error.msg));
    }
    return std::nullopt;
  }
}

void merge_tree(Node& into, Node&& from, Report& report) {
  std::string path;
  merge(into, std::move(from), path, report);
}

}  // namespace gatehouse::config
