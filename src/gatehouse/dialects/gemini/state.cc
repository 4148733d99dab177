#include "gatehouse/dialects/gemini/state.h"

#include "gatehouse/dialects/base64.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::gemini {
namespace {

using llm::Opaque;
using llm::Origin;

constexpr std::string_view kOpening = R"({"gh1":)";

}  // namespace

std::string write_state(const State& state) {
  if (state.encrypted.empty() && state.id.empty() && state.text.empty() &&
      (state.signature.empty() || state.signature.origin == Origin::gemini)) {
    return state.signature.value;
  }
  std::string json;
  json::Writer writer(json);
  writer.begin_object().key("gh1").begin_object();
  // Origin::none is nobody's own: the origin is always written.
  if (!state.signature.empty()) writer.key("s").string(wrap_opaque(state.signature, Origin::none));
  if (!state.encrypted.empty()) writer.key("e").string(wrap_opaque(state.encrypted, Origin::none));
  if (!state.id.empty()) writer.key("i").string(state.id);
  if (!state.text.empty()) writer.key("t").string(state.text);
  if (state.apart) writer.key("n").boolean(true);
  writer.end_object().end_object();
  std::string out;
  append_base64(json, out);
  return out;
}

State read_state(std::string_view written) {
  State state;
  if (written.starts_with(kWrappedState)) {
    const auto json = read_base64(written);
    if (json && json->starts_with(kOpening) && json::validate(*json).has_value()) {
      const json::Value inside = json::Value(*json)["gh1"];
      state.signature = llm::unwrap_opaque(inside["s"].string_or(""), Origin::none);
      state.encrypted = llm::unwrap_opaque(inside["e"].string_or(""), Origin::none);
      state.id = inside["i"].string_or("");
      state.text = inside["t"].string_or("");
      state.apart = inside["n"].boolean().value_or(false);
      return state;
    }
  }
  state.signature = llm::unwrap_opaque(written, Origin::gemini);
  return state;
}

}  // namespace gatehouse::dialects::gemini
