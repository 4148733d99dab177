#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/config/snapshot.h"
#include "gatehouse/http/head.h"
#include "gatehouse/providers/upstream.h"

namespace gatehouse::providers {

// Whether a field of the caller's request goes on to the provider. Not: what belongs to one connection, framing and
// Host (made anew), every way to carry a credential (the provider gets its own key, never the caller's), the caller's
// choice of who pays, cookies, what proxies add about the caller, what overrides method or path, and everything of ours
// (x-gatehouse-*). An underscore counts as a hyphen.
bool passes_to_provider(std::string_view name);

// Whether a field of the provider's answer goes on to the caller. Not: what belongs to one connection, framing (made
// anew), cookies of the provider, and what the gateway itself says (x-gatehouse-*).
bool passes_to_caller(std::string_view name);

// What of a request head is the same for all requests to a provider; made once per configuration.
class HeadTemplate {
 public:
  explicit HeadTemplate(const config::Provider& provider);
  // Writes the whole head for one request over `out`.
  void write(const UpstreamRequest& request, std::string& out) const;

 private:
  std::string prefix_;             // the base URL's path
  std::string fixed_;              // host, credential, the configured headers: complete lines
  std::vector<std::string> ours_;  // names of configured headers, which replace the caller's
};

}  // namespace gatehouse::providers
