#include "gatehouse/ml/tokenizer/framing.h"

#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "gatehouse/ml/tokenizer/vocabulary.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::ml::tokenizer {
namespace {

constexpr std::size_t kMostTokens = 64;  // before or behind a text
constexpr int kMostDepth = 4;

std::unexpected<Error> bad(std::string_view what) {
  return fail(Code::configuration, fmt::format("post_processor: {}", what));
}

std::optional<std::int32_t> id_in(const json::Value& value) {
  const auto number = value.integer();
  if (!number || *number < 0 || *number > Vocabulary::kMostId) return std::nullopt;
  return static_cast<std::int32_t>(*number);
}

// ["[SEP]", 102]
std::optional<std::int32_t> id_of_pair(const json::Value& value) {
  std::optional<std::int32_t> id;
  std::size_t place = 0;
  value.elements([&](json::Value element) {
    if (place++ == 1) id = id_in(element);
  });
  return id;
}

Result<> read_template(const json::Value& processor, Framing& framing) {
  std::vector<std::int32_t> before;
  std::vector<std::int32_t> behind;
  const json::Value tokens = processor["special_tokens"];
  std::size_t texts = 0;
  bool broken = false;
  std::size_t pieces = 0;
  processor["single"].elements([&](json::Value piece) {
    if (broken) return;
    if (++pieces > 2 * kMostTokens) {
      broken = true;
      return;
    }
    if (piece["Sequence"].exists()) {
      if (piece["Sequence"]["id"].string_or("A") != "A") broken = true;
      ++texts;
      return;
    }
    const auto name = piece["SpecialToken"]["id"].string();
    if (!name) {
      broken = true;
      return;
    }
    const json::Value ids = tokens[*name]["ids"];
    if (!ids.is(json::Kind::array)) broken = true;
    ids.elements([&](json::Value value) {
      auto& side = texts == 0 ? before : behind;
      const auto id = id_in(value);
      if (id && side.size() < kMostTokens) {
        side.push_back(*id);
      } else {
        broken = true;
      }
    });
  });
  if (broken || texts != 1) return bad("TemplateProcessing: `single` is not one text with known tokens around it");
  framing.prefix.insert(framing.prefix.begin(), before.begin(), before.end());
  framing.suffix.insert(framing.suffix.end(), behind.begin(), behind.end());
  return {};
}

Result<> read_pair(const json::Value& processor, Framing& framing) {
  const auto first = id_of_pair(processor["cls"]);
  const auto last = id_of_pair(processor["sep"]);
  if (!first || !last) return bad("`cls` and `sep` must be a token and its id");
  framing.prefix.insert(framing.prefix.begin(), *first);
  framing.suffix.push_back(*last);
  return {};
}

void read_trim(const json::Value& processor, Framing& framing) {
  if (!processor["trim_offsets"].boolean().value_or(true)) return;
  framing.trim = true;
  framing.space_was_added = processor["add_prefix_space"].boolean().value_or(true);
  framing.trim_inside_prefix = !framing.prefix.empty();
}

Result<> read(const json::Value& processor, int depth, Framing& framing) {
  const std::string type = processor["type"].string_or("");
  if (type == "TemplateProcessing") return read_template(processor, framing);
  if (type == "BertProcessing") return read_pair(processor, framing);
  if (type == "RobertaProcessing") {
    read_trim(processor, framing);
    return read_pair(processor, framing);
  }
  if (type == "ByteLevel") {
    read_trim(processor, framing);
    return {};
  }
  if (type == "Sequence") {
    if (depth == kMostDepth) return bad("Sequence: nested too deep");
    Result<> result;
    processor["processors"].elements([&](json::Value inner) {
      if (result) result = read(inner, depth + 1, framing);
    });
    if (result && (framing.prefix.size() > kMostTokens || framing.suffix.size() > kMostTokens)) {
      return bad("Sequence: too many tokens around a text");
    }
    return result;
  }
  return bad(fmt::format("unknown type `{}`", text::safe_excerpt(type, 64)));
}

}  // namespace

Result<Framing> Framing::parse(const json::Value& post_processor) {
  Framing framing;
  if (!post_processor.exists() || post_processor.is_null()) return framing;
  if (auto result = read(post_processor, 0, framing); !result) return std::unexpected(std::move(result.error()));
  return framing;
}

}  // namespace gatehouse::ml::tokenizer
