#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/crypto/hmac.h"
#include "gatehouse/llm/segment.h"

namespace gatehouse::guard {

// What the state of a conversation lies under: a keyed hash, so that nobody can make his conversation pass for another.
using ConversationName = std::array<std::uint8_t, 16>;
std::string_view view(const ConversationName& name);
// "conv_" and 32 hexadecimal digits: as records show it.
std::string text_of(const ConversationName& name);

// Whose conversation it is; part of every name. Views of the request's.
struct ConversationCaller {
  std::string_view tenant;
  std::string_view caller;    // a key or a user
  std::string_view end_user;  // the caller's own name for who he asks for
};

// The history that a request tells, and every history that it begins with: chat clients send all messages with every
// turn, so the state of the turn before lies under the name of a beginning.
struct MessageChain {
  struct Link {
    ConversationName name{};    // of all messages up to and with this one
    std::uint32_t message = 0;  // Segment::message
    std::uint32_t users = 0;    // messages of the user until here
  };
  std::vector<Link> links;   // ascending; the last kMost of them
  ConversationName first{};  // up to and with the first message of the user: the same for all turns of a conversation
  bool any = false;          // false: nobody says anything, there are no links

  static constexpr std::size_t kMost = 256;
};

// Makes names. System texts are left out: they hold the time of day, and are the operator's. Pure but for its buffer;
// one thread's. Linear in the texts.
class ConversationNamer {
 public:
  // `key`: the installation's, the same for all workers and after a restart.
  explicit ConversationNamer(std::string_view key) : hash_(key) {}

  // Of the field x-gatehouse-conversation.
  ConversationName by_header(const ConversationCaller& caller, std::string_view value);
  // Of an answer that the provider stores: the responses API's previous_response_id names one.
  ConversationName by_answer(const ConversationCaller& caller, std::string_view id);
  // Of a conversation that the provider stores.
  ConversationName by_object(const ConversationCaller& caller, std::string_view id);
  void chain(const ConversationCaller& caller, const llm::SegmentList& segments, MessageChain& out);

 private:
  ConversationName named(const ConversationCaller& caller, std::string_view how, std::string_view value);
  void begin(const ConversationCaller& caller, std::string_view how);
  void append(std::string_view part);

  crypto::HmacSha256 hash_;
  std::string scratch_;
};

// Words of the caller or of his tools: what risk and assembly look at.
bool is_said(const llm::Segment& segment);

// What x-gatehouse-conversation may hold: 1 to kMostHeader visible ASCII characters.
bool is_conversation_header(std::string_view value);
inline constexpr std::size_t kMostConversationHeader = 128;

}  // namespace gatehouse::guard
