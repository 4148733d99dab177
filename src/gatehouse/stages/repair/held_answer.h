#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/async/eventually.h"
#include "gatehouse/llm/operation.h"
#include "gatehouse/pipeline/event_source.h"

namespace gatehouse::stages {

// One answer of a chat, whole in memory, as a value: its bytes as they came, and what its model said in them.
struct HeldAnswer {
  std::string bytes;
  bool complete = false;  // else it is a stream longer than may be held: there is more in its source

  // Of `read`:
  std::vector<std::string> contents;  // each text of the model's words that is held to a schema by itself
  bool ended_itself = false;          // its model came to an end, of one choice, without calling a tool

  // What the model said, in one.
  std::string said() const;

  static constexpr std::size_t kMostStreamed = std::size_t{16} << 20;  // bytes
};

// Pulls a source to its end, or until a stream is longer than may be held. Errors: the source's. It outlives the task.
Task<Result<HeldAnswer>> hold(pipeline::EventSource& source);

// Fills in what is said. False: not all of it can be read.
bool read(HeldAnswer& answer, llm::Operation operation, pipeline::Form form);

}  // namespace gatehouse::stages
