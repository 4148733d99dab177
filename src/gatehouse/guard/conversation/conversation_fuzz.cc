// Utterances of any bytes, cut at NUL; the first byte says which are new. No crash, and what is told lies in the
// utterance that it is told of, is made of two at least and completed by a new one.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/guard/conversation/assembly.h"
#include "gatehouse/guard/conversation/identity.h"
#include "gatehouse/guard/detector_set.h"
#include "gatehouse/guard/injection/injection_detector.h"
#include "gatehouse/guard/pii/pii_detector.h"
#include "gatehouse/guard/secrets/secrets_detector.h"

namespace {

using namespace gatehouse::guard;

std::shared_ptr<const DetectorSet> detectors() {
  std::vector<std::unique_ptr<const Detector>> all;
  all.push_back(std::make_unique<SecretsDetector>());
  auto pii = pii::PiiDetector::make({});
  if (!pii) std::abort();
  all.push_back(std::move(*pii));
  all.push_back(std::make_unique<injection::InjectionDetector>());
  auto set = DetectorSet::make({std::make_move_iterator(all.begin()), std::make_move_iterator(all.end())});
  if (!set) std::abort();
  return *set;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Inspector inspector(detectors());
  static Assembly assembly;
  static ConversationNamer namer("key");
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  std::vector<Utterance> utterances;
  gatehouse::llm::SegmentList segments;
  while (!text.empty()) {
    const std::size_t end = text.find('\0');
    const std::string_view one = text.substr(0, end);
    const auto place = static_cast<std::uint32_t>(utterances.size());
    const auto role = one.ends_with('\n') ? gatehouse::llm::Role::tool : gatehouse::llm::Role::user;
    utterances.push_back({.text = one, .role = role, .segment = place});
    segments.segments.push_back({.role = role, .message = place, .text = one});
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  const std::size_t fresh = utterances.empty() ? 0 : data[0] % utterances.size();
  std::vector<Assembled> found;
  assembly.find(inspector, utterances, fresh, inspector.detectors().all(), found);
  for (const Assembled& one : found) {
    if (one.pieces < 2 || one.utterance < fresh || one.utterance >= utterances.size()) std::abort();
    if (one.finding.begin > one.finding.end || one.finding.end > utterances[one.utterance].text.size()) std::abort();
  }
  MessageChain chain;
  namer.chain({.tenant = "t", .caller = "c", .end_user = ""}, segments, chain);
  if (chain.links.size() > MessageChain::kMost || chain.any == chain.links.empty()) std::abort();
  return 0;
}
