#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gatehouse::ml::testing {

// Writes small ONNX models, right and wrong ones, so that tests need no file made elsewhere. Protobuf's wire format by
// hand; field numbers from onnx.proto (https://github.com/onnx/onnx, IR version 8).
class Message {
 public:
  Message& number(std::uint32_t field, std::uint64_t value) {
    varint(std::uint64_t{field} << 3);
    varint(value);
    return *this;
  }
  Message& bytes(std::uint32_t field, std::string_view value) {
    varint((std::uint64_t{field} << 3) | 2);
    varint(value.size());
    out_ += value;
    return *this;
  }
  Message& message(std::uint32_t field, const Message& value) { return bytes(field, value.out_); }
  const std::string& text() const { return out_; }

 private:
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      out_ += static_cast<char>(value | 0x80);
      value >>= 7;
    }
    out_ += static_cast<char>(value);
  }
  std::string out_;
};

class OnnxFile {
 public:
  enum Type : std::uint8_t { kFloat = 1, kInt32 = 6, kInt64 = 7, kFloat16 = 10 };
  // -1: any, each by itself.
  using Shape = std::vector<std::int64_t>;
  using Names = std::vector<std::string>;

  OnnxFile& opset(std::uint64_t version) {
    opset_ = version;
    return *this;
  }
  OnnxFile& input(std::string_view name, Type type, const Shape& shape) {
    graph_inputs_.push_back(value_info(name, type, shape));
    return *this;
  }
  OnnxFile& output(std::string_view name, Type type, const Shape& shape) {
    graph_outputs_.push_back(value_info(name, type, shape));
    return *this;
  }
  // Attributes are whole numbers here.
  OnnxFile& node(std::string_view kind, const Names& inputs, const Names& outputs,
                 std::initializer_list<std::pair<std::string_view, std::int64_t>> attributes = {}) {
    Message node;
    for (const auto& name : inputs) node.bytes(1, name);
    for (const auto& name : outputs) node.bytes(2, name);
    node.bytes(4, kind);
    for (const auto& [name, value] : attributes) {
      node.message(5, Message().bytes(1, name).number(3, static_cast<std::uint64_t>(value)).number(20, 2));
    }
    nodes_.push_back(node);
    return *this;
  }
  OnnxFile& floats(std::string_view name, const Shape& shape, const std::vector<float>& values) {
    return tensor(name, kFloat, shape, values);
  }
  OnnxFile& integers(std::string_view name, const Shape& shape, const std::vector<std::int64_t>& values) {
    return tensor(name, kInt64, shape, values);
  }
  // Weights in a file of their own.
  OnnxFile& elsewhere(std::string_view name, const Shape& shape, std::string_view file) {
    Message tensor;
    for (const std::int64_t size : shape) tensor.number(1, static_cast<std::uint64_t>(size));
    tensor.number(2, kFloat).bytes(8, name);
    tensor.message(13, Message().bytes(1, "location").bytes(2, file)).number(14, 1);
    initializers_.push_back(tensor);
    return *this;
  }

  std::string bytes() const {
    Message graph;
    for (const auto& node : nodes_) graph.message(1, node);
    graph.bytes(2, "test");
    for (const auto& tensor : initializers_) graph.message(5, tensor);
    for (const auto& info : graph_inputs_) graph.message(11, info);
    for (const auto& info : graph_outputs_) graph.message(12, info);
    return Message().number(1, 8).message(7, graph).message(8, Message().bytes(1, "").number(2, opset_)).text();
  }

 private:
  static Message value_info(std::string_view name, Type type, const Shape& shape) {
    Message dimensions;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      Message dimension;
      if (shape[i] >= 0) dimension.number(1, static_cast<std::uint64_t>(shape[i]));
      if (shape[i] < 0) dimension.bytes(2, i == 0 ? "batch" : "tokens");
      dimensions.message(1, dimension);
    }
    return Message().bytes(1, name).message(2, Message().message(1, Message().number(1, type).message(2, dimensions)));
  }
  template <class T>
  OnnxFile& tensor(std::string_view name, Type type, const Shape& shape, const std::vector<T>& values) {
    Message tensor;
    for (const std::int64_t size : shape) tensor.number(1, static_cast<std::uint64_t>(size));
    std::string raw(values.size() * sizeof(T), '\0');
    if (!values.empty()) std::memcpy(raw.data(), values.data(), raw.size());
    static_assert(std::endian::native == std::endian::little);
    tensor.number(2, type).bytes(8, name).bytes(9, raw);
    initializers_.push_back(tensor);
    return *this;
  }

  std::uint64_t opset_ = 17;
  std::vector<Message> nodes_;
  std::vector<Message> initializers_;
  std::vector<Message> graph_inputs_;
  std::vector<Message> graph_outputs_;
};

}  // namespace gatehouse::ml::testing
