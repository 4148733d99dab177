#pragma once

#include <memory>
#include <string>

#include "gatehouse/base/error.h"
#include "gatehouse/config/semantic.h"
#include "gatehouse/ml/linear/linear_model.h"
#include "gatehouse/ml/model.h"

namespace gatehouse::app {

// What a model's folder held.
struct LoadedModel {
  std::shared_ptr<const ml::Model> model;
  std::shared_ptr<const ml::LinearModel> linear;  // null: none beside it
  std::string version;                            // empty: its manifest names none
};

// Brings models in: ONNX Runtime behind it, or a fake in tests. The main thread's; everything here blocks. Details of
// errors say what is wrong in words that an operator can act on.
class ModelLoader {
 public:
  virtual ~ModelLoader() = default;
  // Finds the runtime that models are run by. `library`: its file; empty: looked for. What was opened once stays.
  // Errors: configuration, what is missing.
  virtual Result<> open_runtime(const std::string& library) = 0;
  // After open_runtime. Errors: configuration: a file that is missing or not well formed, another hash than was named,
  // a shape or an operator set that cannot be run.
  virtual Result<LoadedModel> load(const config::SemanticModel& settings) = 0;
  // The linear model of a folder alone, which needs no runtime; null: it has none. Errors: configuration.
  virtual Result<std::shared_ptr<const ml::LinearModel>> load_linear(const std::string& folder) = 0;
};

}  // namespace gatehouse::app
