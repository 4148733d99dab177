#include "gatehouse/ml/tokenizer/tokenizer.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/ml/tokenizer/added_tokens.h"
#include "gatehouse/ml/tokenizer/bert_text.h"
#include "gatehouse/ml/tokenizer/characters.h"
#include "gatehouse/ml/tokenizer/framing.h"
#include "gatehouse/ml/tokenizer/vocabulary.h"
#include "gatehouse/ml/tokenizer/wordpiece.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::ml {
namespace tokenizer {
namespace {

std::unexpected<Error> unknown_type(std::string_view part, const json::Value& value) {
  return fail(Code::configuration,
              fmt::format("{}: unknown type `{}`", part, text::safe_excerpt(value["type"].string_or(""), 64)));
}

// What all kinds have in common.
class Base : public Tokenizer {
 public:
  Base(Framing framing, AddedTokens added, std::int32_t padding)
      : framing_(std::move(framing)), added_(std::move(added)), padding_(padding) {}

  std::span<const std::int32_t> prefix() const override { return framing_.prefix; }
  std::span<const std::int32_t> suffix() const override { return framing_.suffix; }
  std::int32_t padding() const override { return padding_; }
  std::size_t vocabulary_size() const override {
    return static_cast<std::size_t>(std::max(vocabulary().highest(), added_.highest()) + 1);
  }
  std::optional<std::int32_t> id_of(std::string_view token) const override {
    if (const auto added = added_.find(token)) return added;
    return vocabulary().find(token);
  }

 protected:
  virtual const Vocabulary& vocabulary() const = 0;
  const Framing framing_;
  const AddedTokens added_;

 private:
  const std::int32_t padding_;
};

class Bert final : public Base {
 public:
  Bert(Framing framing, AddedTokens added, std::int32_t padding, const BertOptions& options,
       std::unique_ptr<const WordPiece> model)
      : Base(std::move(framing), std::move(added), padding), text_(options), model_(std::move(model)) {}

  void encode(std::string_view text, std::size_t most, std::vector<Token>& out) const override {
    text_.encode(*model_, text.substr(0, std::numeric_limits<std::uint32_t>::max()), most, out);
  }

 private:
  const Vocabulary& vocabulary() const override { return model_->vocabulary(); }
  const BertText text_;
  const std::unique_ptr<const WordPiece> model_;
};

std::int32_t padding_of(const json::Value& padding, const AddedTokens& added) {
  if (const auto id = padding["pad_id"].integer(); id && *id >= 0 && *id <= Vocabulary::kMostId) {
    return static_cast<std::int32_t>(*id);
  }
  for (const std::string_view usual : {"[PAD]", "<pad>", "<|padding|>"}) {
    if (const auto id = added.find(usual)) return *id;
  }
  return 0;
}

}  // namespace
}  // namespace tokenizer

using namespace tokenizer;  // NOLINT(google-build-using-namespace): of this one file

Result<std::shared_ptr<const Tokenizer>> Tokenizer::parse(std::string_view json) {
  if (json.size() > kMostFile) return fail(Code::configuration, "tokenizer.json: too large");
  if (!Characters::get().usable()) return fail(Code::configuration, "ICU's data files are missing");
  const auto kind = json::validate(json);
  if (!kind) return fail(Code::configuration, "tokenizer.json: " + kind.error().detail);
  if (*kind != json::Kind::object) return fail(Code::configuration, "tokenizer.json: an object is needed");
  const json::Value file(json);

  auto added = AddedTokens::read(file["added_tokens"]);
  if (!added) return std::unexpected(std::move(added.error()));
  auto framing = Framing::parse(file["post_processor"]);
  if (!framing) return std::unexpected(std::move(framing.error()));
  Reserved reserved;
  added->reserve(reserved);
  reserved.ids.insert(framing->prefix.begin(), framing->prefix.end());
  reserved.ids.insert(framing->suffix.begin(), framing->suffix.end());

  const json::Value model = file["model"];
  if (model["type"].string_or("") != "WordPiece") return unknown_type("model", model);
  auto wordpiece = WordPiece::parse(model, reserved);
  if (!wordpiece) return std::unexpected(std::move(wordpiece.error()));
  const json::Value normalizer = file["normalizer"];
  if (normalizer["type"].string_or("") != "BertNormalizer") return unknown_type("normalizer", normalizer);
  const json::Value pre_tokenizer = file["pre_tokenizer"];
  if (pre_tokenizer["type"].string_or("") != "BertPreTokenizer") return unknown_type("pre_tokenizer", pre_tokenizer);
  if (auto settled = added->settle((*wordpiece)->vocabulary(), [](std::string_view c) { return std::string(c); });
      !settled) {
    return std::unexpected(std::move(settled.error()));
  }
  const std::int32_t padding = padding_of(file["padding"], *added);
  return std::make_shared<const Bert>(std::move(*framing), std::move(*added), padding, BertOptions::read(normalizer),
                                      std::move(*wordpiece));
}

}  // namespace gatehouse::ml
