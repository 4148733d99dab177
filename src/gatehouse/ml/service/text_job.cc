#include "gatehouse/ml/service/text_job.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace gatehouse::ml {
namespace {

// Of windows that are cut for each one that is read, where a text's density is not what it was taken for.
constexpr std::size_t kChoice = 4;

struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

void shift(Window& window, std::size_t by) {
  const auto offset = static_cast<std::uint32_t>(by);
  window.begin += offset;
  window.end += offset;
  for (Window::Place& place : window.places) {
    place.begin += offset;
    place.end += offset;
  }
}

// Readings of windows are remembered with offsets from the window's beginning. Unsigned arithmetic wraps both ways.
WindowReading moved(const WindowReading& reading, std::uint32_t by) {
  WindowReading out = reading;
  out.begin += by;
  out.end += by;
  for (EntitySpan& span : out.entities) {
    span.begin += by;
    span.end += by;
  }
  return out;
}

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos; }

// Ascending pieces, those that overlap as one.
std::vector<Range> runs(const std::vector<const Piece*>& pieces) {
  std::vector<Range> out;
  for (const Piece* piece : pieces) {
    if (!out.empty() && piece->begin <= out.back().end) {
      out.back().end = piece->end;
    } else {
      out.push_back({piece->begin, piece->end});
    }
  }
  return out;
}

bool is_share(float value) { return value >= 0 && value <= 1; }

template <typename T>
void append(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

Wants given_by(const ModelSet& set, const Model* model) {
  Wants wants;
  if (model == nullptr) return wants;
  if (set.injection.get() == model) wants = wants | ((Want::injection | Want::harmful) & model->answers());
  if (set.entities.get() == model) wants = wants | (Wants(Want::entities) & model->answers());
  if (set.embedding.get() == model) wants = wants | (Wants(Want::embedding) & model->answers());
  return wants;
}

crypto::Fingerprint name_of(crypto::Fingerprinter& fingerprint, std::string_view context, std::string_view text,
                            std::string& scratch) {
  if (context.empty()) return fingerprint(text);
  // The context's own name has one size: nothing that somebody writes makes two pairs one.
  const crypto::Fingerprint before = fingerprint(context);
  scratch.assign("beside");
  append(scratch, before);
  scratch.append(text);
  return fingerprint(scratch);
}

TextKey WindowNames::name(const Window& window, std::uint64_t reader) {
  scratch_.clear();
  append(scratch_, window.ids.size());
  scratch_.append(reinterpret_cast<const char*>(window.ids.data()), window.ids.size() * sizeof window.ids[0]);
  append(scratch_, window.own_begin);
  append(scratch_, window.own_end);
  append(scratch_, window.end - window.begin);
  append(scratch_, window.shapes.size());
  scratch_.append(reinterpret_cast<const char*>(window.shapes.data()), window.shapes.size());
  for (const Window::Place& place : window.places) {
    append(scratch_, place.begin - window.begin);
    append(scratch_, place.end - window.begin);
    scratch_ += place.starts_word ? '\1' : '\0';
  }
  return {fingerprint_(scratch_), reader};
}

TextJob::TextJob(std::shared_ptr<const ModelSet> models, TextQuestion question)
    : models_(std::move(models)), question_(std::move(question)) {}

void TextJob::widen(Wants wants, Wants free) {
  question_.wants = question_.wants | wants;
  question_.free = question_.free | free;
}

bool TextJob::suspect(const Piece& piece, Wants wants) const { return !ml::clear(*linear(), piece, wants); }

LinearWord TextJob::word() const {
  return linear() != nullptr && question_.scored ? linear_word(*linear(), question_.pieces) : LinearWord{};
}

void TextJob::prepare(std::size_t most, ReadingMemory& memory, WindowNames& names) {
  if (linear() != nullptr && !question_.scored) {
    score_pieces(*linear(), question_.text, question_.pieces);
    question_.scored = true;
  }
  const Wants wants = question_.wants;
  for (const auto& model : {models_->injection, models_->entities, models_->embedding}) {
    const bool known = std::ranges::any_of(passes_, [&](const Pass& pass) { return pass.model == model; });
    const Wants part = given_by(*models_, model.get()) & wants;
    if (known || part.empty()) continue;
    const bool whole = linear() == nullptr ||
                       std::ranges::all_of(question_.pieces, [&](const Piece& piece) { return suspect(piece, part); });
    const bool none =
        !whole && std::ranges::none_of(question_.pieces, [&](const Piece& piece) { return suspect(piece, part); });
    if (none) {
      clear_ = clear_ | part;
      continue;
    }
    Pass pass;
    pass.model = model;
    pass.wants = whole ? part | (question_.free & given_by(*models_, model.get())) : part;
    pass.reader = reader_number(std::string("window/") + std::string(model->hash()));
    cut(pass, most);
    pass.readings.resize(pass.windows.size());
    pass.read.resize(pass.windows.size());
    pass.unread = pass.windows.size();
    passes_.push_back(std::move(pass));
  }
  promised_ = clear_;
  for (std::size_t p = 0; p < passes_.size(); ++p) {
    Pass& pass = passes_[p];
    promised_ = promised_ | pass.wants;
    if (pass.windows.size() < 2) continue;
    for (std::size_t w = 0; w < pass.windows.size(); ++w) {
      const auto known = memory.find(names.name(pass.windows[w], pass.reader));
      if (known && known->answers.covers(pass.wants)) {
        accept(p, w, moved(*known, pass.windows[w].begin));
      }
    }
  }
}

void TextJob::leave_out(Pass& pass, std::size_t begin, std::size_t end) const {
  pass.left_out = true;
  for (const Piece& piece : question_.pieces) {
    if (piece.begin >= end || piece.end <= begin) continue;
    if (!pass.left_out_scored || piece.scores.injection > pass.left_out_score) {
      pass.left_out_score = piece.scores.injection;
      pass.left_out_scored = true;
    }
  }
}

float TextJob::suspicion(const Pass& pass, std::size_t begin, std::size_t end) const {
  const bool injection = pass.wants.has(Want::injection) || pass.wants.has(Want::harmful);
  float highest = std::numeric_limits<float>::lowest();
  for (const Piece& piece : question_.pieces) {
    if (piece.begin >= end || piece.end <= begin) continue;
    highest = std::max(highest, injection ? piece.scores.injection : piece.scores.entities);
  }
  return highest;
}

void TextJob::cut(Pass& pass, std::size_t most) const {
  const std::string_view text = question_.text;
  // At most `room` windows of `ranges`; what did not fit is left.
  std::vector<Range> left;
  const auto cut_ranges = [&](const std::vector<Range>& ranges, std::size_t room) {
    pass.windows.clear();
    left.clear();
    for (const Range& range : ranges) {
      if (room == 0) {
        left.push_back(range);
        continue;
      }
      const std::string_view part = text.substr(range.begin, range.end - range.begin);
      std::vector<Window> windows = question_.context.empty()
                                        ? pass.model->windows(part, room)
                                        : pass.model->windows_beside(question_.context, part, room);
      const bool full = windows.size() >= room;
      room -= std::min(room, windows.size());
      for (Window& window : windows) {
        shift(window, range.begin);
        pass.windows.push_back(std::move(window));
      }
      if (!full || windows.empty()) continue;
      const std::size_t end = pass.windows.back().end;
      if (end < range.end && !blank(text.substr(end, range.end - end))) left.push_back({end, range.end});
    }
  };

  // Stretches that are not clear. Neighbours overlap and make one, which is cut better than its parts.
  std::vector<const Piece*> pieces;
  for (const Piece& piece : question_.pieces) {
    if (linear() == nullptr || suspect(piece, pass.wants)) pieces.push_back(&piece);
  }
  if (linear() == nullptr) {
    cut_ranges({{0, text.size()}}, most);
    for (const Range& range : left) leave_out(pass, range.begin, range.end);
    return;
  }
  cut_ranges(runs(pieces), most + 1);
  if (pass.windows.size() <= most && left.empty()) return;

  // Too long. As many pieces as make about so many windows, the most suspect ones, of equals the first.
  std::size_t bytes = 0;
  for (const Window& window : pass.windows) bytes += window.end - window.begin;
  const std::size_t budget = bytes / pass.windows.size() * most;
  const auto score = [&](const Piece* piece) { return suspicion(pass, piece->begin, piece->begin + 1); };
  std::ranges::sort(pieces, {}, [&](const Piece* piece) { return std::pair(-score(piece), piece->begin); });
  std::size_t count = 0;
  for (std::size_t sum = 0; count < pieces.size(); ++count) {
    sum += pieces[count]->end - pieces[count]->begin;
    if (count > 0 && sum > budget) break;
  }
  for (std::size_t i = count; i < pieces.size(); ++i) leave_out(pass, pieces[i]->begin, pieces[i]->end);
  pieces.resize(count);
  std::ranges::sort(pieces, {}, [](const Piece* piece) { return piece->begin; });
  std::vector<Range> ranges = runs(pieces);
  std::ranges::sort(
      ranges, {}, [&](const Range& range) { return std::pair(-suspicion(pass, range.begin, range.end), range.begin); });
  cut_ranges(ranges, most * kChoice);
  std::vector<std::pair<float, std::size_t>> order;
  for (std::size_t w = 0; w < pass.windows.size(); ++w) {
    order.emplace_back(-suspicion(pass, pass.windows[w].begin, pass.windows[w].end), w);
  }
  std::ranges::sort(order);
  std::vector<Window> chosen;
  for (std::size_t i = 0; i < order.size(); ++i) {
    Window& window = pass.windows[order[i].second];
    if (i < most) {
      chosen.push_back(std::move(window));
    } else {
      left.push_back({window.begin, window.end});
    }
  }
  std::ranges::sort(chosen, {}, &Window::begin);
  pass.windows = std::move(chosen);
  for (const Range& range : left) leave_out(pass, range.begin, range.end);
}

void TextJob::remember(const Pass& pass, std::size_t window, const WindowReading& reading, ReadingMemory& memory,
                       WindowNames& names) {
  if (pass.windows.size() < 2) return;
  const Window& of = pass.windows[window];
  memory.put(names.name(of, pass.reader), std::make_shared<const Reading>(moved(reading, std::uint32_t{0} - of.begin)));
}

bool TextJob::acceptable(const WindowReading& reading, Wants wants) {
  return reading.answers.covers(wants) && (!wants.has(Want::injection) || is_share(reading.injection)) &&
         (!wants.has(Want::harmful) || is_share(reading.harmful));
}

void TextJob::accept(std::size_t pass, std::size_t window, WindowReading reading) {
  Pass& of = passes_[pass];
  if (of.read[window]) return;
  of.readings[window] = std::move(reading);
  of.read[window] = true;
  --of.unread;
}

bool TextJob::complete() const {
  return std::ranges::all_of(passes_, [](const Pass& pass) { return pass.unread == 0; });
}

Reading TextJob::finish() const {
  Reading out;
  for (const Pass& pass : passes_) {
    Reading part = join_windows(pass.windows, pass.readings);
    part.answers = pass.wants;
    part.settled = false;
    part.partial = pass.left_out;
    if (pass.left_out_scored && pass.wants.has(Want::injection)) {
      const float floor = models_->linear->injection_probability(pass.left_out_score);
      part.injection = std::max(part.injection, floor);
    }
    add_missing(out, part);
  }
  if (!clear_.empty()) add_missing(out, word_reading(*models_->linear, word(), clear_));
  return out;
}

void TextJob::clear() {
  passes_.clear();
  question_.text = {};
  question_.pieces = {};
}

}  // namespace gatehouse::ml
