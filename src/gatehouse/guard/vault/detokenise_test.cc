#include "gatehouse/guard/vault/detokenise.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/guard/vault/vault_testing.h"

namespace gatehouse::guard {
namespace {

using testing::kNow;

class FakeAudit final : public DetokeniseAudit {
 public:
  Result<> record(const DetokeniseEvent& event) override {
    if (broken) return fail(Code::io, "the disk is full");
    events.push_back(event);
    return {};
  }
  bool broken = false;
  std::vector<DetokeniseEvent> events;
};

class DetokeniseTest : public ::testing::Test {
 protected:
  DetokeniseTest() {
    VaultItem item{
        .tenant = "tenant-1", .scope = "c1", .owner = "u1", .entity = "EMAIL", .token = token_id_of(7), .value = {}};
    item.value = "ada@example.org";
    EXPECT_TRUE(vault_->put(item, kNow));
    call_ = {.actor = "admin-1",
             .address = "192.0.2.7",
             .tenant = "tenant-1",
             .tokens = {"[PII:EMAIL:tok_000000000007]", "tok_000000000008"},
             .reason = "Ticket 4711: a customer asks"};
  }
  std::unique_ptr<Vault> vault_ = testing::vault(testing::keyring());
  FakeAudit audit_;
  Detokeniser detokeniser_{*vault_, audit_};
  DetokeniseCall call_;
};

TEST_F(DetokeniseTest, ShowsAndWritesDown) {
  const auto answer = detokeniser_.reveal(call_, kNow);
  ASSERT_TRUE(answer.has_value()) << answer.error().detail;
  ASSERT_EQ(answer->size(), 2);
  EXPECT_TRUE((*answer)[0].found);
  EXPECT_EQ((*answer)[0].value.reveal(), "ada@example.org");
  EXPECT_EQ((*answer)[0].entity, "EMAIL");
  EXPECT_EQ((*answer)[0].token, "tok_000000000007");
  EXPECT_FALSE((*answer)[1].found);
  ASSERT_EQ(audit_.events.size(), 1);
  const DetokeniseEvent& event = audit_.events[0];
  EXPECT_EQ(event.actor, "admin-1");
  EXPECT_EQ(event.address, "192.0.2.7");
  EXPECT_EQ(event.tenant, "tenant-1");
  EXPECT_EQ(event.reason, call_.reason);
  EXPECT_EQ(event.time, kNow);
  ASSERT_EQ(event.shown.size(), 2);
  EXPECT_EQ(event.shown[0].token, "tok_000000000007");
  EXPECT_EQ(event.shown[0].entity, "EMAIL");
  EXPECT_EQ(event.shown[0].scope, "c1");
  EXPECT_EQ(event.shown[1].entity, "");
}

TEST_F(DetokeniseTest, ShowsNothingThatIsNotWrittenDown) {
  audit_.broken = true;
  const auto answer = detokeniser_.reveal(call_, kNow);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, Code::internal);
  EXPECT_EQ(answer.error().detail.find("ada"), std::string::npos);
}

TEST_F(DetokeniseTest, AnotherTenantSeesNothing) {
  call_.tenant = "tenant-2";
  const auto answer = detokeniser_.reveal(call_, kNow);
  ASSERT_TRUE(answer.has_value());
  EXPECT_FALSE((*answer)[0].found);
  EXPECT_EQ(audit_.events.size(), 1);  // that he tried is worth knowing
}

TEST_F(DetokeniseTest, RefusesWhatIsIncomplete) {
  const auto refused = [this](auto change) {
    DetokeniseCall call = call_;
    change(call);
    const auto answer = detokeniser_.reveal(call, kNow);
    EXPECT_TRUE(audit_.events.empty());
    return !answer.has_value() && answer.error().code == Code::invalid_request;
  };
  EXPECT_TRUE(refused([](auto& call) { call.actor.clear(); }));
  EXPECT_TRUE(refused([](auto& call) { call.reason = "  a "; }));
  EXPECT_TRUE(refused([](auto& call) { call.reason = "two\nlines"; }));
  EXPECT_TRUE(refused([](auto& call) { call.reason = std::string(501, 'x'); }));
  EXPECT_TRUE(refused([](auto& call) { call.tokens.clear(); }));
  EXPECT_TRUE(refused([](auto& call) { call.tokens.assign(101, "tok_000000000007"); }));
  EXPECT_TRUE(refused([](auto& call) { call.tokens.push_back("ada@example.org"); }));
}

}  // namespace
}  // namespace gatehouse::guard
