#include "gatehouse/app/commands/admin_client.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace gatehouse::app {
namespace {

TEST(AdminClient, OnlyThisMachine) {
  for (const char* good : {"http://127.0.0.1:8081", "127.0.0.1:8081", "http://localhost:8081/", "http://[::1]:8081"}) {
    EXPECT_TRUE(AdminClient::open(good, base::Secret("gha-x"))) << good;
  }
  for (const char* bad : {"", "https://127.0.0.1:8081", "http://10.0.0.1:8081", "http://example.com:8081",
                          "http://localhost:8081/#@evil:1", "http://localhost@evil:1", "http://127.0.0.1"}) {
    EXPECT_FALSE(AdminClient::open(bad, base::Secret("gha-x"))) << bad;
  }
  EXPECT_FALSE(AdminClient::open("127.0.0.1:1", base::Secret("gha-x\r\nx: y")));
  EXPECT_EQ(percent_encode("a/b c?%"), "a%2Fb%20c%3F%25");
}

// Answers one connection with what it is given.
std::string exchange(const std::string& answer, Result<AdminClient::Answer>& got) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&at), sizeof(at)), 0);
  EXPECT_EQ(::listen(listener, 1), 0);
  socklen_t size = sizeof(at);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size);
  std::string seen;
  std::thread server([&] {
    const int peer = ::accept(listener, nullptr, nullptr);
    char block[4096];
    while (seen.find("\r\n\r\n") == seen.npos) {
      const auto read = ::recv(peer, block, sizeof(block), 0);
      if (read <= 0) break;
      seen.append(block, static_cast<std::size_t>(read));
    }
    ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    ::close(peer);
  });
  const auto client = AdminClient::open("127.0.0.1:" + std::to_string(ntohs(at.sin_port)), base::Secret("gha-secret"));
  got = client->ask("GET", "/admin/v1/keys");
  server.join();
  ::close(listener);
  return seen;
}

TEST(AdminClient, ReadsAnswersAndRefusesHalves) {
  Result<AdminClient::Answer> got;
  const auto seen = exchange("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", got);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->body, "{}");
  EXPECT_NE(seen.find("authorization: Bearer gha-secret\r\n"), std::string::npos);
  exchange("HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", got);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 404);
  EXPECT_EQ(got->body, "abc");
  exchange("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{}", got);
  EXPECT_FALSE(got);
  exchange("SSH-2.0\r\n", got);
  EXPECT_FALSE(got);
}

}  // namespace
}  // namespace gatehouse::app
