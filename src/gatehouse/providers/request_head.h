#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/config/snapshot.h"
#include "gatehouse/crypto/sigv4.h"
#include "gatehouse/http/head.h"
#include "gatehouse/providers/profile.h"
#include "gatehouse/providers/upstream.h"

namespace gatehouse::providers {

// Whether a field of the caller's request goes on to a provider that speaks the caller's dialect. Not: what belongs to
// one connection, framing and Host (made anew), every way to carry a credential (the provider gets its own key, never
// the caller's), the caller's choice of who pays, cookies, what proxies add about the caller, what overrides method or
// path, everything of ours (x-gatehouse-*), and everything of the clouds (x-amz*, x-goog-*), of Anthropic's
// (anthropic-*) and of the caller's own handshake (sec-websocket-*) but for the few that choose a version or a feature.
// An underscore counts as a hyphen. Steps of an upload (Plan::upload) take the few x-goog-upload-* along that drive it.
bool passes_to_provider(std::string_view name);

// The same where the request was translated: not what only the caller's dialect means something by, and not what tells
// of the caller's body.
bool passes_translated(std::string_view name);

// Whether a field of the provider's answer goes on to the caller: so do retry-after, retry-after-ms, x-should-retry,
// rate limits and request ids. Not: what belongs to one connection, framing (made anew), cookies of the provider, whose
// account it is, addresses at which an upload would go on without us, and what the gateway itself says (x-gatehouse-*).
bool passes_to_caller(std::string_view name);

// What of a request head is the same for all requests to a provider; made once per configuration.
class HeadTemplate {
 public:
  explicit HeadTemplate(const config::Provider& provider) : HeadTemplate(provider, Profile::make(provider)) {}
  HeadTemplate(const config::Provider& provider, std::shared_ptr<const Profile> profile);
  HeadTemplate(const HeadTemplate&) = delete;  // views into itself
  HeadTemplate& operator=(const HeadTemplate&) = delete;
  // Writes the whole head for one request over `out`. `credential`: complete field lines where the credential is not a
  // key of the configuration.
  void write(const UpstreamRequest& request, std::string& out, std::string_view credential = {}) const;

  const Profile& profile() const { return *profile_; }
  const Profile::Spoken& spoken(const UpstreamRequest& request) const;
  // What has to be signed: Host, and configured x-amz-* fields. Views hold for the template's life.
  std::span<const crypto::SigV4Field> signed_fields() const { return signed_; }

 private:
  std::shared_ptr<const Profile> profile_;
  std::string fixed_;              // host, the configured headers: complete lines
  std::vector<std::string> keys_;  // of each dialect that is spoken: the key's line
  std::vector<std::string> ours_;  // names of configured headers, which replace the caller's
  std::string authority_;
  std::vector<std::pair<std::string, base::Secret>> amz_;
  std::vector<crypto::SigV4Field> signed_;
};

}  // namespace gatehouse::providers
