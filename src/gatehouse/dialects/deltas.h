#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/llm/operation.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::dialects {

// The probabilities of a text's tokens, which say the text once more, as strings and as bytes. They cannot be edited
// with it: where a text of the same choice is edited or cut they go out as `nothing`.
struct Logprobs {
  std::uint32_t choice = 0;
  std::uint32_t part = 0;
  std::size_t offset = 0;  // of the JSON value in the event's data or body; never a string
  std::size_t length = 0;
  std::string_view text;              // the tokens one after the other
  std::string_view nothing = "null";  // what stands for "none given" there
};

// Finds the texts of an answer, with their places: of one event of a stream or of a whole body. Owned by the one who
// reads the answer, one thread's; texts hold until the next call, or as long as the data where nothing is escaped.
//
// Deltas with the same choice, kind and part are one text that grows; `whole` ones repeat such a text from its
// beginning or stand by themselves. Every string is a delta but for words, ids and encrypted blobs, by the rule of
// segments.h; what is not known here is `other`. An unknown member of a chat's delta grows like a known one, since
// servers stream under names of their own.
class DeltaReader {
 public:
  explicit DeltaReader(llm::Operation operation) : operation_(operation) {}

  // The data of one server-sent event. False: it is no JSON (nor [DONE], which has no text), or has more than kMost
  // texts; then nobody can say what is in it. `out` is appended to.
  bool read_event(std::string_view data, std::vector<llm::Delta>& out);
  // A whole body. Every delta is whole.
  bool read_body(std::string_view json, std::vector<llm::Delta>& out);

  // Of the last call.
  std::span<const Logprobs> logprobs() const { return logprobs_; }

  static constexpr std::size_t kMost = 65'536;

  // Parts of kinds that would meet in one choice or item are set apart.
  static constexpr std::uint32_t kSummaryPart = 0x1'0000;     // + summary_index: reasoning
  static constexpr std::uint32_t kTranscriptPart = 0x2'0000;  // audio: text
  // Gemini's streamed arguments: with a hash of their path. Such an event is not cut in two.
  static constexpr std::uint32_t kPathPart = 0x1000'0000;
  // Unknown members: a hash of their path with this bit.
  static constexpr std::uint32_t kUnknownPart = 0x8000'0000;

 private:
  struct Word {
    std::uint32_t choice;
    std::uint32_t part;
    std::string text;
  };
  static constexpr std::size_t kMostWords = 64;

  // A server that says "channel": "analysis" in every event is not writing "analysisanalysis".
  void look_for_constant(llm::Delta& delta);

  llm::Operation operation_;
  std::vector<Word> words_;  // the last ones of unknown members
  std::vector<Logprobs> logprobs_;
  std::deque<std::string> decoded_;
};

}  // namespace gatehouse::dialects
