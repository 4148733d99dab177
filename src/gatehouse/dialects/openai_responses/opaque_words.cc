#include "gatehouse/dialects/openai_responses/opaque_words.h"

#include <utility>

#include "gatehouse/base/strings.h"

namespace gatehouse::dialects::openai_responses {
namespace {

constexpr llm::Origin kNative = llm::Origin::openai;
constexpr std::string_view kWrapped = "gh1.";

}  // namespace

std::string with_item_id(std::string_view id, std::string_view ciphertext) {
  std::string out;
  out.reserve(id.size() + 1 + ciphertext.size());
  out.append(id).append(":").append(ciphertext);
  return out;
}

ItemCiphertext split_item_id(std::string_view value) {
  const auto colon = value.find(':');
  if (colon == std::string_view::npos) return {.id = {}, .ciphertext = value};
  return {.id = value.substr(0, colon), .ciphertext = value.substr(colon + 1)};
}

std::string write_item_state(const ItemState& item) {
  if (item.state.empty()) return {};
  if (item.kind == ItemState::Kind::encrypted && item.state.origin == kNative) {
    return std::string(split_item_id(item.state.value).ciphertext);
  }
  llm::Opaque said{.origin = item.state.origin, .value = {}};
  switch (item.kind) {
    case ItemState::Kind::none:
      return {};
    case ItemState::Kind::encrypted:
      said.value = item.summary ? "E:" : "e:";
      break;
    case ItemState::Kind::signature:
      said.value = item.summary ? "S:" : "s:";
      break;
    case ItemState::Kind::of_text:
      said.value = "x:";
      break;
    case ItemState::Kind::of_call:
      said.value = "c" + std::to_string(item.call_id.size()) + ":" + item.call_id;
      break;
  }
  said.value += item.state.value;
  // Without a native origin, so that OpenAI's own words that stand in another place than this are wrapped too.
  return llm::wrap_opaque(said, llm::Origin::none);
}

ItemState read_item_state(std::string_view item_id, std::string_view written) {
  ItemState out;
  if (written.empty()) return out;
  llm::Opaque said = llm::unwrap_opaque(written, kNative);
  out.state.origin = said.origin;
  const bool wrapped = written.starts_with(kWrapped) && said.value.size() < written.size();
  if (!wrapped) {
    out.kind = ItemState::Kind::encrypted;
    out.summary = true;
    out.state.value = with_item_id(item_id, said.value);
    return out;
  }
  const std::string_view value = said.value;
  const auto colon = value.find(':');
  const std::string_view mark = colon == std::string_view::npos ? std::string_view{} : value.substr(0, colon);
  if (mark.size() == 1) {
    const char letter = base::lower(mark.front());
    if (letter == 's' || letter == 'e' || mark == "x") {
      out.kind = letter == 's'   ? ItemState::Kind::signature
                 : letter == 'e' ? ItemState::Kind::encrypted
                                 : ItemState::Kind::of_text;
      out.summary = mark.front() != letter;
      out.state.value = value.substr(2);
      return out;
    }
  }
  if (mark.size() > 1 && mark.front() == 'c') {
    const auto length = base::parse_u64(mark.substr(1));
    const std::string_view rest = value.substr(colon + 1);
    if (length && *length <= rest.size()) {
      out.kind = ItemState::Kind::of_call;
      out.call_id = rest.substr(0, *length);
      out.state.value = rest.substr(*length);
      return out;
    }
  }
  out.kind = ItemState::Kind::encrypted;
  out.state.value = std::move(said.value);
  return out;
}

}  // namespace gatehouse::dialects::openai_responses
