#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gatehouse/base/error.h"

namespace gatehouse::ml {

// What a model's folder says of itself: gatehouse.json (docs/semantics.md), or the files of a Hugging Face export.
// Plain values; nothing of the model is looked at yet.
struct Manifest {
  std::string name{};
  std::string version{};
  std::string model{};  // files, relative to the folder
  std::string tokenizer{};
  std::string linear{};                                       // empty: none
  std::vector<std::pair<std::string, std::string>> hashes{};  // file, SHA-256 in lower-case hexadecimal
  std::uint32_t window = 0;                                   // tokens, those of the model's own counted; 0: not said
  std::uint32_t overlap = 0;                                  // tokens of two neighbouring windows; 0: not said
  bool shapes = false;
  std::uint32_t context = 0;  // tokens of a context that windows may stand beside; 0: it takes none

  // Log odds; scale * log odds + shift is calibrated.
  struct Score {
    std::string output{};
    double scale = 1;
    double shift = 0;
  };
  std::optional<Score> injection{};
  std::optional<Score> harmful{};
  struct Entities {
    std::string output{};
    std::vector<std::string> labels{};
  };
  std::optional<Entities> entities{};
  struct Embedding {
    std::string output{};
    std::uint32_t size = 0;
  };
  std::optional<Embedding> embedding{};

  // An export: its outputs are what the model file has (`logits`, `last_hidden_state`, `sentence_embedding`).
  bool exported = false;
  std::vector<std::string> labels{};  // of `logits`, by index
  bool multi_label = false;           // each label by itself (sigmoid), not one of them (softmax)

  // The hash that the manifest gives for a file of its folder; empty: none.
  std::string_view hash_of(std::string_view file) const;
};

inline constexpr std::size_t kMostManifest = std::size_t{4} << 20;  // bytes; some exports have thousands of labels
inline constexpr std::size_t kMostLabels = 4096;

// Of a gatehouse.json. Errors: configuration, the member that is wrong and why.
Result<Manifest> read_manifest(std::string_view json);
// Of an export's config.json. Errors: as above.
Result<Manifest> read_export_config(std::string_view json);

// Of a folder: its gatehouse.json, else its config.json with model.onnx, onnx/model.onnx or a quantised one beside.
// `file`: of the model, where the operator says which; empty: the manifest's. Errors: configuration, with the path.
Result<Manifest> find_manifest(const std::string& folder, std::string_view file = {});

// The bytes of a file of a folder, which has to have this hash (either case) unless it is empty. What is returned is
// what was hashed. Errors: configuration, the path and why; both hashes where they differ.
struct CheckedFile {
  std::string bytes{};
  std::string sha256{};  // lower-case hexadecimal
};
Result<CheckedFile> read_checked(const std::string& folder, std::string_view file, std::string_view sha256,
                                 std::size_t most);
inline constexpr std::size_t kMostModelFile = std::size_t{2} << 30;  // what ONNX's own format can hold

}  // namespace gatehouse::ml
