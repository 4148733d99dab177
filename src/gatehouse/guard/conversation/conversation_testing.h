#pragma once

#include <array>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/base/clock.h"
#include "gatehouse/guard/conversation/book.h"
#include "gatehouse/guard/detector_set.h"
#include "gatehouse/guard/injection/injection_detector.h"
#include "gatehouse/guard/pii/pii_detector.h"
#include "gatehouse/guard/secrets/secrets_detector.h"
#include "gatehouse/guard/vault/vault_testing.h"

// For the tests of conversations.
namespace gatehouse::guard::testing {

inline std::shared_ptr<const DetectorSet> all_detectors() {
  std::vector<std::unique_ptr<const Detector>> detectors;
  detectors.push_back(std::make_unique<SecretsDetector>());
  auto pii = pii::PiiDetector::make({});
  EXPECT_TRUE(pii.has_value());
  detectors.push_back(std::move(*pii));
  detectors.push_back(std::make_unique<injection::InjectionDetector>());
  auto set = DetectorSet::make({std::make_move_iterator(detectors.begin()), std::make_move_iterator(detectors.end())});
  EXPECT_TRUE(set.has_value());
  return *set;
}

inline std::unique_ptr<store::Database> conversation_database(const std::string& url = "sqlite::memory:") {
  auto opened = store::open(url);
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().detail);
  const auto components = std::to_array<store::Component>({ConversationBook::component()});
  const auto migrated = store::migrate(**opened, components, kNow);
  EXPECT_TRUE(migrated.has_value()) << (migrated ? "" : migrated.error().detail);
  return std::move(*opened);
}

inline std::unique_ptr<ConversationBook> book(std::unique_ptr<store::Database> database = nullptr,
                                              base::WallTime now = kNow, const ConversationBookOptions& options = {}) {
  auto opened = ConversationBook::open(std::move(database), keyring(), now, options);
  EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().detail);
  return std::move(*opened);
}

// A request of messages.
struct Said {
  llm::Role role = llm::Role::user;
  std::string text;
  llm::SegmentKind kind = llm::SegmentKind::text;
};
inline llm::SegmentList segments_of(const std::vector<Said>& messages) {
  llm::SegmentList list;
  for (const Said& said : messages) {
    list.decoded.push_back(said.text);
    list.segments.push_back({.role = said.role,
                             .kind = said.kind,
                             .message = list.messages++,
                             .offset = 0,
                             .length = 1,
                             .text = list.decoded.back()});
  }
  return list;
}

}  // namespace gatehouse::guard::testing
