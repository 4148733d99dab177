#include "gatehouse/guard/conversation/book.h"

#include <algorithm>
#include <cstring>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/crypto/aead.h"
#include "gatehouse/guard/conversation/memory.h"
#include "gatehouse/guard/conversation/writer.h"

namespace gatehouse::guard {
namespace {

constexpr std::int64_t kErased = 1000;  // rows a transaction

std::int64_t millis(base::WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

// What sealed texts are bound to: they open nowhere else.
std::string associated(std::string_view tenant, const ConversationName& name) {
  std::string text = "conversation 1";
  text.append(view(name)).append(tenant);
  return text;
}

// Role, four bytes of length, text; again.
std::string packed(const std::vector<ConversationState::Past>& tail) {
  std::string out;
  for (const auto& past : tail) {
    out.push_back(static_cast<char>(past.role));
    const auto size = static_cast<std::uint32_t>(past.text.size());
    for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(size >> shift & 0xff));
    out.append(past.text);
  }
  return out;
}

std::vector<ConversationState::Past> unpacked(std::string_view bytes) {
  std::vector<ConversationState::Past> tail;
  while (bytes.size() >= 5) {
    const auto role = static_cast<unsigned char>(bytes[0]);
    std::uint32_t size = 0;
    for (unsigned i = 0; i < 4; ++i)
      size |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[1 + i])) << 8 * i;
    bytes.remove_prefix(5);
    if (size > bytes.size() || role >= llm::kRoleCount) break;
    tail.push_back({.role = static_cast<llm::Role>(role), .text = std::string(bytes.substr(0, size))});
    bytes.remove_prefix(size);
  }
  return tail;
}

bool is_worth_a_row(const KeptConversation& kept) {
  return kept.state.risk >= ConversationBook::kLeastKept || kept.state.ended || !kept.sealed.empty();
}

}  // namespace

const store::Component& ConversationBook::component() { return ConversationRows::component(); }

ConversationBook::ConversationBook(std::shared_ptr<Keyring> keys, const ConversationBookOptions& options)
    : keys_(std::move(keys)),
      memory_(std::make_unique<ConversationMemory>(options.memory_bytes, options.tenant_share)) {}
ConversationBook::~ConversationBook() = default;

Result<std::unique_ptr<ConversationBook>> ConversationBook::open(std::unique_ptr<store::Database> database,
                                                                 std::shared_ptr<Keyring> keys, base::WallTime now,
                                                                 const ConversationBookOptions& options) {
  std::unique_ptr<ConversationBook> book(new ConversationBook(std::move(keys), options));
  if (database == nullptr) return book;
  auto rows = ConversationRows::open(std::move(database));
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<SharedConversation> found;
  std::size_t bytes = 0;
  auto read = (*rows)->read(millis(now), [&](SharedConversation kept) {
    bytes += sizeof(KeptConversation) + kept->sealed.size();
    found.push_back(std::move(kept));
    return bytes < options.memory_bytes;
  });
  if (!read) return std::unexpected(std::move(read.error()));
  // The latest last: it stays longest.
  for (auto kept = found.rbegin(); kept != found.rend(); ++kept) {
    const std::uint64_t tag = book->keys_->tenant((*kept)->tenant)->tag();
    book->memory_->put(tag, std::move(*kept));
  }
  book->writer_ = std::make_unique<ConversationWriter>(std::move(*rows), options);
  return book;
}

std::optional<ConversationState> ConversationBook::find(std::string_view tenant, const ConversationName& name,
                                                        base::WallTime now) {
  const auto keys = keys_->tenant(tenant);
  const SharedConversation kept = memory_->find(keys->tag(), name, millis(now));
  if (kept == nullptr) return std::nullopt;
  ConversationState state = kept->state;
  const crypto::AeadKey* key = kept->sealed.empty() ? nullptr : keys->sealing(kept->key);
  crypto::AeadKey::Nonce nonce;
  // Texts that cannot be opened are gone; the risk is there still.
  if (key == nullptr || kept->sealed.size() < nonce.size()) return state;
  std::memcpy(nonce.data(), kept->sealed.data(), nonce.size());
  std::string bytes;
  if (key->open(nonce, associated(tenant, name), std::string_view(kept->sealed).substr(nonce.size()), bytes)) {
    state.tail = unpacked(bytes);
  }
  return state;
}

void ConversationBook::put(std::string_view tenant, const ConversationName& name, const ConversationState& state,
                           base::WallTime expires, std::optional<double> added) {
  const auto keys = keys_->tenant(tenant);
  auto kept = std::make_shared<KeptConversation>();
  kept->tenant = tenant;
  kept->name = name;
  kept->state.id = state.id;
  kept->state.risk = state.risk;
  kept->state.at = state.at;
  kept->state.turns = state.turns;
  kept->state.ended = state.ended;
  kept->state.refused = state.refused;
  kept->state.last = state.last;
  kept->expires = millis(expires);
  if (!state.tail.empty()) {
    kept->key = keys->current();
    const auto nonce = crypto::AeadKey::random_nonce();
    kept->sealed.assign(reinterpret_cast<const char*>(nonce.data()), nonce.size());
    keys->sealing(kept->key)->seal(nonce, associated(tenant, name), packed(state.tail), kept->sealed);
  }
  const SharedConversation stored = memory_->put(keys->tag(), std::move(kept), added);
  if (writer_ != nullptr && is_worth_a_row(*stored)) writer_->push(stored);
}

void ConversationBook::end(std::string_view tenant, std::span<const ConversationName> names, base::WallTime expires,
                           base::WallTime now) {
  const auto keys = keys_->tenant(tenant);
  for (const ConversationName& name : names) {
    const SharedConversation kept = memory_->find(keys->tag(), name, millis(now));
    if (kept == nullptr || kept->state.ended) continue;
    auto ended = std::make_shared<KeptConversation>(*kept);
    ended->state.ended = true;
    ended->expires = std::max(ended->expires, millis(expires));
    const SharedConversation stored = memory_->put(keys->tag(), std::move(ended));
    if (writer_ != nullptr) writer_->push(stored);
  }
}

// Runs `body` on the writer's thread after all that was put before; waits for it.
template <class Body>
static Result<std::uint64_t> erased(ConversationWriter* writer, Body body) {
  if (writer == nullptr) return 0;
  std::promise<Result<std::uint64_t>> promise;
  auto answer = promise.get_future();
  writer->job([&](ConversationRows& rows, const Result<>& before) {
    if (!before) {
      promise.set_value(std::unexpected(before.error()));
      return;
    }
    std::uint64_t count = 0;
    for (;;) {
      const Result<std::int64_t> gone = body(rows);
      if (!gone) {
        promise.set_value(std::unexpected(gone.error()));
        return;
      }
      count += static_cast<std::uint64_t>(*gone);
      if (*gone < kErased) break;
    }
    promise.set_value(count);
  });
  return answer.get();
}

Result<std::uint64_t> ConversationBook::erase_tenant(std::string_view tenant) {
  const std::uint64_t tag = keys_->tenant(tenant)->tag();
  memory_->erase_tenant(tag);
  auto count = erased(writer_.get(), [&](ConversationRows& rows) { return rows.erase_tenant(tenant, kErased); });
  memory_->erase_tenant(tag);
  return count;
}

Result<std::uint64_t> ConversationBook::erase_expired(base::WallTime now) {
  const std::int64_t at = millis(now);
  memory_->erase_expired(at);
  return erased(writer_.get(), [at](ConversationRows& rows) { return rows.erase_expired(at, kErased); });
}

void ConversationBook::forget_expired(base::WallTime now) {
  if (writer_ == nullptr) return;
  writer_->job([at = millis(now)](ConversationRows& rows, const Result<>& before) {
    // Next time is soon enough.
    if (!before) return;
    for (;;) {
      const auto gone = rows.erase_expired(at, kErased);
      if (!gone || *gone < kErased) return;
    }
  });
}

Result<> ConversationBook::flush() {
  auto done = erased(writer_.get(), [](ConversationRows&) -> Result<std::int64_t> { return 0; });
  if (!done) return std::unexpected(std::move(done.error()));
  return {};
}

ConversationBookStats ConversationBook::stats() const {
  const auto size = memory_->size();
  ConversationBookStats stats{.entries = size.entries, .bytes = size.bytes};
  if (writer_ == nullptr) return stats;
  stats.waiting = writer_->waiting();
  stats.written = writer_->written();
  stats.dropped = writer_->dropped();
  stats.failures = writer_->failures();
  return stats;
}

}  // namespace gatehouse::guard
