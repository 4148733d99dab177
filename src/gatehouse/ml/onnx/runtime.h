#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"

namespace gatehouse::ml {

struct RuntimeOptions {
  std::string library{};  // path of ONNX Runtime's shared library; empty: looked for, see places()
  std::string program{};  // folder of the running program, where the search begins; empty: as the system says
};

// ONNX Runtime, taken in by dlopen at run time: nothing is linked against it, so the gateway starts without it. A
// handle: copies share the one environment, sessions keep it alive. Any thread. The library stays loaded until the
// process ends (its threads and thread-local objects do not survive an unloading). It starts no threads of its own and
// logs nothing: what goes wrong comes back as errors.
class Runtime {
 public:
  // Errors: unsupported where Gatehouse was built without ONNX Runtime's headers; configuration, with each path that
  // was tried and why it failed, otherwise.
  static Result<Runtime> load(const RuntimeOptions& options = {});
  // Whether this build can load one at all.
  static bool built_in();
  // Sets the variable of the environment by which ONNX Runtime sends nothing anywhere. `load` does it too; a program
  // that loads while it has threads calls this first of all, for an environment may be changed by one thread only.
  static void keep_to_itself();

  // Where an empty `library` is looked for, in order: beside the program, in ../lib/gatehouse, for a program of a
  // developer's tree in that tree's build/onnxruntime, at last by the names that the system's loader may know.
  static std::vector<std::string> places(std::string_view program);

  std::string_view version() const;  // "1.30.0"
  std::string_view library() const;  // the path or name that it was loaded by

  struct Impl;  // for ml/onnx alone
  const std::shared_ptr<const Impl>& impl() const { return impl_; }

 private:
  explicit Runtime(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace gatehouse::ml
