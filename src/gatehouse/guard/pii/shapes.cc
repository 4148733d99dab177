#include "gatehouse/guard/pii/shapes.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/guard/pii/characters.h"

namespace gatehouse::guard::pii {
namespace {

// An alternative as written, in pieces.
struct Piece {
  char what;  // # @ * or a character itself; - ~ _ where groups part
  bool parts;
  int least = 1;
  int most = 1;
};

constexpr std::size_t kMostWays = 4096;  // of one alternative

Result<std::vector<Piece>> parse(std::string_view shape) {
  std::vector<Piece> pieces;
  const auto number_at = [&](std::size_t& i) {
    int value = 0;
    while (i < shape.size() && is_number(shape[i]) && value < 1000) value = value * 10 + (shape[i++] - '0');
    return value;
  };
  for (std::size_t i = 0; i < shape.size();) {
    const char c = shape[i];
    if (c == '{') {
      if (pieces.empty() || pieces.back().parts) return fail(Code::configuration, "nothing to repeat");
      Piece& last = pieces.back();
      last.least = last.most = number_at(++i);
      if (i < shape.size() && shape[i] == ',') last.most = number_at(++i);
      if (i >= shape.size() || shape[i] != '}' || last.most < 1 || last.least > last.most) {
        return fail(Code::configuration, "wrong repeat");
      }
      ++i;
      continue;
    }
    const bool parts = c == '-' || c == '~' || c == '_';
    if (!parts && c != '#' && c != '@' && c != '*' && !is_alnum(c)) return fail(Code::configuration, "unknown sign");
    pieces.push_back({.what = c, .parts = parts});
    ++i;
  }
  return pieces;
}

// All ways to write it, as groups: "##" "@@@".
bool expand(std::span<const Piece> pieces, bool all, std::vector<std::string> groups,
            std::vector<std::vector<std::string>>& out) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    if (piece.parts) {
      if (piece.what == '-' && !expand(pieces.subspan(i + 1), all, groups, out)) return false;
      if (piece.what != '~' || all) groups.emplace_back();
      continue;
    }
    for (int n = piece.least; n < piece.most; ++n) {
      auto shorter = groups;
      shorter.back().append(static_cast<std::size_t>(n), piece.what);
      if (!expand(pieces.subspan(i + 1), all, std::move(shorter), out)) return false;
    }
    groups.back().append(static_cast<std::size_t>(piece.most), piece.what);
  }
  std::erase(groups, std::string());
  if (!groups.empty()) out.push_back(std::move(groups));
  return out.size() <= kMostWays;
}

struct Draft {
  std::map<std::size_t, Draft> children;
  std::vector<ShapeTable::Shape> shapes;
  std::uint64_t digits = ~std::uint64_t{0};
  std::uint64_t letters = ~std::uint64_t{0};

  void sum_up() {
    for (const ShapeTable::Shape& shape : shapes) {
      digits &= shape.digits;
      letters &= shape.letters;
    }
    for (auto& [length, child] : children) {
      child.sum_up();
      digits &= child.digits;
      letters &= child.letters;
    }
  }
};

bool same(const ShapeTable::Shape& a, const ShapeTable::Shape& b) {
  return std::tie(a.digits, a.letters, a.fixed, a.characters, a.kind) ==
         std::tie(b.digits, b.letters, b.fixed, b.characters, b.kind);
}

}  // namespace

Result<ShapeTable> ShapeTable::make(std::span<const Kind> kinds, float least_score) {
  ShapeTable table;
  Draft root;
  for (std::size_t k = 0; k < kinds.size(); ++k) {
    const Kind& kind = kinds[k];
    if (kind.shapes.empty() || std::max(kind.needs_word ? 0.0F : kind.score, kind.score_near) < least_score) continue;
    std::uint8_t separators = 0;
    for (const char c : kind.separators) separators |= separator_kind(c);
    for (std::string_view rest = kind.shapes; !rest.empty();) {
      const std::size_t bar = std::min(rest.find('|'), rest.size());
      const std::string_view alternative = rest.substr(0, bar);
      rest.remove_prefix(std::min(rest.size(), bar + 1));
      const auto wrong = [&](std::string_view why) {
        return fail(Code::configuration, fmt::format("{}: shape '{}': {}", kind.entity, alternative, why));
      };
      auto pieces = parse(alternative);
      if (!pieces) return wrong(pieces.error().detail);
      std::vector<std::vector<std::string>> ways;
      bool fits = expand(*pieces, true, {""}, ways);
      if (alternative.find('~') != std::string_view::npos) fits = fits && expand(*pieces, false, {""}, ways);
      if (!fits || ways.empty()) return wrong("too many ways, or none");
      for (const auto& groups : ways) {
        Draft* at = &root;
        Shape shape{
            .kind = static_cast<std::uint16_t>(k), .separators = separators, .mixed = kind.mixed, .glued = kind.glued};
        std::size_t place = 0;
        bool may_have_digit = false;
        std::size_t leading = 0;
        for (std::size_t g = 0; g < groups.size(); ++g) {
          bool letters_only = true;
          for (const char c : groups[g]) {
            if (place >= kLongestShape) return wrong("too long");
            const std::uint64_t bit = std::uint64_t{1} << place++;
            if (c == '#') shape.digits |= bit;
            if (c == '@') shape.letters |= bit;
            if (c == '#' || c == '*' || is_number(c)) may_have_digit = true;
            if (c == '#' || c == '*' || is_number(c)) letters_only = false;
            if (is_alnum(c)) {
              (is_number(c) ? shape.digits : shape.letters) |= bit;
              shape.fixed |= bit;
              shape.characters += to_upper(c);
            }
          }
          if (letters_only && g == leading) ++leading;
          at = &at->children[groups[g].size()];
        }
        if (!may_have_digit) return wrong("has no digit: nothing would look for it");
        if (leading > 2) return wrong("more than two groups of letters in front");
        if (leading > 0 && leading < groups.size()) {
          for (std::size_t g = 0; g < leading; ++g) table.leads_ |= std::uint64_t{1} << groups[g].size();
          table.lead_twice_ |= leading > 1;
        }
        if (std::ranges::none_of(at->shapes, [&](const Shape& other) { return same(other, shape); })) {
          at->shapes.push_back(std::move(shape));
        }
      }
    }
  }

  root.sum_up();
  // Breadth first, so that the children of a node lie together.
  std::vector<const Draft*> order = {&root};
  table.nodes_.emplace_back();
  for (std::size_t n = 0; n < order.size(); ++n) {
    const Draft& draft = *order[n];
    table.nodes_[n].digits = draft.digits;
    table.nodes_[n].letters = draft.letters;
    table.nodes_[n].first_shape = static_cast<std::uint32_t>(table.shapes_.size());
    table.nodes_[n].shapes = static_cast<std::uint32_t>(draft.shapes.size());
    table.shapes_.insert(table.shapes_.end(), draft.shapes.begin(), draft.shapes.end());
    table.nodes_[n].first_child = static_cast<Node>(table.children_.size());
    for (const auto& [length, child] : draft.children) {
      table.nodes_[n].lengths |= std::uint64_t{1} << length;
      table.children_.push_back(static_cast<Node>(order.size()));
      order.push_back(&child);
      table.nodes_.emplace_back();
    }
  }
  return table;
}

}  // namespace gatehouse::guard::pii
