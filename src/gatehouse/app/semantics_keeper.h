#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/app/model_loader.h"
#include "gatehouse/base/error.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/ml/service/service.h"

namespace gatehouse::app {

// The learned models of the process: loaded when a configuration wants them, kept over reloads as long as their files
// and settings stay the same, held by one ml::Service that all workers ask. Made before the workers and outliving them.
// The main thread's, but for the Service. A configuration is taken in two steps (check, then apply), so that a reload
// can still be refused; loading blocks, on the thread that reloads.
//
// What the operator names must be there: a model of `semantic.models` that is referred to, a `semantic.bundled` folder.
// What is only looked for (the bundled models, ONNX Runtime) may be missing: then patterns, dictionaries and, where its
// file is there, the linear model go on alone, and `status` says so.
class SemanticsKeeper {
 public:
  // `program`: the folder of the executable, where bundled models are looked for; empty: nowhere.
  SemanticsKeeper(std::unique_ptr<ModelLoader> loader, std::string program);
  ~SemanticsKeeper();
  SemanticsKeeper(const SemanticsKeeper&) = delete;
  SemanticsKeeper& operator=(const SemanticsKeeper&) = delete;

  // A model with its files as they were when it was loaded.
  struct Held;
  // One line of what is loaded, for the log and metrics.
  struct Model {
    std::string name;  // "bundled", or the operator's
    std::string version;
    std::string hash;      // of the model's file
    std::string verdicts;  // what it is asked for: "injection,entities"
    bool operator==(const Model&) const = default;
  };
  struct Status {
    std::vector<Model> models;
    bool linear = false;  // a linear model is there
    // What policies want and no model gives, and why, with paths; empty: nothing is missing. One line.
    std::string missing;
    // The same for strangers: "models for injection,entities".
    std::string lacking;
  };
  struct Plan {
    std::vector<std::shared_ptr<const Held>> held;
    std::shared_ptr<const ml::ModelSet> set;  // null: nothing is wanted
    Status status;
    std::vector<std::string> warnings;
    ml::ServiceOptions options;
  };

  // Errors: configuration, naming the model. After an error everything is as it was.
  Result<Plan> check(const config::Snapshot& snapshot);
  // Cannot fail. Takes the plan's models over; what is being read ends with the old ones.
  void apply(Plan plan);

  // Null as long as no configuration wanted a model; then the same until the keeper goes. What is checked is not asked
  // before it is applied.
  ml::Service* service() { return service_.get(); }
  const Status& status() const { return status_; }
  ml::ServiceCounts counts() const;
  // Files whose change should make a reload: of what is loaded.
  std::vector<std::string> files() const;

  // Where bundled models lie, or would: `named` if it is not empty. Empty: nowhere.
  static std::string bundled_folder(const std::string& named, const std::string& program);
  // The folder of the running executable; empty where nobody says.
  static std::string program_folder();

 private:
  struct Wanted;
  static Wanted wanted_of(const config::Snapshot& snapshot);
  Result<std::shared_ptr<const Held>> hold(const config::SemanticModel& settings);
  Result<std::shared_ptr<const Held>> find_bundled(const config::Semantic& semantic, const Result<>& runtime,
                                                   Plan& plan);

  Result<std::shared_ptr<const Held>> find_linear(const config::Semantic& semantic);

  std::unique_ptr<ModelLoader> loader_;
  std::string program_;
  std::vector<std::shared_ptr<const Held>> held_;
  Status status_;
  ml::ServiceOptions options_;  // of service_
  std::unique_ptr<ml::Service> service_;
};

}  // namespace gatehouse::app
