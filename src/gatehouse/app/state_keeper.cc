#include "gatehouse/app/state_keeper.h"

#include <array>
#include <utility>
#include <vector>

#include "gatehouse/app/kept_secret.h"
#include "gatehouse/store/migrations.h"

namespace gatehouse::app {

Result<std::unique_ptr<StateKeeper>> StateKeeper::open(const config::Snapshot& snapshot, govern::DirectoryStore& rows,
                                                       const base::Clock& clock) {
  std::unique_ptr<StateKeeper> made(new StateKeeper());
  auto secret = kept_secret(rows, "state_secret");
  if (!secret) return std::unexpected(std::move(secret.error()));
  std::vector<state::StateKey> masters;
  masters.push_back({.id = 1, .secret = std::move(*secret)});
  auto keys = state::StateKeys::make(std::move(masters));
  if (!keys) return std::unexpected(std::move(keys.error()));
  made->uploads_ = std::make_unique<const state::UploadTickets>(*keys);
  std::unique_ptr<store::Database> database;
  if (!snapshot.store.empty()) {
    auto opened = store::open(snapshot.store);
    if (!opened) return std::unexpected(std::move(opened.error()));
    database = std::move(*opened);
    const auto components = std::to_array<store::Component>({state::SealedStore::component()});
    if (auto migrated = store::migrate(*database, components, clock.wall()); !migrated) {
      return std::unexpected(std::move(migrated.error()));
    }
  }
  auto store = state::SealedStore::open(std::move(database), std::move(*keys), clock.wall());
  if (!store) return std::unexpected(std::move(store.error()));
  made->store_ = std::move(*store);
  made->opaque_ = std::make_unique<state::OpaqueMemory>(*made->store_);
  made->responses_ = std::make_unique<state::ResponseStore>(*made->store_);
  return made;
}

}  // namespace gatehouse::app
