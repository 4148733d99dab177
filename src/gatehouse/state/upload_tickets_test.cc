#include "gatehouse/state/upload_tickets.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "gatehouse/state/state_testing.h"

namespace gatehouse::state {
namespace {

using testing::keys;
using testing::kNow;

const UploadTicket kTicket{
    .provider = "google", .origin = "https://far.example", .target = "/upload/v1beta/files?upload_id=secret"};

TEST(UploadTickets, ReadsWhatItWrote) {
  const UploadTickets tickets(keys());
  const auto text = tickets.write("team:a", kTicket, kNow);
  ASSERT_TRUE(text);
  EXPECT_EQ(text->find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
            std::string::npos);
  EXPECT_EQ(text->find("secret"), std::string::npos);
  const auto read = tickets.read("team:a", *text, kNow + std::chrono::hours(23));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->provider, kTicket.provider);
  EXPECT_EQ(read->origin, kTicket.origin);
  EXPECT_EQ(read->target, kTicket.target);
  // Another process of the installation, also after a new key came in front; never another installation.
  EXPECT_TRUE(UploadTickets(keys({1, 2})).read("team:a", *text, kNow));
  EXPECT_FALSE(UploadTickets(keys({1}, 'q')).read("team:a", *text, kNow));
}

TEST(UploadTickets, NobodyElsesNotChangedNotLate) {
  const UploadTickets tickets(keys(), std::chrono::seconds(60));
  const auto text = tickets.write("team:a", kTicket, kNow);
  ASSERT_TRUE(text);
  EXPECT_FALSE(tickets.read("team:b", *text, kNow));
  EXPECT_FALSE(tickets.read("", *text, kNow));
  EXPECT_TRUE(tickets.read("team:a", *text, kNow + std::chrono::seconds(59)));
  EXPECT_FALSE(tickets.read("team:a", *text, kNow + std::chrono::seconds(60)));
  for (std::size_t i = 0; i < text->size(); ++i) {
    std::string changed = *text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(tickets.read("team:a", changed, kNow)) << i;
    EXPECT_FALSE(tickets.read("team:a", text->substr(0, i), kNow)) << i;
  }
  EXPECT_FALSE(tickets.read("team:a", *text + "A", kNow));
  EXPECT_FALSE(tickets.read("team:a", std::string(UploadTickets::kMostText + 4, 'A'), kNow));
}

TEST(UploadTickets, ALongTargetFitsOrIsRefused) {
  const UploadTickets tickets(keys());
  UploadTicket ticket = kTicket;
  ticket.target = std::string(UploadTickets::kMostTarget, 'x');
  ticket.provider = std::string(200, 'p');
  ticket.origin = std::string(300, 'o');
  const auto text = tickets.write("t", ticket, kNow);
  ASSERT_TRUE(text);
  EXPECT_LE(text->size(), UploadTickets::kMostText);
  EXPECT_TRUE(tickets.read("t", *text, kNow));
  ticket.target += 'x';
  const auto refused = tickets.write("t", ticket, kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::upstream_protocol);
}

}  // namespace
}  // namespace gatehouse::state
