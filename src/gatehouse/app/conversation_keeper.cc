#include "gatehouse/app/conversation_keeper.h"

#include <array>
#include <string_view>
#include <utility>

#include "gatehouse/store/migrations.h"

namespace gatehouse::app {
namespace {

// No tenant is called so.
constexpr std::string_view kNames = "gatehouse:conversations";

}  // namespace

Result<std::unique_ptr<ConversationKeeper>> ConversationKeeper::open(const config::Snapshot& snapshot,
                                                                     std::shared_ptr<guard::Keyring> keys,
                                                                     const base::Clock& clock) {
  std::unique_ptr<ConversationKeeper> made(new ConversationKeeper());
  made->keys_ = std::move(keys);
  std::unique_ptr<store::Database> database;
  if (!snapshot.store.empty()) {
    auto opened = store::open(snapshot.store);
    if (!opened) return std::unexpected(std::move(opened.error()));
    database = std::move(*opened);
    const auto components = std::to_array<store::Component>({guard::ConversationBook::component()});
    if (auto migrated = store::migrate(*database, components, clock.wall()); !migrated) {
      return std::unexpected(std::move(migrated.error()));
    }
  }
  auto book = guard::ConversationBook::open(std::move(database), made->keys_, clock.wall());
  if (!book) return std::unexpected(std::move(book.error()));
  made->book_ = std::move(*book);
  return made;
}

std::unique_ptr<guard::ConversationNamer> ConversationKeeper::make_namer() {
  const auto keys = keys_->tenant(kNames);
  const auto& key = keys->key(guard::TenantKeys::Purpose::hash);
  return std::make_unique<guard::ConversationNamer>(
      std::string_view(reinterpret_cast<const char*>(key.data()), key.size()));
}

}  // namespace gatehouse::app
