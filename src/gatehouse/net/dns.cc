#include "gatehouse/net/dns.h"

#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <ares.h>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include "gatehouse/async/event.h"
#include "gatehouse/base/strings.h"

namespace gatehouse::net {
namespace {

using Descriptor = boost::asio::posix::basic_stream_descriptor<async::Executor>;

constexpr std::chrono::seconds kShortestTtl{1};
constexpr std::chrono::seconds kLongestTtl{300};
constexpr std::chrono::seconds kNegativeTtl{5};
constexpr std::size_t kMaxName = 253;  // RFC 1035 2.3.4, as text
constexpr std::size_t kMaxAddresses = 64;

using Answer = Result<std::vector<Address>>;

Error no_such_name() { return Error(Code::upstream_unreachable, "The provider's name does not exist"); }

bool is_localhost(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host == "localhost" || host.ends_with(".localhost");
}

// One look-up under way; everybody who asks for the name meanwhile waits for it.
struct Query {
  explicit Query(async::Loop& loop) : done(loop) {}
  async::Event done;
  Answer answer = fail(Code::cancelled);
};

}  // namespace

struct Resolver::Impl final : async::TimerWheel::Entry {
  struct Kept {
    Answer answer;
    base::SteadyTime until;
  };
  // One of c-ares's sockets; a wait under way may outlive the Resolver.
  struct Watched {
    Watched(Impl& impl, int fd) : owner(&impl), descriptor(impl.loop.context(), fd) {}
    Impl* owner;
    Descriptor descriptor;
    bool readable = false;  // what c-ares wants to hear of
    bool writable = false;
    bool waiting_read = false;
    bool waiting_write = false;
  };
  // What c-ares hands back with its answer.
  struct Asked {
    Impl* owner;
    std::string name;
  };

  Impl(async::Loop& l, ResolverOptions o);
  ~Impl();

  void ask(const std::string& name);
  void answered(const std::string& name, int status, ares_addrinfo* found);
  void keep(const std::string& name, const Answer& answer, std::chrono::seconds ttl);
  void socket_state(int fd, bool readable, bool writable);
  void wait(const std::shared_ptr<Watched>& watched, Descriptor::wait_type what);
  void process(int readable, int writable);
  void arm_timer();
  void on_due() override { process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); }

  async::Loop& loop;
  ResolverOptions options;
  ares_channel channel = nullptr;
  bool ready = false;
  std::unordered_map<int, std::shared_ptr<Watched>> sockets;
  std::unordered_map<std::string, std::shared_ptr<Query>> under_way;
  std::unordered_map<std::string, Kept> kept;
};

Resolver::Impl::Impl(async::Loop& l, ResolverOptions o) : loop(l), options(std::move(o)) {
  ares_options settings{};
  settings.timeout =
      static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(options.try_timeout).count());
  settings.tries = options.tries;
  settings.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<Impl*>(self)->socket_state(fd, readable != 0, writable != 0);
  };
  settings.sock_state_cb_data = this;
  if (ares_init_options(&channel, &settings, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB) !=
      ARES_SUCCESS) {
    return;
  }
  ready = options.servers.empty() || ares_set_servers_ports_csv(channel, options.servers.c_str()) == ARES_SUCCESS;
}

Resolver::Impl::~Impl() {
  // Ends every query with ARES_EDESTRUCTION, and tells of every socket before it closes it.
  if (channel != nullptr) ares_destroy(channel);
  for (auto& [fd, watched] : sockets) {
    watched->owner = nullptr;
    watched->descriptor.release();
  }
}

void Resolver::Impl::ask(const std::string& name) {
  ares_addrinfo_hints hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  // May answer before it returns (from the hosts file, or with an error).
  ares_getaddrinfo(
      channel, name.c_str(), nullptr, &hints,
      [](void* asked, int status, int, ares_addrinfo* found) {
        const std::unique_ptr<Asked> self(static_cast<Asked*>(asked));
        self->owner->answered(self->name, status, found);
      },
      new Asked{this, name});
  arm_timer();
}

void Resolver::Impl::answered(const std::string& name, int status, ares_addrinfo* found) {
  Answer answer;
  std::chrono::seconds ttl = kLongestTtl;
  bool keeps = true;
  if (status == ARES_SUCCESS && found != nullptr) {
    for (const ares_addrinfo_node* node = found->nodes; node != nullptr; node = node->ai_next) {
      ttl = std::min(ttl, std::chrono::seconds(node->ai_ttl));
      sockaddr_storage storage{};
      if (node->ai_addrlen > sizeof(storage) || answer->size() >= kMaxAddresses) continue;
      std::memcpy(&storage, node->ai_addr, node->ai_addrlen);
      answer->push_back(from_sockaddr(storage).address);
    }
    for (const ares_addrinfo_cname* cname = found->cnames; cname != nullptr; cname = cname->next) {
      ttl = std::min(ttl, std::chrono::seconds(cname->ttl));
    }
  }
  if (found != nullptr) ares_freeaddrinfo(found);
  if (status == ARES_ENOTFOUND || status == ARES_ENODATA || (status == ARES_SUCCESS && answer->empty())) {
    answer = std::unexpected(no_such_name());
    ttl = kNegativeTtl;
  } else if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED) {
    answer = fail(Code::cancelled);
    keeps = false;
  } else if (status == ARES_EBADNAME) {
    answer = fail(Code::upstream_unreachable, "The provider's name is not a host name");
    ttl = kNegativeTtl;
  } else if (status != ARES_SUCCESS) {
    // The server's trouble, not the name's: the next one to ask tries again.
    answer = fail(Code::upstream_unreachable, "The provider's name could not be resolved");
    keeps = false;
  }
  if (keeps) keep(name, answer, std::clamp(ttl, kShortestTtl, kLongestTtl));
  const auto query = under_way.find(name);
  if (query == under_way.end()) return;
  query->second->answer = std::move(answer);
  query->second->done.set();
  under_way.erase(query);
}

void Resolver::Impl::keep(const std::string& name, const Answer& answer, std::chrono::seconds ttl) {
  const base::SteadyTime now = async::Loop::now();
  if (kept.size() >= options.max_names && !kept.contains(name)) {
    std::erase_if(kept, [&](const auto& entry) { return entry.second.until <= now; });
    if (kept.size() >= options.max_names) {
      kept.erase(std::ranges::min_element(kept, {}, [](const auto& entry) { return entry.second.until; }));
    }
  }
  kept.insert_or_assign(name, Kept{answer, now + ttl});
}

void Resolver::Impl::socket_state(int fd, bool readable, bool writable) {
  auto found = sockets.find(fd);
  if (!readable && !writable) {
    // c-ares closes it after this.
    if (found == sockets.end()) return;
    found->second->owner = nullptr;
    found->second->descriptor.release();
    sockets.erase(found);
    return;
  }
  if (found == sockets.end()) found = sockets.emplace(fd, std::make_shared<Watched>(*this, fd)).first;
  const std::shared_ptr<Watched> watched = found->second;
  watched->readable = readable;
  watched->writable = writable;
  if (readable && !watched->waiting_read) wait(watched, Descriptor::wait_read);
  if (writable && !watched->waiting_write) wait(watched, Descriptor::wait_write);
}

void Resolver::Impl::wait(const std::shared_ptr<Watched>& watched, Descriptor::wait_type what) {
  const bool reading = what == Descriptor::wait_read;
  (reading ? watched->waiting_read : watched->waiting_write) = true;
  watched->descriptor.async_wait(what, [watched, reading](const boost::system::error_code& error) {
    (reading ? watched->waiting_read : watched->waiting_write) = false;
    Impl* self = watched->owner;
    if (error || self == nullptr || !(reading ? watched->readable : watched->writable)) return;
    const int fd = watched->descriptor.native_handle();
    self->process(reading ? fd : ARES_SOCKET_BAD, reading ? ARES_SOCKET_BAD : fd);
    // It may have been closed by that.
    if (watched->owner == nullptr) return;
    if (reading && watched->readable && !watched->waiting_read) self->wait(watched, Descriptor::wait_read);
    if (!reading && watched->writable && !watched->waiting_write) self->wait(watched, Descriptor::wait_write);
  });
}

void Resolver::Impl::process(int readable, int writable) {
  ares_process_fd(channel, readable, writable);
  arm_timer();
}

void Resolver::Impl::arm_timer() {
  timeval left{};
  if (ares_timeout(channel, nullptr, &left) == nullptr) {
    disarm();
    return;
  }
  loop.arm(*this, std::chrono::seconds(left.tv_sec) + std::chrono::microseconds(left.tv_usec));
}

Resolver::Resolver(async::Loop& loop, ResolverOptions options)
    : impl_(std::make_unique<Impl>(loop, std::move(options))) {}
Resolver::~Resolver() = default;

Task<Result<std::vector<Address>>> Resolver::resolve(std::string host, async::AbortSource* abort) {
  if (abort != nullptr && abort->aborted()) co_return std::unexpected(abort->error());
  if (const auto literal = Address::parse(host)) co_return std::vector<Address>{*literal};
  std::string name = base::to_lower(host);
  if (is_localhost(name)) {
    co_return std::vector<Address>{Address::v4({127, 0, 0, 1}),
                                   Address::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})};
  }
  const std::size_t size = name.size() - (name.ends_with('.') ? 1 : 0);
  if (size == 0 || size > kMaxName || name.find('\0') != std::string::npos) {
    co_return fail(Code::upstream_unreachable, "The provider's name is not a host name");
  }
  if (const auto found = impl_->kept.find(name); found != impl_->kept.end()) {
    if (found->second.until > async::Loop::now()) co_return found->second.answer;
    impl_->kept.erase(found);
  }
  if (!impl_->ready) co_return fail(Code::upstream_unreachable, "The resolver could not be set up");
  std::shared_ptr<Query> query;
  if (const auto found = impl_->under_way.find(name); found != impl_->under_way.end()) {
    query = found->second;
  } else {
    query = std::make_shared<Query>(impl_->loop);
    impl_->under_way.emplace(name, query);
    impl_->ask(name);
  }
  // From here on the Resolver may be gone.
  if (!co_await query->done.wait(abort)) co_return std::unexpected(abort->error());
  co_return query->answer;
}

}  // namespace gatehouse::net
