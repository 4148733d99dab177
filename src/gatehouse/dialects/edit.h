#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/call.h"
#include "gatehouse/json/splice.h"

namespace gatehouse::dialects {

// What policy changes in a caller's body; everything else passes byte for byte.
struct BodyEdits {
  std::string_view model;                   // as the provider calls it; empty: as the caller wrote it
  std::optional<std::uint64_t> max_tokens;  // a bound on the completion: replaces the caller's, or is put in
  // The member to put the bound in where the caller gave none: "max_completion_tokens" is OpenAI's, servers that are
  // like it may know "max_tokens" only. With an empty name nothing is put in; Anthropic's and Gemini's bodies have one
  // place for it, whatever the name.
  std::string_view max_tokens_name;
  bool ask_usage = false;  // stream_options.include_usage becomes true
  // What guards change in the body's texts: as for json::splice. One that lies in a place which the others replace is
  // left out.
  std::span<const json::Edit> text = {};

  bool any(const Call& call) const {
    return (!model.empty() && model != call.model) || max_tokens.has_value() || ask_usage || !text.empty();
  }
};

// A body with its edits as pieces for a gathered write. Owned by the request (its pieces point into it, into the body
// and nowhere else), used again for each attempt. Neither copied nor moved.
class EditedBody {
 public:
  EditedBody() = default;
  EditedBody(const EditedBody&) = delete;
  EditedBody& operator=(const EditedBody&) = delete;

  // `call` is what was read from `body`; both, and `edits`, hold until the pieces were sent.
  std::span<const std::string_view> build(std::string_view body, const Call& call, const BodyEdits& edits);

  // The bound of the last build leaves no room for the thinking that was asked for: it was turned off.
  bool without_thinking() const { return without_thinking_; }

  struct Change {
    Span at;
    std::size_t from = 0;  // of what is put there, in the text of all insertions
    std::size_t size = 0;
  };

 private:
  std::span<const std::string_view> with_texts(std::string_view body, std::span<const Change> changes,
                                               std::span<const json::Edit> texts);

  // Model, two bounds, the options, thinking, what is put in front: six places at most, each with a piece of the body
  // before it.
  std::array<std::string_view, 13> pieces_;
  // In place of them, with edits of texts.
  std::vector<json::Edit> merged_;
  std::vector<json::Edit> more_edits_;
  std::vector<std::string_view> more_pieces_;
  std::string model_;
  std::string inserted_;
  bool without_thinking_ = false;
};

}  // namespace gatehouse::dialects
