#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "gatehouse/ml/model.h"

namespace gatehouse::ml {

// A plain stand-in, so that the tests of this folder link by themselves; gives way to the real one where that is
// linked.
[[gnu::weak]] Reading join_windows(std::span<const Window> windows, std::span<const WindowReading> readings) {
  Reading out;
  float highest = -1;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const WindowReading& reading = readings[i];
    out.answers = out.answers | reading.answers;
    if (reading.injection > highest) {
      highest = reading.injection;
      out.injection = reading.injection;
      out.begin = windows[i].begin;
      out.end = windows[i].end;
    }
    out.harmful = std::max(out.harmful, reading.harmful);
    out.entities.insert(out.entities.end(), reading.entities.begin(), reading.entities.end());
    if (out.embedding.empty()) out.embedding = reading.embedding;
    if (reading.owner) out.owner = reading.owner;
  }
  return out;
}

}  // namespace gatehouse::ml
