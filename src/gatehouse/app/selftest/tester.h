#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gatehouse/app/selftest/report.h"
#include "gatehouse/app/selftest/wire.h"
#include "gatehouse/base/secret.h"
#include "gatehouse/dialects/codec.h"
#include "gatehouse/llm/chat/request.h"

namespace gatehouse::app::selftest {

// Asks models as clients of a dialect do, and judges the answers: by the bytes (shape.h) and by the dialect's codec for
// providers, which takes no part in writing them. Blocks while it asks. One thread's.
class Tester {
 public:
  struct Options {
    base::Secret key{};
    std::uint64_t max_tokens = 64;  // of each answer
  };
  Tester(Send send, Options options) : send_(std::move(send)), options_(std::move(options)) {}

  // All scenarios of one model in one dialect that callers speak.
  Row run(llm::Dialect front, const std::string& model);
  const Spent& spent() const { return spent_; }

 private:
  struct Asked;
  Asked ask(llm::ChatRequest request);
  Outcome refusal(const WireAnswer& answer) const;
  std::string written(const llm::ChatRequest& request, dialects::Rewrites& rewrites) const;
  Result<llm::ChatAnswer> read(const WireAnswer& answer, bool stream, const dialects::Rewrites& rewrites) const;
  Result<WireAnswer> send(const WireRequest& request);
  void count(const WireAnswer& answer, const llm::Usage& usage);

  llm::ChatRequest question(std::string_view text) const;
  llm::ChatRequest with_tools() const;
  Outcome chat(bool stream);
  Outcome tools(bool stream);
  Outcome tool_result();
  Outcome schema();
  Outcome image();
  Outcome max_tokens();
  Outcome translation();
  Outcome wrong_model();

  Send send_;
  Options options_;
  Spent spent_{};

  // Of the run under way.
  Row row_{};
  const dialects::BackCodec* codec_ = nullptr;
  std::optional<llm::ChatAnswer> calls_{};  // an answer with tool calls
};

}  // namespace gatehouse::app::selftest
