#include "gatehouse/app/eval/encoder_alone.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <vector>

namespace gatehouse::app {

Result<ReadAlone> read_alone(const ml::Model& model, std::string_view text, ml::Wants wants, std::string_view context) {
  constexpr std::size_t kBatch = 8;
  constexpr std::size_t kMostWindows = 64;
  const auto before = std::chrono::steady_clock::now();
  const bool beside = !context.empty() && model.takes_context();
  const auto windows = beside ? model.windows_beside(context, text, kMostWindows) : model.windows(text, kMostWindows);
  ReadAlone out;
  std::vector<ml::WindowReading> readings;
  std::vector<const ml::Window*> batch;
  for (std::size_t at = 0; at < windows.size(); at += kBatch) {
    batch.clear();
    for (std::size_t i = at; i < std::min(at + kBatch, windows.size()); ++i) {
      batch.push_back(&windows[i]);
      out.tokens += windows[i].ids.size();
    }
    auto read = model.read(batch, wants);
    if (!read) return std::unexpected(std::move(read.error()));
    readings.insert(readings.end(), std::make_move_iterator(read->begin()), std::make_move_iterator(read->end()));
  }
  out.windows = windows.size();
  if (!windows.empty()) out.reading = ml::join_windows(windows, readings);
  out.milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before).count();
  return out;
}

}  // namespace gatehouse::app
