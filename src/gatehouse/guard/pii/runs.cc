#include "gatehouse/guard/pii/runs.h"

#include <array>
#include <bit>

#include "gatehouse/guard/pii/characters.h"
#include "gatehouse/guard/pii/pii_detector.h"

namespace gatehouse::guard::pii {
namespace {

constexpr std::size_t kMostDigitsOfTime = 4;  // of a group beside a colon: times, ports, addresses

// Whether the group that ends at `end` makes what follows it a piece of something longer.
bool joins_before(std::string_view text, std::size_t end, bool colon) {
  std::size_t length = 0;
  bool digit = false;
  for (std::size_t i = end; i > 0 && length <= kLongestShape && is_alnum(text[i - 1]); --i, ++length) {
    digit |= is_number(text[i - 1]);
  }
  return digit && (!colon || length <= kMostDigitsOfTime);
}

enum class Joint : std::uint8_t { none, joined, open };

Joint joins_behind(const Scene& scene, std::size_t begin, bool colon) {
  std::size_t length = 0;
  bool digit = false;
  std::size_t i = begin;
  for (; i < scene.text.size() && length <= kLongestShape && is_alnum(scene.text[i]); ++i, ++length) {
    digit |= is_number(scene.text[i]);
    if (digit && !colon) return Joint::joined;
  }
  if (digit && length <= kMostDigitsOfTime && !scene.cut(i)) return Joint::joined;
  return scene.cut(i) && length <= kLongestShape ? Joint::open : Joint::none;
}

bool stands_free_before(std::string_view text, std::size_t begin) {
  if (begin == 0) return true;
  if (letter_before(text, begin)) return false;
  const char c = text[begin - 1];
  if (c == '+') return false;
  if (c == '-' || c == '.' || c == '/' || c == '_' || c == ':') return !joins_before(text, begin - 1, c == ':');
  return true;
}

}  // namespace

std::size_t Runs::at(Scene& scene, std::size_t digit) const {
  const std::string_view text = scene.text;
  std::size_t begin = digit;
  // Letters in front belong to the group. One that is longer than any shape is none.
  while (begin > 0 && digit - begin <= kLongestShape && is_alnum(text[begin - 1])) --begin;
  std::size_t end = digit;
  while (end < text.size() && is_alnum(text[end])) ++end;
  if (digit - begin > kLongestShape) return end;

  walk(scene, begin, false);
  if (digit - begin >= 2) {
    bool lower = true;
    for (std::size_t i = begin; i < digit; ++i) lower &= byte(text[i]) == Byte::lower;
    if (lower) walk(scene, digit, true);
  }
  // Groups of letters in front: "AA 12 34 56 B", "B AB 1234".
  std::size_t at = begin;
  for (int groups = 0; groups < (shapes_.may_lead_twice() ? 2 : 1); ++groups) {
    const SeparatorAt separator = separator_before(text, at);
    if (separator.length == 0) break;
    const std::size_t group_end = at - separator.length;
    std::size_t group = group_end;
    while (group > 0 && group_end - group < 10 && is_letter(text[group - 1])) --group;
    if (group == group_end || (group > 0 && is_alnum(text[group - 1])) || !shapes_.may_lead(group_end - group)) break;
    walk(scene, group, false);
    at = group;
  }
  return end;
}

void Runs::walk(Scene& scene, std::size_t begin, bool glued) const {
  const std::string_view text = scene.text;
  if (!glued && !stands_free_before(text, begin)) return;
  std::array<char, kLongestShape> compact;
  std::size_t size = 0;
  std::uint64_t digits = 0;
  std::uint8_t separators = 0;
  ShapeTable::Node node = ShapeTable::kRoot;
  std::size_t at = begin;
  while (true) {
    const std::size_t group = at;
    for (; at < text.size() && size < kLongestShape; ++at, ++size) {
      const Byte kind = byte(text[at]);
      if (kind == Byte::other) break;
      digits |= static_cast<std::uint64_t>(kind == Byte::digit) << size;
      compact[size] = kind == Byte::lower ? static_cast<char>(text[at] - 32) : text[at];
    }
    if (at < text.size() && is_alnum(text[at])) return;  // longer than any
    if (scene.cut(at)) {
      scene.hold(begin);
      return;
    }
    node = shapes_.child(node, at - group);
    if (node == ShapeTable::kNone || !shapes_.may_fit(node, digits, size) || letter_behind(text, at)) return;
    if (!shapes_.shapes(node).empty() &&
        !judge(scene, begin, at, node, {compact.data(), size}, digits, separators, glued)) {
      return;
    }
    if (shapes_.is_leaf(node)) return;
    const SeparatorAt separator = separator_at(text, at);
    if (separator.kind == kNone) return;
    if (separator.length == 0 || scene.cut(at + separator.length)) {
      if (!scene.complete) scene.hold(begin);
      return;
    }
    at += separator.length;
    if (at >= text.size() || !is_alnum(text[at])) return;
    separators |= separator.kind;
  }
}

// False: held.
bool Runs::judge(Scene& scene, std::size_t begin, std::size_t end, ShapeTable::Node node, std::string_view compact,
                 std::uint64_t digits, std::uint8_t separators, bool glued) const {
  const std::uint64_t letters = ~digits;
  bool edge_known = false;
  std::uint16_t done = 0xFFFF;
  for (const ShapeTable::Shape& shape : shapes_.shapes(node)) {
    if ((shape.digits & letters) != 0 || (shape.letters & digits) != 0) continue;
    if ((separators & ~shape.separators) != 0 || (!shape.mixed && std::popcount(separators) > 1)) continue;
    if ((glued && !shape.glued) || shape.kind == done) continue;
    bool fits = true;
    const char* expected = shape.characters.data();
    for (std::uint64_t rest = shape.fixed; rest != 0 && fits; rest &= rest - 1) {
      fits = compact[static_cast<std::size_t>(std::countr_zero(rest))] == *expected++;
    }
    if (!fits) continue;
    const Kind& kind = kinds_[shape.kind];
    if (kind.valid != nullptr && !kind.valid(compact)) continue;
    if (!edge_known) {
      const char c = end < scene.text.size() ? scene.text[end] : ' ';
      if (c == '-' || c == '.' || c == '/' || c == '_' || c == ':') {
        const Joint joint = joins_behind(scene, end + 1, c == ':');
        if (joint == Joint::joined) return true;
        if (joint == Joint::open) {
          scene.hold(begin);
          return false;
        }
      }
      edge_known = true;
    }
    done = shape.kind;
    if (!scene.judge(shape.kind, begin, end)) return false;
  }
  return true;
}

std::size_t Runs::lead_of(const Scene& scene, std::size_t at) const {
  const std::string_view text = scene.text;
  for (int groups = 0; groups < 2; ++groups) {
    const SeparatorAt separator = separator_before(text, at);
    if (separator.length == 0) return at;
    const std::size_t group_end = at - separator.length;
    std::size_t group = group_end;
    while (group > scene.from && group_end - group < 10 && is_letter(text[group - 1])) --group;
    if (group == group_end || (group > 0 && is_alnum(text[group - 1])) || !shapes_.may_lead(group_end - group)) {
      return at;
    }
    at = group;
  }
  return at;
}

}  // namespace gatehouse::guard::pii
