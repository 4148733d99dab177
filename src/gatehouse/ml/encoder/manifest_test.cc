#include "gatehouse/ml/encoder/manifest.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gatehouse::ml {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// SHA-256 of "abc" (FIPS 180-4, example B.1).
constexpr std::string_view kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

class Folder {
 public:
  Folder() {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    path_ = std::filesystem::path(::testing::TempDir()) / (std::string("gatehouse_manifest_") + test->name());
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  void put(std::string_view file, std::string_view bytes) const {
    std::filesystem::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file, std::ios::binary) << bytes;
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

constexpr std::string_view kOurs = R"({ "format": 1, "name": "gatehouse-encoder", "version": "1",
  "files": { "model.onnx": "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD" },
  "model": "model.onnx", "tokenizer": "tokenizer.json", "linear": "linear.gtl",
  "window": 256, "overlap": 48, "shapes": true,
  "outputs": {
    "injection": { "name": "attack", "scale": 1.5, "shift": -0.5 },
    "harmful": {},
    "entities": { "labels": ["O", "B-PERSON", "I-PERSON"] },
    "embedding": { "name": "embedding", "size": 384 } } })";

std::string with(std::string_view was, std::string_view is) {
  std::string text(kOurs);
  const auto at = text.find(was);
  EXPECT_NE(at, text.npos) << was;
  return text.replace(at, was.size(), is);
}

std::string reason(const Result<Manifest>& manifest) { return manifest ? "it was taken" : manifest.error().detail; }

TEST(Manifest, OfOurOwnIsRead) {
  const auto manifest = read_manifest(kOurs);
  ASSERT_TRUE(manifest) << manifest.error().detail;
  EXPECT_EQ(manifest->name, "gatehouse-encoder");
  EXPECT_EQ(manifest->model, "model.onnx");
  EXPECT_EQ(manifest->tokenizer, "tokenizer.json");
  EXPECT_EQ(manifest->linear, "linear.gtl");
  EXPECT_EQ(manifest->hash_of("model.onnx"), kAbc);
  EXPECT_EQ(manifest->hash_of("linear.gtl"), "");
  EXPECT_EQ(manifest->window, 256U);
  EXPECT_EQ(manifest->overlap, 48U);
  EXPECT_TRUE(manifest->shapes);
  EXPECT_EQ(manifest->injection->output, "attack");
  EXPECT_EQ(manifest->injection->scale, 1.5);
  EXPECT_EQ(manifest->injection->shift, -0.5);
  EXPECT_EQ(manifest->harmful->output, "harmful");
  EXPECT_EQ(manifest->harmful->scale, 1);
  EXPECT_THAT(manifest->entities->labels, ElementsAre("O", "B-PERSON", "I-PERSON"));
  EXPECT_EQ(manifest->embedding->size, 384U);
  EXPECT_FALSE(manifest->exported);
}

TEST(Manifest, SaysWhatIsWrong) {
  EXPECT_THAT(reason(read_manifest("no json")), HasSubstr("no JSON"));
  EXPECT_THAT(reason(read_manifest("[1]")), HasSubstr("no object"));
  EXPECT_THAT(reason(read_manifest(with("\"format\": 1", "\"format\": 2"))), HasSubstr("format"));
  EXPECT_THAT(reason(read_manifest(with("\"model.onnx\": \"BA", "\"model.onnx\": \"B"))), HasSubstr("hash"));
  EXPECT_THAT(reason(read_manifest(with("\"model\": \"model.onnx\"", "\"model\": \"../model.onnx\""))),
              HasSubstr("model has to be a file in the folder"));
  EXPECT_THAT(reason(read_manifest(with("\"model\": \"model.onnx\"", "\"model\": \"/etc/passwd\""))),
              HasSubstr("model has to be a file in the folder"));
  EXPECT_THAT(reason(read_manifest(with("\"tokenizer\": \"tokenizer.json\",", ""))), HasSubstr("tokenizer"));
  EXPECT_THAT(reason(read_manifest(with("256", "-1"))), HasSubstr("window"));
  EXPECT_THAT(reason(read_manifest(with("256", "1000000"))), HasSubstr("window"));
  EXPECT_THAT(reason(read_manifest(with("1.5", "0"))), HasSubstr("outputs.injection.scale"));
  EXPECT_THAT(reason(read_manifest(with("1.5", "\"x\""))), HasSubstr("outputs.injection.scale"));
  EXPECT_THAT(reason(read_manifest(with("[\"O\", \"B-PERSON\", \"I-PERSON\"]", "[]"))),
              HasSubstr("outputs.entities.labels"));
  EXPECT_THAT(reason(read_manifest(with("\"B-PERSON\"", "7"))), HasSubstr("outputs.entities.labels"));
  EXPECT_THAT(reason(read_manifest(with("384", "0"))), HasSubstr("outputs.embedding.size"));
  EXPECT_THAT(reason(read_manifest(R"({"format":1,"model":"a","tokenizer":"b","outputs":{}})")), HasSubstr("none of"));
  EXPECT_THAT(reason(read_manifest(R"({"format":1,"model":"a","tokenizer":"b"})")), HasSubstr("outputs"));
}

TEST(Manifest, OfAnExportIsReadFromItsConfig) {
  const auto manifest = read_export_config(R"({"architectures":["BertForSequenceClassification"],
    "id2label":{"1":"INJECTION","0":"SAFE"},"max_position_embeddings":512,"model_type":"bert"})");
  ASSERT_TRUE(manifest) << manifest.error().detail;
  EXPECT_TRUE(manifest->exported);
  EXPECT_THAT(manifest->labels, ElementsAre("SAFE", "INJECTION"));
  EXPECT_EQ(manifest->window, 512U);
  EXPECT_FALSE(manifest->multi_label);
  EXPECT_EQ(read_export_config(R"({"max_position_embeddings":514,"model_type":"xlm-roberta"})")->window, 512U);
  EXPECT_TRUE(read_export_config(R"({"problem_type":"multi_label_classification"})")->multi_label);
  EXPECT_EQ(read_export_config("{}")->window, 0U);
  for (const char* wrong : {R"({"id2label":[]})", R"({"id2label":{"0":"A","2":"B"}})", R"({"id2label":{"x":"A"}})",
                            R"({"id2label":{"0":7}})", R"({"id2label":{"0":"A","00":"B"}})"}) {
    EXPECT_THAT(reason(read_export_config(wrong)), HasSubstr("id2label")) << wrong;
  }
}

TEST(Manifest, IsFoundInAFolder) {
  const Folder folder;
  EXPECT_THAT(reason(find_manifest(folder.path())), AllOf(HasSubstr(folder.path()), HasSubstr("gatehouse.json")));
  folder.put("config.json", R"({"id2label":{"0":"SAFE","1":"INJECTION"}})");
  EXPECT_THAT(reason(find_manifest(folder.path())), HasSubstr("no model.onnx"));
  folder.put("onnx/model_quantized.onnx", "x");
  EXPECT_EQ(find_manifest(folder.path())->model, "onnx/model_quantized.onnx");
  folder.put("onnx/model.onnx", "x");
  EXPECT_EQ(find_manifest(folder.path())->model, "onnx/model.onnx");
  EXPECT_EQ(find_manifest(folder.path(), "other.onnx")->model, "other.onnx");
  EXPECT_EQ(find_manifest(folder.path())->tokenizer, "tokenizer.json");
  EXPECT_THAT(reason(find_manifest(folder.path(), "../other.onnx")), HasSubstr("no file in the folder"));
  folder.put("gatehouse.json", kOurs);
  EXPECT_FALSE(find_manifest(folder.path())->exported);
  folder.put("gatehouse.json", "{}");
  EXPECT_THAT(reason(find_manifest(folder.path())), AllOf(HasSubstr("gatehouse.json"), HasSubstr("format")));
  EXPECT_THAT(reason(find_manifest(folder.path() + "/nowhere")), HasSubstr("no folder"));
}

TEST(CheckedFile, HasToHaveItsHash) {
  const Folder folder;
  folder.put("model.onnx", "abc");
  const auto unchecked = read_checked(folder.path(), "model.onnx", "", 100);
  ASSERT_TRUE(unchecked);
  EXPECT_EQ(unchecked->bytes, "abc");
  EXPECT_EQ(unchecked->sha256, kAbc);
  EXPECT_TRUE(read_checked(folder.path(), "model.onnx", kAbc, 100));
  std::string other(kAbc);
  other[0] = 'c';
  const auto wrong = read_checked(folder.path(), "model.onnx", other, 100);
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().detail, AllOf(HasSubstr(std::string(kAbc)), HasSubstr(other), HasSubstr("model.onnx")));
  EXPECT_FALSE(read_checked(folder.path(), "model.onnx", "abc", 100));
  EXPECT_FALSE(read_checked(folder.path(), "model.onnx", kAbc, 2));
  EXPECT_FALSE(read_checked(folder.path(), "../model.onnx", "", 100));
  const auto missing = read_checked(folder.path(), "missing.onnx", "", 100);
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().detail, HasSubstr("missing.onnx cannot be read"));
}

}  // namespace
}  // namespace gatehouse::ml
