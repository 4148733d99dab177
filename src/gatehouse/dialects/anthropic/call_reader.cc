#include "gatehouse/dialects/anthropic/call_reader.h"

#include <array>
#include <bit>

#include "gatehouse/dialects/call_faults.h"
#include "gatehouse/dialects/member_names.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::anthropic {
namespace {

using json::Kind;
using json::Member;

enum class Key : std::uint8_t {
  model,
  stream,
  messages,
  system,
  max_tokens,
  metadata,
  tools,
  tool_choice,
  thinking,
  mcp_servers,
  container,
  output_config,
  output_format,
};
constexpr MemberNames kKeys(std::to_array<std::string_view>({"model", "stream", "messages", "system", "max_tokens",
                                                             "metadata", "tools", "tool_choice", "thinking",
                                                             "mcp_servers", "container", "output_config",
                                                             "output_format"}));

class Reader {
 public:
  Reader() { call_.dialect = llm::Dialect::anthropic; }

  void visit(const Member& member) {
    if (faults_.failed()) return;
    for (std::uint32_t left = kKeys.candidates(member.key); left != 0; left &= left - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(left));
      if (member.key == kKeys[i]) return read(static_cast<Key>(i), member);
      if (folds_to(member.key, kKeys[i])) return faults_.misspelt(member.key, kKeys[i]);
    }
  }

  ApiResult<Call> finish() {
    if (call_.model_span.length == 0) faults_.missing("model");
    if (!messages_given_) faults_.missing("messages");
    if (faults_.failed()) return std::unexpected(faults_.take());
    return std::move(call_);
  }

 private:
  void read(Key key, const Member& member) {
    const std::uint32_t bit = std::uint32_t{1} << static_cast<unsigned>(key);
    if ((seen_ & bit) != 0) return faults_.twice(member.key);
    seen_ |= bit;
    const Span span{member.offset, member.value.size()};
    if (key == Key::max_tokens) call_.max_tokens_span = span;
    if (member.kind == Kind::null && key != Key::model && key != Key::messages) return;
    switch (key) {
      case Key::model:
        if (member.kind != Kind::string) return faults_.wrong_type("model", "a string", member.kind);
        json::append_string(member.value, call_.model);
        if (call_.model.empty()) return faults_.missing("model");
        call_.model_span = span;
        return;
      case Key::stream:
        if (member.kind != Kind::boolean) return faults_.wrong_type("stream", "a boolean", member.kind);
        call_.stream = member.value == "true";
        return;
      case Key::messages:
        if (member.kind != Kind::array) return faults_.wrong_type("messages", "an array", member.kind);
        messages_given_ = true;
        return;
      case Key::max_tokens:
        if (member.kind != Kind::number) return faults_.wrong_type("max_tokens", "an integer", member.kind);
        call_.max_tokens = json::read_count(member.value);
        if (!call_.max_tokens) faults_.complain("max_tokens: expected an integer from 0 on", "max_tokens");
        return;
      case Key::metadata:
        if (member.kind != Kind::object) return faults_.wrong_type("metadata", "an object", member.kind);
        return read_metadata(member);
      case Key::system:
        if (member.kind != Kind::string && member.kind != Kind::array) {
          faults_.wrong_type("system", "a string or an array", member.kind);
        }
        return;
      case Key::tools:
      case Key::mcp_servers:
        if (member.kind != Kind::array) faults_.wrong_type(member.key, "an array", member.kind);
        return;
      case Key::thinking:
        if (member.kind != Kind::object) return faults_.wrong_type(member.key, "an object", member.kind);
        return read_thinking(member);
      case Key::tool_choice:
      case Key::output_config:
      case Key::output_format:
        if (member.kind != Kind::object) faults_.wrong_type(member.key, "an object", member.kind);
        return;
      case Key::container:
        if (member.kind != Kind::string && member.kind != Kind::object) {
          faults_.wrong_type("container", "a string or an object", member.kind);
        }
        return;
    }
  }

  // What is wrong in it the provider will say.
  void read_thinking(const Member& thinking) {
    call_.thinking_span = {thinking.offset, thinking.value.size()};
    json::walk_object(thinking.value, [&](const Member& member) {
      if (member.key != "budget_tokens") return;
      call_.thinking_budget = json::read_count(member.value);
      call_.thinking_budget_span = {thinking.offset + member.offset, member.value.size()};
    });
  }

  // Whom limits of end users are about.
  void read_metadata(const Member& metadata) {
    constexpr std::string_view kPath = "metadata.user_id";
    bool seen = false;
    json::walk_object(metadata.value, [&](const Member& member) {
      if (faults_.failed() || !folds_to(member.key, "user_id")) return;
      if (member.key != "user_id") return faults_.misspelt(member.key, "user_id");
      if (seen) return faults_.twice(kPath);
      seen = true;
      if (member.kind == Kind::null) return;
      if (member.kind != Kind::string) return faults_.wrong_type(kPath, "a string", member.kind);
      json::append_string(member.value, call_.user);
    });
  }

  Call call_;
  CallFaults faults_;
  std::uint32_t seen_ = 0;
  bool messages_given_ = false;
};

}  // namespace

ApiResult<Call> read_call(llm::Operation /*operation*/, std::string_view body) {
  Reader reader;
  json::Notes notes{.wanted = tells_type};
  const auto scanned = json::scan_object(body, notes, [&reader](const Member& member) { reader.visit(member); });
  if (!scanned) return refuse(Code::invalid_request, "The request body is not valid JSON: " + scanned.error().detail);
  auto call = reader.finish();
  if (call) call->words_only = !notes.key && !notes.unicode_escape;
  return call;
}

}  // namespace gatehouse::dialects::anthropic
