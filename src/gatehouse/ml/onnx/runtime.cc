#include "gatehouse/ml/onnx/runtime.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#ifdef GATEHOUSE_ONNX
#include "gatehouse/ml/onnx/api.h"
#include "gatehouse/ml/onnx/session.h"
#include "gatehouse/text/utf8.h"
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
// The library keeps a few bytes of its own for good: when it starts, and when sessions come and go.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libonnxruntime"; }
#endif
#endif

namespace gatehouse::ml {
namespace {

constexpr std::string_view kFile = "libonnxruntime.so.1";

#ifndef GATEHOUSE_ONNX
}  // namespace

struct Runtime::Impl {
  std::string version;
  std::string library;
};

bool Runtime::built_in() { return false; }

Result<Runtime> Runtime::load(const RuntimeOptions&) {
  return fail(Code::unsupported, "this build of Gatehouse has no ONNX Runtime in it (its headers were not there)");
}

#else

// Nobody reads ONNX Runtime's log: what goes wrong comes back as a status. Without state, since the environment keeps
// the first logger that it is given, whoever gave it.
void ORT_API_CALL say_nothing(void*, OrtLoggingLevel, const char*, const char*, const char*, const char*) {}

// Kept open for good: the library's thread-local objects do not survive an unloading.
struct Opened {
  const OrtApiBase* base = nullptr;
  std::string why;  // it did not work
};
Opened open_library(const std::string& path) {
  Opened result;
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    const char* why = ::dlerror();
    result.why = why != nullptr ? text::safe_excerpt(why, Session::kMostReason) : "it cannot be loaded";
    return result;
  }
  using GetApiBase = const OrtApiBase*(ORT_API_CALL*)();
  const auto get_base = reinterpret_cast<GetApiBase>(::dlsym(handle, "OrtGetApiBase"));
  if (get_base != nullptr) result.base = get_base();
  if (result.base == nullptr) result.why = "it is not ONNX Runtime's library";
  return result;
}

}  // namespace

namespace onnx {

namespace {

// Many messages begin with the place in ONNX Runtime's source: "/x/y.h:46 void f(const std::string&) MESSAGE".
std::string_view without_place(std::string_view message) {
  if (!message.starts_with('/')) return message;
  std::size_t at = message.find('(');
  std::size_t depth = 0;
  for (; at < message.size(); ++at) {
    if (message[at] == '(') ++depth;
    if (message[at] == ')' && --depth == 0) break;
  }
  if (at >= message.size()) return message;
  message.remove_prefix(at + 1);
  if (message.starts_with(" const ")) message.remove_prefix(std::string_view(" const").size());
  while (message.starts_with(' ')) message.remove_prefix(1);
  return message;
}

}  // namespace

Failure failure(const OrtApi& api, OrtStatus* status) {
  Failure result;
  if (status == nullptr) return result;
  result.code = api.GetErrorCode(status);
  if (result.code == ORT_OK) result.code = ORT_FAIL;
  result.reason = text::safe_excerpt(without_place(api.GetErrorMessage(status)), Session::kMostReason);
  api.ReleaseStatus(status);
  return result;
}

}  // namespace onnx

bool Runtime::built_in() { return true; }

Result<Runtime> Runtime::load(const RuntimeOptions& options) {
  keep_to_itself();
  std::vector<std::string> paths = places(options.program);
  if (!options.library.empty()) paths = {options.library};
  std::string tried;
  bool asked_system = false;
  for (const std::string& path : paths) {
    // The system's names differ in the version alone: one of them says enough.
    const bool same_again = !path.contains('/') && asked_system;
    if (!path.contains('/')) asked_system = true;
    const auto refuse = [&](std::string_view why) {
      if (same_again) return;
      // The loader's own words begin with the path.
      tried += tried.empty() ? "" : "; ";
      tried += why.starts_with(path) ? std::string(why) : fmt::format("{}: {}", path, why);
    };
    std::error_code ignored;
    if (path.contains('/') && !std::filesystem::exists(path, ignored)) {
      refuse("there is no such file");
      continue;
    }
    const Opened opened = open_library(path);
    if (opened.base == nullptr) {
      refuse(opened.why);
      continue;
    }
    auto impl = std::make_shared<Impl>();
    impl->version = opened.base->GetVersionString();
    impl->library = path;
    impl->api = opened.base->GetApi(ORT_API_VERSION);
    if (impl->api == nullptr) {
      refuse(fmt::format("it is version {}, and this build needs 1.{} or later", impl->version, ORT_API_VERSION));
      continue;
    }
    const auto failed = [&] {
      return onnx::failure(
          *impl->api, impl->api->CreateEnvWithCustomLogger(&say_nothing, nullptr, ORT_LOGGING_LEVEL_FATAL, "gatehouse",
                                                           &impl->environment));
    }();
    if (failed) {
      refuse(failed.reason);
      continue;
    }
    // Nothing of this process is sent anywhere; a build without telemetry says that it has none, which is as good.
    onnx::failure(*impl->api, impl->api->DisableTelemetryEvents(impl->environment));
    return Runtime(std::move(impl));
  }
  return fail(Code::configuration, "ONNX Runtime cannot be loaded: " + tried);
}

#endif

namespace {

std::string program_folder() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  return failed ? std::string() : program.parent_path().string();
}

}  // namespace

// Builds of the vendor's from 1.30 on begin to send telemetry when the environment is made, before anybody can call
// DisableTelemetryEvents: a thread of their own, a database below the home directory, uploads over HTTPS. This variable
// is what they ask before they begin (core/platform/posix/telemetry.cc).
void Runtime::keep_to_itself() { ::setenv("ORT_DISABLE_TELEMETRY", "1", 0); }

std::vector<std::string> Runtime::places(std::string_view program) {
  namespace fs = std::filesystem;
  std::vector<std::string> result;
  const fs::path folder = program.empty() ? fs::path(program_folder()) : fs::path(program);
  if (!folder.empty()) {
    result.push_back((folder / kFile).string());
    result.push_back((folder / ".." / "lib" / "gatehouse" / kFile).lexically_normal().string());
    // A program that was built in a tree lies below its `build`: whoever may write there could replace the program too.
    for (fs::path above = folder; above.has_relative_path(); above = above.parent_path()) {
      if (above.filename() != "build") continue;
      result.push_back((above / "onnxruntime" / "lib" / kFile).string());
      break;
    }
  }
  result.emplace_back(kFile);
#ifdef GATEHOUSE_ONNX
  // Debian's library is called by its minor version; a later one serves too.
  constexpr int kLaterVersions = 20;
  for (int minor = ORT_API_VERSION; minor < ORT_API_VERSION + kLaterVersions; ++minor) {
    result.push_back(fmt::format("{}.{}", kFile, minor));
  }
#endif
  return result;
}

std::string_view Runtime::version() const { return impl_->version; }
std::string_view Runtime::library() const { return impl_->library; }

}  // namespace gatehouse::ml
