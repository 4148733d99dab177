#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/ml/onnx/runtime.h"

namespace gatehouse::ml {

// The types that models of text have at their edges; all else is `other`.
enum class ElementType : std::uint8_t { other, float32, float16, int32, int64 };
std::string_view name(ElementType type);  // as ONNX spells it: "float", "int64"

// An input or output as the model file declares it.
struct TensorInfo {
  std::string name{};
  ElementType type = ElementType::other;
  std::vector<std::int64_t> shape{};  // -1: any
};

// What a pass gave: owns the memory of its outputs. Movable; one thread's at a time.
class SessionOutputs {
 public:
  struct Tensor {
    std::span<const float> values{};
    std::vector<std::int64_t> shape{};
  };
  const Tensor& operator[](std::size_t index) const { return tensors_[index]; }  // as they were asked for
  std::size_t size() const { return tensors_.size(); }

  SessionOutputs() = default;
  SessionOutputs(SessionOutputs&&) noexcept = default;
  SessionOutputs& operator=(SessionOutputs&&) noexcept = default;
  ~SessionOutputs() = default;

 private:
  friend class Session;
  std::shared_ptr<void> owner_;
  std::vector<Tensor> tensors_;
};

// A model ready to run, on the caller's thread: no threads of its own, so as many run at once as callers. Immutable;
// `run` may be called from several threads.
class Session {
 public:
  // `model`: the bytes of an .onnx file, needed during the call only (what was hashed is what is loaded: no file is
  // read here, so weights in files of their own are refused). Errors: configuration, in words, with ONNX Runtime's own
  // reason (at most kMostReason bytes of it, safe to show): not an ONNX model, opset or operator not known.
  static Result<std::unique_ptr<const Session>> open(const Runtime& runtime, std::string_view model);
  static constexpr std::size_t kMostReason = 300;
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  std::span<const TensorInfo> inputs() const;
  std::span<const TensorInfo> outputs() const;
  std::optional<std::size_t> input(std::string_view name) const;  // its index
  std::optional<std::size_t> output(std::string_view name) const;

  // One pass. `inputs`: the values of every input, in the order of inputs(), all rows x columns of int64; read in
  // place. `wanted`: indices of outputs that are float32. Errors: internal, ONNX Runtime's reason.
  Result<SessionOutputs> run(std::span<const std::span<const std::int64_t>> inputs, std::size_t rows,
                             std::size_t columns, std::span<const std::size_t> wanted) const;

 private:
  struct Impl;
  explicit Session(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace gatehouse::ml
