#include "gatehouse/ml/tokenizer/normal_forms.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "gatehouse/ml/tokenizer/characters.h"

namespace gatehouse::ml::tokenizer {
namespace {

struct Ordered {
  Change change;
  std::uint32_t place = 0;
  std::uint8_t order = 0;  // combining class
};

// The canonical ordering of what stands between two starters, their places in the text as second key.
void put_in_order(std::vector<Ordered>& run, std::vector<Change>& out) {
  if (run.size() > 1) {
    std::ranges::sort(run, [](const Ordered& a, const Ordered& b) {
      return a.order != b.order ? a.order < b.order : a.place < b.place;
    });
  }
  for (const Ordered& one : run) out.push_back(one.change);
  run.clear();
}

void decompose(std::string_view text, bool compatible, std::vector<Change>& out) {
  const Characters& characters = Characters::get();
  std::vector<Ordered> run;
  char32_t points[Characters::kMostDecomposed];
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next_point(text, at);
    std::size_t count = 1;
    points[0] = c;
    if (c >= 0xA0 && (compatible || characters.is(c, kDecomposes))) count = characters.decompose(c, compatible, points);
    for (std::size_t i = 0; i < count; ++i) {
      const Change change{points[i], i == 0 ? 0 : 1};
      const std::uint8_t order = characters.combining_class(points[i]);
      if (order == 0) {
        put_in_order(run, out);
        out.push_back(change);
      } else {
        run.push_back({change, static_cast<std::uint32_t>(run.size()), order});
      }
    }
  }
  put_in_order(run, out);
}

// In place: what is composed is never more than what was there.
void compose(std::vector<Change>& changes) {
  const Characters& characters = Characters::get();
  std::size_t written = 0;
  std::size_t starter = changes.size();  // where the last starter was written; none yet
  std::uint8_t last = 0;                 // the class of the mark written last behind it; 0: none
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Change change = changes[i];
    const std::uint8_t order = characters.combining_class(change.point);
    if (starter != changes.size() && (last == 0 || last < order)) {
      if (const char32_t composed = characters.compose(changes[starter].point, change.point); composed != 0) {
        changes[starter].point = composed;
        changes[starter].change += change.change - 1;
        continue;
      }
    }
    if (order == 0) {
      starter = written;
      last = 0;
    } else if (starter != changes.size()) {
      last = order;
    }
    changes[written++] = change;
  }
  changes.resize(written);
}

}  // namespace

bool normalise(std::string_view text, NormalForm form, std::vector<Change>& changes) {
  changes.clear();
  if (std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) return false;
  changes.reserve(text.size());
  decompose(text, form.compatible, changes);
  if (form.composed) compose(changes);
  return true;
}

}  // namespace gatehouse::ml::tokenizer
