#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/async/eventually.h"
#include "gatehouse/pipeline/callouts.h"
#include "gatehouse/pipeline/event_source.h"
#include "gatehouse/pipeline/exchange.h"

namespace gatehouse::stages {

// An answer that external guards are shown before any of it is released: a stream is held until its end. One loop's
// thread; the exchange outlives it.
class AskedSource final : public pipeline::EventSource {
 public:
  // `lines` is not empty.
  AskedSource(std::unique_ptr<pipeline::EventSource> inner, pipeline::Exchange& exchange,
              std::vector<const pipeline::CalloutLine*> lines)
      : inner_(std::move(inner)), exchange_(exchange), form_(inner_->form()), lines_(std::move(lines)) {}

  pipeline::Form form() const override { return form_; }
  Eventually<Result<pipeline::Batch>> next() override;

  static constexpr std::size_t kMostHeld = std::size_t{16} << 20;  // bytes of a stream
  static constexpr std::size_t kMostTexts = 1024;                  // of a stream

 private:
  Task<Result<pipeline::Batch>> hold_and_ask();
  Task<Result<pipeline::Batch>> ask_of_body();
  Task<Result<pipeline::Batch>> ask_of_stream();
  bool read_stream(std::vector<guard::CalloutText>& texts);
  // Nobody judges it: false where that may not be.
  bool unjudged(std::string_view why);
  Result<pipeline::Batch> stop();
  Result<pipeline::Batch> end_stream();

  std::unique_ptr<pipeline::EventSource> inner_;
  pipeline::Exchange& exchange_;
  pipeline::Form form_;
  std::vector<const pipeline::CalloutLine*> lines_;
  std::string held_;
  std::string out_;
  std::deque<std::string> owned_;  // texts of a stream
  std::size_t silent_ = 0;         // bytes of held_ before the first event with a text
  std::string last_data_;
  bool passing_ = false;  // not held any longer
};

}  // namespace gatehouse::stages
