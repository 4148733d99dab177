#include "gatehouse/guard/terms/term_syntax.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/guard/terms/term_pattern.h"

namespace gatehouse::guard::term_syntax {
namespace {

constexpr int kDeepest = 50;

Bytes range(unsigned from, unsigned to) {
  Bytes bytes;
  for (unsigned c = from; c <= to; ++c) bytes.set(c);
  return bytes;
}
Bytes digits() { return range('0', '9'); }
Bytes words() { return range('0', '9') | range('a', 'z') | range('A', 'Z') | range('_', '_'); }
Bytes spaces() { return range('\t', '\n') | range('\f', '\r') | range(' ', ' '); }

Node single(Bytes bytes) {
  Node node;
  node.kind = Node::Kind::bytes;
  node.bytes = bytes;
  return node;
}

class Parser {
 public:
  explicit Parser(std::string_view pattern) : text_(pattern) {}

  Result<Node> parse() {
    Node node = choice(0);
    if (why_.empty() && at_ < text_.size()) refuse("a parenthesis that nothing opens");
    if (!why_.empty()) return fail(Code::configuration, fmt::format("{} at character {}", why_, at_ + 1));
    return node;
  }

 private:
  void refuse(std::string_view why) {
    if (why_.empty()) why_ = why;
  }
  bool more() const { return why_.empty() && at_ < text_.size(); }
  bool accept(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  Node choice(int depth) {
    Node node;
    node.kind = Node::Kind::choice;
    if (depth > kDeepest) refuse("groups too deep inside each other");
    do {
      node.children.push_back(sequence(depth));
    } while (more() && accept('|'));
    if (node.children.size() == 1) {
      Node only = std::move(node.children.front());
      return only;
    }
    return node;
  }

  Node sequence(int depth) {
    Node node;
    while (more() && text_[at_] != '|' && text_[at_] != ')') {
      Node next = atom(depth);
      while (more() && std::string_view("?*+{").contains(text_[at_])) next = repeated(std::move(next));
      node.children.push_back(std::move(next));
    }
    return node;
  }

  Node repeated(Node inner) {
    Node node;
    node.kind = Node::Kind::repeat;
    if (inner.kind == Node::Kind::boundary || inner.kind == Node::Kind::no_boundary) refuse("\\b repeated");
    if (inner.kind == Node::Kind::repeat) refuse("a repeat repeated");
    const char sign = text_[at_++];
    if (sign == '?') {
      node.most = 1;
    } else if (sign == '*') {
      node.most = kNoBound;
    } else if (sign == '+') {
      node.least = 1;
      node.most = kNoBound;
    } else {
      const std::optional<std::size_t> least = number();
      node.least = least.value_or(0);
      node.most = node.least;
      if (!least) refuse("a brace that is no repeat (write \\{)");
      if (accept(',')) node.most = number().value_or(kNoBound);
      if (!accept('}')) refuse("a repeat without its closing brace");
      if (node.most < node.least || node.most == 0) refuse("a repeat that is empty");
      if (node.least > TermPattern::kWidest || (node.most != kNoBound && node.most > TermPattern::kWidest)) {
        refuse("a repeat of more than 256");
      }
    }
    accept('?');  // lazy: all ends are looked at anyway
    node.children.push_back(std::move(inner));
    return node;
  }

  std::optional<std::size_t> number() {
    std::size_t value = 0;
    const std::size_t from = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && at_ - from < 5) {
      value = value * 10 + static_cast<std::size_t>(text_[at_++] - '0');
    }
    if (at_ == from) return std::nullopt;
    return value;
  }

  Node atom(int depth) {
    const char c = text_[at_];
    if (c == '(') return group(depth);
    if (c == '[') return bracket();
    if (c == '.') {
      ++at_;
      return single(~range('\n', '\n'));
    }
    if (c == '\\') return escape();
    if (c == '^' || c == '$') refuse("an anchor (^ or $): a text that comes in pieces has no ends; use \\b");
    if (std::string_view("?*+{").contains(c)) refuse("a repeat of nothing");
    return literal();
  }

  // A character: its bytes, together.
  Node literal() {
    const auto first = static_cast<unsigned char>(text_[at_]);
    const std::size_t size = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    if (size == 1 || at_ + size > text_.size()) {
      ++at_;
      return single(range(first, first));
    }
    Node node;
    for (std::size_t i = 0; i < size; ++i) {
      const auto byte = static_cast<unsigned char>(text_[at_++]);
      node.children.push_back(single(range(byte, byte)));
    }
    return node;
  }

  Node group(int depth) {
    ++at_;
    if (accept('?')) {
      if (accept('P')) {
        if (!accept('<')) refuse("a back reference");
        while (more() && text_[at_] != '>') ++at_;
        accept('>');
      } else if (!accept(':')) {
        refuse("a group of a kind that is not supported (flags, look-around); use (?:...)");
      }
    }
    Node node = choice(depth + 1);
    if (why_.empty() && !accept(')')) refuse("a parenthesis that nothing closes");
    return node;
  }

  Node escape() {
    if (++at_ >= text_.size()) {
      refuse("a backslash at the end");
      return {};
    }
    const char c = text_[at_];
    if (c == 'b' || c == 'B') {
      ++at_;
      Node node;
      node.kind = c == 'b' ? Node::Kind::boundary : Node::Kind::no_boundary;
      return node;
    }
    return single(escaped_bytes());
  }

  // Behind a backslash.
  Bytes escaped_bytes() {
    const char c = text_[at_++];
    switch (c) {
      case 'd':
        return digits();
      case 'D':
        return ~digits();
      case 'w':
        return words();
      case 'W':
        return ~words();
      case 's':
        return spaces();
      case 'S':
        return ~spaces();
      case 't':
        return range('\t', '\t');
      case 'n':
        return range('\n', '\n');
      case 'r':
        return range('\r', '\r');
      case 'f':
        return range('\f', '\f');
      case 'v':
        return range('\v', '\v');
      case 'x': {
        unsigned value = 0;
        for (int i = 0; i < 2; ++i) {
          const char h = at_ < text_.size() ? text_[at_] : 0;
          const unsigned digit = h >= '0' && h <= '9'   ? static_cast<unsigned>(h - '0')
                                 : h >= 'a' && h <= 'f' ? static_cast<unsigned>(h - 'a' + 10)
                                 : h >= 'A' && h <= 'F' ? static_cast<unsigned>(h - 'A' + 10)
                                                        : 16;
          if (digit == 16) {
            refuse("\\x without two hex digits");
            return {};
          }
          value = value * 16 + digit;
          ++at_;
        }
        return range(value, value);
      }
      default:
        break;
    }
    const auto byte = static_cast<unsigned char>(c);
    if (words().test(byte) || byte >= 0x80) {
      refuse(c >= '1' && c <= '9' ? "a back reference" : "an escape that is not supported");
    }
    return range(byte, byte);
  }

  Node bracket() {
    ++at_;
    const bool negated = accept('^');
    Bytes bytes;
    bool first = true;
    while (true) {
      if (!more()) {
        refuse("a bracket that nothing closes");
        return {};
      }
      if (text_[at_] == ']' && !first) break;
      first = false;
      if (text_.substr(at_).starts_with("[:")) {
        bytes |= named_class();
        continue;
      }
      Bytes one = element();
      if (!why_.empty()) return {};
      if (one.count() == 1 && at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
        ++at_;
        const Bytes last = element();
        const unsigned from = first_of(one);
        const unsigned to = first_of(last);
        if (last.count() != 1 || to < from) {
          refuse("a range in a bracket that is none");
          return {};
        }
        one = range(from, to);
      }
      bytes |= one;
    }
    ++at_;
    if (negated) bytes = ~bytes;
    if (bytes.none()) refuse("a bracket that matches nothing");
    return single(bytes);
  }

  static unsigned first_of(const Bytes& bytes) {
    unsigned c = 0;
    while (c < 255 && !bytes.test(c)) ++c;
    return c;
  }

  Bytes element() {
    if (at_ >= text_.size()) {
      refuse("a bracket that nothing closes");
      return {};
    }
    if (text_[at_] == '\\') {
      if (++at_ >= text_.size()) {
        refuse("a backslash at the end");
        return {};
      }
      if (text_[at_] == 'b') {
        refuse("\\b in a bracket");
        return {};
      }
      return escaped_bytes();
    }
    const auto byte = static_cast<unsigned char>(text_[at_++]);
    if (byte >= 0x80) refuse("a character outside ASCII in a bracket; write (?:a|b)");
    return range(byte, byte);
  }

  Bytes named_class() {
    static constexpr std::string_view kNames[] = {"digit", "alpha", "alnum",  "upper",
                                                  "lower", "space", "xdigit", "punct"};
    const std::size_t end = text_.find(":]", at_);
    const std::string_view name = end == std::string_view::npos ? "" : text_.substr(at_ + 2, end - at_ - 2);
    const auto known = std::ranges::find(kNames, name);
    if (known == std::end(kNames)) {
      refuse("a class by a name that nobody knows");
      ++at_;
      return {};
    }
    at_ = end + 2;
    const Bytes letters = range('a', 'z') | range('A', 'Z');
    switch (known - std::begin(kNames)) {
      case 0:
        return digits();
      case 1:
        return letters;
      case 2:
        return letters | digits();
      case 3:
        return range('A', 'Z');
      case 4:
        return range('a', 'z');
      case 5:
        return spaces();
      case 6:
        return digits() | range('a', 'f') | range('A', 'F');
      default:
        return range('!', '~') & ~(letters | digits());
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view why_;
};

std::size_t plus(std::size_t a, std::size_t b) { return a == kNoBound || b == kNoBound ? kNoBound : a + b; }

}  // namespace

Result<Node> parse(std::string_view pattern) { return Parser(pattern).parse(); }

Width measure(const Node& node, bool caseless) {
  Width width;
  switch (node.kind) {
    case Node::Kind::bytes: {
      width.least = width.most = width.parts = 1;
      width.may_be_space = (node.bytes & spaces()).any();
      const Bytes letters = range('a', 'z') | range('A', 'Z');
      // Digits, signs, a letter out of a few: a run of any letters or of anything is what prose is full of.
      width.rare =
          !width.may_be_space && node.bytes.count() <= (caseless ? 40U : 32U) && (node.bytes & letters).count() <= 16;
      return width;
    }
    case Node::Kind::sequence:
      for (const Node& child : node.children) {
        const Width one = measure(child, caseless);
        width.least += one.least;
        width.most = plus(width.most, one.most);
        width.parts += one.parts;
        width.may_be_space |= one.may_be_space;
        width.rare |= one.rare;
        if (width.why.empty()) width.why = one.why;
      }
      return width;
    case Node::Kind::choice: {
      bool first = true;
      for (const Node& child : node.children) {
        const Width one = measure(child, caseless);
        width.least = first ? one.least : std::min(width.least, one.least);
        width.most = first                                            ? one.most
                     : width.most == kNoBound || one.most == kNoBound ? kNoBound
                                                                      : std::max(width.most, one.most);
        width.parts += one.parts;
        width.may_be_space |= one.may_be_space;
        width.rare = first ? one.rare : width.rare && one.rare;
        if (width.why.empty()) width.why = one.why;
        first = false;
      }
      return width;
    }
    case Node::Kind::repeat: {
      width = measure(node.children.front(), caseless);
      if (node.most == kNoBound && width.may_be_space && width.why.empty()) {
        width.why = "it repeats without bound what can be white space; give a bound, such as .{0,80}";
      }
      if (node.most == kNoBound || width.most == kNoBound) {
        width.most = kNoBound;
      } else {
        width.most *= node.most;
      }
      width.least *= node.least;
      width.parts *= node.most == kNoBound ? std::max<std::size_t>(1, node.least) : node.most;
      width.rare = width.rare && node.least > 0;
      return width;
    }
    case Node::Kind::boundary:
    case Node::Kind::no_boundary:
      return width;
  }
  return width;
}

namespace {

void write_byte(std::string& out, unsigned byte) { out += fmt::format("\\x{:02x}", byte); }

void write_bytes(std::string& out, const Bytes& bytes) {
  if (bytes.count() == 1) {
    for (unsigned c = 0; c < 256; ++c) {
      if (!bytes.test(c)) continue;
      if (words().test(c)) {
        out += static_cast<char>(c);
      } else {
        write_byte(out, c);
      }
    }
    return;
  }
  out += '[';
  for (unsigned c = 0; c < 256; ++c) {
    if (!bytes.test(c)) continue;
    unsigned last = c;
    while (last < 255 && bytes.test(last + 1)) ++last;
    write_byte(out, c);
    if (last > c) out += '-';
    if (last > c) write_byte(out, last);
    c = last;
  }
  out += ']';
}

void write_repeat(std::string& out, const Node& inner, std::size_t least, std::size_t most) {
  out += "(?:";
  write(out, inner);
  out += ')';
  if (least == 0 && most == kNoBound) {
    out += '*';
  } else if (least == 1 && most == kNoBound) {
    out += '+';
  } else if (most == kNoBound) {
    out += fmt::format("{{{},}}", least);
  } else {
    out += fmt::format("{{{},{}}}", least, most);
  }
}

}  // namespace

void write(std::string& out, const Node& node) {
  switch (node.kind) {
    case Node::Kind::bytes:
      return write_bytes(out, node.bytes);
    case Node::Kind::sequence:
      for (const Node& child : node.children) write(out, child);
      return;
    case Node::Kind::choice:
      out += "(?:";
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        if (i > 0) out += '|';
        write(out, node.children[i]);
      }
      out += ')';
      return;
    case Node::Kind::repeat:
      return write_repeat(out, node.children.front(), node.least, node.most);
    case Node::Kind::boundary:
      out += "\\b";
      return;
    case Node::Kind::no_boundary:
      out += "\\B";
      return;
  }
}

void write_prefix(std::string& out, const Node& node) {
  switch (node.kind) {
    case Node::Kind::bytes:
      write_bytes(out, node.bytes);
      out += '?';
      return;
    case Node::Kind::sequence: {
      std::size_t open = 0;
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        const Node& child = node.children[i];
        const bool simple = child.kind == Node::Kind::bytes || child.kind == Node::Kind::boundary ||
                            child.kind == Node::Kind::no_boundary;
        out += "(?:";
        if (!simple) {
          write_prefix(out, child);
          out += '|';
        }
        write(out, child);
        ++open;
      }
      for (; open > 0; --open) out += ")?";
      return;
    }
    case Node::Kind::choice:
      out += "(?:";
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        if (i > 0) out += '|';
        write_prefix(out, node.children[i]);
      }
      out += ')';
      return;
    case Node::Kind::repeat: {
      const std::size_t before = node.most == kNoBound ? kNoBound : node.most - 1;
      if (before > 0) write_repeat(out, node.children.front(), 0, before);
      write_prefix(out, node.children.front());
      return;
    }
    case Node::Kind::boundary:
    case Node::Kind::no_boundary:
      return;
  }
}

}  // namespace gatehouse::guard::term_syntax
