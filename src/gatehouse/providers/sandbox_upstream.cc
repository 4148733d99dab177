#include "gatehouse/providers/sandbox_upstream.h"

#include <chrono>
#include <string>
#include <utility>

#include "gatehouse/async/event.h"
#include "gatehouse/providers/sandbox/script.h"

namespace gatehouse::providers {
namespace {

// A body that the sandbox is sent is bounded by the gateway's own limit before it comes here; what is pulled (uploads)
// is bounded here, for it is kept whole.
constexpr std::size_t kMaxPulled = 8 << 20;
constexpr auto kForever = std::chrono::hours(24);

class SandboxAnswer final : public UpstreamAnswer {
 public:
  SandboxAnswer(async::Loop& loop, async::AbortSource& abort, sandbox::Script script)
      : loop_(loop), abort_(abort), script_(std::move(script)) {
    head_.clear();
    head_.status = script_.status();
    for (const auto& header : script_.headers()) head_.fields.add({header.name, header.value});
    if (const auto size = script_.body_size()) {
      head_.framing = http::Framing::length;
      head_.content_length = *size;
    } else {
      head_.framing = http::Framing::chunked;
    }
  }

  const http::ResponseHead& head() const override { return head_; }

  Eventually<Result<http::Piece>> next() override {
    auto piece = script_.next();
    if (!piece) return ending();
    piece_ = std::move(piece->bytes);
    if (piece->delay.count() > 0) return later(piece->delay);
    return Result<http::Piece>(http::Piece{piece_, false});
  }

 private:
  Result<http::Piece> ending() const {
    if (script_.end() == sandbox::End::broken_off) {
      return fail(Code::upstream_broken, "The provider broke off in the middle of its answer");
    }
    return http::Piece{{}, true};
  }
  Task<Result<http::Piece>> later(std::chrono::milliseconds delay) {
    if (!co_await async::sleep(loop_, delay, &abort_)) co_return std::unexpected(abort_.error());
    co_return http::Piece{piece_, false};
  }

  async::Loop& loop_;
  async::AbortSource& abort_;
  sandbox::Script script_;
  http::ResponseHead head_;
  std::string piece_;
};

}  // namespace

Task<Result<std::unique_ptr<UpstreamAnswer>>> SandboxUpstream::send(UpstreamRequest request,
                                                                    async::AbortSource& abort) {
  std::string body;
  for (const auto piece : request.body) body.append(piece);
  if (request.body_source != nullptr) {
    for (bool last = false; !last;) {
      auto e = request.body_source->next();
      auto piece = e.ready() ? e.take() : co_await e.task();
      if (!piece) co_return std::unexpected(std::move(piece.error()));
      last = piece->last;
      if (body.size() + piece->bytes.size() > kMaxPulled) {
        co_return fail(Code::too_large, "The sandbox takes uploads of at most 8 MiB");
      }
      body.append(piece->bytes);
    }
  }
  const sandbox::Options options{
      .tokens_per_second = static_cast<double>(options_.pace_tokens_per_second),
      .first_token = std::chrono::milliseconds(options_.first_token_ms),
      .created = std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch()).count()};
  std::string path = "/v1";
  path.append(request.path);
  sandbox::Script script(request.method_text, path, body, options);
  const auto delay = script.head_delay();
  const base::Duration wait = delay ? base::Duration(*delay) : base::Duration(kForever);
  if (wait.count() > 0 && !co_await async::sleep(loop_, wait, &abort)) co_return std::unexpected(abort.error());
  co_return std::make_unique<SandboxAnswer>(loop_, abort, std::move(script));
}

}  // namespace gatehouse::providers
