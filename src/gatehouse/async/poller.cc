#include "gatehouse/async/poller.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/post.hpp>

namespace gatehouse::async {
namespace {

constexpr int kBatch = 256;

}  // namespace

struct Poller::Descriptor {
  Descriptor(boost::asio::io_context& context, int fd) : stream(context, fd) {}
  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> stream;
};

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

void Poller::attach(boost::asio::io_context& context) {
  context_ = &context;
  descriptor_ = std::make_unique<Descriptor>(context, epoll_);
}

Poller::~Poller() { shut_down(); }

void Poller::shut_down() {
  released_ = true;
  while (!watches_.empty()) {
    Watch& watch = watches_.front();
    watch.unlink();
    watch.abandon();
  }
  after_.clear();
  leaving_.clear();
  descriptor_.reset();  // closes the set
}

bool Poller::add(int fd, std::shared_ptr<Watch> watch) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = watch.get();
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) return false;
  watches_.push_back(*watch);
  arm();  // whoever only watches for the peer's leaving waits for nothing else
  return true;
}

void Poller::remove(int fd, const std::shared_ptr<Watch>& watch) {
  watch->unlink();
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
  // Events of this batch may still name it.
  if (looking_) leaving_.push_back(watch);
}

void Poller::wait_begins() {
  ++waiting_;
  arm();
}

void Poller::wait_ends() {
  --waiting_;
  if (waiting_ == 0 && released_ && armed_ && descriptor_) descriptor_->stream.cancel();
}

void Poller::release() {
  released_ = true;
  if (waiting_ == 0 && armed_) descriptor_->stream.cancel();
}

void Poller::arm() {
  if (armed_ || looking_ || !descriptor_) return;
  armed_ = true;
  descriptor_->stream.async_wait(boost::asio::posix::descriptor_base::wait_read,
                                 [this](const boost::system::error_code& error) {
                                   armed_ = false;
                                   if (!error) look();
                                   if (waiting_ > 0 || !released_) arm();
                                 });
}

void Poller::look() {
  std::array<epoll_event, kBatch> events;
  const int count = ::epoll_wait(epoll_, events.data(), kBatch, 0);
  looking_ = true;
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    static_cast<Watch*>(event.data.ptr)->on_events(event.events);
  }
  run_after_batch();
  looking_ = false;
  leaving_.clear();
  if (!after_.empty()) boost::asio::post(*context_, [this] { run_after_batch(); });
}

// One round: who asks again while it runs comes after everything else that is ready, or streams that always have
// something to do would keep the loop to themselves.
void Poller::run_after_batch() {
  std::vector<std::move_only_function<void()>> now;
  now.swap(after_);
  for (auto& f : now) f();
  now.clear();
  if (after_.empty()) after_.swap(now);  // keeps the memory
}

void Poller::after_batch(std::move_only_function<void()> f) {
  if (after_.empty() && !looking_) {
    boost::asio::post(*context_, [this] { run_after_batch(); });
  }
  after_.push_back(std::move(f));
}

}  // namespace gatehouse::async
