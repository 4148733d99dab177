#include "gatehouse/ml/encoder/plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/ml/encoder/labels.h"
#include "gatehouse/ml/encoder/shapes.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::ml {
namespace {

constexpr std::uint32_t kUsualOwnWindow = 256;  // of a manifest that names none
constexpr std::size_t kLeastWindow = 16;
constexpr std::size_t kMostNamed = 80;  // bytes of a foreign name in a message
constexpr std::size_t kTrialRows = 2;
constexpr std::size_t kTrialColumns = 9;

std::unexpected<Error> wrong(std::string detail) { return fail(Code::configuration, std::move(detail)); }

std::string shown(std::string_view name) { return text::safe_excerpt(name, kMostNamed); }

std::string shape_text(std::span<const std::int64_t> shape) {
  std::string result = "[";
  for (const std::int64_t size : shape) {
    if (result.size() > 1) result += " x ";
    result += size < 0 ? "any" : fmt::format("{}", size);
  }
  return result + "]";
}

constexpr auto kInputs = std::to_array<std::pair<std::string_view, Plan::Input>>({
    {"input_ids", Plan::Input::ids},
    {"attention_mask", Plan::Input::mask},
    {"token_type_ids", Plan::Input::types},
    {"position_ids", Plan::Input::positions},
    {"shapes", Plan::Input::shapes},
});

Result<> plan_inputs(const Session& session, const Manifest& manifest, Plan& plan) {
  for (const TensorInfo& input : session.inputs()) {
    const auto known = std::ranges::find(kInputs, input.name, [](const auto& row) { return row.first; });
    if (known == kInputs.end()) {
      return wrong(
          fmt::format("it has an input '{}', which is none that Gatehouse knows how to fill", shown(input.name)));
    }
    if (input.type != ElementType::int64) {
      return wrong(fmt::format("its input {} is of {}, not of int64", input.name, name(input.type)));
    }
    if (input.shape.size() != 2) {
      return wrong(fmt::format("its input {} has shape {}, not [batch x tokens]", input.name, shape_text(input.shape)));
    }
    if (input.shape[0] >= 0 || input.shape[1] >= 0) {
      return wrong(fmt::format("its input {} has the fixed shape {}: export it with a batch and a length that may vary",
                               input.name, shape_text(input.shape)));
    }
    plan.inputs.push_back(known->second);
  }
  const auto has = [&](Plan::Input kind) { return std::ranges::find(plan.inputs, kind) != plan.inputs.end(); };
  if (!has(Plan::Input::ids)) return wrong("it has no input input_ids");
  plan.even = !has(Plan::Input::mask);
  plan.shapes = has(Plan::Input::shapes);
  if (manifest.shapes && !plan.shapes) return wrong("it has no input shapes, though the manifest says so");
  return {};
}

Result<> plan_window(const Tokenizer& tokenizer, const Manifest& manifest, const ModelOptions& options, Plan& plan) {
  std::uint32_t window = manifest.exported ? kUsualWindow : kUsualOwnWindow;
  if (manifest.window != 0) window = manifest.exported ? std::min(window, manifest.window) : manifest.window;
  if (options.window != 0) window = options.window;
  const std::size_t around = tokenizer.prefix().size() + tokenizer.suffix().size();
  if (window < kLeastWindow + around || window > kMostWindow) {
    return wrong(fmt::format("a window has {} to {} tokens, not {}", kLeastWindow + around, kMostWindow, window));
  }
  plan.window = window;
  plan.overlap = manifest.overlap != 0 ? manifest.overlap : window / 5;
  plan.padding = tokenizer.padding();
  if (manifest.context != 0) {
    if (!plan.shapes) return wrong("a context needs the input shapes, which tells it from the text");
    if (tokenizer.suffix().empty()) return wrong("a context needs a separator, and the tokenizer has none");
    if (manifest.context > window / 2) return wrong("a context may take half of the window at most");
    plan.context = manifest.context;
  }
  return {};
}

// The place in plan.outputs of the model's output of this name.
Result<std::size_t> want(const Session& session, std::string_view output, Plan& plan) {
  const auto index = session.output(output);
  if (!index) return wrong(fmt::format("it has no output '{}'", shown(output)));
  const TensorInfo& info = session.outputs()[*index];
  if (info.type != ElementType::float32) {
    return wrong(fmt::format("its output {} is of {}, not of float", shown(output), name(info.type)));
  }
  const auto there = std::ranges::find(plan.outputs, *index);
  if (there != plan.outputs.end()) return static_cast<std::size_t>(there - plan.outputs.begin());
  plan.outputs.push_back(*index);
  return plan.outputs.size() - 1;
}

Result<SessionOutputs> try_out(const Session& session, const Plan& plan, std::size_t rows, std::size_t columns,
                               std::int32_t id) {
  Feed feed(plan, rows, columns);
  for (std::size_t i = 0; i < rows; ++i) {
    // The second row is padded where it may be.
    feed.row(i, std::vector<std::int32_t>(i == 0 || plan.even ? columns : columns / 2, id), {});
  }
  return session.run(feed.inputs(), rows, columns, plan.outputs);
}

// Whether a row is answered otherwise beside another. Errors: of the runs.
Result<bool> depends_on_neighbours(const Session& session, const Plan& plan, std::size_t vocabulary) {
  constexpr std::size_t kPrime = 7919;  // ids that differ, anywhere in the vocabulary
  constexpr float kRounding = 1e-4F;    // floats added up in another order differ by less
  Feed both(plan, kTrialRows, kTrialColumns);
  std::vector<Feed> each;
  for (std::size_t row = 0; row < kTrialRows; ++row) {
    std::vector<std::int32_t> ids;
    for (std::size_t i = 1; i <= kTrialColumns; ++i) {
      ids.push_back(
          static_cast<std::int32_t>((row * kTrialColumns + i) * kPrime % std::max<std::size_t>(vocabulary, 1)));
    }
    both.row(row, ids, {});
    each.emplace_back(plan, 1, kTrialColumns).row(0, ids, {});
  }
  const auto beside = session.run(both.inputs(), kTrialRows, kTrialColumns, plan.outputs);
  if (!beside) return std::unexpected(beside.error());
  // Both: the one whose numbers are the larger sets the scale, and does not see the other.
  for (std::size_t row = 0; row < kTrialRows; ++row) {
    const auto alone = session.run(each[row].inputs(), 1, kTrialColumns, plan.outputs);
    if (!alone) return std::unexpected(alone.error());
    for (std::size_t output = 0; output < plan.outputs.size(); ++output) {
      const auto one = (*alone)[output].values;
      const auto all = (*beside)[output].values;
      if (all.size() != kTrialRows * one.size()) return true;
      for (std::size_t i = 0; i < one.size(); ++i) {
        const float other = all[row * one.size() + i];
        if (!(std::abs(one[i] - other) <= kRounding * (1 + std::abs(one[i])))) return true;
      }
    }
  }
  return false;
}

// Fails unless an output of a trial run has this shape (0: any size).
Result<> expect(const SessionOutputs::Tensor& tensor, std::string_view output, std::vector<std::int64_t> shape,
                std::string_view meaning) {
  bool same = tensor.shape.size() == shape.size();
  for (std::size_t i = 0; same && i < shape.size(); ++i) same = shape[i] == 0 || shape[i] == tensor.shape[i];
  if (same) return {};
  return wrong(fmt::format("its output {} has shape {} for {} texts of {} tokens, not {}", shown(output),
                           shape_text(tensor.shape), kTrialRows, kTrialColumns, meaning));
}

Result<std::optional<Plan::Score>> plan_score(const std::optional<Manifest::Score>& said, std::size_t output,
                                              const SessionOutputs& trial, const ModelOptions* options) {
  if (!said) return std::nullopt;
  Plan::Score score;
  score.output = output;
  const auto& tensor = trial[output];
  const bool column = tensor.shape.size() == 2 && tensor.shape[1] == 1;
  if (!column) {
    if (auto fits = expect(tensor, said->output, {kTrialRows}, "[batch]"); !fits) return std::unexpected(fits.error());
  }
  score.scale = said->scale;
  score.shift = said->shift;
  if (options != nullptr) {
    score.scale *= options->scale;
    score.shift = said->shift * options->scale + options->shift;
  }
  return score;
}

Result<std::shared_ptr<const EntityReader>> reader_of(const std::vector<std::string>& labels,
                                                      const ModelOptions& options) {
  std::vector<EntityLabel> meanings;
  meanings.reserve(labels.size());
  for (const std::string& label : labels) meanings.push_back(entity_of(label, options.labels));
  auto reader = std::make_shared<const EntityReader>(std::move(meanings));
  if (!reader->any()) return wrong("none of its labels names an entity");
  return reader;
}

// What gatehouse.json names.
Result<> plan_own(const Session& session, const Manifest& manifest, const ModelOptions& options, Plan& plan,
                  const auto& run) {
  std::array<std::size_t, 4> places{};
  const auto locate = [&](const auto& head, std::size_t& place) -> Result<> {
    if (!head) return {};
    auto found = want(session, head->output, plan);
    if (!found) return std::unexpected(found.error());
    place = *found;
    return {};
  };
  for (const auto& located : {locate(manifest.injection, places[0]), locate(manifest.harmful, places[1]),
                              locate(manifest.entities, places[2]), locate(manifest.embedding, places[3])}) {
    if (!located) return std::unexpected(located.error());
  }
  const Result<SessionOutputs> trial = run();
  if (!trial) return std::unexpected(trial.error());
  auto injection = plan_score(manifest.injection, places[0], *trial, &options);
  if (!injection) return std::unexpected(injection.error());
  plan.injection = *std::move(injection);
  auto harmful = plan_score(manifest.harmful, places[1], *trial, nullptr);
  if (!harmful) return std::unexpected(harmful.error());
  plan.harmful = *std::move(harmful);
  if (manifest.entities) {
    const auto count = static_cast<std::int64_t>(manifest.entities->labels.size());
    auto fits = expect((*trial)[places[2]], manifest.entities->output, {kTrialRows, kTrialColumns, count},
                       fmt::format("[batch x tokens x {} labels]", count));
    if (!fits) return fits;
    auto reader = reader_of(manifest.entities->labels, options);
    if (!reader) return std::unexpected(reader.error());
    plan.entities = Plan::Entities{places[2], *std::move(reader)};
  }
  if (manifest.embedding) {
    const std::int64_t size = manifest.embedding->size;
    auto fits =
        expect((*trial)[places[3]], manifest.embedding->output, {kTrialRows, size}, fmt::format("[batch x {}]", size));
    if (!fits) return fits;
    plan.embedding = Plan::Embedding{places[3], manifest.embedding->size, true};
  }
  return {};
}

// `logits` of an export, one row a text.
Result<> plan_classifier(std::size_t output, std::size_t count, const std::vector<std::string>& labels,
                         bool multi_label, const ModelOptions& options, Plan& plan) {
  Plan::Score attack;
  attack.output = output;
  attack.width = count;
  attack.multi_label = multi_label || count == 1;
  Plan::Score harmful = attack;
  attack.scale = options.scale;
  attack.shift = options.shift;
  for (std::size_t i = 0; i < count; ++i) {
    const auto verdict = verdict_of(labels[i], options.labels);
    if (!verdict) return std::unexpected(verdict.error());
    if (*verdict == Verdict::attack) attack.members.push_back(i);
    if (*verdict == Verdict::harmful) harmful.members.push_back(i);
  }
  if (!attack.members.empty()) plan.injection = std::move(attack);
  if (!harmful.members.empty()) plan.harmful = std::move(harmful);
  if (plan.injection || plan.harmful) return {};
  std::string names;
  for (const std::string& label : labels) {
    if (names.size() > kMostNamed) break;
    names += fmt::format("{}'{}'", names.empty() ? "" : ", ", shown(label));
  }
  return wrong(fmt::format("none of its labels ({}) is known as an attack: say under `labels` which is", names));
}

// What an export has, by the usual names of its outputs.
Result<> plan_export(const Session& session, const Manifest& manifest, const ModelOptions& options, Plan& plan,
                     const auto& run) {
  std::optional<std::size_t> logits;
  std::optional<std::size_t> sentence;
  std::optional<std::size_t> hidden;
  const auto locate = [&](std::string_view output, std::optional<std::size_t>& place) -> Result<> {
    if (place || !session.output(output)) return {};
    auto found = want(session, output, plan);
    if (!found) return std::unexpected(found.error());
    place = *found;
    return {};
  };
  for (const auto& located : {locate("logits", logits), locate("sentence_embedding", sentence),
                              sentence ? Result<>() : locate("last_hidden_state", hidden),
                              sentence ? Result<>() : locate("token_embeddings", hidden)}) {
    if (!located) return std::unexpected(located.error());
  }
  if (plan.outputs.empty()) {
    return wrong("it has none of the outputs logits, sentence_embedding, last_hidden_state");
  }
  const Result<SessionOutputs> trial = run();
  if (!trial) return std::unexpected(trial.error());
  if (logits) {
    const auto& tensor = (*trial)[*logits];
    const bool of_tokens = tensor.shape.size() == 3;
    auto fits = of_tokens ? expect(tensor, "logits", {kTrialRows, kTrialColumns, 0}, "[batch x tokens x labels]")
                          : expect(tensor, "logits", {kTrialRows, 0}, "[batch x labels]");
    if (!fits) return fits;
    const auto count = static_cast<std::size_t>(tensor.shape.back());
    std::vector<std::string> labels = manifest.labels;
    if (labels.empty() && count <= kMostLabels) {
      for (std::size_t i = 0; i < count; ++i) labels.push_back(fmt::format("LABEL_{}", i));
    }
    if (labels.size() != count || count == 0) {
      return wrong(fmt::format("its output logits has {} labels, and config.json names {}", count, labels.size()));
    }
    if (of_tokens) {
      auto reader = reader_of(labels, options);
      if (!reader) return std::unexpected(reader.error());
      plan.entities = Plan::Entities{*logits, *std::move(reader)};
    } else if (auto planned = plan_classifier(*logits, count, labels, manifest.multi_label, options, plan); !planned) {
      return planned;
    }
  }
  if (sentence || hidden) {
    const std::size_t place = sentence ? *sentence : *hidden;
    const auto& tensor = (*trial)[place];
    const auto& output = session.outputs()[plan.outputs[place]].name;
    auto fits = sentence ? expect(tensor, output, {kTrialRows, 0}, "[batch x size]")
                         : expect(tensor, output, {kTrialRows, kTrialColumns, 0}, "[batch x tokens x size]");
    if (!fits) return fits;
    plan.embedding = Plan::Embedding{place, static_cast<std::size_t>(tensor.shape.back()), sentence.has_value()};
  }
  return {};
}

}  // namespace

float Plan::Score::probability(std::span<const float> row) const {
  double odds = row[0];
  if (multi_label && !members.empty()) {
    // The likeliest of its labels, each judged by itself.
    odds = row[members[0]];
    for (const std::size_t i : members) odds = std::max<double>(odds, row[i]);
  } else if (!members.empty()) {
    const double highest = *std::ranges::max_element(row);
    double ours = 0;
    double all = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const double weight = std::exp(row[i] - highest);
      all += weight;
      if (std::ranges::binary_search(members, i)) ours += weight;
    }
    // Every label may be one of ours; and what underflowed is as sure as a float can say.
    constexpr double kLeast = 1e-30;
    odds = std::log(std::max(ours, kLeast)) - std::log(std::max(all - ours, kLeast));
  }
  return static_cast<float>(1 / (1 + std::exp(-(scale * odds + shift))));
}

Result<Plan> make_plan(const Session& session, const Tokenizer& tokenizer, const Manifest& manifest,
                       const ModelOptions& options) {
  Plan plan;
  if (!(options.scale > 0) || !std::isfinite(options.scale) || !std::isfinite(options.shift)) {
    return wrong("the scale of its score has to be more than 0");
  }
  if (auto done = plan_inputs(session, manifest, plan); !done) return std::unexpected(done.error());
  if (auto done = plan_window(tokenizer, manifest, options, plan); !done) return std::unexpected(done.error());
  const auto run = [&]() -> Result<SessionOutputs> {
    auto trial = try_out(session, plan, kTrialRows, kTrialColumns, 0);
    if (!trial) return wrong("a trial run failed: " + trial.error().detail);
    for (std::size_t i = 0; i < trial->size(); ++i) {
      if (!std::ranges::all_of((*trial)[i].values, [](float value) { return std::isfinite(value); })) {
        return wrong("a trial run gave what is no number");
      }
    }
    return trial;
  };
  auto done = manifest.exported ? plan_export(session, manifest, options, plan, run)
                                : plan_own(session, manifest, options, plan, run);
  if (!done) return std::unexpected(done.error());
  // The model file does not say how many ids its table of embeddings has, so the last one is tried.
  if (tokenizer.vocabulary_size() > 0) {
    const auto last = static_cast<std::int32_t>(tokenizer.vocabulary_size() - 1);
    if (auto trial = try_out(session, plan, 1, kTrialColumns, last); !trial) {
      return wrong(fmt::format("it does not take the tokenizer's last id, {}: {}", last, trial.error().detail));
    }
  }
  const auto depends = depends_on_neighbours(session, plan, tokenizer.vocabulary_size());
  if (!depends) return wrong("a trial run failed: " + depends.error().detail);
  plan.alone = *depends;
  if (auto trial = try_out(session, plan, 1, plan.window, 0); !trial) {
    return wrong(fmt::format("it does not take a window of {} tokens: {}", plan.window, trial.error().detail));
  }
  return plan;
}

Feed::Feed(const Plan& plan, std::size_t rows, std::size_t columns) : plan_(plan), rows_(rows), columns_(columns) {
  const std::size_t size = rows * columns;
  values_.resize(size * plan.inputs.size());
  for (std::size_t i = 0; i < plan.inputs.size(); ++i) {
    const std::span<std::int64_t> input = std::span(values_).subspan(i * size, size);
    if (plan.inputs[i] == Plan::Input::ids) std::ranges::fill(input, plan.padding);
    if (plan.inputs[i] == Plan::Input::positions) {
      for (std::size_t at = 0; at < size; ++at) input[at] = static_cast<std::int64_t>(at % columns);
    }
    inputs_.emplace_back(input);
  }
}

void Feed::row(std::size_t index, std::span<const std::int32_t> ids, std::span<const std::uint8_t> shapes) {
  const std::size_t size = rows_ * columns_;
  const std::size_t count = std::min(ids.size(), columns_);
  for (std::size_t i = 0; i < plan_.inputs.size(); ++i) {
    const std::span<std::int64_t> input = std::span(values_).subspan(i * size + index * columns_, columns_);
    switch (plan_.inputs[i]) {
      case Plan::Input::ids:
        std::copy_n(ids.begin(), count, input.begin());
        break;
      case Plan::Input::mask:
        // A row of nothing but padding would divide by zero.
        std::fill_n(input.begin(), std::max<std::size_t>(count, 1), 1);
        break;
      case Plan::Input::shapes:
        std::copy_n(shapes.begin(), std::min(shapes.size(), count), input.begin());
        break;
      case Plan::Input::types:
      case Plan::Input::positions:
        break;
    }
  }
}

}  // namespace gatehouse::ml
