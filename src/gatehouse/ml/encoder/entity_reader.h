#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/ml/encoder/labels.h"
#include "gatehouse/ml/model.h"

namespace gatehouse::ml {

// Spans from a token classifier's logits. A word gets the label of its first token (where most training puts it); the
// probabilities of an entity's labels count together, so that B- and I- do not take votes from each other. Words go on
// as the marks say; given name and surname, or house number and street, become one. Immutable; all threads.
class EntityReader {
 public:
  // What each logit means, in order.
  explicit EntityReader(std::vector<EntityLabel> labels);

  std::size_t labels() const { return labels_.size(); }
  bool any() const { return !names_->empty(); }
  // Keeps the names of the spans alive.
  std::shared_ptr<const void> owner() const { return names_; }

  // Spans that touch the window's own tokens, ascending, not overlapping. `logits`: labels() for each of the window's
  // ids. `text` is not at hand: what stands between tokens is told by their places.
  void read(const Window& window, std::span<const float> logits, std::vector<EntitySpan>& out) const;

 private:
  struct Word;
  Word judge(const Window& window, std::size_t first, std::size_t behind, std::span<const float> logits,
             std::vector<float>& sums) const;

  struct Label {
    std::size_t entity = 0;  // index of names_ + 1; 0: none
    std::size_t part = 0;
    bool begins = false;
  };
  std::vector<Label> labels_;
  std::shared_ptr<const std::vector<std::string>> names_;
  std::vector<bool> of_parts_;  // by entity: its parts join
};

}  // namespace gatehouse::ml
