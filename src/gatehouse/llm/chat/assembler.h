#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/llm/chat/answer.h"

namespace gatehouse::llm {

// Puts a stream together into the answer that it amounts to, and holds it to the rules of ChatEvent. One answer's, one
// thread's. Keeps at most `most` bytes of texts and other state: what comes beyond is counted in `lost`.
class AnswerAssembler {
 public:
  static constexpr std::size_t kMost = std::size_t{16} << 20;
  static constexpr std::size_t kMostBlocks = 4096;
  explicit AnswerAssembler(std::size_t most = kMost) : left_(most) {}

  // Error (internal): the run is not well-formed; the answer is what it was before.
  Result<> add(const ChatEvent& event);

  const ChatAnswer& answer() const { return answer_; }
  ChatAnswer take() { return std::move(answer_); }
  bool ended() const { return ended_; }                             // whole
  const std::optional<ChatError>& error() const { return error_; }  // `failed` came
  bool lost() const { return lost_; }

 private:
  struct Place {
    std::size_t choice;
    std::size_t block;
    bool open;
  };
  Result<Block*> open_block(const ChatEvent& event);
  Choice& choice(std::uint32_t index);
  void append(std::string& to, std::string_view text);
  void keep(const Extras& extras, Extras& to);
  void keep_told(const Extras& extras);

  ChatAnswer answer_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, Place> places_;
  std::optional<ChatError> error_;
  std::size_t left_;
  bool started_ = false;
  bool ended_ = false;
  bool lost_ = false;
};

// The run that a whole answer would have been as a stream: for callers who asked for one where the provider has none.
// The events' views hold as long as the answer. Blocks come one after the other, each in one piece.
std::vector<ChatEvent> run_of(const ChatAnswer& answer);

}  // namespace gatehouse::llm
