#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gatehouse/base/money.h"

// The learned models that guards, the semantic cache and routing ask: plain data of the Snapshot.
namespace gatehouse::config {

// A model of the operator's: a folder as Hugging Face exports have it (model.onnx, tokenizer.json, config.json), or one
// with Gatehouse's own manifest beside (models/encoder).
struct SemanticModel {
  std::string name{};
  std::string path{};    // the folder
  std::string file{};    // of the model in it; empty: the manifest's, or model.onnx
  std::string sha256{};  // of that file; empty: the manifest's; with neither none is checked
  std::vector<std::pair<std::string, std::string>> labels{};  // what the model's labels are here: LABEL_1: attack,
                                                              // GIVENNAME: PERSON; the rest by a table of usual names
  std::uint32_t window = 0;                 // tokens; 0: the manifest's, or what the model takes, at most 512
  base::Money scale = base::Money::usd(1);  // calibrated log odds = scale * log odds + shift
  base::Money shift{};
};

// Top-level section `semantic`.
struct Semantic {
  bool enabled = true;
  std::string runtime{};      // ONNX Runtime's shared library; empty: looked for beside the program and in the system
  std::string bundled{};      // folder of the shipped models; empty: looked for beside the program
  std::uint32_t threads = 0;  // 0: one for each core
  std::uint32_t batch = 8;
  std::uint32_t windows = 64;
  std::uint32_t remember = 65'536;
  std::chrono::milliseconds budget{250};  // for one request's texts or one answer's piece
  std::vector<SemanticModel> models{};
  // Names of models; empty: the bundled encoder; "none": nobody.
  std::string injection{};
  std::string entities{};
  std::string embedding{};
  std::string shadow_injection{};  // empty: none
};

}  // namespace gatehouse::config
