#pragma once

// ONNX Runtime's C API as ml/onnx uses it: the table of functions that the loaded library gave, and owners of its
// objects. For the .cc files of this folder, where GATEHOUSE_ONNX says that the headers are there. The C API and not
// the C++ one over it: that one keeps the table in a global, throws, and takes the library's symbols for linked.

#include <onnxruntime_c_api.h>

#include <memory>
#include <string>

#include "gatehouse/ml/onnx/runtime.h"

namespace gatehouse::ml {

struct Runtime::Impl {
  const OrtApi* api = nullptr;
  OrtEnv* environment = nullptr;
  std::string version;
  std::string library;

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (environment != nullptr) api->ReleaseEnv(environment);
  }
};

namespace onnx {

// Calls the release function of the table for what it owns.
template <class T>
struct Release {
  const OrtApi* api = nullptr;
  void (*OrtApi::*release)(T*) = nullptr;
  void operator()(T* object) const { (api->*release)(object); }
};
template <class T>
using Owned = std::unique_ptr<T, Release<T>>;

template <class T>
Owned<T> own(const OrtApi& api, T* object, void (*OrtApi::*release)(T*)) {
  return Owned<T>(object, Release<T>{&api, release});
}

// Empty: it went well. Else ONNX Runtime's words, cut and safe to show, and its code.
struct Failure {
  OrtErrorCode code = ORT_OK;
  std::string reason{};
  explicit operator bool() const { return code != ORT_OK; }
};
// Takes the status over.
Failure failure(const OrtApi& api, OrtStatus* status);

}  // namespace onnx
}  // namespace gatehouse::ml
