#include "gatehouse/http/client.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>
#include <vector>

namespace gatehouse::http {
namespace {

constexpr std::size_t kRead = 16 * 1024;
constexpr int kMaxInterim = 8;
// A server that had closed a kept connection before the request came says so within a round trip. One that closes later
// may have begun to work, and what it did would be done (and billed) twice.
constexpr base::Duration kStaleWithin = std::chrono::seconds(1);
// A connection idle for less than this is trusted without asking the kernel whether it is still open.
constexpr base::Duration kTrusted = std::chrono::milliseconds(100);

}  // namespace

ClientConnection::ClientConnection(std::unique_ptr<net::Stream> stream, std::uint64_t pool_key)
    : stream_(std::move(stream)), pool_key_(pool_key) {}

ClientExchange::ClientExchange(ClientPool& pool, std::unique_ptr<ClientConnection> connection,
                               async::AbortSource& abort)
    : pool_(pool),
      connection_(std::move(connection)),
      abort_(abort),
      head_(connection_->head_),
      reused_(connection_->used_before_) {
  head_.clear();
  connection_->used_before_ = true;
  abort_.listen(*this);
}

ClientExchange::~ClientExchange() {
  if (finished_ && head_.keep_alive && rest_.empty() && !abort_.aborted()) {
    // The answer is whole and nothing came after it: the connection may serve again.
    pool_.give_back(std::move(connection_));
  } else {
    pool_.drop(std::move(connection_));
  }
}

void ClientExchange::on_abort() {
  connection_->stream_->withdraw();
  connection_->stream_->cancel();
}

// What an error of the stream means for the caller of the gateway.
Error ClientExchange::broken(const Error& error, std::string_view what) {
  if (abort_.aborted()) return abort_.error();
  if (error.code == Code::timed_out) {
    return Error(Code::upstream_timeout, "The provider sent nothing in the time allowed");
  }
  return Error(Code::upstream_broken, std::string(what));
}

Task<Result<void>> ClientExchange::send_pulled(const ClientRequest& request) {
  std::string_view head = request.head;
  for (bool last = false; !last;) {
    auto e = request.body_source->next();
    auto piece = e.ready() ? e.take() : co_await e.task();
    body_spent_ = true;
    if (!piece) co_return std::unexpected(std::move(piece.error()));
    if (abort_.aborted()) co_return std::unexpected(abort_.error());
    last = piece->last;
    std::array<char, 24> line{};
    std::array<std::string_view, 4> pieces;
    std::size_t count = 0;
    pieces[count++] = std::exchange(head, {});
    if (!piece->bytes.empty()) {
      if (request.chunk_body) {
        char* end = std::to_chars(line.data(), line.data() + 16, piece->bytes.size(), 16).ptr;
        std::memcpy(end, "\r\n", 2);
        pieces[count++] = std::string_view(line.data(), static_cast<std::size_t>(end + 2 - line.data()));
      }
      pieces[count++] = piece->bytes;
    }
    if (request.chunk_body) {
      const std::string_view ends = piece->bytes.empty() ? "0\r\n\r\n" : "\r\n0\r\n\r\n";
      if (last || !piece->bytes.empty()) pieces[count++] = last ? ends : ends.substr(0, 2);
    }
    auto w = net::write_all(*connection_->stream_, std::span(pieces).first(count), request.between_bytes);
    auto sent = w.ready() ? w.take() : co_await w.task();
    if (!sent) co_return std::unexpected(broken(sent.error(), "The provider broke off while it was sent the request"));
  }
  co_return Result<void>();
}

Task<Result<void>> ClientExchange::run(const ClientRequest& request) {
  net::Stream& stream = *connection_->stream_;
  between_bytes_ = request.between_bytes;
  if (abort_.aborted()) co_return std::unexpected(abort_.error());
  bool write_failed = false;
  if (request.body_source != nullptr) {
    auto sent = co_await send_pulled(request);
    if (!sent) {
      if (sent.error().source() != base::Source::upstream) co_return sent;
      write_failed = true;
    }
  } else {
    // A body with edits comes in as many pieces as it has edits, and one more.
    std::array<std::string_view, 14> few;
    std::vector<std::string_view> many;
    const std::size_t count = request.body.size() + 1;
    if (count > few.size()) many.resize(count);
    const auto all = many.empty() ? std::span(few).first(count) : std::span(many);
    all.front() = request.head;
    std::ranges::copy(request.body, all.begin() + 1);
    const bool together = stream.loop().others_at_work();
    if (together) {
      stream.put_off(all);
      co_await stream.loop().after_ready();
      if (abort_.aborted()) co_return std::unexpected(abort_.error());
    }
    auto e = together ? net::write_rest(stream, all, stream.written(), request.between_bytes)
                      : net::write_all(stream, all, request.between_bytes);
    auto sent = e.ready() ? e.take() : co_await e.task();
    write_failed = !sent;
  }
  // A server may answer and close before it has read all (413): what it said is still there to be read.
  base::Buffer& in = connection_->in_;
  std::size_t scanned = 0;
  int interim = 0;
  stream.deadline(request.first_byte);
  const base::SteadyTime sent_at = stream.loop().wheel().turned_to();
  for (;;) {
    if (!in.empty()) {
      const auto parsed = parse_response_head(in.view(), scanned, request.head_limits, request.method, head_);
      if (parsed.state == ParseState::bad) {
        co_return fail(Code::upstream_protocol, "The provider's answer is not valid HTTP");
      }
      if (parsed.state == ParseState::done) {
        if (head_.status >= 200) {
          stream.no_deadline();
          decoder_ = BodyDecoder(head_.framing, head_.content_length);
          rest_ = in.view().substr(parsed.consumed);
          if (write_failed) head_.keep_alive = false;
          // Where an answer has no body though it may say a length, some servers send one: after HEAD and with 304. On
          // a connection that is kept it would be taken for the next answer.
          if (head_.framing == Framing::none && head_.status != 204) head_.keep_alive = false;
          co_return Result<void>();
        }
        if (head_.status == 101 && request.upgrade) {
          stream.no_deadline();
          upgraded_ = true;
          rest_ = in.view().substr(parsed.consumed);
          co_return Result<void>();
        }
        if (head_.status == 101 || ++interim > kMaxInterim) {
          co_return fail(Code::upstream_protocol, "The provider answered with an unexpected interim status");
        }
        in.consume(parsed.consumed);
        scanned = 0;
        continue;
      }
    }
    char* at = in.prepare(in.empty() ? kRead / 4 : kRead);
    const auto got = co_await stream.read_some(at, in.free_space());
    if (!got || *got == 0) {
      const bool nothing = in.empty() && interim == 0;
      const bool ended = got || got.error().code == Code::closed;
      const bool at_once = stream.loop().wheel().turned_to() - sent_at <= kStaleWithin;
      stale_ = nothing && reused_ && ended && at_once && !abort_.aborted();
      co_return std::unexpected(
          broken(got ? Error(Code::closed) : got.error(), "The provider closed the connection without an answer"));
    }
    in.commit(*got);
  }
}

// Out of what has been received; nothing if more must be read.
std::optional<Result<Piece>> ClientExchange::decode_piece() {
  const auto step = decoder_.decode(rest_);
  rest_.remove_prefix(step.consumed);
  switch (step.state) {
    case BodyDecoder::State::data: {
      bool last = decoder_.done();
      if (!last && !rest_.empty()) {
        // The end often lies in the same read; then nobody has to come back for it.
        BodyDecoder ahead = decoder_;
        const auto end = ahead.decode(rest_);
        if (end.state == BodyDecoder::State::done) {
          decoder_ = ahead;
          rest_.remove_prefix(end.consumed);
          last = true;
        }
      }
      finished_ = last;
      return Piece{step.data, last};
    }
    case BodyDecoder::State::done:
      finished_ = true;
      return Piece{{}, true};
    case BodyDecoder::State::bad:
      return fail(Code::upstream_protocol, "The provider's answer is not framed as HTTP/1.1 frames it");
    case BodyDecoder::State::need_more:
      break;
  }
  return std::nullopt;
}

Eventually<Result<Piece>> ClientExchange::next() {
  if (finished_) return Result<Piece>(Piece{{}, true});
  if (auto piece = decode_piece()) return std::move(*piece);
  return wait_piece();
}

Task<Result<Piece>> ClientExchange::wait_piece() {
  net::Stream& stream = *connection_->stream_;
  for (;;) {
    if (abort_.aborted()) co_return std::unexpected(abort_.error());
    body_in_.clear();
    char* at = body_in_.prepare(kRead);
    stream.deadline(between_bytes_);
    const auto got = co_await stream.read_some(at, body_in_.free_space());
    stream.no_deadline();
    if (!got) {
      co_return std::unexpected(broken(got.error(), "The provider broke off in the middle of its answer"));
    }
    if (*got == 0) {
      if (!decoder_.close_is_end()) {
        co_return fail(Code::upstream_broken, "The provider broke off in the middle of its answer");
      }
      finished_ = true;
      head_.keep_alive = false;
      co_return Piece{{}, true};
    }
    body_in_.commit(*got);
    rest_ = body_in_.view();
    if (auto piece = decode_piece()) co_return std::move(*piece);
  }
}

Task<Result<std::string_view>> ClientExchange::read() {
  if (!rest_.empty()) co_return std::exchange(rest_, {});
  if (abort_.aborted()) co_return std::unexpected(abort_.error());
  body_in_.clear();
  char* at = body_in_.prepare(kRead);
  const auto got = co_await connection_->stream_->read_some(at, kRead);
  if (!got) co_return std::unexpected(broken(got.error(), "The provider broke off in the middle of the session"));
  body_in_.commit(*got);
  co_return body_in_.view();
}

Task<Result<void>> ClientExchange::write(std::string_view bytes) {
  if (abort_.aborted()) co_return std::unexpected(abort_.error());
  std::array<std::string_view, 1> pieces{bytes};
  auto e = net::write_all(*connection_->stream_, pieces, between_bytes_);
  auto sent = e.ready() ? e.take() : co_await e.task();
  if (!sent) co_return std::unexpected(broken(sent.error(), "The provider broke off in the middle of the session"));
  co_return Result<void>();
}

void ClientExchange::cancel() { connection_->stream_->cancel(); }

ClientPool::~ClientPool() { close(); }

// As of the last turn of the wheel: exact enough for what a pool decides, and spares a look at the clock.
base::SteadyTime ClientPool::coarse_now(const ClientConnection& connection) {
  return connection.stream_->loop().wheel().turned_to();
}

ClientPool::Origin& ClientPool::origin(std::uint64_t key) {
  for (auto& known : origins_) {
    if (known->key == key) return *known;
  }
  origins_.push_back(std::make_unique<Origin>());
  origins_.back()->key = key;
  return *origins_.back();
}

const ClientPool::Origin* ClientPool::find(std::uint64_t key) const {
  for (const auto& known : origins_) {
    if (known->key == key) return known.get();
  }
  return nullptr;
}

std::unique_ptr<ClientConnection> ClientPool::take(std::uint64_t key) {
  Origin& from = origin(key);
  while (!from.idle.empty()) {
    std::unique_ptr<ClientConnection> connection(&from.idle.back());
    connection->unlink();
    --from.counts.idle;
    if (coarse_now(*connection) - connection->idle_since_ < kTrusted || connection->stream_->idle_and_open()) {
      ++from.counts.busy;
      return connection;
    }
  }
  return nullptr;
}

bool ClientPool::reserve(std::uint64_t key, const Limits& limits) {
  Origin& at = origin(key);
  at.limits = limits;
  if (at.counts.busy >= limits.connections) return false;
  ++at.counts.busy;
  return true;
}

void ClientPool::unreserve(std::uint64_t key) {
  Origin& at = origin(key);
  --at.counts.busy;
}

std::unique_ptr<ClientConnection> ClientPool::adopt(std::uint64_t key, std::unique_ptr<net::Stream> stream) {
  return std::make_unique<ClientConnection>(std::move(stream), key);
}

void ClientPool::give_back(std::unique_ptr<ClientConnection> connection) {
  if (closed_) {
    drop(std::move(connection));
    return;
  }
  Origin& to = origin(connection->pool_key_);
  connection->in_.clear();
  if (connection->in_.capacity() > kRead) connection->in_.release();
  if (connection->out_.capacity() > kRead) std::string().swap(connection->out_);
  connection->idle_since_ = coarse_now(*connection);
  --to.counts.busy;
  ++to.counts.idle;
  to.idle.push_back(*connection.release());
}

void ClientPool::drop(std::unique_ptr<ClientConnection> connection) {
  Origin& of = origin(connection->pool_key_);
  --of.counts.busy;
}

void ClientPool::sweep() {
  for (auto& at : origins_) {
    base::IntrusiveList<ClientConnection> kept;
    while (!at->idle.empty()) {
      ClientConnection& connection = at->idle.front();
      connection.unlink();
      if (coarse_now(connection) - connection.idle_since_ < at->limits.idle && connection.stream_->idle_and_open()) {
        kept.push_back(connection);
      } else {
        delete &connection;
        --at->counts.idle;
      }
    }
    at->idle.splice(kept);
  }
}

void ClientPool::close() {
  closed_ = true;
  for (auto& at : origins_) {
    while (!at->idle.empty()) {
      ClientConnection& connection = at->idle.front();
      connection.unlink();
      delete &connection;
      --at->counts.idle;
    }
  }
}

ClientPool::Counts ClientPool::counts(std::uint64_t key) const {
  const Origin* at = find(key);
  return at == nullptr ? Counts{} : at->counts;
}

}  // namespace gatehouse::http
