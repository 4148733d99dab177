#include "gatehouse/app/configured.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/app/builtin_stages.h"
#include "gatehouse/pipeline/stage.h"

namespace gatehouse::app {
namespace {

const base::Secret kProcess("a secret of this process");

Result<std::shared_ptr<const Configured>> configured(const config::Snapshot& snapshot) {
  return configure(std::make_shared<const config::Snapshot>(snapshot), kProcess, base::ManualClock().wall());
}

TEST(BuiltinStages, TheOrder) {
  const auto stages = builtin_stages();
  std::vector<std::string> names;
  for (const auto& stage : **stages) names.emplace_back(stage->name());
  EXPECT_EQ(names, (std::vector<std::string>{"authenticate", "decode", "authorise", "list_models", "route", "forward",
                                             "meter", "record"}));
}

TEST(Configured, LimitsAndTimesReachTheSessions) {
  config::Snapshot snapshot;
  snapshot.limits.head_bytes = 1;
  snapshot.limits.head_fields = 2;
  snapshot.limits.requests_per_connection = 3;
  snapshot.timeouts.head = config::milliseconds(4);
  snapshot.timeouts.body = config::milliseconds(5);
  snapshot.timeouts.body_min_rate = 6;
  snapshot.timeouts.idle = config::milliseconds(7);
  snapshot.timeouts.write = config::milliseconds(8);
  const auto made = configured(snapshot);
  const auto& options = (*made)->server_options;
  EXPECT_EQ(options.head.bytes, 1U);
  EXPECT_EQ(options.head.fields, 2U);
  EXPECT_EQ(options.requests_per_connection, 3U);
  EXPECT_EQ(options.head_timeout, config::milliseconds(4));
  EXPECT_EQ(options.body_timeout, config::milliseconds(5));
  EXPECT_EQ(options.body_min_rate, 6U);
  EXPECT_EQ(options.idle_timeout, config::milliseconds(7));
  EXPECT_EQ(options.write_timeout, config::milliseconds(8));
  EXPECT_EQ((*made)->api_tls, nullptr);
}

TEST(Configured, KeysWithTheirRights) {
  config::Snapshot snapshot;
  config::Key key;
  key.name = "ci";
  key.key = base::Secret("a-key-of-the-tests");
  key.team = "support";
  key.models = {{"gpt-*"}};
  key.operations = {"embeddings"};
  key.expires = base::ManualClock().wall() + std::chrono::hours(1);
  snapshot.keys.push_back(key);
  for (const auto* secret : {"", "the configured secret"}) {
    snapshot.auth.key_hash_secret = base::Secret(secret);
    const auto made = configured(snapshot);
    EXPECT_EQ((*made)->key_hash_secret.reveal(), *secret == '\0' ? kProcess.reveal() : secret);
    crypto::HmacSha256 hash((*made)->key_hash_secret.reveal());
    const auto now = base::ManualClock().wall();
    const auto found = (*made)->keys->find("a-key-of-the-tests", hash, now);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ((*found)->team, "support");
    EXPECT_TRUE((*found)->may_use_model("gpt-5"));
    EXPECT_FALSE((*found)->may_use_model("other"));
    EXPECT_FALSE((*found)->may_use_operation("chat_completions"));
    EXPECT_FALSE((*made)->keys->find("a-key-of-the-tests", hash, now + std::chrono::hours(2)));
  }
  snapshot.keys.push_back(key);
  EXPECT_EQ(configured(snapshot).error().code, Code::configuration);
}

TEST(Configured, ACertificateThatIsNotThere) {
  config::Snapshot snapshot;
  snapshot.listen.tls = config::ListenTls{.cert = "/nowhere/cert.pem", .key = "/nowhere/key.pem", .client_ca = {}};
  EXPECT_EQ(configured(snapshot).error().code, Code::configuration);
}

}  // namespace
}  // namespace gatehouse::app
