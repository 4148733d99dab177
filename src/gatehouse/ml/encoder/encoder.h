#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/ml/encoder/manifest.h"
#include "gatehouse/ml/model.h"
#include "gatehouse/ml/onnx/runtime.h"
#include "gatehouse/ml/onnx/session.h"
#include "gatehouse/ml/tokenizer/tokenizer.h"

namespace gatehouse::ml {

// What an operator says of a model; all but the folder may be left out.
struct ModelOptions {
  std::string folder{};
  std::string name{};    // empty: the manifest's, or the folder's last part
  std::string file{};    // of the model in the folder; empty: the manifest's, or what an export calls it
  std::string sha256{};  // of that file, either case; empty: the manifest's; with neither none is checked
  // What a label of the model is here: `attack`, `harmful`, `none`, or an entity ("PERSON"); the rest by a table of
  // usual names (encoder/labels.h).
  std::vector<std::pair<std::string, std::string>> labels{};
  std::uint32_t window = 0;  // tokens; 0: the manifest's, or what the model takes, at most kUsualWindow
  double scale = 1;          // of the injection score, on top of the manifest's: scale * log odds + shift
  double shift = 0;
};
inline constexpr std::uint32_t kUsualWindow = 512;
inline constexpr std::uint32_t kMostWindow = 8192;

// Reads, checks and tries the model of a folder: tens to hundreds of milliseconds, of the thread that asks. Errors:
// configuration; the detail says in words what is wrong with which file.
Result<std::shared_ptr<const Model>> load_model(const Runtime& runtime, const ModelOptions& options);

// The same from parts, for what has no folder (tests).
struct EncoderParts {
  std::unique_ptr<const Session> session{};
  std::shared_ptr<const Tokenizer> tokenizer{};
  Manifest manifest{};
  ModelOptions options{};
  std::string hash{};            // of the model's bytes
  std::string tokenizer_hash{};  // of the tokenizer's
};
Result<std::shared_ptr<const Model>> make_encoder(EncoderParts parts);

}  // namespace gatehouse::ml
