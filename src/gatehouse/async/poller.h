#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "gatehouse/base/intrusive_list.h"

namespace gatehouse::async {

// Tells which descriptors are ready: an epoll set of the loop's own, edge-triggered, looked at whenever Asio says that
// something is in it. Asio's sockets try every read before they wait for it and make an operation of each; here a
// connection is registered once, is told, and reads once (docs/performance.md, `floor-net`, has the difference).
// What became ready together is a batch; `after_batch` runs when all of it was looked at. Belongs to its Loop.
class Poller {
 public:
  // Something with a descriptor. Kept alive by the poller until the batch under way is over.
  class Watch : public base::ListNode {
   public:
    virtual ~Watch() = default;
    // Both with the events as of epoll_wait. `collect` is called first, for the whole batch: it takes from the kernel
    // what is waited for, and runs nobody. Then `on_events` runs who waited, and may remove this or any other watch. So
    // the kernel's code and ours stay in the caches while they work through a batch, and do not throw each other out.
    virtual void collect(std::uint32_t events) = 0;
    virtual void on_events(std::uint32_t events) = 0;
    // The loop dies: whoever waits is destroyed without being resumed.
    virtual void abandon() = 0;
  };

  // Something to be sent when the batch under way is over.
  class PutOff : public base::ListNode {
   public:
    virtual void send_now() = 0;

   protected:
    PutOff() = default;
    ~PutOff() = default;  // and is not sent any more
  };

  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Whose thread runs it; before anything else.
  void attach(boost::asio::io_context& context);
  // Reports reading, writing and the peer's end of `fd`, each edge once. False if the kernel refuses.
  bool add(int fd, std::shared_ptr<Watch> watch);
  // Before the descriptor is closed.
  void remove(int fd, const std::shared_ptr<Watch>& watch);
  // Somebody waits for a watch, or no longer does: only while somebody does is the loop kept from ending.
  void wait_begins();
  void wait_ends();
  // Runs `f` once the batch under way is over, or soon where there is none; in the order of the calls.
  void after_batch(std::move_only_function<void()> f);
  // Sends `what` then, before the functions given to `after_batch` run. There must be one: whoever puts something off
  // waits for the end of the batch.
  void send_after_batch(PutOff& what) { put_off_.push_back(what); }
  // The loop may end when nobody waits.
  void release();
  // Abandons all watches; the loop is about to die.
  void shut_down();

 private:
  struct Descriptor;
  void arm();
  void look();
  void run_after_batch();

  boost::asio::io_context* context_ = nullptr;
  int epoll_;
  std::unique_ptr<Descriptor> descriptor_;
  base::IntrusiveList<Watch> watches_;
  std::vector<std::shared_ptr<Watch>> leaving_;
  base::IntrusiveList<PutOff> put_off_;
  std::vector<std::move_only_function<void()>> after_;
  std::size_t waiting_ = 0;
  bool looking_ = false;
  bool armed_ = false;
  bool released_ = false;
};

}  // namespace gatehouse::async
