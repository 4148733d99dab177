#include "gatehouse/http/server.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace gatehouse::http {
namespace {

constexpr std::size_t kFirstRead = 4096;
constexpr std::size_t kBodyRead = 64 * 1024;
constexpr std::size_t kUpgradedRead = 16 * 1024;
constexpr std::size_t kKeptAtRest = 16 * 1024;
constexpr base::Duration kWatchAfter = std::chrono::milliseconds(50);
constexpr base::Duration kAskEvery = std::chrono::seconds(1);
constexpr base::Duration kLingerFor = std::chrono::seconds(2);
constexpr std::size_t kLingerBytes = 8 << 20;

Error too_slow() { return Error(Code::request_timeout, "The request did not come in the time allowed"); }

Error client_error(const Error& error) {
  if (error.code == Code::timed_out) return too_slow();
  return Error(Code::client_closed, "The client closed the connection");
}

// While it lives, the end of the request's time (or of the gateway's) ends what waits for the client. A client who left
// ends that himself, and one who only closed his side may still read.
class ClientWait final : public async::AbortListener {
 public:
  ClientWait(async::AbortSource& abort, net::Stream& stream) : abort_(abort), stream_(stream) {
    // The answer that says why the request was aborted has its own time.
    if (!abort.aborted()) abort.listen(*this);
  }
  // Why the wait was ended; none: it was not.
  async::AbortReason ended_by() const { return ended_by_; }

 private:
  void on_abort() override {
    if (abort_.reason() == async::AbortReason::client_gone) return;
    ended_by_ = abort_.reason();
    stream_.cancel();
  }
  async::AbortSource& abort_;
  net::Stream& stream_;
  async::AbortReason ended_by_ = async::AbortReason::none;
};

// Whose time was up while the client's bytes were waited for.
Error body_aborted(async::AbortReason reason) {
  return reason == async::AbortReason::deadline ? too_slow() : async::abort_error(reason);
}

bool bodiless(int status) { return status == 204 || status == 304; }

}  // namespace

const RequestHead& Incoming::head() const { return session_.head_; }
const net::Stream& Incoming::stream() const { return *session_.stream_; }
base::SteadyTime Incoming::first_byte_at() const { return session_.first_byte_; }
async::AbortSource& Incoming::abort() { return session_.abort_; }
Eventually<Result<std::string_view>> Incoming::whole_body(std::uint64_t limit) { return session_.whole_body(limit); }
Eventually<Result<Piece>> Incoming::next() { return session_.next_piece(); }
bool Incoming::body_done() const { return session_.decoder_.done(); }
std::uint64_t Incoming::body_bytes() const { return session_.body_received_; }
bool Incoming::head_sent() const { return session_.on_the_wire_; }
std::uint64_t Incoming::bytes_sent() const { return session_.body_sent_; }
void Incoming::close_after() { session_.keep_alive_ = false; }

ServerSession::ServerSession(std::unique_ptr<net::Stream> stream, const ServerOptions& options, Handler& handler)
    : stream_(std::move(stream)), options_(options), handler_(handler) {}

void ServerSession::drain() {
  draining_ = true;
  keep_alive_ = false;
  if (!in_request_ && in_.empty()) stream_->cancel();
}

void ServerSession::abort(async::AbortReason reason) {
  keep_alive_ = false;
  abort_.abort(reason);
  // The handler may be waiting for the client itself. What it still has to say goes as far as that needs no waiting.
  stream_->cancel();
}

Task<void> ServerSession::run() {
  while (co_await read_head()) {
    ++requests_;
    in_request_ = true;
    stream_->loop().arm(*this, kWatchAfter);
    {
      const async::Loop::AtWork at_work(stream_->loop());
      co_await handler_.handle(incoming_);
    }
    disarm();
    stream_->watch_close(nullptr);
    in_request_ = false;
    if (!after_request()) break;
  }
  const bool answered = answer_ == Answer::finished;
  if (answered && !stream_->peer_closed()) {
    stream_->shutdown_write();
    // A client that is still sending would have its answer destroyed by a reset.
    if (!decoder_.done() || !rest_.empty()) co_await linger();
  }
}

// Reads until a request's head is complete. False: the connection is over (an answer has been given where one is due).
Task<bool> ServerSession::read_head() {
  abort_.reset();
  answer_ = Answer::none;
  on_the_wire_ = false;
  body_sent_ = 0;
  body_received_ = 0;
  head_.clear();
  body_started_ = {};
  std::size_t scanned = 0;
  bool head_timed = false;
  if (!in_.empty()) first_byte_ = async::Loop::now();
  for (;;) {
    if (!in_.empty()) {
      const ParseResult parsed = parse_request_head(in_.view(), scanned, options_.head, head_);
      if (parsed.state == ParseState::done) {
        stream_->no_deadline();
        decoder_ = BodyDecoder(head_.framing, head_.content_length);
        rest_ = in_.view().substr(parsed.consumed);
        rest_in_raw_ = false;
        continue_due_ = head_.expect_continue;
        keep_alive_ = head_.keep_alive && !head_.upgrade && !draining_ &&
                      (options_.requests_per_connection == 0 || requests_ + 1 < options_.requests_per_connection);
        co_return true;
      }
      if (parsed.state == ParseState::bad) {
        const Code code = parsed.status == 431 || parsed.status == 414 ? Code::head_too_large : Code::invalid_request;
        co_await answer_malformed(Error(code, std::string(parsed.reason)), parsed.status);
        co_return false;
      }
    }
    const bool first = in_.empty();
    if (first) {
      if (draining_) co_return false;
      stream_->deadline(options_.idle_timeout);
    } else if (!head_timed) {
      head_timed = true;
      stream_->deadline(options_.head_timeout);
    }
    char* at = in_.prepare(first ? kFirstRead : std::max(kFirstRead, in_.size()));
    auto got = co_await stream_->read_some(at, in_.free_space());
    if (!got) {
      if (got.error().code == Code::timed_out && !in_.empty()) {
        co_await answer_malformed(Error(Code::request_timeout, "The request's head did not come in time"), 408);
      }
      co_return false;
    }
    if (*got == 0) co_return false;
    in_.commit(*got);
    if (first) first_byte_ = async::Loop::now();
  }
}

// Drops what is left of the request's body, as far as it is here already. For the rest it is not worth waiting.
void ServerSession::skip_body() {
  while (!decoder_.done()) {
    auto piece = continue_due_ ? std::nullopt : decode_piece();
    if (!piece || !*piece) {
      keep_alive_ = false;
      return;
    }
  }
}

// Puts the connection in step for the next request. False: it cannot go on.
bool ServerSession::after_request() {
  if (answer_ != Answer::finished) {
    // No orderly end: the client must not take what it has for the whole.
    if (ends_by_close_ && on_the_wire_) {
      stream_->break_off();
    } else {
      stream_->cancel();
    }
    return false;
  }
  skip_body();
  if (!keep_alive_) return false;
  if (rest_in_raw_) {
    in_.clear();
    in_.append(rest_);
  } else {
    in_.consume(in_.size() - rest_.size());
  }
  // A large head must not be paid for as long as the connection rests.
  if (in_.capacity() > kKeptAtRest) in_.release();
  rest_ = {};
  raw_.clear();
  body_.clear();
  raw_.release();
  body_.release();
  return true;
}

Task<void> ServerSession::answer_malformed(Error error, int status) {
  keep_alive_ = false;
  rest_ = in_.view();
  const std::string body = handler_.refuse_malformed(error, status, stream_->peer(), rest_);
  out_.clear();
  append_status_line(out_, status);
  append_field(out_, "content-type", "application/json");
  append_field(out_, "content-length", static_cast<std::uint64_t>(body.size()));
  append_field(out_, "connection", "close");
  append_field(out_, "date", handler_.date());
  out_.append("\r\n").append(body);
  pieces_[0] = out_;
  auto sent = net::write_all(*stream_, std::span(pieces_).first(1), options_.write_timeout);
  const Result<void> result = sent.ready() ? sent.take() : co_await sent.task();
  answer_ = result ? Answer::finished : Answer::broken;
  decoder_ = BodyDecoder(Framing::until_close, 0);
}

Task<void> ServerSession::linger() {
  std::size_t left = kLingerBytes;
  raw_.clear();
  stream_->deadline(kLingerFor);
  while (left > 0) {
    char* at = raw_.prepare(kFirstRead);
    const auto got = co_await stream_->read_some(at, kFirstRead);
    if (!got || *got == 0) break;
    left -= std::min(left, *got);
  }
}

// ---- the request's body

// One read, within the time that a body may take: the longer the more of it has come.
Task<Result<void>> ServerSession::read_into(base::Buffer& buffer, std::size_t at_most) {
  if (abort_.aborted()) {
    keep_alive_ = false;
    co_return std::unexpected(body_aborted(abort_.reason()));
  }
  const ClientWait wait(abort_, *stream_);
  base::Duration allowed = options_.body_timeout;
  if (options_.body_min_rate > 0) {
    allowed += std::chrono::milliseconds(body_received_ * 1000 / options_.body_min_rate);
  }
  stream_->deadline(body_started_ + allowed - async::Loop::now());
  char* at = buffer.prepare(at_most);
  auto got = co_await stream_->read_some(at, at_most);
  stream_->no_deadline();
  if (!got) {
    keep_alive_ = false;
    if (wait.ended_by() != async::AbortReason::none) co_return std::unexpected(body_aborted(wait.ended_by()));
    co_return std::unexpected(client_error(got.error()));
  }
  if (*got == 0) {
    keep_alive_ = false;
    abort_.abort(async::AbortReason::client_gone);
    co_return fail(Code::client_closed, "The client closed the connection");
  }
  buffer.commit(*got);
  co_return Result<void>();
}

Task<Result<void>> ServerSession::send_continue() {
  continue_due_ = false;
  std::array<std::string_view, 1> pieces{"HTTP/1.1 100 Continue\r\n\r\n"};
  auto sent = net::write_all(*stream_, pieces, options_.write_timeout);
  co_return sent.ready() ? sent.take() : co_await sent.task();
}

// The next piece out of what has been received; nothing if more must be read.
std::optional<Result<Piece>> ServerSession::decode_piece() {
  const auto step = decoder_.decode(rest_);
  rest_.remove_prefix(step.consumed);
  switch (step.state) {
    case BodyDecoder::State::data: {
      body_received_ += step.data.size();
      // A length ends here without a further byte on the wire.
      const bool last = decoder_.done();
      return Piece{step.data, last};
    }
    case BodyDecoder::State::done:
      return Piece{{}, true};
    case BodyDecoder::State::bad:
      keep_alive_ = false;
      return fail(Code::invalid_request, "The request's body is not framed as HTTP/1.1 frames it");
    case BodyDecoder::State::need_more:
      break;
  }
  return std::nullopt;
}

Eventually<Result<Piece>> ServerSession::next_piece() {
  if (!continue_due_) {
    if (auto piece = decode_piece()) return std::move(*piece);
  }
  return wait_piece();
}

Task<Result<Piece>> ServerSession::wait_piece() {
  if (continue_due_ && !decoder_.done()) {
    if (auto sent = co_await send_continue(); !sent) co_return std::unexpected(client_error(sent.error()));
  }
  if (body_started_ == base::SteadyTime{}) body_started_ = async::Loop::now();
  for (;;) {
    if (auto piece = decode_piece()) co_return std::move(*piece);
    raw_.clear();
    rest_in_raw_ = true;
    if (auto read = co_await read_into(raw_, kBodyRead); !read) co_return std::unexpected(std::move(read.error()));
    rest_ = raw_.view();
  }
}

Eventually<Result<std::string_view>> ServerSession::whole_body(std::uint64_t limit) {
  if (head_.framing == Framing::length && head_.content_length > limit) {
    keep_alive_ = false;
    return Result<std::string_view>(
        fail(Code::too_large, "The request's body is larger than the " + std::to_string(limit) + " bytes allowed"));
  }
  if (decoder_.done()) return Result<std::string_view>(std::string_view());
  if (!continue_due_ && head_.framing == Framing::length && rest_.size() >= head_.content_length) {
    auto piece = decode_piece();
    return Result<std::string_view>((*piece)->bytes);
  }
  return collect_body(limit);
}

Task<Result<std::string_view>> ServerSession::collect_body(std::uint64_t limit) {
  if (continue_due_) {
    if (auto sent = co_await send_continue(); !sent) co_return std::unexpected(client_error(sent.error()));
  }
  body_started_ = async::Loop::now();
  for (;;) {
    auto piece = decode_piece();
    if (!piece) {
      if (head_.framing == Framing::length) {
        // Straight to where it stays; never past the body's end.
        const std::size_t before = body_.size();
        const auto wanted = std::min<std::uint64_t>(head_.content_length - body_received_, kBodyRead);
        if (auto read = co_await read_into(body_, wanted); !read) co_return std::unexpected(std::move(read.error()));
        const auto step = decoder_.decode(body_.view().substr(before));
        body_received_ += step.data.size();
        if (decoder_.done()) co_return body_.view();
        continue;
      }
      raw_.clear();
      rest_in_raw_ = true;
      if (auto read = co_await read_into(raw_, kBodyRead); !read) co_return std::unexpected(std::move(read.error()));
      rest_ = raw_.view();
      continue;
    }
    if (!*piece) co_return std::unexpected(std::move(piece->error()));
    if (body_received_ > limit) {
      keep_alive_ = false;
      co_return fail(Code::too_large,
                     "The request's body is larger than the " + std::to_string(limit) + " bytes allowed");
    }
    body_.append((*piece)->bytes);
    if ((*piece)->last) co_return body_.view();
  }
}

// ---- the answer

std::string& Incoming::begin_head(int status) {
  session_.out_.clear();
  append_status_line(session_.out_, status);
  session_.status_ = status;
  session_.answer_ = ServerSession::Answer::building;
  return session_.out_;
}

void ServerSession::close_head(std::optional<std::uint64_t> length) {
  chunked_answer_ = false;
  if (!bodiless(status_)) {
    if (length) {
      append_field(out_, "content-length", *length);
    } else if (head_.minor_version >= 1) {
      append_field(out_, "transfer-encoding", "chunked");
      chunked_answer_ = true;
    } else {
      keep_alive_ = false;  // HTTP/1.0 knows no chunks: the body ends with the connection
      ends_by_close_ = true;
    }
  }
  skip_body();
  if (!keep_alive_) {
    append_field(out_, "connection", "close");
  } else if (head_.minor_version == 0) {
    append_field(out_, "connection", "keep-alive");
  }
  out_.append("\r\n");
}

Eventually<Result<void>> ServerSession::send(std::span<std::string_view> pieces, Answer then) {
  on_the_wire_ = true;
  answer_ = then;
  if (stream_->loop().others_at_work()) return send_later(pieces);
  auto sent = net::write_all(*stream_, pieces, options_.write_timeout);
  if (!sent.ready()) return finish_send(sent.task());
  return sent_or_broken(sent.take());
}

Task<Result<void>> ServerSession::send_later(std::span<std::string_view> pieces) {
  stream_->put_off(pieces);
  co_await stream_->loop().after_ready();
  auto sent = net::write_rest(*stream_, pieces, stream_->written(), options_.write_timeout);
  if (sent.ready()) co_return sent_or_broken(sent.take());
  co_return co_await finish_send(sent.task());
}

Task<Result<void>> ServerSession::finish_send(Task<Result<void>> task) {
  const ClientWait wait(abort_, *stream_);
  auto result = co_await std::move(task);
  if (!result && wait.ended_by() != async::AbortReason::none) {
    answer_ = Answer::broken;
    co_return std::unexpected(abort_.error());
  }
  co_return sent_or_broken(std::move(result));
}

Result<void> ServerSession::sent_or_broken(Result<void> result) {
  if (result) return result;
  answer_ = Answer::broken;
  abort_.abort(async::AbortReason::client_gone);
  return fail(Code::client_closed, result.error().code == Code::timed_out ? "The client did not take the answer in time"
                                                                          : "The client closed the connection");
}

Eventually<Result<void>> Incoming::send_whole(std::span<const std::string_view> body) {
  std::uint64_t length = 0;
  for (const auto piece : body) length += piece.size();
  session_.close_head(length);
  std::size_t count = 0;
  session_.pieces_[count++] = session_.out_;
  if (session_.head_.method != Method::head && !bodiless(session_.status_)) {
    for (const auto piece : body) session_.pieces_[count++] = piece;
    session_.body_sent_ = length;
  }
  return session_.send(std::span(session_.pieces_).first(count), ServerSession::Answer::finished);
}

void Incoming::send_head(std::optional<std::uint64_t> length) {
  session_.close_head(length);
  session_.answer_ = ServerSession::Answer::head_waiting;
}

Eventually<Result<void>> Incoming::flush() {
  if (session_.answer_ != ServerSession::Answer::head_waiting) return Result<void>();
  session_.pieces_[0] = session_.out_;
  return session_.send(std::span(session_.pieces_).first(1), ServerSession::Answer::streaming);
}

Eventually<Result<void>> ServerSession::write_piece(std::string_view bytes, bool last) {
  const bool silent = head_.method == Method::head || bodiless(status_);
  std::size_t count = 0;
  if (answer_ == Answer::head_waiting) pieces_[count++] = out_;
  if (!silent) {
    body_sent_ += bytes.size();
    if (!bytes.empty()) {
      if (chunked_answer_) {
        const auto end = std::to_chars(chunk_line_.data(), chunk_line_.data() + 16, bytes.size(), 16).ptr;
        std::memcpy(end, "\r\n", 2);
        pieces_[count++] = std::string_view(chunk_line_.data(), static_cast<std::size_t>(end + 2 - chunk_line_.data()));
      }
      pieces_[count++] = bytes;
    }
    if (chunked_answer_) {
      if (last) {
        pieces_[count++] = bytes.empty() ? "0\r\n\r\n" : "\r\n0\r\n\r\n";
      } else if (!bytes.empty()) {
        pieces_[count++] = "\r\n";
      }
    }
  }
  if (count == 0) {
    if (last) answer_ = Answer::finished;
    return Result<void>();
  }
  return send(std::span(pieces_).first(count), last ? Answer::finished : Answer::streaming);
}

Eventually<Result<void>> Incoming::write(std::string_view bytes) { return session_.write_piece(bytes, false); }
Eventually<Result<void>> Incoming::write_last(std::string_view bytes) { return session_.write_piece(bytes, true); }
Eventually<Result<void>> Incoming::finish() { return session_.write_piece({}, true); }

// ---- another protocol

Task<Result<Duplex*>> Incoming::upgrade() { return session_.upgrade(); }
bool Incoming::draining() const { return session_.draining_; }

Task<Result<Duplex*>> ServerSession::upgrade() {
  // Whoever holds the stream reads it all the time, and so hears of the client's leaving.
  disarm();
  stream_->watch_close(nullptr);
  keep_alive_ = false;
  out_.append("\r\n");
  pieces_[0] = out_;
  auto e = send(std::span(pieces_).first(1), Answer::finished);
  auto sent = e.ready() ? e.take() : co_await e.task();
  if (!sent) co_return std::unexpected(std::move(sent.error()));
  co_return static_cast<Duplex*>(this);
}

Task<Result<std::string_view>> ServerSession::read() {
  if (!rest_.empty()) {
    body_received_ += rest_.size();
    co_return std::exchange(rest_, {});
  }
  if (abort_.aborted()) co_return std::unexpected(abort_.error());
  raw_.clear();
  char* at = raw_.prepare(kUpgradedRead);
  const auto got = co_await stream_->read_some(at, kUpgradedRead);
  if (!got) {
    if (!abort_.aborted()) abort_.abort(async::AbortReason::client_gone);
    co_return std::unexpected(abort_.error());
  }
  raw_.commit(*got);
  body_received_ += *got;
  co_return raw_.view();
}

Task<Result<void>> ServerSession::write(std::string_view bytes) {
  if (abort_.aborted()) co_return std::unexpected(abort_.error());
  std::array<std::string_view, 1> pieces{bytes};
  auto e = net::write_all(*stream_, pieces, options_.write_timeout);
  auto sent = e.ready() ? e.take() : co_await e.task();
  if (!sent) {
    if (!abort_.aborted()) abort_.abort(async::AbortReason::client_gone);
    co_return std::unexpected(abort_.error());
  }
  body_sent_ += bytes.size();
  co_return Result<void>();
}

void ServerSession::cancel() { stream_->cancel(); }

// ---- the client's leaving

void ServerSession::on_peer_closed() { abort_.abort(async::AbortReason::client_gone); }

void ServerSession::on_due() {
  if (stream_->peer_closed()) {
    on_peer_closed();
    return;
  }
  stream_->watch_close(this);
  // Bytes that wait (a pipelined request) may end the watch, so it is also asked now and then.
  stream_->loop().arm(*this, kAskEvery);
}

}  // namespace gatehouse::http
