#include "gatehouse/app/semantics_keeper.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::app {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// A model whose verdict is one number for every text.
class FakeModel final : public ml::Model {
 public:
  FakeModel(std::string name, std::string hash, ml::Wants answers)
      : name_(std::move(name)), hash_(std::move(hash)), answers_(answers) {}
  std::string_view name() const override { return name_; }
  std::string_view hash() const override { return hash_; }
  ml::Wants answers() const override { return answers_; }
  std::size_t embedding_size() const override { return 0; }
  std::vector<ml::Window> windows(std::string_view text, std::size_t) const override {
    ml::Window window;
    window.ids = {1, 2};
    window.places = {{}, {}};
    window.end = static_cast<std::uint32_t>(text.size());
    window.own_end = 2;
    return {window};
  }
  Result<std::vector<ml::WindowReading>> read(std::span<const ml::Window* const> batch,
                                              ml::Wants wants) const override {
    std::vector<ml::WindowReading> out(batch.size());
    for (auto& each : out) {
      each.answers = wants;
      each.injection = 0.75F;
    }
    return out;
  }

 private:
  std::string name_;
  std::string hash_;
  ml::Wants answers_;
};

class FakeLinear final : public ml::LinearModel {
 public:
  Scores score(std::string_view) const override { return {}; }
  Clear clear() const override { return {.injection = -100, .entities = -100}; }
  float injection_probability(float) const override { return 0.5F; }
};

// A folder's `model.onnx` holds the hash that its model is to have, or "broken". What it was asked is kept.
struct Disk {
  Result<> runtime{};
  std::vector<std::string> loaded;  // names, in order
  std::map<std::string, ml::Wants> answers;
  bool linear = true;
};

class FakeLoader final : public ModelLoader {
 public:
  explicit FakeLoader(Disk& disk) : disk_(disk) {}
  Result<> open_runtime(const std::string&) override { return disk_.runtime; }
  Result<LoadedModel> load(const config::SemanticModel& settings) override {
    std::ifstream file(fs::path(settings.path) / "model.onnx");
    std::string hash;
    if (!(file >> hash)) return fail(Code::configuration, "model.onnx cannot be read");
    if (hash == "broken") return fail(Code::configuration, "model.onnx is no ONNX model");
    if (!settings.sha256.empty() && settings.sha256 != hash) {
      return fail(Code::configuration, "model.onnx has the hash " + hash);
    }
    disk_.loaded.push_back(settings.name);
    const auto known = disk_.answers.find(settings.name);
    const ml::Wants answers = known == disk_.answers.end() ? ml::Want::injection | ml::Want::entities : known->second;
    return LoadedModel{.model = std::make_shared<FakeModel>(settings.name, hash, answers),
                       .linear = disk_.linear ? std::make_shared<FakeLinear>() : nullptr,
                       .version = "7"};
  }
  Result<std::shared_ptr<const ml::LinearModel>> load_linear(const std::string&) override {
    if (!disk_.linear) return std::shared_ptr<const ml::LinearModel>();
    return std::make_shared<const FakeLinear>();
  }

 private:
  Disk& disk_;
};

class Semantics : public testing::Test {
 protected:
  Semantics() {
    root_ = fs::temp_directory_path() / ("gatehouse-semantics-" + std::to_string(::getpid()));
    fs::remove_all(root_);
    program_ = root_ / "bin";
    fs::create_directories(program_);
    keeper_.emplace(std::make_unique<FakeLoader>(disk_), program_.string());
  }
  ~Semantics() override { fs::remove_all(root_); }

  std::string folder(const std::string& name, const std::string& hash) {
    const fs::path at = root_ / name;
    fs::create_directories(at);
    std::ofstream(at / "gatehouse.json") << "{}";
    std::ofstream(at / "model.onnx") << hash;
    return at.string();
  }
  // Beside the program.
  std::string bundle(const std::string& hash) { return folder("share/gatehouse/models/encoder", hash); }

  static config::Snapshot guarded(config::ModelUse injection = config::ModelUse::automatic) {
    config::Snapshot snapshot;
    config::Policy policy;
    policy.name = "p";
    policy.guards.injection.emplace().model = injection;
    snapshot.policies.push_back(std::move(policy));
    return snapshot;
  }
  static config::SemanticModel model(std::string name, std::string path) {
    config::SemanticModel made;
    made.name = std::move(name);
    made.path = std::move(path);
    return made;
  }
  Result<> take(const config::Snapshot& snapshot) {
    auto plan = keeper_->check(snapshot);
    if (!plan) return std::unexpected(std::move(plan.error()));
    warnings_ = plan->warnings;
    keeper_->apply(*std::move(plan));
    return {};
  }
  std::string hash_of_injection() {
    if (keeper_->service() == nullptr) return {};
    const auto model = keeper_->service()->models()->injection;
    return model ? std::string(model->hash()) : std::string();
  }

  Disk disk_;
  fs::path root_;
  fs::path program_;
  std::optional<SemanticsKeeper> keeper_;
  std::vector<std::string> warnings_;
};

TEST_F(Semantics, NothingIsLoadedThatNobodyWants) {
  bundle("aa");
  ASSERT_TRUE(take({}));
  ASSERT_TRUE(take(guarded(config::ModelUse::off)));
  config::Snapshot off = guarded();
  off.semantic.enabled = false;
  ASSERT_TRUE(take(off));
  config::Snapshot nobody = guarded();
  nobody.semantic.injection = "none";
  ASSERT_TRUE(take(nobody));
  EXPECT_THAT(disk_.loaded, IsEmpty());
  EXPECT_EQ(keeper_->service(), nullptr) << "not even the pool";
  EXPECT_TRUE(keeper_->status().missing.empty());
}

TEST_F(Semantics, APolicyBringsTheBundledModelIn) {
  bundle("aa");
  ASSERT_TRUE(take(guarded()));
  ASSERT_NE(keeper_->service(), nullptr);
  EXPECT_EQ(hash_of_injection(), "aa");
  const auto set = keeper_->service()->models();
  EXPECT_NE(set->entities, nullptr) << "it gives them in the same pass";
  EXPECT_EQ(set->embedding, nullptr);
  EXPECT_NE(set->linear, nullptr);
  EXPECT_THAT(keeper_->status().models,
              ElementsAre(SemanticsKeeper::Model{
                  .name = "bundled", .version = "7", .hash = "aa", .verdicts = "injection,entities"}));
  EXPECT_TRUE(keeper_->status().missing.empty());
  EXPECT_FLOAT_EQ(keeper_->service()->read("whatever there is to read", ml::Want::injection).injection, 0.75F);
}

TEST_F(Semantics, AReloadKeepsWhatIsTheSame) {
  const std::string at = bundle("aa");
  ASSERT_TRUE(take(guarded()));
  const auto before = keeper_->service()->models()->injection;
  auto* const service = keeper_->service();
  ASSERT_TRUE(take(guarded()));
  EXPECT_EQ(keeper_->service()->models()->injection, before);
  EXPECT_EQ(keeper_->service(), service);
  EXPECT_EQ(disk_.loaded.size(), 1U);
  // Its files are watched; another file there is another model.
  EXPECT_THAT(keeper_->files(), testing::Contains(at + "/model.onnx"));
  fs::remove(at + "/model.onnx");
  bundle("bb");
  ASSERT_TRUE(take(guarded()));
  EXPECT_EQ(hash_of_injection(), "bb");
  EXPECT_EQ(disk_.loaded.size(), 2U);
}

TEST_F(Semantics, NobodyWantsThemAnyMore) {
  bundle("aa");
  ASSERT_TRUE(take(guarded()));
  ASSERT_TRUE(take({}));
  ASSERT_NE(keeper_->service(), nullptr) << "workers may still hold it";
  EXPECT_TRUE(keeper_->service()->models()->answers().empty());
  EXPECT_THAT(keeper_->status().models, IsEmpty());
}

TEST_F(Semantics, WithoutARuntimeTheLinearModelGoesOn) {
  bundle("aa");
  disk_.runtime = fail(Code::configuration, "ONNX Runtime: libonnxruntime.so.1 was not found");
  ASSERT_TRUE(take(guarded(config::ModelUse::required)));
  EXPECT_THAT(keeper_->status().missing, HasSubstr("libonnxruntime.so.1 was not found"));
  EXPECT_THAT(keeper_->status().missing, HasSubstr("patterns, dictionaries and the linear model go on"));
  EXPECT_EQ(keeper_->status().lacking, "models for injection");
  EXPECT_THAT(keeper_->status().lacking, Not(HasSubstr("/")));
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("policy `p` (injection) requires a model")));
  ASSERT_NE(keeper_->service(), nullptr);
  EXPECT_NE(keeper_->service()->models()->linear, nullptr);
  EXPECT_EQ(keeper_->service()->models()->injection, nullptr);
  // It is found at the next reload.
  disk_.runtime = {};
  ASSERT_TRUE(take(guarded()));
  EXPECT_EQ(hash_of_injection(), "aa");
  EXPECT_TRUE(keeper_->status().missing.empty());
}

TEST_F(Semantics, WithoutBundledModelsPatternsGoOn) {
  ASSERT_TRUE(take(guarded()));
  EXPECT_EQ(keeper_->service(), nullptr);
  EXPECT_THAT(keeper_->status().missing, HasSubstr("not beside the program"));
  EXPECT_THAT(keeper_->status().missing, HasSubstr("patterns and dictionaries go on"));
}

TEST_F(Semantics, ABrokenBundleIsNoReasonNotToStart) {
  const std::string at = bundle("broken");
  ASSERT_TRUE(take(guarded()));
  EXPECT_THAT(keeper_->status().missing, HasSubstr(at + ": model.onnx is no ONNX model"));
  EXPECT_EQ(hash_of_injection(), "");
  EXPECT_NE(keeper_->service()->models()->linear, nullptr);
}

TEST_F(Semantics, ABundleThatBreaksUnderItsFeetGoesOnAsItWas) {
  const std::string at = bundle("aa");
  ASSERT_TRUE(take(guarded()));
  fs::remove(at + "/model.onnx");
  bundle("broken");
  ASSERT_TRUE(take(guarded()));
  EXPECT_EQ(hash_of_injection(), "aa");
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("those that are loaded go on")));
  EXPECT_TRUE(keeper_->status().missing.empty());
}

TEST_F(Semantics, WhatTheOperatorNamesMustBeThere) {
  config::Snapshot snapshot = guarded();
  snapshot.semantic.bundled = (root_ / "nowhere").string();
  auto refused = take(snapshot);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::configuration);
  EXPECT_THAT(refused.error().detail, HasSubstr("nowhere: model.onnx cannot be read"));

  bundle("aa");
  ASSERT_TRUE(take(guarded()));
  config::Snapshot own = guarded();
  own.semantic.models.push_back(model("mine", folder("mine", "cc")));
  own.semantic.models[0].sha256 = "dd";
  own.semantic.injection = "mine";
  refused = take(own);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("semantic model `mine`: model.onnx has the hash cc"));
  EXPECT_EQ(hash_of_injection(), "aa") << "what runs stays";
  EXPECT_THAT(keeper_->status().models, testing::SizeIs(1));

  own.semantic.models[0].sha256 = "cc";
  ASSERT_TRUE(take(own));
  EXPECT_EQ(hash_of_injection(), "cc");
  EXPECT_EQ(keeper_->service()->models()->entities, nullptr) << "nobody asks the bundled one for anything now";

  disk_.runtime = fail(Code::configuration, "ONNX Runtime: none");
  refused = take(own);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("semantic model `mine`: ONNX Runtime: none"));
}

TEST_F(Semantics, EachVerdictFromItsOwn) {
  bundle("aa");
  config::Snapshot snapshot = guarded();
  snapshot.policies[0].guards.pii.emplace();
  snapshot.semantic.models.push_back(model("guard", folder("guard", "g1")));
  snapshot.semantic.models.push_back(model("unused", "/nowhere/at/all"));
  snapshot.semantic.injection = "guard";
  snapshot.semantic.shadow_injection = "bundled";
  disk_.answers["guard"] = ml::Want::injection;
  ASSERT_TRUE(take(snapshot));
  const auto set = keeper_->service()->models();
  EXPECT_EQ(set->injection->hash(), "g1");
  EXPECT_EQ(set->entities->hash(), "aa");
  EXPECT_EQ(set->shadow_injection->hash(), "aa");
  EXPECT_THAT(disk_.loaded, ElementsAre("guard", "bundled"));
  // A model that cannot give what it is named for.
  snapshot.semantic.entities = "guard";
  const auto refused = take(snapshot);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, HasSubstr("semantic.entities: the model `guard` gives no such verdict"));
}

TEST_F(Semantics, OtherSettingsAreAnotherModel) {
  config::Snapshot snapshot = guarded();
  snapshot.semantic.models.push_back(model("mine", folder("mine", "cc")));
  snapshot.semantic.injection = "mine";
  ASSERT_TRUE(take(snapshot));
  snapshot.semantic.models[0].window = 128;
  ASSERT_TRUE(take(snapshot));
  EXPECT_EQ(disk_.loaded.size(), 2U);
  snapshot.semantic.threads = 3;
  ASSERT_TRUE(take(snapshot));
  EXPECT_EQ(disk_.loaded.size(), 2U);
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("take effect after a restart")));
}

TEST_F(Semantics, WhereBundledModelsAreLookedFor) {
  EXPECT_EQ(SemanticsKeeper::bundled_folder("/named", program_.string()), "/named");
  EXPECT_EQ(SemanticsKeeper::bundled_folder("", ""), "");
  EXPECT_EQ(SemanticsKeeper::bundled_folder("", program_.string()), "");
  const fs::path build = root_ / "tree/build/dev/src/gatehouse/app";
  fs::create_directories(build);
  EXPECT_EQ(SemanticsKeeper::bundled_folder("", build.string()), "");
  const std::string tree = folder("tree/models/encoder", "aa");
  EXPECT_EQ(SemanticsKeeper::bundled_folder("", build.string()), tree);
  const std::string installed = bundle("aa");
  EXPECT_EQ(SemanticsKeeper::bundled_folder("", program_.string()), installed);
}

}  // namespace
}  // namespace gatehouse::app
