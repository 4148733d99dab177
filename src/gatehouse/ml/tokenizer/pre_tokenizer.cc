#include "gatehouse/ml/tokenizer/pre_tokenizer.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/ml/tokenizer/byte_alphabet.h"
#include "gatehouse/ml/tokenizer/characters.h"
#include "gatehouse/ml/tokenizer/pattern.h"
#include "gatehouse/ml/tokenizer/splitting.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::ml::tokenizer {
namespace {

using Stretch = Cut::Stretch;

constexpr int kMostDepth = 8;
constexpr std::size_t kMostParts = 64;

std::unexpected<Error> bad(std::string_view what) {
  return fail(Code::configuration, fmt::format("pre_tokenizer: {}", what));
}

// Cuts each stretch that is no added token: cut(text, begin, end, out).
template <class CutOne>
void each_stretch(Cut& cut, Cut& scratch, CutOne&& cut_one) {
  scratch.stretches.clear();
  for (const Stretch& stretch : cut.stretches) {
    if (stretch.id >= 0) {
      scratch.stretches.push_back(stretch);
    } else {
      cut_one(stretch.begin, stretch.end, scratch.stretches);
    }
  }
  std::swap(cut.stretches, scratch.stretches);
}

// Where characters of some kind are the delimiters: is(c).
template <class Is>
void split_at(Cut& cut, Cut& scratch, Delimiters how, Is&& is) {
  const std::string_view text = cut.text.text();
  Splitting splitting(how, false, scratch.stretches);
  each_stretch(cut, scratch, [&](std::size_t begin, std::size_t end, auto&) {
    splitting.begin(begin, end);
    for (std::size_t at = begin; at < end;) {
      const std::size_t first = at;
      if (is(next_point(text, at))) splitting.delimiter(first, at);
    }
    splitting.end();
  });
}

// Makes the text anew, stretch by stretch: make(begin, end, out) appends what stands for one to `out.text`, and the
// stretches of that to `out.stretches`.
template <class Make>
void remake(Cut& cut, Cut& scratch, Make&& make) {
  scratch.text.clear();
  scratch.stretches.clear();
  for (const Stretch& stretch : cut.stretches) {
    const std::size_t begin = scratch.text.size();
    if (stretch.id >= 0) {
      scratch.text.append(cut.text, stretch.begin, stretch.end);
      scratch.stretches.push_back(
          {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(scratch.text.size()), stretch.id});
    } else {
      make(stretch.begin, stretch.end, scratch);
    }
  }
  std::swap(cut, scratch);
}

class Properties final : public PreTokenizer {  // Digits, Punctuation, WhitespaceSplit
 public:
  Properties(std::uint16_t any_of, Delimiters how) : any_of_(any_of), how_(how) {}
  void apply(Cut& cut, Cut& scratch) const override {
    const Characters& characters = Characters::get();
    split_at(cut, scratch, how_, [&](char32_t c) { return characters.is(c, any_of_); });
  }

 private:
  std::uint16_t any_of_;
  Delimiters how_;
};

class Bert final : public PreTokenizer {
 public:
  void apply(Cut& cut, Cut& scratch) const override {
    const Characters& characters = Characters::get();
    split_at(cut, scratch, Delimiters::removed, [&](char32_t c) { return characters.is(c, kSpace); });
    split_at(cut, scratch, Delimiters::isolated, [&](char32_t c) { return characters.is(c, kPunctuation); });
  }
};

class Delimiter final : public PreTokenizer {
 public:
  explicit Delimiter(char32_t delimiter) : delimiter_(delimiter) {}
  void apply(Cut& cut, Cut& scratch) const override {
    split_at(cut, scratch, Delimiters::removed, [&](char32_t c) { return c == delimiter_; });
  }

 private:
  char32_t delimiter_;
};

// Runs of word characters and runs of others, without white space: \w+|[^\w\s]+
class Whitespace final : public PreTokenizer {
 public:
  void apply(Cut& cut, Cut& scratch) const override {
    const Characters& characters = Characters::get();
    const std::string_view text = cut.text.text();
    each_stretch(cut, scratch, [&](std::size_t begin, std::size_t end, std::vector<Stretch>& out) {
      enum class Kind { none, word, other } before = Kind::none;
      for (std::size_t at = begin; at < end;) {
        const auto first = static_cast<std::uint32_t>(at);
        const std::uint16_t properties = characters[next_point(text, at)];
        const Kind kind = (properties & kWord) != 0    ? Kind::word
                          : (properties & kSpace) != 0 ? Kind::none
                                                       : Kind::other;
        if (kind != Kind::none && kind == before) {
          out.back().end = static_cast<std::uint32_t>(at);
        } else if (kind != Kind::none) {
          out.push_back({first, static_cast<std::uint32_t>(at), -1});
        }
        before = kind;
      }
    });
  }
};

class Split final : public PreTokenizer {
 public:
  Split(Pattern pattern, Delimiters how, bool inverted)
      : pattern_(std::move(pattern)), how_(how), inverted_(inverted) {}
  void apply(Cut& cut, Cut& scratch) const override {
    const std::string_view text = cut.text.text();
    Splitting splitting(how_, inverted_, scratch.stretches);
    each_stretch(cut, scratch, [&](std::size_t begin, std::size_t end, auto&) {
      splitting.begin(begin, end);
      pattern_.each(text.substr(begin, end - begin),
                    [&](std::size_t from, std::size_t to) { splitting.delimiter(begin + from, begin + to); });
      splitting.end();
    });
  }

 private:
  Pattern pattern_;
  Delimiters how_;
  bool inverted_;
};

class FixedLength final : public PreTokenizer {
 public:
  explicit FixedLength(std::size_t length) : length_(length) {}
  void apply(Cut& cut, Cut& scratch) const override {
    const std::string_view text = cut.text.text();
    each_stretch(cut, scratch, [&](std::size_t begin, std::size_t end, std::vector<Stretch>& out) {
      std::size_t count = 0;
      for (std::size_t at = begin; at < end; ++count) {
        const auto first = static_cast<std::uint32_t>(at);
        next_point(text, at);
        if (count % length_ == 0) out.push_back({first, first, -1});
        out.back().end = static_cast<std::uint32_t>(at);
      }
    });
  }

 private:
  std::size_t length_;
};

// Where the script changes; kana and ideographs are one. What is written before the first character of any script is
// left out, as the reference implementation does it.
class Scripts final : public PreTokenizer {
 public:
  void apply(Cut& cut, Cut& scratch) const override {
    const std::string_view text = cut.text.text();
    each_stretch(cut, scratch, [&](std::size_t begin, std::size_t end, std::vector<Stretch>& out) {
      int last = Characters::kNoScript;
      bool any = false;
      for (std::size_t at = begin; at < end;) {
        const auto first = static_cast<std::uint32_t>(at);
        const int script = script_of(next_point(text, at));
        if (script != Characters::kNoScript && (!any || script != last)) {
          out.push_back({first, first, -1});
          last = script;
          any = true;
        }
        if (any) out.back().end = static_cast<std::uint32_t>(at);
      }
    });
  }

 private:
  static int script_of(char32_t c) {
    if (c == 0x30FC) return Characters::kHan;  // the mark of a long vowel
    if (c == ' ') return Characters::kNoScript;
    const int script = Characters::script(c);
    return script == Characters::kHiragana || script == Characters::kKatakana ? Characters::kHan : script;
  }
};

class Metaspace final : public PreTokenizer {
 public:
  enum class Scheme { always, first, never };
  Metaspace(std::string mark, Scheme scheme, bool split) : mark_(std::move(mark)), scheme_(scheme), split_(split) {}
  void apply(Cut& cut, Cut& scratch) const override {
    remake(cut, scratch, [&](std::size_t begin, std::size_t end, Cut& out) {
      const std::string_view text = std::string_view(cut.text.text()).substr(0, end);
      const auto from = static_cast<std::uint32_t>(out.text.size());
      const bool marked = text[begin] == ' ' || text.substr(begin).starts_with(mark_);
      if (!marked && (scheme_ == Scheme::always || (scheme_ == Scheme::first && cut.text.source(begin).begin == 0))) {
        out.text.append(mark_, cut.text.source(begin));
      }
      for (std::size_t at = begin; at < end;) {
        if (text[at] == ' ') {
          out.text.append(mark_, cut.text.source(at));
          ++at;
          continue;
        }
        const std::size_t next = std::min(end, text.find(' ', at));
        out.text.append(cut.text, at, next);
        at = next;
      }
      const auto to = static_cast<std::uint32_t>(out.text.size());
      if (!split_) {
        out.stretches.push_back({from, to, -1});
        return;
      }
      const std::string_view made = out.text.text();
      for (std::size_t at = from; at < to;) {
        const std::size_t next = std::min<std::size_t>(to, made.find(mark_, at + 1));
        out.stretches.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(next), -1});
        at = next;
      }
    });
  }

 private:
  std::string mark_;  // one character
  Scheme scheme_;
  bool split_;
};

class ByteLevel final : public PreTokenizer {
 public:
  ByteLevel(bool add_prefix_space, bool use_regex) : add_prefix_space_(add_prefix_space), use_regex_(use_regex) {}
  void apply(Cut& cut, Cut& scratch) const override {
    if (add_prefix_space_) {
      remake(cut, scratch, [&](std::size_t begin, std::size_t end, Cut& out) {
        const auto from = static_cast<std::uint32_t>(out.text.size());
        if (cut.text.text()[begin] != ' ') out.text.append(" ", cut.text.source(begin));
        out.text.append(cut.text, begin, end);
        out.stretches.push_back({from, static_cast<std::uint32_t>(out.text.size()), -1});
      });
    }
    if (use_regex_) {
      const std::string_view text = cut.text.text();
      each_stretch(cut, scratch, [&](std::size_t begin, std::size_t end, std::vector<Stretch>& out) {
        split_like_gpt2(text.substr(begin, end - begin), [&](std::size_t from, std::size_t to) {
          out.push_back({static_cast<std::uint32_t>(begin + from), static_cast<std::uint32_t>(begin + to), -1});
        });
      });
    }
    remake(cut, scratch, [&](std::size_t begin, std::size_t end, Cut& out) {
      const auto from = static_cast<std::uint32_t>(out.text.size());
      append_as_bytes(cut.text, begin, end, out.text);
      out.stretches.push_back({from, static_cast<std::uint32_t>(out.text.size()), -1});
    });
  }

 private:
  bool add_prefix_space_;
  bool use_regex_;
};

class Sequence final : public PreTokenizer {
 public:
  explicit Sequence(std::vector<std::unique_ptr<const PreTokenizer>> parts) : parts_(std::move(parts)) {}
  void apply(Cut& cut, Cut& scratch) const override {
    const std::size_t most = kMostGrowth * (cut.text.size() + kMostParts);
    for (const auto& part : parts_) {
      if (cut.text.size() <= most) part->apply(cut, scratch);
    }
  }

 private:
  static constexpr std::size_t kMostGrowth = 32;  // beyond it the parts that are left are left out
  std::vector<std::unique_ptr<const PreTokenizer>> parts_;
};

Result<std::unique_ptr<const PreTokenizer>> read_metaspace(const json::Value& value) {
  const std::string mark = value["replacement"].string_or("\u2581");
  std::size_t behind = 0;
  if (!mark.empty()) next_point(mark, behind);
  if (mark.empty() || behind != mark.size()) return bad("Metaspace: `replacement` must be one character");
  const std::string scheme = value["prepend_scheme"].string_or("always");
  Metaspace::Scheme how;
  if (scheme == "always") {
    how = Metaspace::Scheme::always;
  } else if (scheme == "first") {
    how = Metaspace::Scheme::first;
  } else if (scheme == "never") {
    how = Metaspace::Scheme::never;
  } else {
    return bad("Metaspace: `prepend_scheme` must be always, first or never");
  }
  if (value["add_prefix_space"].boolean() == false) how = Metaspace::Scheme::never;
  return std::make_unique<const Metaspace>(mark, how, value["split"].boolean().value_or(true));
}

Result<std::unique_ptr<const PreTokenizer>> read(const json::Value& value, int depth) {
  const std::string type = value["type"].string_or("");
  if (type == "BertPreTokenizer") return std::make_unique<const Bert>();
  if (type == "Whitespace") return std::make_unique<const Whitespace>();
  if (type == "WhitespaceSplit") return std::make_unique<const Properties>(kSpace, Delimiters::removed);
  if (type == "UnicodeScripts") return std::make_unique<const Scripts>();
  if (type == "Metaspace") return read_metaspace(value);
  if (type == "ByteLevel") {
    return std::make_unique<const ByteLevel>(value["add_prefix_space"].boolean().value_or(true),
                                             value["use_regex"].boolean().value_or(true));
  }
  if (type == "Punctuation") {
    const auto how = delimiters_named(value["behavior"].string_or("Isolated"));
    if (!how) return bad("Punctuation: unknown `behavior`");
    return std::make_unique<const Properties>(kPunctuation, *how);
  }
  if (type == "Digits") {
    return std::make_unique<const Properties>(
        kNumber, value["individual_digits"].boolean().value_or(false) ? Delimiters::isolated : Delimiters::contiguous);
  }
  if (type == "CharDelimiterSplit" || type == "Delimiter") {
    const std::string delimiter = value["delimiter"].string_or("");
    std::size_t behind = 0;
    const char32_t c = delimiter.empty() ? 0 : next_point(delimiter, behind);
    if (delimiter.empty() || behind != delimiter.size()) return bad("Delimiter: `delimiter` must be one character");
    return std::make_unique<const Delimiter>(c);
  }
  if (type == "FixedLength") {
    const auto length = value["length"].exists() ? value["length"].integer() : 5;
    if (!length || *length < 1 || *length > 1'000'000) return bad("FixedLength: `length` is not in range");
    return std::make_unique<const FixedLength>(static_cast<std::size_t>(*length));
  }
  if (type == "Split") {
    auto pattern = Pattern::parse(value["pattern"]);
    if (!pattern) return bad("Split: " + pattern.error().detail);
    const auto how = delimiters_named(value["behavior"].string_or(""));
    if (!how) return bad("Split: unknown `behavior`");
    return std::make_unique<const Split>(std::move(*pattern), *how, value["invert"].boolean().value_or(false));
  }
  if (type == "Sequence") {
    if (depth == kMostDepth) return bad("Sequence: nested too deep");
    std::vector<std::unique_ptr<const PreTokenizer>> parts;
    Result<> result;
    value["pretokenizers"].elements([&](json::Value inner) {
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

Result<std::unique_ptr<const PreTokenizer>> PreTokenizer::parse(const json::Value& pre_tokenizer) {
  if (!pre_tokenizer.exists() || pre_tokenizer.is_null()) return nullptr;
  return read(pre_tokenizer, 0);
}

}  // namespace gatehouse::ml::tokenizer
