#include "gatehouse/ml/tokenizer/tokenizer.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/ml/tokenizer/added_tokens.h"
#include "gatehouse/ml/tokenizer/aligned.h"
#include "gatehouse/ml/tokenizer/bert_text.h"
#include "gatehouse/ml/tokenizer/bpe.h"
#include "gatehouse/ml/tokenizer/byte_alphabet.h"
#include "gatehouse/ml/tokenizer/characters.h"
#include "gatehouse/ml/tokenizer/framing.h"
#include "gatehouse/ml/tokenizer/normalizer.h"
#include "gatehouse/ml/tokenizer/pre_tokenizer.h"
#include "gatehouse/ml/tokenizer/unigram.h"
#include "gatehouse/ml/tokenizer/vocabulary.h"
#include "gatehouse/ml/tokenizer/word_model.h"
#include "gatehouse/ml/tokenizer/wordpiece.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::ml {
namespace tokenizer {
namespace {

// Files of old versions do not say it.
std::string kind_of(const json::Value& model) {
  if (const auto type = model["type"].string()) return *type;
  if (model["merges"].exists()) return "BPE";
  if (model["vocab"].is(json::Kind::array)) return "Unigram";
  return model["continuing_subword_prefix"].exists() ? "WordPiece" : "";
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

// A normaliser, a pre-tokeniser and a model one after the other, each of any kind.
class Pipeline final : public Base {
 public:
  Pipeline(Framing framing, AddedTokens added, std::int32_t padding, std::unique_ptr<const Normalizer> normalizer,
           std::unique_ptr<const PreTokenizer> pre_tokenizer, std::unique_ptr<const WordModel> model)
      : Base(std::move(framing), std::move(added), padding),
        normalizer_(std::move(normalizer)),
        pre_tokenizer_(std::move(pre_tokenizer)),
        model_(std::move(model)) {}

  void encode(std::string_view text, std::size_t most, std::vector<Token>& out) const override {
    if (text.empty() || out.size() >= most) return;
    Cut cut;
    Cut scratch;
    cut.text.read(text.substr(0, kMostText));
    normalise(cut, scratch);
    if (pre_tokenizer_) pre_tokenizer_->apply(cut, scratch);

    const std::size_t first = out.size();
    WordScratch words;
    std::vector<Piece> pieces;
    for (const Cut::Stretch& stretch : cut.stretches) {
      if (stretch.begin == stretch.end) continue;
      pieces.clear();
      if (stretch.id >= 0) {
        pieces.push_back({stretch.id, 0, stretch.end - stretch.begin});
      } else {
        const std::string_view word =
            std::string_view(cut.text.text()).substr(stretch.begin, stretch.end - stretch.begin);
        model_->encode(word, words, pieces);
      }
      bool starts_word = true;
      for (const Piece& piece : pieces) {
        if (out.size() >= most) return;
        out.push_back(token_of(cut, stretch.begin + piece.begin, stretch.begin + piece.end, piece.id, starts_word,
                               out.size() == first));
        starts_word = false;
      }
    }
  }

 private:
  // The parts may make a text somewhat longer, and its offsets are 32 bits.
  static constexpr std::size_t kMostText = std::size_t{1} << 26;

  const Vocabulary& vocabulary() const override { return model_->vocabulary(); }

  // Takes the added tokens out, and normalises what is between them.
  void normalise(Cut& cut, Cut& scratch) const {
    const std::size_t size = cut.text.size();
    if (added_.any_raw()) {
      added_.split(cut.text.text(), false, 0, size, cut.stretches);
    } else {
      cut.stretches.push_back({0, static_cast<std::uint32_t>(size), -1});
    }
    if (!normalizer_ && !added_.any_normalised()) return;
    Normalizer::Scratch working;
    Aligned part;
    scratch.text.clear();
    scratch.stretches.clear();
    for (const Cut::Stretch& stretch : cut.stretches) {
      const auto begin = static_cast<std::uint32_t>(scratch.text.size());
      if (stretch.id >= 0) {
        scratch.text.append(cut.text, stretch.begin, stretch.end);
        scratch.stretches.push_back({begin, static_cast<std::uint32_t>(scratch.text.size()), stretch.id});
        continue;
      }
      part.clear();
      part.append(cut.text, stretch.begin, stretch.end);
      working.most = kMostGrowth * part.size() + kGrowthFree;
      if (normalizer_) normalizer_->apply(part, working);
      scratch.text.append(part, 0, part.size());
      const std::size_t end = scratch.text.size();
      if (added_.any_normalised()) {
        added_.split(scratch.text.text(), true, begin, end, scratch.stretches);
      } else if (begin < end) {
        scratch.stretches.push_back({begin, static_cast<std::uint32_t>(end), -1});
      }
    }
    std::swap(cut, scratch);
  }

  Token token_of(const Cut& cut, std::size_t begin, std::size_t end, std::int32_t id, bool starts_word,
                 bool first) const {
    const std::string_view text = cut.text.text();
    Source source = cut.text.source(begin, end);
    // Where nothing cuts a text into words, SentencePiece's mark tells where they begin.
    if (text.substr(begin, end - begin).starts_with(kWordMark)) starts_word = true;
    if (framing_.trim) {
      std::size_t from = begin;
      std::size_t leading = 0;
      while (from < end) {
        std::size_t next = from;
        if (!is_space(next_point(text, next))) break;
        from = next;
        ++leading;
      }
      std::size_t to = end;
      while (to > begin) {
        std::size_t before = to;
        if (!is_space(previous_point(text, before))) break;
        to = before;
      }
      // The one space before the first word was put there, or counts as if it had been.
      first = (first && !framing_.trim_inside_prefix) || source.begin == 0;
      if (leading > 0 && !(leading == 1 && first && framing_.space_was_added)) {
        source.begin = from < end ? cut.text.source(from).begin : source.end;
      }
      if (to < end) source.end = std::max(source.begin, to > begin ? cut.text.source(to - 1).end : source.begin);
    }
    return {.id = id, .begin = source.begin, .end = source.end, .starts_word = starts_word};
  }
  static bool is_space(char32_t c) { return c == character_of(' ') || Characters::get().is(c, kSpace); }

  static constexpr std::string_view kWordMark = "\u2581";
  static constexpr std::size_t kMostGrowth = 32;
  static constexpr std::size_t kGrowthFree = 1024;
  const std::unique_ptr<const Normalizer> normalizer_;
  const std::unique_ptr<const PreTokenizer> pre_tokenizer_;
  const std::unique_ptr<const WordModel> model_;
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

  auto normalizer = Normalizer::parse(file["normalizer"]);
  if (!normalizer) return std::unexpected(std::move(normalizer.error()));
  auto pre_tokenizer = PreTokenizer::parse(file["pre_tokenizer"]);
  if (!pre_tokenizer) return std::unexpected(std::move(pre_tokenizer.error()));
  const json::Value model_value = file["model"];
  const std::string kind_of_model = kind_of(model_value);
  std::unique_ptr<const WordPiece> wordpiece;
  std::unique_ptr<const WordModel> other;
  if (kind_of_model == "WordPiece") {
    auto made = WordPiece::parse(model_value, reserved);
    if (!made) return std::unexpected(std::move(made.error()));
    wordpiece = std::move(*made);
  } else if (kind_of_model == "BPE") {
    auto made = Bpe::parse(model_value, reserved);
    if (!made) return std::unexpected(std::move(made.error()));
    other = std::move(*made);
  } else if (kind_of_model == "Unigram") {
    auto made = Unigram::parse(model_value, reserved);
    if (!made) return std::unexpected(std::move(made.error()));
    other = std::move(*made);
  } else {
    return fail(Code::configuration, fmt::format("model: unknown type `{}`", text::safe_excerpt(kind_of_model, 64)));
  }

  const auto normalise = [&](std::string_view content) {
    Aligned text;
    Normalizer::Scratch scratch{.most = 64 * Vocabulary::kMostTokenBytes};
    text.read(content);
    if (*normalizer) (*normalizer)->apply(text, scratch);
    return text.text();
  };
  const Vocabulary& vocabulary = wordpiece ? wordpiece->vocabulary() : other->vocabulary();
  if (auto settled = added->settle(vocabulary, normalise); !settled) {
    return std::unexpected(std::move(settled.error()));
  }
  const std::int32_t padding = padding_of(file["padding"], *added);
  if (wordpiece && !added->any_raw() && !added->any_normalised() &&
      file["normalizer"]["type"].string_or("") == "BertNormalizer" &&
      file["pre_tokenizer"]["type"].string_or("") == "BertPreTokenizer") {
    return std::make_shared<const Bert>(std::move(*framing), std::move(*added), padding,
                                        BertOptions::read(file["normalizer"]), std::move(wordpiece));
  }
  if (wordpiece) other = std::move(wordpiece);
  return std::make_shared<const Pipeline>(std::move(*framing), std::move(*added), padding, std::move(*normalizer),
                                          std::move(*pre_tokenizer), std::move(other));
}

}  // namespace gatehouse::ml
