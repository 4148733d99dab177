#include "gatehouse/app/commands/guard_eval.h"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/app/commands/guard.h"
#include "gatehouse/app/commands/guard_models.h"
#include "gatehouse/app/eval/dialogue_replay.h"
#include "gatehouse/app/eval/embedding_curve.h"
#include "gatehouse/app/eval/evaluation.h"
#include "gatehouse/app/guards_of.h"
#include "gatehouse/base/function_ref.h"

namespace gatehouse::app {
namespace {

constexpr std::size_t kMostLine = std::size_t{16} << 20U;

int say_error(const std::string& text) {
  std::fprintf(stderr, "gatehouse: %s\n", text.c_str());
  return 2;
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

// Calls `take(number, row)` for each row of the file. Rows that cannot be read are told on standard error and counted.
// Errors: io, for the file itself.
Result<std::uint64_t> each_row(const std::string& path, base::FunctionRef<void(std::size_t, const EvalRow&)> take) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return fail(Code::io, path + ": cannot be read");
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::string line;
  std::size_t number = 0;
  std::uint64_t unreadable = 0;
  while (std::getline(in, line)) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    if (line.size() > kMostLine) return fail(Code::io, fmt::format("line {}: more than 16 MiB", number));
    const auto row = read_eval_row(line);
    if (row) {
      take(number, *row);
      continue;
    }
    std::fprintf(stderr, "line %zu: %s\n", number, row.error().detail.c_str());
    ++unreadable;
  }
  return unreadable;
}

int evaluate_embedding(const GuardOptions& options, SemanticsKeeper& semantics) {
  std::shared_ptr<const ml::Model> model;
  if (auto* service = semantics.service()) model = service->models()->embedding;
  if (!model) std::fprintf(stderr, "gatehouse: no model gives embeddings: n-grams alone\n");
  EmbeddingCurve curve(std::move(model));
  const auto read = each_row(options.rows, [&](std::size_t, const EvalRow& row) { curve.add(row); });
  if (!read) return say_error(read.error().detail);
  if (curve.rows() == 0) return say_error(options.rows + ": no row has `a`, `b` and `same`");
  if (auto done = curve.finish(); !done) return say_error(done.error().detail);
  if (!options.json) print(curve.to_text());
  print(curve.to_json() + "\n");
  return 0;
}

int replay_dialogues(const GuardOptions& options, std::shared_ptr<const guard::DetectorSet> detectors,
                     SemanticsKeeper& semantics) {
  if (semantics.service() == nullptr) return say_error("--replay measures models, and there are none");
  DialogueReplay replay(std::move(detectors), *semantics.service(),
                        options.threshold >= 0 ? static_cast<float>(options.threshold) : 0.5F);
  const auto read = each_row(options.rows, [&](std::size_t number, const EvalRow& row) {
    if (replay.add(row) || !options.list_wrong) return;
    std::fprintf(stderr, "line %zu: %s\n", number, replay.last().c_str());
  });
  if (!read) return say_error(read.error().detail);
  if (replay.requests() == 0) return say_error(options.rows + ": no row has a user's message");
  if (!options.json) print(replay.to_text());
  print(replay.to_json() + "\n");
  return 0;
}

}  // namespace

int run_guard_eval(const GuardOptions& options) {
  auto snapshot = load_guard_config(options.config);
  if (!snapshot) return say_error(snapshot.error().detail);
  auto detectors = builtin_detectors(**snapshot, 0.0F);
  if (!detectors) return say_error(detectors.error().detail);
  auto semantics = open_guard_models(**snapshot, options.models);
  if (!semantics) return say_error(semantics.error().detail);
  if (options.embedding) return evaluate_embedding(options, **semantics);
  if (options.replay) return replay_dialogues(options, std::move(*detectors), **semantics);

  Evaluation::Options thresholds;
  thresholds.semantics = (*semantics)->service();
  if (options.threshold >= 0) {
    thresholds.attack = thresholds.entity = thresholds.matches = static_cast<float>(options.threshold);
  }
  if (!options.family.empty()) {
    const auto family = guard::family_from_name(options.family);
    if (!family) return say_error("--family: no family is called " + options.family);
    thresholds.family = *family;
    if (options.threshold < 0) thresholds.attack = thresholds.entity;
  }
  Evaluation evaluation(std::move(*detectors), thresholds);
  bool pairs = false;
  const auto read = each_row(options.rows, [&](std::size_t number, const EvalRow& row) {
    pairs = pairs || row.task == EvalRow::Task::pair;
    const bool right = evaluation.add(row);
    if (!right && options.list_wrong) std::fprintf(stderr, "line %zu: %s\n", number, evaluation.last().c_str());
  });
  if (!read) return say_error(read.error().detail);
  if (pairs) return say_error("rows with `a` and `b` go with --embedding");
  evaluation.skip(*read);
  if (evaluation.rows() == 0) return say_error(options.rows + ": no row could be read");
  if (!options.json) print(evaluation.to_text());
  print(evaluation.to_json([&](json::Writer& writer) { write_models(writer, **semantics); }) + "\n");
  return 0;
}

}  // namespace gatehouse::app
