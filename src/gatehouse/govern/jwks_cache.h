#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/clock.h"
#include "gatehouse/base/error.h"
#include "gatehouse/govern/jwks.h"

namespace gatehouse::govern {

inline constexpr std::size_t kMaxIssuers = 64;

// Where an issuer's keys come from. Exactly one of `url`, `discover` and `keys` is set.
struct JwksSource {
  std::string issuer;
  std::string url{};  // of the key set
  bool discover =
      false;  // ISSUER/.well-known/openid-configuration says where (OpenID Connect Discovery 1.0, section 4)
  std::shared_ptr<const JwkSet> keys{};  // given by the operator; nothing is fetched
};

// All issuers' keys at one moment. Immutable, shared by all workers, replaced as a whole.
class IssuerKeys {
 public:
  struct Found {
    std::uint32_t id;    // for UnknownKids::note
    const JwkSet* keys;  // null: not fetched yet
  };
  std::optional<Found> find(std::string_view issuer) const;
  // Another one whenever any key differs.
  std::uint64_t generation() const { return generation_; }

 private:
  friend class JwksCache;
  struct Entry {
    std::string issuer;
    std::uint32_t id;
    std::shared_ptr<const JwkSet> keys;
  };
  std::vector<Entry> entries_;  // a handful
  std::uint64_t generation_ = 0;
};

// How workers tell the keeper of key ids that they do not know: a few atomic words. A flood of them fills it and is
// then dropped; a thousand reports cost the keeper no more than kSlots. Any thread; `drain` one thread.
class UnknownKids {
 public:
  static constexpr std::size_t kSlots = 64;
  void note(std::uint32_t issuer, std::string_view kid);
  struct Note {
    std::uint32_t issuer;
    std::uint64_t kid;  // a hash
  };
  std::vector<Note> drain();

 private:
  std::array<std::atomic<std::uint64_t>, kSlots> slots_{};
};

// Decides when which issuer's keys are fetched, and keeps them. A state machine without sockets and clocks, on the
// control thread: somebody asks `next` each second, does what it says, and reports with `fetched` or `failed`.
//
// Rules: keys are refreshed every `refresh`. A token with an unknown key id asks for a fetch before that, since the
// issuer may have rotated; but an issuer has one fetch in flight at the most, one in `min_refetch` at the most, and one
// that brought nothing new doubles that pause up to `refresh`. So a flood of invented ids causes one fetch, then at
// worst as many again as the regular ones, while a real rotation is seen within `refresh` even during a flood. A key id
// that a fetch did not bring is remembered for `refresh` and asks for none meanwhile. What fails is tried again after
// `retry`, doubled up to `refresh`; the old keys serve for `max_stale` and are then dropped, for an issuer that cannot
// withdraw a key is not one to trust forever.
class JwksCache {
 public:
  struct Policy {
    base::Duration refresh = std::chrono::minutes(10);
    base::Duration min_refetch = std::chrono::seconds(60);
    base::Duration retry = std::chrono::seconds(5);
    base::Duration max_stale = std::chrono::hours(24);
  };
  // What somebody shall fetch now.
  struct Fetch {
    std::uint64_t ticket;  // for `fetched` and `failed`
    std::string url;
  };

  JwksCache();
  explicit JwksCache(Policy policy);

  // Of a new configuration. Sources that are as before keep their keys and what is in flight; reports for others are
  // then ignored. Code::configuration: more than kMaxIssuers, an issuer twice, a source without any way to its keys.
  Result<> set_sources(std::vector<JwksSource> sources);

  // Null when nothing is due. Ask until it is null.
  std::optional<Fetch> next(base::SteadyTime now);
  // The answer's body. True if any key differs now: publish. An error says what is wrong with the body, for the log;
  // it counts as a failure and the old keys stay.
  Result<bool> fetched(std::uint64_t ticket, std::string_view body, base::SteadyTime now);
  void failed(std::uint64_t ticket, base::SteadyTime now);
  void unknown_kid(const UnknownKids::Note& note, base::SteadyTime now);
  // Drops what is older than max_stale; true if anything was.
  bool expire(base::SteadyTime now);

  std::shared_ptr<const IssuerKeys> published() const { return published_; }

  struct Status {
    std::string issuer;
    std::size_t keys = 0;
    std::size_t left_out = 0;
    bool in_flight = false;
    std::uint64_t fetches = 0;
    std::uint64_t failures = 0;  // in a row
    std::optional<base::SteadyTime> fetched_at;
  };
  std::vector<Status> status() const;

 private:
  static constexpr std::size_t kMissing = 256;  // key ids remembered an issuer
  struct Missing {
    std::uint64_t kid = 0;
    base::SteadyTime until{};
  };
  struct Issuer {
    JwksSource source;
    std::uint32_t id = 0;
    std::string discovered;  // the url that discovery gave; empty: not yet
    std::shared_ptr<const JwkSet> keys;
    std::optional<base::SteadyTime> fetched_at;
    std::optional<base::SteadyTime> started_at;  // the last fetch
    base::SteadyTime due{};
    base::Duration pause{};    // between fetches that unknown ids ask for
    std::uint64_t ticket = 0;  // in flight; 0: none
    bool discovering = false;
    bool asked = false;  // an unknown id asks for a fetch
    std::uint64_t fetches = 0;
    std::uint64_t failures = 0;
    std::vector<std::uint64_t> asked_for;  // ids that are missing until the fetch says otherwise
    std::vector<Missing> missing;          // a ring
    std::size_t missing_at = 0;
  };
  Issuer* by_ticket(std::uint64_t ticket);
  Result<bool> take_discovery(Issuer& issuer, std::string_view body, base::SteadyTime now);
  void fail_with(Issuer& issuer, base::SteadyTime now);
  void publish();

  Policy policy_;
  std::vector<Issuer> issuers_;
  std::shared_ptr<const IssuerKeys> published_;
  std::uint64_t next_ticket_ = 1;
  std::uint32_t next_id_ = 0;
  std::uint64_t generation_ = 0;
};

}  // namespace gatehouse::govern
