#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gatehouse/app/eval/row.h"
#include "gatehouse/guard/inspector.h"
#include "gatehouse/ml/service/service.h"

namespace gatehouse::app {

// Dialogues as they come in: each message of the user makes a request that holds all before it, looked at as the
// gateway does, with the service's pool, its memory of texts and the linear model before the encoder. Says what models
// cost a request on average. One thread's; blocks while the pool reads.
class DialogueReplay {
 public:
  // `service` outlives it; its counts from now on are taken to be this replay's.
  DialogueReplay(std::shared_ptr<const guard::DetectorSet> detectors, ml::Service& service, float threshold);

  // Whether no alarm was raised.
  bool add(const EvalRow& row);
  // What raised the last dialogue's first alarm: the detector, its score, the text. Empty if none did.
  const std::string& last() const { return last_; }
  std::uint64_t requests() const { return requests_; }
  std::string to_json() const;
  std::string to_text() const;

 private:
  bool request(const EvalRow& row, std::uint32_t last_message);
  double model_ms_per_request() const;

  guard::Inspector inspector_;
  ml::Service& service_;
  const float threshold_;
  const ml::ServiceCounts before_;
  guard::Findings findings_;
  std::uint64_t dialogues_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t texts_ = 0;
  std::uint64_t alarms_ = 0;  // dialogues
  std::uint64_t unanswered_ = 0;
  std::string last_;
  std::vector<double> waited_;  // ms, of requests that waited for the pool
};

}  // namespace gatehouse::app
