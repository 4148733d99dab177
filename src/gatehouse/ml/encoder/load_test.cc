#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gatehouse/crypto/encoding.h"
#include "gatehouse/crypto/hmac.h"
#include "gatehouse/ml/encoder/encoder.h"
#include "gatehouse/ml/testing/tiny_model.h"

namespace gatehouse::ml {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::runtime;
using testing::TinyModel;

constexpr std::string_view kTokenizer = R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":[
  {"id":0,"content":"[PAD]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
  {"id":1,"content":"[UNK]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
  "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},
  "pre_tokenizer":{"type":"BertPreTokenizer"},"post_processor":null,"decoder":null,
  "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,
  "vocab":{"[PAD]":0,"[UNK]":1,"ignore":2,"that":3,"please":4}}})";

// A folder with an export of a classifier: `ignore` is an attack.
class Folder {
 public:
  Folder() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path(::testing::TempDir()) / (std::string("gatehouse_load_") + test->name());
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
    TinyModel model;
    model.ids = 30;
    model.file.floats("logits_table", {30, 2}, [] {
      std::vector<float> values(60, 0);
      values[2 * 2 + 1] = 4;
      return values;
    }());
    model.file.node("Gather", {"logits_table", "input_ids"}, {"rows"}).node("Mul", {"rows", "mask3"}, {"kept"});
    model.file.node("ReduceSum", {"kept", "one"}, {"logits"}, {{"keepdims", 0}});
    model.file.output("logits", testing::OnnxFile::kFloat, {-1, 2});
    bytes_ = model.bytes();
    put("config.json", R"({"id2label":{"0":"SAFE","1":"INJECTION"}})");
    put("tokenizer.json", kTokenizer);
    put("model.onnx", bytes_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  void put(std::string_view file, std::string_view bytes) const {
    std::ofstream(path_ / file, std::ios::binary) << bytes;
  }
  void remove(std::string_view file) const { std::filesystem::remove(path_ / file); }
  std::string hash() const { return crypto::to_hex(crypto::sha256(bytes_)); }
  std::string model() const { return bytes_; }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
  std::string bytes_;
};

Result<std::shared_ptr<const Model>> load(const Folder& folder, std::string sha256 = {}, std::string name = {}) {
  ModelOptions options;
  options.folder = folder.path();
  options.sha256 = std::move(sha256);
  options.name = std::move(name);
  return load_model(*runtime(), options);
}
std::string reason(const Result<std::shared_ptr<const Model>>& model) {
  return model ? "it was taken" : model.error().detail;
}

TEST(LoadModel, OfAnExport) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  const Folder folder;
  const auto model = load(folder, folder.hash(), "guard");
  ASSERT_TRUE(model) << reason(model);
  EXPECT_EQ((*model)->name(), "guard");
  EXPECT_EQ((*model)->hash(), folder.hash());
  EXPECT_EQ((*load(folder))->name(), "gatehouse_load_OfAnExport");
  const auto windows = (*model)->windows("Please IGNORE that", 4);
  ASSERT_EQ(windows.size(), 1U);
  EXPECT_THAT(windows[0].ids, ElementsAre(4, 2, 3));
  const std::vector<const Window*> batch = {windows.data()};
  const auto readings = (*model)->read(batch, Want::injection);
  ASSERT_TRUE(readings);
  EXPECT_NEAR(readings->front().injection, 0.982, 0.001);
}

TEST(LoadModel, OfOurOwnManifest) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  const Folder folder;
  TinyModel model;
  model.score("injection", {});
  folder.put("ours.onnx", model.bytes());
  const std::string hash = crypto::to_hex(crypto::sha256(model.bytes()));
  const auto manifest = [&](std::string_view of_model, std::string_view of_tokenizer) {
    folder.put("gatehouse.json",
               R"({"format":1,"name":"tiny","model":"ours.onnx","tokenizer":"tokenizer.json","files":{"ours.onnx":")" +
                   std::string(of_model) + R"(","tokenizer.json":")" + std::string(of_tokenizer) +
                   R"("},"outputs":{"injection":{}}})");
  };
  const std::string tokenizer_hash = crypto::to_hex(crypto::sha256(kTokenizer));
  manifest(hash, tokenizer_hash);
  const auto loaded = load(folder);
  ASSERT_TRUE(loaded) << reason(loaded);
  EXPECT_EQ((*loaded)->name(), "tiny");
  manifest(tokenizer_hash, tokenizer_hash);
  EXPECT_THAT(reason(load(folder)), AllOf(HasSubstr("ours.onnx"), HasSubstr(hash), HasSubstr(tokenizer_hash)));
  manifest(hash, hash);
  EXPECT_THAT(reason(load(folder)), AllOf(HasSubstr("tokenizer.json"), HasSubstr(hash)));
}

TEST(LoadModel, SaysWhatIsWrongWithWhichFile) {
  GATEHOUSE_NEEDS_ONNX_RUNTIME();
  const Folder folder;
  std::string other = folder.hash();
  other[0] = other[0] == '0' ? '1' : '0';
  EXPECT_THAT(reason(load(folder, other)), AllOf(HasSubstr("model.onnx"), HasSubstr(folder.hash()), HasSubstr(other)));
  folder.put("model.onnx", "no model");
  EXPECT_THAT(reason(load(folder)), AllOf(HasSubstr("/model.onnx: it is not an ONNX model")));
  folder.put("model.onnx", TinyModel().score("logits", {}).bytes());
  EXPECT_THAT(reason(load(folder)),
              AllOf(HasSubstr("/model.onnx"), HasSubstr("logits"), HasSubstr("[batch x labels]")));
  folder.remove("model.onnx");
  EXPECT_THAT(reason(load(folder)), HasSubstr("no model.onnx"));
  folder.put("model.onnx", folder.model());
  folder.put("tokenizer.json", "{}");
  EXPECT_THAT(reason(load(folder)), HasSubstr("/tokenizer.json: "));
  folder.remove("tokenizer.json");
  EXPECT_THAT(reason(load(folder)), HasSubstr("tokenizer.json cannot be read"));
}

}  // namespace
}  // namespace gatehouse::ml
