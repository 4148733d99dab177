#include "gatehouse/ml/encoder/encoder.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/ml/encoder/edges.h"
#include "gatehouse/ml/encoder/plan.h"
#include "gatehouse/ml/encoder/windows.h"

namespace gatehouse::ml {
namespace {

// A pass of several windows has at most so many tokens, padding included: more together is no faster, and the heap
// keeps up to twice the largest tensor that a pass took.
constexpr std::size_t kPassTokens = 512;

bool finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

void to_unit_length(std::span<float> vector) {
  double sum = 0;
  for (const float value : vector) sum += static_cast<double>(value) * value;
  if (sum <= 0) return;
  const double factor = 1 / std::sqrt(sum);
  for (float& value : vector) value = static_cast<float>(value * factor);
}

class Encoder final : public Model {
 public:
  Encoder(EncoderParts parts, Plan plan)
      : session_(std::move(parts.session)),
        tokenizer_(std::move(parts.tokenizer)),
        plan_(std::move(plan)),
        name_(parts.options.name.empty() ? parts.manifest.name : parts.options.name),
        hash_(std::move(parts.hash)),
        identity_(identity(parts, plan_, hash_)) {
    if (plan_.injection) answers_ = answers_ | Want::injection;
    if (plan_.harmful) answers_ = answers_ | Want::harmful;
    if (plan_.entities) answers_ = answers_ | Want::entities;
    if (plan_.embedding) answers_ = answers_ | Want::embedding;
  }

  std::string_view name() const override { return name_; }
  std::string_view hash() const override { return hash_; }
  std::string_view identity() const override { return identity_; }
  Wants answers() const override { return answers_; }
  std::size_t embedding_size() const override { return plan_.embedding ? plan_.embedding->size : 0; }

  std::vector<Window> windows(std::string_view text, std::size_t most) const override {
    auto windows = cut_windows(*tokenizer_, text, most, {plan_.window, plan_.overlap, plan_.shapes, {}});
    if (!plan_.entities) return windows;
    for (Window& window : windows) {
      for (Window::Place& place : window.places) {
        const Edges edges = edges_of(text, place.begin, place.end);
        place.front = edges.front;
        place.back = edges.back;
      }
    }
    return windows;
  }

  bool takes_context() const override { return plan_.context > 0; }

  std::vector<Window> windows_beside(std::string_view context, std::string_view text, std::size_t most) const override {
    if (plan_.context == 0) return windows(text, most);
    const auto before = context_tokens(*tokenizer_, context, plan_.context);
    return cut_windows(*tokenizer_, text, most, {plan_.window, plan_.overlap, plan_.shapes, before});
  }

  Result<std::vector<WindowReading>> read(std::span<const Window* const> batch, Wants wants) const override {
    std::vector<WindowReading> readings(batch.size());
    wants = wants & answers_;
    if (batch.empty() || wants.empty()) return readings;
    // A pass takes windows that follow each other here: where it may have one length only, in the order of theirs.
    std::vector<std::size_t> order(batch.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto length = [&](std::size_t index) { return batch[index]->ids.size(); };
    if (plan_.even) std::ranges::sort(order, {}, [&](std::size_t index) { return std::pair(length(index), index); });
    std::size_t longest = 1;
    for (const Window* window : batch) longest = std::max(longest, window->ids.size());
    std::vector<const Window*> some;
    std::vector<WindowReading> made;
    for (std::size_t at = 0; at < order.size(); at += some.size()) {
      const std::size_t tokens = plan_.even ? std::max<std::size_t>(1, length(order[at])) : longest;
      const std::size_t most = plan_.alone ? 1 : std::max<std::size_t>(1, kPassTokens / tokens);
      some.clear();
      for (std::size_t i = at; i < order.size() && some.size() < most; ++i) {
        if (plan_.even && length(order[i]) != length(order[at])) break;
        some.push_back(batch[order[i]]);
      }
      made.assign(some.size(), {});
      if (auto done = pass(some, wants, made); !done) return std::unexpected(done.error());
      for (std::size_t i = 0; i < some.size(); ++i) readings[order[at + i]] = std::move(made[i]);
    }
    return readings;
  }

 private:
  Result<> pass(std::span<const Window* const> batch, Wants wants, std::span<WindowReading> readings) const {
    std::size_t columns = 1;
    for (const Window* window : batch) {
      if (window->ids.size() > plan_.window || window->places.size() != window->ids.size()) {
        return fail(Code::internal, "a window is not one of this model's");
      }
      columns = std::max(columns, window->ids.size());
    }
    Feed feed(plan_, batch.size(), columns);
    for (std::size_t i = 0; i < batch.size(); ++i) feed.row(i, batch[i]->ids, batch[i]->shapes);
    auto outputs = session_->run(feed.inputs(), batch.size(), columns, plan_.outputs);
    if (!outputs) return std::unexpected(outputs.error());
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (!fill(*batch[i], *outputs, i, columns, wants, readings[i])) {
        return fail(Code::internal, "the model's answer is not of the right size, or no number");
      }
    }
    return {};
  }

  // Row `index` of an output that has `width` numbers a row; empty where it is shorter or holds what is no number.
  static std::span<const float> row_of(const SessionOutputs& outputs, std::size_t output, std::size_t index,
                                       std::size_t width) {
    const auto values = outputs[output].values;
    if (width == 0 || values.size() / width <= index) return {};
    const auto row = values.subspan(index * width, width);
    return finite(row) ? row : std::span<const float>();
  }

  bool fill(const Window& window, const SessionOutputs& outputs, std::size_t index, std::size_t columns, Wants wants,
            WindowReading& reading) const {
    reading.answers = wants;
    reading.begin = window.begin;
    reading.end = window.end;
    if (wants.has(Want::injection)) {
      const auto row = row_of(outputs, plan_.injection->output, index, plan_.injection->width);
      if (row.empty()) return false;
      reading.injection = plan_.injection->probability(row);
    }
    if (wants.has(Want::harmful)) {
      const auto row = row_of(outputs, plan_.harmful->output, index, plan_.harmful->width);
      if (row.empty()) return false;
      reading.harmful = plan_.harmful->probability(row);
    }
    if (wants.has(Want::entities)) {
      const EntityReader& reader = *plan_.entities->reader;
      const auto row = row_of(outputs, plan_.entities->output, index, columns * reader.labels());
      if (row.empty()) return false;
      reader.read(window, row, reading.entities);
      reading.owner = reader.owner();
    }
    if (wants.has(Want::embedding)) {
      const auto& head = *plan_.embedding;
      const auto row = row_of(outputs, head.output, index, head.size * (head.pooled ? 1 : columns));
      if (row.empty()) return false;
      reading.embedding.assign(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(head.size));
      // The mean's length does not matter: it becomes 1.
      const std::size_t tokens = head.pooled ? 1 : std::max<std::size_t>(window.ids.size(), 1);
      for (std::size_t t = 1; t < tokens; ++t) {
        for (std::size_t d = 0; d < head.size; ++d) reading.embedding[d] += row[t * head.size + d];
      }
      to_unit_length(reading.embedding);
    }
    return true;
  }

  static std::string identity(const EncoderParts& parts, const Plan& plan, std::string_view hash) {
    std::string all =
        fmt::format("{} {} {} {} {}", hash, parts.tokenizer_hash, plan.window, plan.overlap, plan.context);
    for (const auto& score : {plan.injection, plan.harmful}) {
      if (score) all += fmt::format(" {} {}", score->scale, score->shift);
    }
    for (const std::string& label : parts.manifest.labels) all += '\0' + label;
    if (parts.manifest.entities) {
      for (const std::string& label : parts.manifest.entities->labels) all += '\0' + label;
    }
    for (const auto& [label, meaning] : parts.options.labels) all += '\0' + label + '\0' + meaning;
    return crypto::to_hex(crypto::sha256(all));
  }

  std::unique_ptr<const Session> session_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  Plan plan_;
  std::string name_;
  std::string hash_;
  std::string identity_;
  Wants answers_{};
};

}  // namespace

Result<std::shared_ptr<const Model>> make_encoder(EncoderParts parts) {
  auto plan = make_plan(*parts.session, *parts.tokenizer, parts.manifest, parts.options);
  if (!plan) return std::unexpected(plan.error());
  return std::make_shared<const Encoder>(std::move(parts), *std::move(plan));
}

}  // namespace gatehouse::ml
