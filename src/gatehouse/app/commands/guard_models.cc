#include "gatehouse/app/commands/guard_models.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/app/commands/guard.h"
#include "gatehouse/app/eval/encoder_alone.h"
#include "gatehouse/app/eval/lengths.h"
#include "gatehouse/app/onnx_loader.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::app {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point before) {
  return std::chrono::duration<double, std::milli>(Clock::now() - before).count();
}

double resident_megabytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  unsigned long total = 0;
  unsigned long resident = 0;
  const int fields = std::fscanf(file, "%lu %lu", &total, &resident);
  std::fclose(file);
  if (fields != 2) return 0;
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

// Ordinary words, so that a token is what it usually is.
constexpr std::string_view kProse =
    "The committee met on Thursday to discuss the budget for the coming year and agreed that two of the older "
    "buildings "
    "should be repaired before winter while the plans for a new library would wait until the survey of the ground was "
    "complete and the neighbours had been asked what they thought about the road that leads to it. ";

// Tokens that are a text's own, each counted once though windows overlap, with the two that a model puts around it.
std::size_t tokens_of(const ml::Model& model, std::string_view text) {
  std::size_t count = 2;
  for (const auto& window : model.windows(text, 64)) count += window.own_end - window.own_begin;
  return count;
}

// The longest beginning of much prose that has at most `tokens` tokens.
std::string prose_of(const ml::Model& model, std::size_t tokens) {
  std::string prose;
  while (prose.size() < 16 * tokens) prose += kProse;
  std::size_t fits = 0;
  for (std::size_t end = prose.find(' '); end != prose.npos; end = prose.find(' ', end + 1)) {
    if (tokens_of(model, std::string_view(prose).substr(0, end)) > tokens) break;
    fits = end;
  }
  return prose.substr(0, fits);
}

struct Measured {
  std::size_t tokens = 0;  // as was asked for
  std::size_t read = 0;    // that went through the model, windows' overlap and its own counted
  double p50 = 0;
  double p95 = 0;
};

Result<Measured> measure(const ml::Model& model, std::size_t tokens) {
  constexpr int kWarm = 3;
  constexpr int kTimes = 60;
  const std::string text = prose_of(model, tokens);
  Measured out{.tokens = tokens};
  std::vector<double> times;
  for (int i = 0; i < kWarm + kTimes; ++i) {
    auto read = read_alone(model, text, model.answers());
    if (!read) return std::unexpected(std::move(read.error()));
    out.read = read->tokens;
    if (i >= kWarm) times.push_back(read->milliseconds);
  }
  out.p50 = percentile(times, 0.5);
  out.p95 = percentile(times, 0.95);
  return out;
}

// Tokens a second where `batch` windows of `tokens` tokens are read together.
Result<double> throughput(const ml::Model& model, std::size_t tokens, std::size_t batch) {
  const auto windows = model.windows(prose_of(model, tokens), 1);
  if (windows.empty()) return 0.0;
  const std::vector<const ml::Window*> same(batch, &windows.front());
  constexpr int kPasses = 20;
  if (auto warm = model.read(same, model.answers()); !warm) return std::unexpected(std::move(warm.error()));
  const auto before = Clock::now();
  for (int i = 0; i < kPasses; ++i) {
    if (auto read = model.read(same, model.answers()); !read) return std::unexpected(std::move(read.error()));
  }
  const auto read = static_cast<double>(windows.front().ids.size() * batch * kPasses);
  return read / (milliseconds_since(before) / 1000);
}

double rounded(double value) { return std::round(value * 1000) / 1000; }

int say_error(const std::string& text) {
  std::fprintf(stderr, "gatehouse: %s\n", text.c_str());
  return 2;
}

}  // namespace

Result<std::unique_ptr<SemanticsKeeper>> open_guard_models(const config::Snapshot& snapshot, const GuardModels& models,
                                                           ModelsFor whom) {
  const std::string program = SemanticsKeeper::program_folder();
  auto keeper = std::make_unique<SemanticsKeeper>(make_onnx_loader(program), program);
  if (models.none) return keeper;
  config::Snapshot asked = snapshot;
  if (!models.folder.empty()) {
    const std::string runtime = asked.semantic.runtime;
    asked.semantic = config::Semantic();
    asked.semantic.runtime = runtime;
    asked.semantic.bundled = models.folder;
  }
  if (asked.semantic.threads == 0) asked.semantic.threads = 1;
  if (whom == ModelsFor::everything) {
    config::Policy everything;
    everything.guards.injection.emplace();
    everything.guards.pii.emplace();
    asked.policies = {std::move(everything)};
  }
  auto plan = keeper->check(asked);
  if (!plan) return std::unexpected(std::move(plan.error()));
  if (!models.folder.empty() && plan->status.models.empty()) return fail(Code::configuration, plan->status.missing);
  if (!plan->status.missing.empty()) std::fprintf(stderr, "gatehouse: %s\n", plan->status.missing.c_str());
  keeper->apply(*std::move(plan));
  if (models.no_linear && keeper->service() != nullptr) {
    auto alone = std::make_shared<ml::ModelSet>(*keeper->service()->models());
    alone->linear = nullptr;
    keeper->service()->replace(std::move(alone));
  }
  return keeper;
}

void write_models(json::Writer& writer, const SemanticsKeeper& keeper) {
  writer.key("models").begin_array();
  for (const auto& model : keeper.status().models) {
    writer.begin_object().key("name").string(model.name).key("version").string(model.version);
    writer.key("hash").string(model.hash).key("verdicts").string(model.verdicts).end_object();
  }
  writer.end_array();
}

int run_guard_latency(const GuardOptions& options) {
  auto snapshot = load_guard_config(options.config);
  if (!snapshot) return say_error(snapshot.error().detail);
  const double memory_before = resident_megabytes();
  const auto before = Clock::now();
  auto keeper = open_guard_models(**snapshot, options.models);
  if (!keeper) return say_error(keeper.error().detail);
  const double load = milliseconds_since(before);
  const auto models = (*keeper)->service() == nullptr ? nullptr : (*keeper)->service()->models();
  std::shared_ptr<const ml::Model> model;
  if (models) model = models->injection ? models->injection : models->entities ? models->entities : models->embedding;
  if (!model) return say_error("there is no model to measure");
  const double memory_loaded = resident_megabytes();

  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  writer.key("model").string(model->name()).key("hash").string(model->hash());
  writer.key("load_ms").number(rounded(load));
  writer.key("resident_mb_before").number(rounded(memory_before));
  writer.key("resident_mb_loaded").number(rounded(memory_loaded));
  std::string text = fmt::format("{:28} {:>10.0f} ms\n{:28} {:>10.1f} MB, {:.1f} MB before\n", "load", load,
                                 "resident after loading", memory_loaded, memory_before);
  writer.key("latency").begin_array();
  for (const std::size_t tokens : Lengths::kBounds) {
    const auto measured = measure(*model, tokens);
    if (!measured) return say_error(measured.error().detail);
    writer.begin_object().key("tokens").unsigned_integer(tokens).key("read").unsigned_integer(measured->read);
    writer.key("p50_ms").number(rounded(measured->p50)).key("p95_ms").number(rounded(measured->p95)).end_object();
    text += fmt::format("{:28} {:>10.2f} ms p50, {:.2f} ms p95 ({} with overlap)\n", fmt::format("{} tokens", tokens),
                        measured->p50, measured->p95, measured->read);
  }
  writer.end_array().key("throughput").begin_array();
  for (const std::size_t tokens : std::array<std::size_t, 3>{16, 32, 128}) {
    for (const std::size_t batch : std::array<std::size_t, 3>{1, 8, 32}) {
      const auto rate = throughput(*model, tokens, batch);
      if (!rate) return say_error(rate.error().detail);
      writer.begin_object().key("tokens").unsigned_integer(tokens).key("batch").unsigned_integer(batch);
      writer.key("tokens_per_second").number(std::round(*rate)).end_object();
      text += fmt::format("{:28} {:>10.0f} tokens/s\n", fmt::format("batches of {} x {} tokens", batch, tokens), *rate);
    }
  }
  writer.end_array();
  writer.key("resident_mb_after").number(rounded(resident_megabytes()));
  writer.end_object();
  if (!options.json) std::fwrite(text.data(), 1, text.size(), stdout);
  std::printf("%s\n", out.c_str());
  return 0;
}

}  // namespace gatehouse::app
