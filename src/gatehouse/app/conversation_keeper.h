#pragma once

#include <memory>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/config/snapshot.h"
#include "gatehouse/guard/conversation/book.h"
#include "gatehouse/guard/conversation/identity.h"
#include "gatehouse/guard/vault/keyring.h"

namespace gatehouse::app {

// The book of conversations: one for the process, made before the workers and outliving them. Without a store it lives
// as long as the process.
class ConversationKeeper {
 public:
  // Blocks. Errors: configuration, and those of the store.
  static Result<std::unique_ptr<ConversationKeeper>> open(const config::Snapshot& snapshot,
                                                          std::shared_ptr<guard::Keyring> keys,
                                                          const base::Clock& clock);

  guard::ConversationBook& book() { return *book_; }
  // For one worker: what names are made with, under the installation's key.
  std::unique_ptr<guard::ConversationNamer> make_namer();

 private:
  ConversationKeeper() = default;
  std::shared_ptr<guard::Keyring> keys_;
  std::unique_ptr<guard::ConversationBook> book_;
};

}  // namespace gatehouse::app
