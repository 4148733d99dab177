#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/crypto/fingerprint.h"
#include "gatehouse/ml/service/counters.h"
#include "gatehouse/ml/service/mailbox.h"
#include "gatehouse/ml/service/pool.h"
#include "gatehouse/ml/service/reading_memory.h"
#include "gatehouse/ml/service/service.h"

// What a service and its inquiries share; for service.cc and inquiry.cc only.
namespace gatehouse::ml {

// What an inquiry knows of one text.
struct AskedText {
  crypto::Fingerprint text{};
  std::shared_ptr<const Reading> reading{};
  Wants pending{};  // noted or sent
  Wants lost{};     // there will be no answer
  LinearWord word{};
  // `reading` with the linear model's word on what is lost.
  std::shared_ptr<const Reading> makeshift{};
  Wants makeshift_for{};
};

// An inquiry's working memory, lent by the service so that its parts are not made anew for each request.
class Desk {
 public:
  explicit Desk(std::string_view key) : fingerprint(key) {}

  crypto::Fingerprinter fingerprint;
  std::vector<AskedText> texts{};
  std::vector<Piece> pieces{};
  std::string scratch{};
  std::vector<Mailbox::Answer> answers{};
  std::vector<std::shared_ptr<const Reading>> kept{};  // replaced in `texts`, but promised to last

  static constexpr std::size_t kMostTexts = 65'536;
  // Its place in `texts`; made where it is new. kMostTexts: no room.
  std::size_t place(const crypto::Fingerprint& text);
  void clear();

 private:
  void rebuild(std::size_t size);
  std::vector<std::uint32_t> index_{};  // of a power of two; place + 1, 0: free
};

struct Service::Impl {
  struct Current {
    std::shared_ptr<const ModelSet> models{};
    std::uint64_t reader = 0;  // what readings of this set are remembered by
    Wants answers{};
    Wants beside{};  // of these, what may be asked beside a context; empty where the model takes none
  };

  Impl(std::string_view secret, const ServiceOptions& given, std::shared_ptr<const ModelSet> models);
  static Current current(std::shared_ptr<const ModelSet> models);
  Current snapshot() const {
    const std::scoped_lock lock(mutex);
    return now;
  }
  std::unique_ptr<Desk> borrow();
  void give_back(std::unique_ptr<Desk> desk);
  Reading read(std::string_view context, std::string_view text, Wants wants);

  const std::string key;
  const ServiceOptions options;
  Counters counters{};
  ReadingMemory memory;
  mutable std::mutex mutex{};
  Current now{};
  std::vector<std::unique_ptr<Desk>> desks{};
  Pool pool;  // last: its threads use the above
};

}  // namespace gatehouse::ml
