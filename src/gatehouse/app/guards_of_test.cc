#include "gatehouse/app/guards_of.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/guard/answer_text.h"
#include "gatehouse/guard/inspector.h"

namespace gatehouse::app {
namespace {

using testing::HasSubstr;

config::Snapshot with_policy(const std::function<void(config::Guards&)>& fill) {
  config::Snapshot snapshot;
  config::Policy policy;
  policy.name = "p";
  fill(policy.guards);
  snapshot.policies.push_back(std::move(policy));
  return snapshot;
}

TEST(GuardsOf, AnEntityThatNobodyFindsIsRefusedWithTheNearest) {
  const auto snapshot = with_policy(
      [](config::Guards& guards) { guards.pii.emplace().entities = {{"EMAILS", config::GuardAction::block}}; });
  const auto plan = guards_of(snapshot);
  ASSERT_FALSE(plan.has_value());
  EXPECT_THAT(plan.error().detail, HasSubstr("did you mean `EMAIL`"));
  EXPECT_THAT(plan.error().detail, HasSubstr("policy `p`"));
}

TEST(GuardsOf, HoursAreRead) {
  auto snapshot = with_policy([](config::Guards& guards) { guards.pii.emplace(); });
  snapshot.policies[0].applies_to.days = "mon-fry";
  EXPECT_FALSE(guards_of(snapshot).has_value());
  snapshot.policies[0].applies_to.days = "mon-fri";
  snapshot.policies[0].applies_to.time_zone = "Europe/Berlin";
  const auto plan = guards_of(snapshot);
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  EXPECT_TRUE(plan->policies[0].hours);
}

TEST(GuardsOf, NothingIsBuiltWithoutGuards) {
  const auto plan = guards_of(config::Snapshot());
  ASSERT_TRUE(plan.has_value());
  EXPECT_EQ(plan->detectors, nullptr);
}

// The rule that streams stand on, with all detectors there are: whatever way a text is cut, the same of it is redacted,
// and nothing of that was let go before.
TEST(BuiltinDetectors, FindTheSameHoweverATextIsCut) {
  auto snapshot = with_policy([](config::Guards& guards) {
    for (auto* rule : {&guards.pii, &guards.secrets, &guards.unsafe_output, &guards.terms}) {
      rule->emplace().action = config::GuardAction::redact;
    }
  });
  config::CustomEntity codename;
  codename.name = "CODENAME";
  codename.words = {"Project Nightingale", "Blue Heron"};
  snapshot.entities.push_back(codename);
  const auto plan = guards_of(snapshot);
  ASSERT_TRUE(plan.has_value()) << plan.error().detail;
  guard::PolicySet policies(plan->policies, plan->detectors);
  const auto rules = policies.find({});
  guard::Inspector inspector(plan->detectors);
  guard::Redaction redaction(nullptr, nullptr, {.tenant = "t", .conversation = {}, .owner = {}}, {});

  const auto edited = [&](std::string_view text, std::size_t cut, std::size_t step) {
    guard::Decisions decisions;
    const guard::AnswerGuarding guarding{
        .rules = *rules, .inspector = inspector, .redaction = redaction, .decisions = decisions};
    guard::AnswerText answer(llm::SegmentKind::text, 0);
    std::vector<guard::TextEdit> edits;
    std::size_t at = 0;
    std::size_t next = cut;
    while (at < text.size()) {
      const std::size_t end = std::min(next, text.size());
      answer.append(text.substr(at, end - at));
      at = end;
      next = step == 0 ? text.size() : end + step;
      EXPECT_TRUE(answer.look(guarding, at == text.size()));
      for (const auto& edit : answer.edits()) {
        if (edit.end <= answer.frontier() || at == text.size()) {
          if (edits.empty() || edits.back().begin < edit.begin) edits.push_back(edit);
        }
      }
      answer.release(answer.frontier());
    }
    std::string out;
    std::size_t from = 0;
    for (const auto& edit : edits) {
      out.append(text.substr(from, edit.begin - from)).append(edit.text);
      from = edit.end;
    }
    return out.append(text.substr(from));
  };

  for (const std::string_view text : {
           std::string_view(
               "Card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00 and erika@example.org, thanks."),
           std::string_view("The key is ghp_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8 and nothing else matters here."),
           std::string_view("We speak about Project  Nightingale and blue heron; projects and herons are none."),
           std::string_view(
               "Click <script>alert(1)</script> or ![x](http://198.51.100.7/?q=c2VjcmV0IGRhdGEgaGVyZQ==) now."),
           std::string_view("Encoded: d3JpdGUgdG8gZXJpa2FAZXhhbXBsZS5vcmcgc29vbg== and caf\xC3\xA9 \xE2\x80\x8B"
                            "4111\xE2\x80\x8B"
                            "1111 1111 1111."),
           std::string_view("It was 2024-05-01 at 12:30, order 12345, 3 of 7, call +49 30 1234567 tomorrow."),
       }) {
    const std::string whole = edited(text, text.size(), 0);
    for (std::size_t cut = 1; cut < text.size(); ++cut) EXPECT_EQ(edited(text, cut, 0), whole) << "cut at " << cut;
    EXPECT_EQ(edited(text, 1, 1), whole) << "single bytes";
    EXPECT_EQ(edited(text, 7, 7), whole);
  }
}

}  // namespace
}  // namespace gatehouse::app
