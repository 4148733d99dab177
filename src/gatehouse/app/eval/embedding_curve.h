#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "gatehouse/app/eval/row.h"
#include "gatehouse/base/error.h"
#include "gatehouse/ml/model.h"

namespace gatehouse::app {

// How well a likeness of two questions tells whether they mean the same, as a semantic cache would need it: the share
// of equal pairs that are hit where a given share of unequal ones is hit falsely. The encoder's embedding beside hashed
// n-grams. One thread's.
class EmbeddingCurve {
 public:
  // `model` null: n-grams alone.
  explicit EmbeddingCurve(std::shared_ptr<const ml::Model> model) : model_(std::move(model)) {}

  // A row of the task `pair`; others are not counted. Keeps the texts until `finish`.
  void add(const EvalRow& row);
  std::size_t rows() const { return pairs_.size(); }
  // Reads all texts. Errors: those of the model.
  Result<> finish();

  std::string to_json() const;
  std::string to_text() const;

  // The curve of likenesses: at each share of false hits (at most) the threshold that allows no more, and the share of
  // equal pairs above it.
  struct Point {
    double false_hits = 0;
    double threshold = 0;
    std::size_t hits = 0;
  };
  static std::vector<Point> curve(const std::vector<float>& equal, std::vector<float> unequal);

 private:
  struct Pair {
    std::string a, b;
    bool same = false;
  };
  struct Curve {
    std::string name;
    std::vector<Point> points;
  };
  Result<std::vector<float>> embedding_likeness() const;
  void add_curve(std::string name, const std::vector<float>& likeness);

  std::shared_ptr<const ml::Model> model_;
  std::vector<Pair> pairs_;
  std::vector<Curve> curves_;
  std::size_t equal_ = 0;
};

}  // namespace gatehouse::app
