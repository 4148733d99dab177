#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "gatehouse/base/error.h"
#include "gatehouse/base/secret.h"

namespace gatehouse::app::selftest {

// A gateway of a configuration in a process of its own, on free ports of loopback: without TLS, without its store
// (counts and budgets begin empty, and what is spent here is not entered), webhook and access log, and with one more
// key. Ends with this object, and with this process.
class ChildGateway {
 public:
  // To be called while this process has one thread. `config_path` empty: the sandbox. Blocks until it listens.
  // Code::configuration: it did not start, and has said why on standard error.
  static Result<std::unique_ptr<ChildGateway>> start(const std::string& config_path, const base::Secret& key);
  ~ChildGateway();
  ChildGateway(const ChildGateway&) = delete;
  ChildGateway& operator=(const ChildGateway&) = delete;

  const std::string& url() const { return url_; }
  // True: it went in order. Once.
  bool stop();

 private:
  ChildGateway() = default;
  pid_t pid_ = -1;
  std::string url_;
};

}  // namespace gatehouse::app::selftest
