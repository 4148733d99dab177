#include "gatehouse/app/onnx_loader.h"

#include <cstddef>
#include <optional>
#include <utility>

#include "gatehouse/ml/encoder/encoder.h"
#include "gatehouse/ml/encoder/manifest.h"
#include "gatehouse/ml/onnx/runtime.h"

namespace gatehouse::app {
namespace {

constexpr std::size_t kMostLinear = std::size_t{64} << 20U;

Result<std::shared_ptr<const ml::LinearModel>> linear_of(const std::string& folder, const ml::Manifest& manifest) {
  if (manifest.linear.empty()) return std::shared_ptr<const ml::LinearModel>();
  const auto file = ml::read_checked(folder, manifest.linear, manifest.hash_of(manifest.linear), kMostLinear);
  if (!file) return std::unexpected(file.error());
  auto parsed = ml::LinearModel::parse(file->bytes);
  if (!parsed) return fail(Code::configuration, manifest.linear + ": " + parsed.error().detail);
  return parsed;
}

class OnnxLoader final : public ModelLoader {
 public:
  explicit OnnxLoader(std::string program) : program_(std::move(program)) {}

  Result<> open_runtime(const std::string& library) override {
    if (runtime_) return {};
    auto loaded = ml::Runtime::load({.library = library, .program = program_});
    if (!loaded) return fail(Code::configuration, "ONNX Runtime: " + loaded.error().detail);
    runtime_ = *std::move(loaded);
    return {};
  }

  Result<LoadedModel> load(const config::SemanticModel& settings) override {
    const auto manifest = ml::find_manifest(settings.path, settings.file);
    if (!manifest) return std::unexpected(manifest.error());
    auto model = ml::load_model(*runtime_, {.folder = settings.path,
                                            .name = settings.name,
                                            .file = settings.file,
                                            .sha256 = settings.sha256,
                                            .labels = settings.labels,
                                            .window = settings.window,
                                            .scale = settings.scale.as_usd(),
                                            .shift = settings.shift.as_usd()});
    if (!model) return std::unexpected(std::move(model.error()));
    auto linear = linear_of(settings.path, *manifest);
    if (!linear) return std::unexpected(std::move(linear.error()));
    return LoadedModel{.model = *std::move(model), .linear = *std::move(linear), .version = manifest->version};
  }

  Result<std::shared_ptr<const ml::LinearModel>> load_linear(const std::string& folder) override {
    const auto manifest = ml::find_manifest(folder);
    if (!manifest) return std::unexpected(manifest.error());
    return linear_of(folder, *manifest);
  }

 private:
  const std::string program_;
  std::optional<ml::Runtime> runtime_;
};

}  // namespace

std::unique_ptr<ModelLoader> make_onnx_loader(std::string program) {
  return std::make_unique<OnnxLoader>(std::move(program));
}

}  // namespace gatehouse::app
