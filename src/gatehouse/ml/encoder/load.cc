#include <malloc.h>

#include <filesystem>

#include <fmt/format.h>

#include "gatehouse/ml/encoder/encoder.h"

namespace gatehouse::ml {
namespace {

std::string name_of(const ModelOptions& options, const Manifest& manifest) {
  if (!options.name.empty()) return options.name;
  if (!manifest.name.empty()) return manifest.name;
  const std::filesystem::path folder = std::filesystem::path(options.folder).lexically_normal();
  return folder.has_filename() ? folder.filename().string() : folder.parent_path().filename().string();
}

Result<std::shared_ptr<const Model>> load(const Runtime& runtime, const ModelOptions& options) {
  auto manifest = find_manifest(options.folder, options.file);
  if (!manifest) return std::unexpected(manifest.error());
  EncoderParts parts;
  parts.options = options;
  parts.options.name = name_of(options, *manifest);
  {
    auto file =
        read_checked(options.folder, manifest->tokenizer, manifest->hash_of(manifest->tokenizer), Tokenizer::kMostFile);
    if (!file) return std::unexpected(file.error());
    auto tokenizer = Tokenizer::parse(file->bytes);
    if (!tokenizer) {
      return fail(Code::configuration,
                  fmt::format("{}/{}: {}", options.folder, manifest->tokenizer, tokenizer.error().detail));
    }
    parts.tokenizer = *std::move(tokenizer);
    parts.tokenizer_hash = std::move(file->sha256);
  }
  const std::string_view hash = options.sha256.empty() ? manifest->hash_of(manifest->model) : options.sha256;
  const auto refuse = [&](const Error& error) {
    return fail(error.code, fmt::format("{}/{}: {}", options.folder, manifest->model, error.detail));
  };
  {
    auto file = read_checked(options.folder, manifest->model, hash, kMostModelFile);
    if (!file) return std::unexpected(file.error());
    auto session = Session::open(runtime, file->bytes);
    if (!session) return refuse(session.error());
    parts.session = *std::move(session);
    parts.hash = std::move(file->sha256);
  }
  parts.manifest = *manifest;
  auto made = make_encoder(std::move(parts));
  if (!made) return refuse(made.error());
  return made;
}

}  // namespace

Result<std::shared_ptr<const Model>> load_model(const Runtime& runtime, const ModelOptions& options) {
  auto made = load(runtime, options);
  // The file's bytes and what was made on the way are gone, but the heap would keep their pages: tens of megabytes.
  ::malloc_trim(0);
  return made;
}

}  // namespace gatehouse::ml
