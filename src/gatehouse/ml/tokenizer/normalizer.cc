#include "gatehouse/ml/tokenizer/normalizer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/ml/tokenizer/bert_text.h"
#include "gatehouse/ml/tokenizer/byte_alphabet.h"
#include "gatehouse/ml/tokenizer/characters.h"
#include "gatehouse/ml/tokenizer/charsmap.h"
#include "gatehouse/ml/tokenizer/normal_forms.h"
#include "gatehouse/ml/tokenizer/pattern.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::ml::tokenizer {
namespace {

constexpr int kMostDepth = 8;
constexpr std::size_t kMostParts = 64;
constexpr std::size_t kMostPrepended = 64;
constexpr std::size_t kMostContent = 256;

std::unexpected<Error> bad(std::string_view what) {
  return fail(Code::configuration, fmt::format("normalizer: {}", what));
}

void rewrite(Aligned& text, Normalizer::Scratch& scratch, std::size_t removed = 0) {
  scratch.text.rewrite(text, scratch.changes, removed);
  std::swap(text, scratch.text);
}

// Keeps of each code point what `map` makes of it: map(c, kept&) gives the code point to put there.
template <class Map>
void filter(Aligned& text, Normalizer::Scratch& scratch, Map&& map) {
  auto& changes = scratch.changes;
  changes.clear();
  std::size_t removed = 0;
  for (std::size_t at = 0; at < text.size();) {
    bool kept = true;
    const char32_t c = map(next_point(text.text(), at), kept);
    if (kept) {
      changes.push_back({c, 0});
    } else if (changes.empty()) {
      ++removed;
    } else {
      --changes.back().change;
    }
  }
  rewrite(text, scratch, removed);
}

void lower(Aligned& text, Normalizer::Scratch& scratch) {
  const Characters& characters = Characters::get();
  auto& changes = scratch.changes;
  changes.clear();
  for (std::size_t at = 0; at < text.size();) {
    char32_t points[Characters::kMostLower];
    const std::size_t count = characters.lower(next_point(text.text(), at), points);
    for (std::size_t i = 0; i < count; ++i) changes.push_back({points[i], i == 0 ? 0 : 1});
  }
  rewrite(text, scratch);
}

class Bert final : public Normalizer {
 public:
  explicit Bert(const BertOptions& options) : options_(options) {}
  void apply(Aligned& text, Scratch& scratch) const override {
    const Characters& characters = Characters::get();
    const auto is_blank = [](char32_t c) { return c == '\t' || c == '\n' || c == '\r'; };
    if (options_.clean_text) {
      filter(text, scratch, [&](char32_t c, bool& kept) -> char32_t {
        if (is_blank(c)) return ' ';
        kept = c != 0 && c != 0xFFFD && !characters.is(c, kOther);
        return characters.is(c, kSpace) ? U' ' : c;
      });
    }
    if (options_.ideographs) {
      scratch.changes.clear();
      for (std::size_t at = 0; at < text.size();) {
        const char32_t c = next_point(text.text(), at);
        if (characters.is(c, kIdeograph)) {
          scratch.changes.insert(scratch.changes.end(), {{' ', 0}, {c, 1}, {' ', 1}});
        } else {
          scratch.changes.push_back({c, 0});
        }
      }
      rewrite(text, scratch);
    }
    if (options_.strip_accents) {
      if (normalise(text.text(), {}, scratch.changes)) rewrite(text, scratch);
      filter(text, scratch, [&](char32_t c, bool& kept) {
        kept = !characters.is(c, kNonSpacing);
        return c;
      });
    }
    if (options_.lowercase) lower(text, scratch);
  }

 private:
  BertOptions options_;
};

class Form final : public Normalizer {
 public:
  explicit Form(NormalForm form) : form_(form) {}
  void apply(Aligned& text, Scratch& scratch) const override {
    if (normalise(text.text(), form_, scratch.changes)) rewrite(text, scratch);
  }

 private:
  NormalForm form_;
};

class Lowercase final : public Normalizer {
 public:
  void apply(Aligned& text, Scratch& scratch) const override { lower(text, scratch); }
};

class StripAccents final : public Normalizer {
 public:
  void apply(Aligned& text, Scratch& scratch) const override {
    filter(text, scratch, [&](char32_t c, bool& kept) {
      kept = !Characters::get().is(c, kMark);
      return c;
    });
  }
};

// What SentencePiece calls nmt: control characters go, other white space is a space.
class Nmt final : public Normalizer {
 public:
  void apply(Aligned& text, Scratch& scratch) const override {
    filter(text, scratch, [](char32_t c, bool& kept) -> char32_t {
      kept = !((c >= 0x1 && c <= 0x8) || c == 0xB || (c >= 0xE && c <= 0x1F) || c == 0x7F || c == 0x8F || c == 0x9F);
      const bool space = c == 0x9 || c == 0xA || c == 0xC || c == 0xD || c == 0x1680 || (c >= 0x200B && c <= 0x200F) ||
                         c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xFEFF || c == 0xFFFD;
      return space ? U' ' : c;
    });
  }
};

class Strip final : public Normalizer {
 public:
  Strip(bool left, bool right) : left_(left), right_(right) {}
  void apply(Aligned& text, Scratch& scratch) const override {
    const Characters& characters = Characters::get();
    std::size_t begin = 0;
    std::size_t end = text.size();
    while (left_ && begin < end) {
      std::size_t next = begin;
      if (!characters.is(next_point(text.text(), next), kSpace)) break;
      begin = next;
    }
    while (right_ && end > begin) {
      std::size_t before = end;
      if (!characters.is(previous_point(text.text(), before), kSpace)) break;
      end = before;
    }
    if (begin == 0 && end == text.size()) return;
    scratch.text.clear();
    scratch.text.append(text, begin, end);
    std::swap(text, scratch.text);
  }

 private:
  bool left_;
  bool right_;
};

class Prepend final : public Normalizer {
 public:
  explicit Prepend(std::string what) : what_(std::move(what)) {}
  void apply(Aligned& text, Scratch&) const override { text.prepend(what_); }

 private:
  std::string what_;
};

class Replace final : public Normalizer {
 public:
  Replace(Pattern pattern, std::string content) : pattern_(std::move(pattern)), content_(std::move(content)) {}
  void apply(Aligned& text, Scratch& scratch) const override {
    std::size_t done = 0;
    scratch.text.clear();
    pattern_.each(text.text(), [&](std::size_t begin, std::size_t end) {
      if (scratch.text.size() > scratch.most) return;
      scratch.text.append(text, done, begin);
      scratch.text.append(content_, text.source(end - 1));
      done = end;
    });
    if (done == 0) return;
    scratch.text.append(text, done, text.size());
    std::swap(text, scratch.text);
  }

 private:
  Pattern pattern_;
  std::string content_;
};

class Precompiled final : public Normalizer {
 public:
  explicit Precompiled(Charsmap map) : map_(std::move(map)) {}
  void apply(Aligned& text, Scratch& scratch) const override {
    if (map_.normalise(text.text(), scratch.changes)) rewrite(text, scratch);
  }

 private:
  Charsmap map_;
};

class Bytes final : public Normalizer {
 public:
  void apply(Aligned& text, Scratch& scratch) const override {
    scratch.text.clear();
    append_as_bytes(text, 0, text.size(), scratch.text);
    std::swap(text, scratch.text);
  }
};

class Sequence final : public Normalizer {
 public:
  explicit Sequence(std::vector<std::unique_ptr<const Normalizer>> parts) : parts_(std::move(parts)) {}
  void apply(Aligned& text, Scratch& scratch) const override {
    for (const auto& part : parts_) {
      if (text.size() <= scratch.most) part->apply(text, scratch);
    }
  }

 private:
  std::vector<std::unique_ptr<const Normalizer>> parts_;
};

Result<std::unique_ptr<const Normalizer>> read(const json::Value& value, int depth) {
  const std::string type = value["type"].string_or("");
  if (type == "BertNormalizer") return std::make_unique<const Bert>(BertOptions::read(value));
  if (type == "NFC") return std::make_unique<const Form>(NormalForm{.composed = true});
  if (type == "NFD") return std::make_unique<const Form>(NormalForm{});
  if (type == "NFKC") return std::make_unique<const Form>(NormalForm{.compatible = true, .composed = true});
  if (type == "NFKD") return std::make_unique<const Form>(NormalForm{.compatible = true});
  if (type == "Lowercase") return std::make_unique<const Lowercase>();
  if (type == "StripAccents") return std::make_unique<const StripAccents>();
  if (type == "Nmt") return std::make_unique<const Nmt>();
  if (type == "ByteLevel") return std::make_unique<const Bytes>();
  if (type == "Strip") {
    return std::make_unique<const Strip>(value["strip_left"].boolean().value_or(true),
                                         value["strip_right"].boolean().value_or(true));
  }
  if (type == "Prepend") {
    auto what = value["prepend"].string();
    if (!what || what->size() > kMostPrepended) return bad("Prepend: no `prepend`, or too long a one");
    return std::make_unique<const Prepend>(std::move(*what));
  }
  if (type == "Replace") {
    auto pattern = Pattern::parse(value["pattern"]);
    if (!pattern) return bad("Replace: " + pattern.error().detail);
    auto content = value["content"].string();
    if (!content || content->size() > kMostContent) return bad("Replace: no `content`, or too long a one");
    return std::make_unique<const Replace>(std::move(*pattern), std::move(*content));
  }
  if (type == "Precompiled") {
    const auto map = value["precompiled_charsmap"].string();
    if (!map) return bad("Precompiled: no `precompiled_charsmap`");
    auto parsed = Charsmap::parse(*map);
    if (!parsed) return bad("Precompiled: " + parsed.error().detail);
    return std::make_unique<const Precompiled>(std::move(*parsed));
  }
  if (type == "Sequence") {
    if (depth == kMostDepth) return bad("Sequence: nested too deep");
    std::vector<std::unique_ptr<const Normalizer>> parts;
    Result<> result;
    value["normalizers"].elements([&](json::Value inner) {
      if (!result) return;
      if (parts.size() == kMostParts) {
        result = bad("Sequence: too many parts");
        return;
      }
      auto part = read(inner, depth + 1);
      if (part) {
        parts.push_back(std::move(*part));
      } else {
        result = std::unexpected(std::move(part.error()));
      }
    });
    if (!result) return std::unexpected(std::move(result.error()));
    return std::make_unique<const Sequence>(std::move(parts));
  }
  return bad(fmt::format("unknown type `{}`", text::safe_excerpt(type, 64)));
}

}  // namespace

Result<std::unique_ptr<const Normalizer>> Normalizer::parse(const json::Value& normalizer) {
  if (!normalizer.exists() || normalizer.is_null()) return nullptr;
  return read(normalizer, 0);
}

}  // namespace gatehouse::ml::tokenizer
