#include "gatehouse/state/opaque_memory.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/state/packing.h"

namespace gatehouse::state {
namespace {

using llm::Block;
using llm::Opaque;
using llm::Origin;

// What stood in an answer, in its order.
enum class Mark : std::uint8_t { reasoning = 1, text = 2, call = 3 };

// Without the white space between tokens: clients write arguments anew.
void append_arguments(std::string& out, std::string_view json) {
  bool quoted = false;
  bool escaped = false;
  for (const char c : json) {
    if (quoted) {
      if (escaped) {
        escaped = false;
      } else if (c == '\\') {
        escaped = true;
      } else if (c == '"') {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ' ' || c == '\n' || c == '\r' || c == '\t') {
      continue;
    }
    out.push_back(c);
  }
  if (json.empty()) out += "{}";
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string call_words(const llm::ToolCall& call) {
  std::string out = call.name;
  out.push_back('\0');
  append_arguments(out, call.arguments);
  return out;
}

// What a message of the assistant says and calls. Empty: nothing.
std::string message_words(const std::vector<Block>& blocks) {
  std::string out;
  std::string calls;
  for (const Block& block : blocks) {
    if (const auto* text = block.as<llm::Text>()) {
      out += text->text;
    } else if (const auto* call = block.as<llm::ToolCall>()) {
      calls.push_back('\0');
      calls.append(call->id).push_back('\0');
      calls += call_words(*call);
    }
  }
  // Clients trim, and join or cut texts.
  std::string words(trimmed(out));
  return words.append(calls);
}

std::string hash_of(std::string_view words) {
  const crypto::Digest digest = crypto::sha256(words);
  return {reinterpret_cast<const char*>(digest.data()), 16};
}

void pack(Packer& out, const Opaque& state) {
  out.byte(static_cast<std::uint8_t>(state.origin));
  out.text(state.value);
}

Opaque unpack(Unpacker& in) {
  Opaque state;
  const std::uint8_t origin = in.byte();
  if (origin > static_cast<std::uint8_t>(Origin::other)) return state;
  state.origin = static_cast<Origin>(origin);
  state.value = in.text();
  return state;
}

bool has_state(const llm::Reasoning& thought) { return !thought.signature.empty() || !thought.encrypted.empty(); }

bool is_of(const Opaque& state, Origin target) { return !state.empty() && state.origin == target; }

// What is kept of an answer; empty: it has no state.
std::string packed(const std::vector<Block>& blocks) {
  Packer out;
  bool any = false;
  std::size_t count = 0;
  for (const Block& block : blocks) {
    if (++count > OpaqueMemory::kMostBlocks || out.size() > OpaqueMemory::kMostBytes) return {};
    if (const auto* thought = block.as<llm::Reasoning>()) {
      if (!has_state(*thought)) continue;
      any = true;
      out.byte(static_cast<std::uint8_t>(Mark::reasoning));
      out.byte(thought->summary ? 1 : 0);
      out.text(thought->id);
      out.text(thought->text);
      pack(out, thought->signature);
      pack(out, thought->encrypted);
    } else if (const auto* text = block.as<llm::Text>()) {
      any = any || !text->signature.empty();
      out.byte(static_cast<std::uint8_t>(Mark::text));
      out.text(hash_of(trimmed(text->text)));
      pack(out, text->signature);
    } else if (const auto* call = block.as<llm::ToolCall>()) {
      any = any || !call->signature.empty();
      out.byte(static_cast<std::uint8_t>(Mark::call));
      out.text(call->id);
      out.text(hash_of(call_words(*call)));
      pack(out, call->signature);
    }
  }
  return any && out.size() <= OpaqueMemory::kMostBytes ? out.take() : std::string{};
}

// Whether the kept answer made this very call.
bool made_call(std::string_view kept, const llm::ToolCall& call) {
  Unpacker in(kept);
  while (!in.at_end() && in.good()) {
    switch (static_cast<Mark>(in.byte())) {
      case Mark::reasoning:
        in.byte();
        in.text();
        in.text();
        unpack(in);
        unpack(in);
        break;
      case Mark::text:
        in.text();
        unpack(in);
        break;
      case Mark::call: {
        const std::string_view id = in.text();
        const std::string_view words = in.text();
        unpack(in);
        if (id == call.id) return words == hash_of(call_words(call));
        break;
      }
      default:
        return false;
    }
  }
  return false;
}

// Puts a kept answer's state into the message where it stood.
std::size_t put_back(std::string_view kept, std::vector<Block>& blocks, Origin target) {
  const bool thinks = std::ranges::any_of(blocks, [](const Block& block) {
    const auto* thought = block.as<llm::Reasoning>();
    return thought != nullptr && has_state(*thought);
  });
  std::size_t restored = 0;
  std::size_t at = 0;  // behind what was passed last
  bool cleared = false;
  Unpacker in(kept);
  while (!in.at_end() && in.good()) {
    switch (static_cast<Mark>(in.byte())) {
      case Mark::reasoning: {
        llm::Reasoning thought;
        thought.summary = in.byte() != 0;
        thought.id = in.text();
        thought.text = in.text();
        thought.signature = unpack(in);
        thought.encrypted = unpack(in);
        if (!in.good() || thinks) break;
        if (!is_of(thought.signature, target)) thought.signature = {};
        if (!is_of(thought.encrypted, target)) thought.encrypted = {};
        if (!has_state(thought)) break;
        if (!cleared) {
          // The client sent the thoughts without what proves them: they come back whole.
          std::erase_if(blocks, [](const Block& block) { return block.kind() == llm::BlockKind::reasoning; });
          cleared = true;
        }
        blocks.insert(blocks.begin() + static_cast<std::ptrdiff_t>(at), {.value = std::move(thought)});
        ++at;
        ++restored;
        break;
      }
      case Mark::text: {
        const std::string_view hash = in.text();
        Opaque signature = unpack(in);
        for (std::size_t i = at; i < blocks.size(); ++i) {
          auto* text = blocks[i].as<llm::Text>();
          if (text == nullptr || hash_of(trimmed(text->text)) != hash) continue;
          at = i + 1;
          if (text->signature.empty() && is_of(signature, target)) {
            text->signature = std::move(signature);
            ++restored;
          }
          break;
        }
        break;
      }
      case Mark::call: {
        const std::string_view id = in.text();
        const std::string_view words = in.text();
        Opaque signature = unpack(in);
        for (std::size_t i = 0; i < blocks.size(); ++i) {
          auto* call = blocks[i].as<llm::ToolCall>();
          if (call == nullptr || call->id != id || hash_of(call_words(*call)) != words) continue;
          at = std::max(at, i + 1);
          if (call->signature.empty() && is_of(signature, target)) {
            call->signature = std::move(signature);
            ++restored;
          }
          break;
        }
        break;
      }
      default:
        return restored;
    }
  }
  return restored;
}

}  // namespace

void OpaqueMemory::remember(std::string_view tenant, const llm::ChatAnswer& answer, base::WallTime now) {
  const base::WallTime expires = now + retention_;
  for (const llm::Choice& choice : answer.choices) {
    const std::string words = message_words(choice.blocks);
    if (words.empty()) continue;
    const std::string kept = packed(choice.blocks);
    if (kept.empty()) continue;
    const EntryName name = store_.name(tenant, EntryKind::message, words);
    store_.put(tenant, EntryKind::message, name, kept, expires);
    for (const Block& block : choice.blocks) {
      const auto* call = block.as<llm::ToolCall>();
      if (call == nullptr || call->id.empty()) continue;
      store_.put(tenant, EntryKind::call, store_.name(tenant, EntryKind::call, call->id), view(name), expires);
    }
  }
}

std::size_t OpaqueMemory::restore(std::string_view tenant, llm::ChatRequest& request, Origin target,
                                  base::WallTime now) {
  if (target == Origin::none) return 0;
  std::size_t restored = 0;
  const std::size_t size = request.messages.size();
  for (std::size_t i = size > kMostMessages ? size - kMostMessages : 0; i < size; ++i) {
    llm::Message& message = request.messages[i];
    if (message.author == llm::Author::assistant) restored += restore_message(tenant, message, target, now);
  }
  return restored;
}

std::size_t OpaqueMemory::restore_message(std::string_view tenant, llm::Message& message, Origin target,
                                          base::WallTime now) {
  const std::string words = message_words(message.blocks);
  if (words.empty()) return 0;
  if (const auto kept = store_.find(tenant, EntryKind::message, store_.name(tenant, EntryKind::message, words), now)) {
    return put_back(*kept, message.blocks, target);
  }
  // The client says it in other words, or left some out.
  for (const Block& block : message.blocks) {
    const auto* call = block.as<llm::ToolCall>();
    if (call == nullptr || call->id.empty()) continue;
    const auto place = store_.find(tenant, EntryKind::call, store_.name(tenant, EntryKind::call, call->id), now);
    EntryName name;
    if (!place || place->size() != name.size()) continue;
    std::memcpy(name.data(), place->data(), name.size());
    const auto kept = store_.find(tenant, EntryKind::message, name, now);
    if (kept && made_call(*kept, *call)) return put_back(*kept, message.blocks, target);
  }
  return 0;
}

}  // namespace gatehouse::state
