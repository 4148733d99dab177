#include "gatehouse/ml/encoder/manifest.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "gatehouse/base/strings.h"
#include "gatehouse/config/files.h"
#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::ml {
namespace {

using json::Kind;
using json::Value;

constexpr std::size_t kMostName = 256;  // bytes of any name
constexpr std::uint64_t kMostTokens = 8192;
constexpr std::uint64_t kMostEmbedding = 16384;
constexpr double kMostScale = 1e6;
constexpr std::size_t kHashDigits = 64;

// Of an export, the surest first.
constexpr auto kModelFiles =
    std::to_array<std::string_view>({"model.onnx", "onnx/model.onnx", "model_quantized.onnx",
                                     "onnx/model_quantized.onnx", "model_int8.onnx", "onnx/model_int8.onnx"});

std::unexpected<Error> wrong(std::string detail) { return fail(Code::configuration, std::move(detail)); }

std::string shown(std::string_view text) { return text::safe_excerpt(text, kMostName); }

// A file in the folder, not out of it.
bool is_inside(std::string_view file) {
  if (file.empty() || file.size() > kMostName || file.contains('\0') || file.contains('\\')) return false;
  const std::filesystem::path path(file);
  return path.is_relative() && std::ranges::none_of(path, [](const auto& part) { return part == ".."; });
}

bool is_hash(std::string_view hash) { return hash.size() == kHashDigits && crypto::from_hex(hash).has_value(); }

// Reads members of one object; the first thing wrong is kept.
class Members {
 public:
  Members(Value object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object_.is(Kind::object)) error_ = fmt::format("{} is no object", where_.empty() ? "the document" : where_);
  }
  explicit operator bool() const { return error_.empty(); }
  std::string& error() { return error_; }
  std::string path(std::string_view key) const {
    return where_.empty() ? std::string(key) : where_ + "." + std::string(key);
  }

  Value at(std::string_view key) const { return error_.empty() ? object_[key] : Value(); }
  bool has(std::string_view key) const { return at(key).exists() && !at(key).is_null(); }

  std::string text(std::string_view key) {
    if (!has(key)) return {};
    auto value = at(key).string();
    if (!value || value->size() > kMostName) {
      refuse(key, "a text of at most 256 bytes");
      return {};
    }
    return *std::move(value);
  }
  std::string file(std::string_view key) {
    std::string value = text(key);
    if (!value.empty() && !is_inside(value)) refuse(key, "a file in the folder");
    return value;
  }
  std::uint32_t count(std::string_view key, std::uint64_t most) {
    if (!has(key)) return 0;
    const auto value = json::read_count(at(key).raw());
    if (!value || *value > most) {
      refuse(key, fmt::format("a whole number up to {}", most));
      return 0;
    }
    return static_cast<std::uint32_t>(*value);
  }
  double number(std::string_view key, double otherwise) {
    if (!has(key)) return otherwise;
    const auto value = at(key).number();
    if (!value || !std::isfinite(*value) || std::abs(*value) > kMostScale) {
      refuse(key, "a number between -1e6 and 1e6");
      return otherwise;
    }
    return *value;
  }
  bool flag(std::string_view key) {
    if (!has(key)) return false;
    const auto value = at(key).boolean();
    if (!value) refuse(key, "true or false");
    return value.value_or(false);
  }
  void refuse(std::string_view key, std::string_view wanted) {
    if (error_.empty()) error_ = fmt::format("{} has to be {}", path(key), wanted);
  }
  void refuse(std::string why) {
    if (error_.empty()) error_ = std::move(why);
  }
  // Takes over what went wrong in a part.
  void join(Members& part) { refuse(std::move(part.error_)); }

 private:
  Value object_;
  std::string where_;
  std::string error_;
};

void read_files(Members& top, Manifest& manifest) {
  if (!top.has("files")) return;
  if (!top.at("files").is(Kind::object)) return top.refuse("files", "an object of file: SHA-256");
  top.at("files").members([&](std::string_view file, Value value) {
    auto hash = value.string();
    if (!is_inside(file)) return top.refuse(fmt::format("files: '{}' is no file in the folder", shown(file)));
    if (!hash || !is_hash(*hash)) {
      return top.refuse(fmt::format("files: the hash of '{}' has to be 64 hexadecimal digits", shown(file)));
    }
    if (manifest.hashes.size() == kMostName) return top.refuse("files: there are too many");
    manifest.hashes.emplace_back(file, base::to_lower(*hash));
  });
}

std::optional<Manifest::Score> read_score(Members& outputs, std::string_view key) {
  if (!outputs.has(key)) return std::nullopt;
  Members part(outputs.at(key), outputs.path(key));
  Manifest::Score score;
  score.output = part.text("name");
  if (score.output.empty()) score.output = key;
  score.scale = part.number("scale", 1);
  score.shift = part.number("shift", 0);
  if (score.scale <= 0) part.refuse("scale", "more than 0");
  outputs.join(part);
  return score;
}

void read_outputs(Members& top, Manifest& manifest) {
  Members outputs(top.at("outputs"), "outputs");
  manifest.injection = read_score(outputs, "injection");
  manifest.harmful = read_score(outputs, "harmful");
  if (outputs.has("entities")) {
    Members part(outputs.at("entities"), "outputs.entities");
    Manifest::Entities entities;
    entities.output = part.text("name");
    if (entities.output.empty()) entities.output = "entities";
    if (!part.at("labels").is(Kind::array) || part.at("labels").size() == 0) part.refuse("labels", "a list of labels");
    part.at("labels").elements([&](Value value) {
      auto label = value.string();
      if (!label || label->empty() || label->size() > kMostName) return part.refuse("labels", "a list of labels");
      if (entities.labels.size() == kMostLabels) return part.refuse("labels", fmt::format("at most {}", kMostLabels));
      entities.labels.push_back(*std::move(label));
    });
    outputs.join(part);
    manifest.entities = std::move(entities);
  }
  if (outputs.has("embedding")) {
    Members part(outputs.at("embedding"), "outputs.embedding");
    Manifest::Embedding embedding;
    embedding.output = part.text("name");
    if (embedding.output.empty()) embedding.output = "embedding";
    embedding.size = part.count("size", kMostEmbedding);
    if (embedding.size == 0) part.refuse("size", "the numbers of an embedding");
    outputs.join(part);
    manifest.embedding = std::move(embedding);
  }
  if (!manifest.injection && !manifest.harmful && !manifest.entities && !manifest.embedding) {
    outputs.refuse("outputs names none of injection, harmful, entities, embedding");
  }
  top.join(outputs);
}

// {"0": "SAFE", "1": "INJECTION"}: every index from 0 on, once.
void read_labels(Members& top, Manifest& manifest) {
  if (!top.has("id2label")) return;
  const Value table = top.at("id2label");
  if (!table.is(Kind::object)) return top.refuse("id2label", "an object of index: label");
  const std::size_t count = table.size();
  if (count > kMostLabels) return top.refuse("id2label", fmt::format("of at most {} labels", kMostLabels));
  std::vector<std::string> labels(count);
  table.members([&](std::string_view index, Value value) {
    const auto at = base::parse_u64(index);
    auto label = value.string();
    if (!at || *at >= count || !label || label->empty() || label->size() > kMostName || !labels[*at].empty()) {
      return top.refuse("id2label", "a label for each index from 0 on");
    }
    labels[*at] = *std::move(label);
  });
  manifest.labels = std::move(labels);
}

bool is_file(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

std::string in_folder(const std::string& folder, std::string_view file) {
  return (std::filesystem::path(folder) / file).string();
}

Result<std::string> read_small(const std::string& path) {
  auto file = config::read_file(path, kMostManifest);
  if (!file) return wrong(fmt::format("{} cannot be read: {}", path, file.error()));
  return std::move(file->bytes);
}

}  // namespace

std::string_view Manifest::hash_of(std::string_view file) const {
  const auto found = std::ranges::find(hashes, file, [](const auto& row) -> std::string_view { return row.first; });
  return found == hashes.end() ? std::string_view() : std::string_view(found->second);
}

Result<Manifest> read_manifest(std::string_view json) {
  if (json.size() > kMostManifest) return wrong(fmt::format("it is larger than {} bytes", kMostManifest));
  if (const auto valid = json::validate(json); !valid) return wrong("it is no JSON: " + valid.error().detail);
  Manifest manifest;
  Members top(Value(json), "");
  if (top && top.at("format").integer() != 1) top.refuse("format", "1, the one format there is");
  manifest.name = top.text("name");
  manifest.version = top.text("version");
  manifest.model = top.file("model");
  manifest.tokenizer = top.file("tokenizer");
  manifest.linear = top.file("linear");
  if (manifest.model.empty()) top.refuse("model", "there: the name of the model's file");
  if (manifest.tokenizer.empty()) top.refuse("tokenizer", "there: the name of the tokenizer's file");
  read_files(top, manifest);
  manifest.window = top.count("window", kMostTokens);
  manifest.overlap = top.count("overlap", kMostTokens);
  manifest.shapes = top.flag("shapes");
  manifest.context = top.count("context", kMostTokens);
  if (top) read_outputs(top, manifest);
  if (!top) return wrong(std::move(top.error()));
  return manifest;
}

Result<Manifest> read_export_config(std::string_view json) {
  if (json.size() > kMostManifest) return wrong(fmt::format("it is larger than {} bytes", kMostManifest));
  if (const auto valid = json::validate(json); !valid) return wrong("it is no JSON: " + valid.error().detail);
  Manifest manifest;
  manifest.exported = true;
  Members top(Value(json), "");
  read_labels(top, manifest);
  manifest.multi_label = top.at("problem_type").string_or("") == "multi_label_classification";
  // What the model's positions allow: a number that is no sensible length is not one.
  const auto positions = json::read_count(top.at("max_position_embeddings").raw());
  if (positions && *positions >= 8) {
    // RoBERTa counts positions from behind the padding's id on (as its configuration documents it).
    const std::string family = top.at("model_type").string_or("");
    const std::uint64_t shift = family.contains("roberta") || family == "camembert" || family == "mpnet" ? 2 : 0;
    manifest.window = static_cast<std::uint32_t>(std::min(*positions - shift, kMostTokens));
  }
  if (!top) return wrong(std::move(top.error()));
  return manifest;
}

Result<Manifest> find_manifest(const std::string& folder, std::string_view file) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) return wrong(fmt::format("{} is no folder", folder));
  if (!file.empty() && !is_inside(file)) return wrong(fmt::format("'{}' is no file in the folder", shown(file)));
  const std::string own = in_folder(folder, "gatehouse.json");
  const bool ours = is_file(own);
  const std::string path = ours ? own : in_folder(folder, "config.json");
  if (!is_file(path)) {
    return wrong(fmt::format("{} has neither a gatehouse.json nor an export's config.json", folder));
  }
  auto bytes = read_small(path);
  if (!bytes) return std::unexpected(bytes.error());
  auto manifest = ours ? read_manifest(*bytes) : read_export_config(*bytes);
  if (!manifest) return wrong(fmt::format("{}: {}", path, manifest.error().detail));
  if (!file.empty()) manifest->model = file;
  if (!ours) {
    manifest->tokenizer = "tokenizer.json";
    for (const std::string_view known : kModelFiles) {
      if (manifest->model.empty() && is_file(in_folder(folder, known))) manifest->model = known;
    }
    if (manifest->model.empty()) return wrong(fmt::format("{} has no model.onnx and no onnx/model.onnx", folder));
  }
  return manifest;
}

Result<CheckedFile> read_checked(const std::string& folder, std::string_view file, std::string_view sha256,
                                 std::size_t most) {
  const std::string path = in_folder(folder, file);
  if (!is_inside(file)) return wrong(fmt::format("'{}' is no file in {}", shown(file), folder));
  if (!sha256.empty() && !is_hash(sha256)) {
    return wrong(fmt::format("the SHA-256 of {} has to be 64 hexadecimal digits", path));
  }
  auto read = config::read_file(path, most);
  if (!read) return wrong(fmt::format("{} cannot be read: {}", path, read.error()));
  CheckedFile result;
  result.bytes = std::move(read->bytes);
  result.sha256 = crypto::to_hex(crypto::sha256(result.bytes));
  if (!sha256.empty() && !base::equals_ignore_case(sha256, result.sha256)) {
    return wrong(fmt::format("{} has SHA-256 {}, not {} as it should", path, result.sha256, base::to_lower(sha256)));
  }
  return result;
}

}  // namespace gatehouse::ml
