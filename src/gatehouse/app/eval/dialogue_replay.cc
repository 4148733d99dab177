#include "gatehouse/app/eval/dialogue_replay.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>

#include <fmt/format.h>

#include "gatehouse/app/eval/lengths.h"
#include "gatehouse/app/eval/tally.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::app {
namespace {

// A detector may ask about a reading of a text that it comes upon only by an answer.
constexpr int kMostRounds = 8;

double rounded(double value) { return std::round(value * 10'000) / 10'000; }

}  // namespace

DialogueReplay::DialogueReplay(std::shared_ptr<const guard::DetectorSet> detectors, ml::Service& service,
                               float threshold)
    : inspector_(std::move(detectors)), service_(service), threshold_(threshold), before_(service.counts()) {}

bool DialogueReplay::add(const EvalRow& row) {
  last_.clear();
  bool alarm = false;
  bool any = false;
  for (std::size_t i = 0; i < row.parts.size(); ++i) {
    const auto& part = row.parts[i];
    if (part.role != llm::Role::user) continue;
    if (i + 1 < row.parts.size() && row.parts[i + 1].message == part.message) continue;  // not its message's last
    alarm = request(row, part.message) || alarm;
    any = true;
  }
  if (any) ++dialogues_;
  if (alarm) ++alarms_;
  return !alarm;
}

bool DialogueReplay::request(const EvalRow& row, std::uint32_t last_message) {
  ++requests_;
  const auto models = service_.models();
  ml::Inquiry inquiry(service_, models->answers());
  const auto wanted =
      inspector_.detectors().of_family(guard::Family::injection) | inspector_.detectors().of_family(guard::Family::pii);
  for (int round = 0;; ++round) {
    bool alarm = false;
    bool waiting = false;
    std::string raised;
    for (const auto& part : row.parts) {
      if (part.message > last_message) continue;
      if (round == 0) ++texts_;
      guard::Look look{.text = part.text, .role = part.role, .kind = part.kind};
      look.context = row.beside(part);
      look.meaning = &inquiry;
      inspector_.look(look, wanted, findings_);
      waiting = waiting || findings_.waiting();
      const auto found = std::ranges::find_if(findings_.list(), [&](const guard::Finding& finding) {
        return finding.family == guard::Family::injection && finding.score >= threshold_;
      });
      if (found == findings_.list().end()) continue;
      if (!alarm && last_.empty()) {
        raised = fmt::format("{} {:.2f}, {} in message {}: {}", found->detector, found->score, name(part.role),
                             part.message, part.text);
      }
      alarm = true;
    }
    if (!waiting || round == kMostRounds || !inquiry.open()) {
      if (waiting) ++unanswered_;
      if (last_.empty()) last_ = std::move(raised);
      return alarm;
    }
    const auto sent = std::chrono::steady_clock::now();
    // Shared: the pool may still be at it when the wait is over.
    const auto done = std::make_shared<std::promise<void>>();
    inquiry.send([done] { done->set_value(); });
    done->get_future().wait();
    waited_.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - sent).count());
  }
}

double DialogueReplay::model_ms_per_request() const {
  if (requests_ == 0) return 0;
  return static_cast<double>(service_.counts().busy_us - before_.busy_us) / 1000.0 / static_cast<double>(requests_);
}

std::string DialogueReplay::to_json() const {
  const ml::ServiceCounts now = service_.counts();
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("n").unsigned_integer(dialogues_).key("requests").unsigned_integer(requests_);
  writer.key("texts").unsigned_integer(texts_).key("alarms").unsigned_integer(alarms_);
  if (dialogues_ > 0) {
    const Interval interval = wilson(alarms_, dialogues_);
    writer.key("alarm_rate").number(rounded(static_cast<double>(alarms_) / static_cast<double>(dialogues_)));
    writer.key("alarm_interval").begin_array();
    writer.number(rounded(interval.low)).number(rounded(interval.high)).end_array();
  }
  writer.key("threshold").number(rounded(static_cast<double>(threshold_)));
  writer.key("model_ms_per_request").number(rounded(model_ms_per_request()));
  writer.key("waited").unsigned_integer(waited_.size());
  writer.key("wait_p50_ms").number(rounded(percentile(waited_, 0.5)));
  writer.key("wait_p99_ms").number(rounded(percentile(waited_, 0.99)));
  writer.key("asked").unsigned_integer(now.asked - before_.asked);
  writer.key("remembered").unsigned_integer(now.remembered - before_.remembered);
  writer.key("settled").unsigned_integer(now.settled - before_.settled);
  writer.key("read").unsigned_integer(now.read - before_.read);
  writer.key("windows").unsigned_integer(now.windows - before_.windows);
  writer.key("batches").unsigned_integer(now.batches - before_.batches);
  if (unanswered_ > 0) writer.key("unanswered").unsigned_integer(unanswered_);
  writer.end_object();
  return out;
}

std::string DialogueReplay::to_text() const {
  const ml::ServiceCounts now = service_.counts();
  return fmt::format(
      "{} dialogues, {} requests, {} texts; {} dialogues raised an alarm\n"
      "questions: {} asked, {} remembered, {} settled by the linear model, {} read by an encoder\n"
      "models take {:.3f} ms a request on average; {} requests waited, p50 {:.2f} ms, p99 {:.2f} ms\n",
      dialogues_, requests_, texts_, alarms_, now.asked - before_.asked, now.remembered - before_.remembered,
      now.settled - before_.settled, now.read - before_.read, model_ms_per_request(), waited_.size(),
      percentile(waited_, 0.5), percentile(waited_, 0.99));
}

}  // namespace gatehouse::app
