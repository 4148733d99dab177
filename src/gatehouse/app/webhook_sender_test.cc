#include "gatehouse/app/webhook_sender.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/http/testing/session.h"

namespace gatehouse::app {
namespace {

using http::testing::Peer;

struct Receiver {
  std::unique_ptr<net::Listener> listener;
  std::vector<std::string> answers;  // one after the other, then 200
  std::vector<std::string> seen{};
};

// A request with its body, by its content-length.
Task<std::string> request_of(Peer& peer) {
  std::string text;
  while (!text.ends_with("\r\n\r\n")) {
    const std::string byte = co_await peer.bytes(1);
    if (byte.empty()) co_return text;
    text += byte;
  }
  const auto at = text.find("content-length: ") + 16;
  text += co_await peer.bytes(std::stoul(text.substr(at, text.find('\r', at) - at)));
  co_return text;
}

Task<void> receive(Receiver& receiver) {
  for (;;) {
    auto stream = co_await receiver.listener->accept();
    if (!stream) co_return;
    Peer peer(std::move(*stream));
    receiver.seen.push_back(co_await request_of(peer));
    const std::string status = receiver.answers.empty() ? "200 OK" : receiver.answers.front();
    if (!receiver.answers.empty()) receiver.answers.erase(receiver.answers.begin());
    co_await peer.send("HTTP/1.1 " + status + "\r\ncontent-length: 0\r\n\r\n");
  }
}

Task<void> sends(async::Loop& loop) {
  Receiver receiver{.listener = std::move(*net::Listener::bind(loop, *net::Endpoint::parse("127.0.0.1:0"), 16)),
                    .answers = {"503 No", "302 Found"}};
  async::TaskScope scope(loop, net::testing::rethrow);
  scope.spawn(receive(receiver));
  std::string lines;
  observe::Log log({}, [&lines](std::string_view line) { lines += line; });
  const base::ManualClock clock;
  Outbound outbound(loop);
  WebhookSender sender(outbound, log, clock);
  sender.send("{\"lost\":0}");  // nobody listens yet
  const std::string url = "http://127.0.0.1:" + std::to_string(receiver.listener->local().port) + "/hook?k=v";
  EXPECT_TRUE(sender.configure({.url = url, .secret = base::Secret("whsec")}));
  sender.send("{\"a\":1}");
  sender.send("{\"b\":2}");
  sender.send("{\"c\":3}");
  // Each look is ten seconds later: the pauses are over.
  auto now = async::Loop::now();
  for (int i = 0; i < 2000 && sender.counts().sent + sender.counts().dropped_tried < 3; ++i) {
    sender.tick(now += std::chrono::seconds(10));
    co_await async::sleep(loop, std::chrono::milliseconds(1), nullptr);
  }
  EXPECT_EQ(receiver.seen.size(), 4U);
  if (receiver.seen.size() == 4) {
    const std::string& first = receiver.seen[0];
    EXPECT_TRUE(first.starts_with("POST /hook?k=v HTTP/1.1\r\n")) << first;
    EXPECT_NE(first.find("x-gatehouse-signature: " +
                         govern::webhook::sign(base::Secret("whsec"), "{\"a\":1}", clock.wall()) + "\r\n"),
              std::string::npos);
    EXPECT_TRUE(first.ends_with("{\"a\":1}"));
    EXPECT_TRUE(receiver.seen[1].ends_with("{\"a\":1}"));  // after 503 again
    EXPECT_TRUE(receiver.seen[2].ends_with("{\"b\":2}"));  // a redirect is not followed, and not tried again
    EXPECT_TRUE(receiver.seen[3].ends_with("{\"c\":3}"));
  }
  EXPECT_EQ(sender.counts().sent, 2U);
  EXPECT_EQ(sender.counts().dropped_tried, 1U);
  EXPECT_NE(lines.find("webhook_failed"), std::string::npos);
  EXPECT_NE(lines.find("webhook_recovered"), std::string::npos);
  receiver.listener->close();
  co_await scope.join();
}

TEST(WebhookSender, SendsSignedInOrderAndAgain) { net::testing::run(sends); }

Task<void> refuses(async::Loop& loop) {
  observe::Log log({}, [](std::string_view) {});
  const base::ManualClock clock;
  Outbound outbound(loop);
  WebhookSender sender(outbound, log, clock);
  EXPECT_FALSE(sender.configure({.url = "http://hooks.example/x", .secret = {}}));
  EXPECT_FALSE(sender.configure({.url = "hooks", .secret = {}}));
  EXPECT_TRUE(sender.configure({.url = "", .secret = {}}));
  sender.send("{}");
  sender.tick(async::Loop::now());
  EXPECT_EQ(sender.counts().waiting, 0U);
  EXPECT_NE(WebhookSender::new_event_id(), WebhookSender::new_event_id());
  EXPECT_EQ(WebhookSender::new_event_id().size(), 36U);
  co_return;
}

TEST(WebhookSender, RefusesWrongAddressesAndDropsWithoutOne) { net::testing::run(refuses); }

}  // namespace
}  // namespace gatehouse::app
