#include "gatehouse/ml/onnx/session.h"

#include <algorithm>
#include <array>
#include <utility>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <fmt/format.h>

#ifdef GATEHOUSE_ONNX
#include "gatehouse/ml/onnx/api.h"
#endif

namespace gatehouse::ml {

std::string_view name(ElementType type) {
  switch (type) {
    case ElementType::float32:
      return "float";
    case ElementType::float16:
      return "float16";
    case ElementType::int32:
      return "int32";
    case ElementType::int64:
      return "int64";
    case ElementType::other:
      break;
  }
  return "another type";
}

#ifndef GATEHOUSE_ONNX

struct Session::Impl {
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;
};

Result<std::unique_ptr<const Session>> Session::open(const Runtime&, std::string_view) {
  return fail(Code::unsupported, "this build of Gatehouse has no ONNX Runtime in it");
}

Result<SessionOutputs> Session::run(std::span<const std::span<const std::int64_t>>, std::size_t, std::size_t,
                                    std::span<const std::size_t>) const {
  return fail(Code::unsupported);
}

#else

namespace {

using onnx::failure;
using onnx::own;
using onnx::Owned;

// What a model has at its edges is a handful; more is no model of text.
constexpr std::size_t kMostTensors = 256;

// Fusions that make a pass slower: their kernels for the CPU go through the numbers one at a time, those of the parts
// are vectorised. Measured with 1.30 on a BERT of six layers: 7.1 -> 5.8 ms for 128 tokens.
constexpr const char* kSlowFusions = "SkipLayerNormFusion;BiasGeluFusion";
// Weights in files beside the model would be bytes that nobody hashed: they are looked for where no file can be.
constexpr const char* kNoFolder = "/dev/null/weights-in-other-files-are-not-read";

ElementType type_of(ONNXTensorElementDataType type) {
  switch (type) {
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT:
      return ElementType::float32;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16:
      return ElementType::float16;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32:
      return ElementType::int32;
    case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64:
      return ElementType::int64;
    default:
      return ElementType::other;
  }
}

// Runs the calls of a list until one fails.
class Calls {
 public:
  explicit Calls(const OrtApi& api) : api_(api) {}
  Calls& operator()(OrtStatus* status) {
    auto next = failure(api_, status);
    if (!failed_ && next) failed_ = std::move(next);
    return *this;
  }
  bool failed() const { return static_cast<bool>(failed_); }
  const onnx::Failure& why() const { return failed_; }

 private:
  const OrtApi& api_;
  onnx::Failure failed_{};
};

// Without VNNI the products of unsigned and signed bytes are added in 16 bits, which overflows, and ONNX Runtime has to
// be told to take an exact way. It takes that way, which takes half as long again, wherever it is told to, so it is
// told only where it must be. (Leaf 7 of CPUID, Intel's manual, volume 2A; the builtin also asks whether the system
// keeps the registers.)
bool products_overflow() {
#if defined(__x86_64__)
  std::array<unsigned, 4> first{};
  std::array<unsigned, 4> second{};
  if (__get_cpuid_count(7, 0, &first[0], &first[1], &first[2], &first[3]) == 0) return true;
  __get_cpuid_count(7, 1, &second[0], &second[1], &second[2], &second[3]);
  constexpr unsigned kAvx512Vnni = 1U << 11U;  // of ECX, subleaf 0
  constexpr unsigned kAvxVnni = 1U << 4U;      // of EAX, subleaf 1
  const bool wide = (first[2] & kAvx512Vnni) != 0 && __builtin_cpu_supports("avx512vl") != 0;
  const bool narrow = (second[0] & kAvxVnni) != 0 && __builtin_cpu_supports("avx2") != 0;
  return !wide && !narrow;
#else
  return false;  // elsewhere products have room
#endif
}

}  // namespace

struct Session::Impl {
  std::shared_ptr<const Runtime::Impl> runtime;  // first: goes last
  Owned<OrtSession> session{};
  Owned<OrtMemoryInfo> memory{};
  std::vector<TensorInfo> inputs;
  std::vector<TensorInfo> outputs;

  const OrtApi& api() const { return *runtime->api; }
  bool describe(Calls& calls, bool input, std::size_t index, OrtAllocator* allocator, TensorInfo& out);
};

bool Session::Impl::describe(Calls& calls, bool input, std::size_t index, OrtAllocator* allocator, TensorInfo& out) {
  const OrtApi& ort = api();
  char* spelled = nullptr;
  calls((input ? ort.SessionGetInputName : ort.SessionGetOutputName)(session.get(), index, allocator, &spelled));
  if (calls.failed()) return false;
  out.name = spelled;
  calls(ort.AllocatorFree(allocator, spelled));
  OrtTypeInfo* info = nullptr;
  calls((input ? ort.SessionGetInputTypeInfo : ort.SessionGetOutputTypeInfo)(session.get(), index, &info));
  if (calls.failed()) return false;
  const auto held = own(ort, info, &OrtApi::ReleaseTypeInfo);
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;  // a part of `info`
  calls(ort.CastTypeInfoToTensorInfo(info, &tensor));
  if (calls.failed() || tensor == nullptr) return !calls.failed();
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  std::size_t rank = 0;
  calls(ort.GetTensorElementType(tensor, &type))(ort.GetDimensionsCount(tensor, &rank));
  if (calls.failed()) return false;
  out.type = type_of(type);
  out.shape.resize(rank);
  calls(ort.GetDimensions(tensor, out.shape.data(), rank));
  return !calls.failed();
}

Result<std::unique_ptr<const Session>> Session::open(const Runtime& runtime, std::string_view model) {
  auto impl = std::make_unique<Impl>();
  impl->runtime = runtime.impl();
  const OrtApi& ort = impl->api();
  Calls calls(ort);
  OrtSessionOptions* made = nullptr;
  calls(ort.CreateSessionOptions(&made));
  if (calls.failed()) return fail(Code::configuration, calls.why().reason);
  const auto options = own(ort, made, &OrtApi::ReleaseSessionOptions);
  // One thread, the caller's: the pool above decides how many passes run at once. An arena for what a pass takes,
  // weights outside of it: it keeps about what the largest passes took at once, and those are bounded; the heap alone
  // would keep several times that, and be given its pages anew with each pass.
  calls(ort.SetIntraOpNumThreads(made, 1))(ort.SetInterOpNumThreads(made, 1))(ort.SetSessionExecutionMode(
      made, ORT_SEQUENTIAL))(ort.SetSessionGraphOptimizationLevel(made, ORT_ENABLE_ALL))(ort.EnableCpuMemArena(made))(
      ort.DisableMemPattern(made))(ort.SetSessionLogSeverityLevel(made, ORT_LOGGING_LEVEL_FATAL))(
      ort.AddSessionConfigEntry(made, "session.intra_op.allow_spinning", "0"))(
      ort.AddSessionConfigEntry(made, "session.inter_op.allow_spinning", "0"))(
      ort.AddSessionConfigEntry(made, "session.x64quantprecision", products_overflow() ? "1" : "0"))(
      ort.AddSessionConfigEntry(made, "session.use_device_allocator_for_initializers", "1"))(
      ort.AddSessionConfigEntry(made, "optimization.disable_specified_optimizers", kSlowFusions))(
      ort.AddSessionConfigEntry(made, "session.model_external_initializers_file_folder_path", kNoFolder));
  if (calls.failed()) return fail(Code::configuration, calls.why().reason);

  OrtSession* session = nullptr;
  const auto failed =
      failure(ort, ort.CreateSessionFromArray(impl->runtime->environment, model.data(), model.size(), made, &session));
  if (failed.code == ORT_INVALID_PROTOBUF || failed.code == ORT_NO_MODEL) {
    return fail(Code::configuration, fmt::format("it is not an ONNX model ({})", failed.reason));
  }
  if (failed) {
    return fail(Code::configuration,
                fmt::format("ONNX Runtime {} does not take it: {}", runtime.version(), failed.reason));
  }
  impl->session = own(ort, session, &OrtApi::ReleaseSession);
  OrtMemoryInfo* memory = nullptr;
  OrtAllocator* allocator = nullptr;  // the process's own, never released
  std::size_t inputs = 0;
  std::size_t outputs = 0;
  calls(ort.CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory))(ort.GetAllocatorWithDefaultOptions(
      &allocator))(ort.SessionGetInputCount(session, &inputs))(ort.SessionGetOutputCount(session, &outputs));
  if (memory != nullptr) impl->memory = own(ort, memory, &OrtApi::ReleaseMemoryInfo);
  if (calls.failed()) return fail(Code::configuration, calls.why().reason);
  if (inputs > kMostTensors || outputs > kMostTensors) {
    return fail(Code::configuration, fmt::format("it has more than {} inputs or outputs", kMostTensors));
  }
  impl->inputs.resize(inputs);
  impl->outputs.resize(outputs);
  for (std::size_t i = 0; i < inputs; ++i) {
    if (!impl->describe(calls, true, i, allocator, impl->inputs[i]))
      return fail(Code::configuration, calls.why().reason);
  }
  for (std::size_t i = 0; i < outputs; ++i) {
    if (!impl->describe(calls, false, i, allocator, impl->outputs[i])) {
      return fail(Code::configuration, calls.why().reason);
    }
  }
  return std::unique_ptr<const Session>(new Session(std::move(impl)));
}

Result<SessionOutputs> Session::run(std::span<const std::span<const std::int64_t>> inputs, std::size_t rows,
                                    std::size_t columns, std::span<const std::size_t> wanted) const {
  const OrtApi& ort = impl_->api();
  if (inputs.size() != impl_->inputs.size()) return fail(Code::internal, "an input is missing");
  Calls calls(ort);
  const std::int64_t shape[] = {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)};
  std::vector<Owned<OrtValue>> values;
  std::vector<const OrtValue*> fed;
  std::vector<const char*> input_names;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].size() != rows * columns) return fail(Code::internal, "an input has another size");
    OrtValue* value = nullptr;
    // The API has no tensor that is only read; a model writes into none of its inputs.
    calls(ort.CreateTensorWithDataAsOrtValue(impl_->memory.get(), const_cast<std::int64_t*>(inputs[i].data()),
                                             inputs[i].size_bytes(), shape, std::size(shape),
                                             ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64, &value));
    if (calls.failed()) return fail(Code::internal, calls.why().reason);
    values.push_back(own(ort, value, &OrtApi::ReleaseValue));
    fed.push_back(value);
    input_names.push_back(impl_->inputs[i].name.c_str());
  }
  std::vector<const char*> output_names;
  for (const std::size_t index : wanted) {
    if (index >= impl_->outputs.size() || impl_->outputs[index].type != ElementType::float32) {
      return fail(Code::internal, "an output that is asked for is not there, or not of float");
    }
    output_names.push_back(impl_->outputs[index].name.c_str());
  }
  std::vector<OrtValue*> got(wanted.size(), nullptr);
  const auto failed = failure(ort, ort.Run(impl_->session.get(), nullptr, input_names.data(), fed.data(), fed.size(),
                                           output_names.data(), output_names.size(), got.data()));
  struct Held {
    std::shared_ptr<const Runtime::Impl> runtime;  // first: goes last
    std::vector<Owned<OrtValue>> values;
  };
  auto held = std::make_shared<Held>();
  held->runtime = impl_->runtime;
  for (OrtValue* value : got) {
    if (value != nullptr) held->values.push_back(own(ort, value, &OrtApi::ReleaseValue));
  }
  if (failed) return fail(Code::internal, failed.reason);
  SessionOutputs result;
  for (OrtValue* value : got) {
    OrtTensorTypeAndShapeInfo* info = nullptr;
    calls(ort.GetTensorTypeAndShape(value, &info));
    if (calls.failed()) return fail(Code::internal, calls.why().reason);
    const auto owned = own(ort, info, &OrtApi::ReleaseTensorTypeAndShapeInfo);
    std::size_t rank = 0;
    std::size_t count = 0;
    void* data = nullptr;
    calls(ort.GetDimensionsCount(info, &rank))(ort.GetTensorShapeElementCount(info, &count))(
        ort.GetTensorMutableData(value, &data));
    SessionOutputs::Tensor tensor;
    tensor.shape.resize(rank);
    if (!calls.failed()) calls(ort.GetDimensions(info, tensor.shape.data(), rank));
    if (calls.failed()) return fail(Code::internal, calls.why().reason);
    tensor.values = {static_cast<const float*>(data), count};
    result.tensors_.push_back(std::move(tensor));
  }
  result.owner_ = std::move(held);
  return result;
}

#endif

Session::Session(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Session::~Session() = default;

std::span<const TensorInfo> Session::inputs() const { return impl_->inputs; }
std::span<const TensorInfo> Session::outputs() const { return impl_->outputs; }

namespace {

std::optional<std::size_t> index_of(std::span<const TensorInfo> tensors, std::string_view name) {
  const auto found = std::ranges::find(tensors, name, &TensorInfo::name);
  if (found == tensors.end()) return std::nullopt;
  return static_cast<std::size_t>(found - tensors.begin());
}

}  // namespace

std::optional<std::size_t> Session::input(std::string_view name) const { return index_of(impl_->inputs, name); }
std::optional<std::size_t> Session::output(std::string_view name) const { return index_of(impl_->outputs, name); }

}  // namespace gatehouse::ml
