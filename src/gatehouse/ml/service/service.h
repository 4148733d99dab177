#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/ml/linear/linear_model.h"
#include "gatehouse/ml/model.h"
#include "gatehouse/ml/oracle.h"

namespace gatehouse::ml {

// Which model gives which verdict. A model that gives several makes one pass. Immutable.
struct ModelSet {
  std::shared_ptr<const Model> injection{};  // null: no such verdict
  std::shared_ptr<const Model> entities{};
  std::shared_ptr<const Model> embedding{};
  std::shared_ptr<const LinearModel> linear{};  // null: everything goes to the encoder; no fallback
  // A candidate that is asked the same after the answer went out, as far as the pool is idle; compared and counted.
  std::shared_ptr<const Model> shadow_injection{};
  Wants answers() const;
};

struct ServiceOptions {
  std::size_t threads = 1;                          // of the pool; each runs one batch at a time
  std::size_t batch = 8;                            // windows of like length in one pass
  std::size_t queue = 1024;                         // texts that wait; beyond it a question is not taken
  std::size_t queue_bytes = std::size_t{64} << 20;  // of those texts together
  std::size_t remembered = 65'536;                  // readings
  std::size_t remembered_bytes = std::size_t{32} << 20;
  std::size_t windows = 64;  // a text's that the encoder reads; of more, those most suspect to the linear model
};

// For metrics; ascending.
struct ServiceCounts {
  std::uint64_t asked = 0;       // questions, whoever answered
  std::uint64_t remembered = 0;  // answered from memory
  std::uint64_t settled = 0;     // by the linear model
  std::uint64_t read = 0;        // by an encoder
  std::uint64_t refused = 0;     // queue full
  std::uint64_t late = 0;        // answered after the one who asked had gone on
  std::uint64_t failed = 0;
  std::uint64_t windows = 0;
  std::uint64_t batches = 0;
  std::uint64_t busy_us = 0;  // of pool threads
  std::uint64_t shadow_read = 0;
  std::uint64_t shadow_differs = 0;  // on the other side of 0.5
};

class Inquiry;

// The pool that runs models, the memory of texts that were read, and the cascade. One for the process; any thread. The
// destructor waits for the batches in progress. Models are replaced at run time: what is in progress ends with the old.
class Service {
 public:
  // `key`: random, of this process: texts are remembered by a keyed hash, so that nobody can make one pass for another.
  Service(std::string_view key, const ServiceOptions& options, std::shared_ptr<const ModelSet> models);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  std::shared_ptr<const ModelSet> models() const;
  void replace(std::shared_ptr<const ModelSet> models);
  ServiceCounts counts() const;

  // A text read here and now, on the caller's thread: for the command line and tests.
  Reading read(std::string_view text, Wants wants, std::string_view context = {});

 private:
  friend class Inquiry;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One request's questions. Its thread's only. What memory or the linear model can say is answered at once; the rest is
// noted and sent to the pool together by `send`.
class Inquiry final : public Oracle {
 public:
  // `service` outlives it. `allowed`: what may be asked for at all.
  Inquiry(Service& service, Wants allowed);
  ~Inquiry() override;  // gives up what is still in the pool's queue

  Wants answers() const override;
  Answer ask(std::string_view text, Wants wants) override;
  Answer ask_beside(std::string_view context, std::string_view text, Wants wants) override;

  // Questions that were noted and not sent.
  bool open() const;
  // `done` is called once, on a pool thread (or here, where nothing could be queued): quick, not blocking, and on a
  // pool thread it does not touch this inquiry; after it the answers are taken in by the next `ask`. Not called after
  // give_up() or the destructor returned.
  void send(std::function<void()> done);
  // What was not answered by now never will be: later asks of it get the linear model's word as a partial reading
  // where there is one, else none.
  void give_up();
  // Some question went without its encoder's answer: too late, queue full, failed. Static text; empty: none.
  std::string_view failure() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::ml
