#include "gatehouse/dialects/gemini/call_reader.h"

#include <array>
#include <bit>
#include <limits>
#include <string>
#include <vector>

#include "gatehouse/dialects/call_faults.h"
#include "gatehouse/dialects/member_names.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::gemini {
namespace {

using json::Kind;
using json::Member;

enum class Key : std::uint8_t {
  contents,
  content,
  requests,
  request,  // of countTokens: a whole one
  config,
  system,
  tools,
  tool_config,
  safety,
  cached,
  model,
};

struct Name {
  std::string_view name;
  Key key;
};
constexpr auto kNames = std::to_array<Name>({
    {"contents", Key::contents},
    {"content", Key::content},
    {"requests", Key::requests},
    {"generateContentRequest", Key::request},
    {"generate_content_request", Key::request},
    {"generationConfig", Key::config},
    {"generation_config", Key::config},
    {"systemInstruction", Key::system},
    {"system_instruction", Key::system},
    {"tools", Key::tools},
    {"toolConfig", Key::tool_config},
    {"tool_config", Key::tool_config},
    {"safetySettings", Key::safety},
    {"safety_settings", Key::safety},
    {"cachedContent", Key::cached},
    {"cached_content", Key::cached},
    {"model", Key::model},
});
constexpr MemberNames kKeys([] {
  std::array<std::string_view, kNames.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kNames[i].name;
  return names;
}());

constexpr std::string_view kModels = "models/";

class Reader {
 public:
  explicit Reader(llm::Operation operation) : operation_(operation) {
    call_.dialect = llm::Dialect::gemini;
    call_.stream = operation == llm::Operation::stream_content;
  }

  void visit(const Member& member) { visit(member, 0, seen_); }
  bool failed() const { return faults_.failed(); }

  ApiResult<Call> finish() {
    const auto has = [this](Key key) { return (seen_ & bit(key)) != 0; };
    switch (operation_) {
      case llm::Operation::embed_content:
        if (!has(Key::content) && !has(Key::requests)) faults_.missing("content");
        break;
      case llm::Operation::count_tokens:
        if (!has(Key::contents) && !has(Key::request)) faults_.missing("contents");
        break;
      default:
        if (!has(Key::contents)) faults_.missing("contents");
    }
    if (faults_.failed()) return std::unexpected(faults_.take());
    return std::move(call_);
  }

 private:
  static constexpr std::uint32_t bit(Key key) { return std::uint32_t{1} << static_cast<unsigned>(key); }

  // `base`: where the object that the member is of begins in the body; `seen`: what that object has so far.
  void visit(const Member& member, std::size_t base, std::uint32_t& seen) {
    if (faults_.failed()) return;
    for (std::uint32_t left = kKeys.candidates(member.key); left != 0; left &= left - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(left));
      if (member.key == kKeys[i]) return read(kNames[i].key, member, base, seen);
      if (folds_to(member.key, kKeys[i])) return faults_.misspelt(member.key, kKeys[i]);
    }
  }

  void read(Key key, const Member& member, std::size_t base, std::uint32_t& seen) {
    if ((seen & bit(key)) != 0) return faults_.twice(member.key);
    seen |= bit(key);
    const Span span{base + member.offset, member.value.size()};
    if (key == Key::config && &seen == &seen_) call_.config_span = span;
    if (member.kind == Kind::null) return;
    const auto expect = [&](Kind kind, std::string_view expected) {
      if (member.kind != kind) faults_.wrong_type(member.key, expected, member.kind);
      return member.kind == kind;
    };
    switch (key) {
      case Key::contents:
        if (member.kind != Kind::array && member.kind != Kind::object) {
          faults_.wrong_type(member.key, "an array", member.kind);
        }
        return;
      case Key::config:
        if (expect(Kind::object, "an object") && &seen == &seen_) read_config(member, span.offset);
        return;
      case Key::requests:
        if (expect(Kind::array, "an array")) read_requests(member, span.offset);
        return;
      case Key::request:
        if (expect(Kind::object, "an object")) read_inner(member.value, span.offset);
        return;
      case Key::tools:
      case Key::safety:
        // Google's parser takes one alone for a list of it.
        if (member.kind != Kind::array && member.kind != Kind::object) {
          faults_.wrong_type(member.key, "an array", member.kind);
        }
        return;
      case Key::content:
      case Key::tool_config:
        expect(Kind::object, "an object");
        return;
      case Key::system:
        if (member.kind != Kind::object && member.kind != Kind::string) {
          faults_.wrong_type(member.key, "an object", member.kind);
        }
        return;
      case Key::cached:
        expect(Kind::string, "a string");
        return;
      case Key::model:
        if (expect(Kind::string, "a string")) read_model(member, span);
        return;
    }
  }

  void read_model(const Member& member, Span span) {
    std::string model;
    json::append_string(member.value, model);
    const bool prefix = model.starts_with(kModels);
    if (prefix) model.erase(0, kModels.size());
    if (call_.more_model_spans.empty()) {
      call_.model = std::move(model);
      call_.model_prefix = prefix;
    } else if (model != call_.model || prefix != call_.model_prefix) {
      return faults_.complain("model: a request may name one model only", "model");
    }
    call_.more_model_spans.push_back(span);
  }

  void read_inner(std::string_view object, std::size_t offset) {
    std::uint32_t seen = 0;
    json::walk_object(object, [&](const Member& member) { visit(member, offset, seen); });
  }

  void read_requests(const Member& requests, std::size_t offset) {
    json::walk_array(requests.value, [&](const json::Element& element) {
      if (faults_.failed()) return;
      if (element.kind != Kind::object) return faults_.wrong_type("requests", "objects", element.kind);
      read_inner(element.value, offset + element.offset);
    });
  }

  void read_config(const Member& config, std::size_t offset) {
    bool bound_seen = false;
    bool count_seen = false;
    json::walk_object(config.value, [&](const Member& member) {
      if (faults_.failed()) return;
      const auto is = [&](std::string_view camel, std::string_view snake, bool& seen) {
        const bool own = member.key == camel || member.key == snake;
        if (!own && !folds_to(member.key, camel) && !folds_to(member.key, snake)) return false;
        if (!own) faults_.misspelt(member.key, camel);
        if (seen) faults_.twice(member.key);
        seen = true;
        return !faults_.failed();
      };
      if (is("maxOutputTokens", "max_output_tokens", bound_seen)) {
        call_.max_tokens_span = {offset + member.offset, member.value.size()};
        if (member.kind == Kind::null) return;
        if (member.kind != Kind::number) return faults_.wrong_type(member.key, "an integer", member.kind);
        call_.max_tokens = json::read_count(member.value);
        if (!call_.max_tokens && !json::read_integer(member.value)) {
          faults_.complain(std::string(member.key) + ": expected an integer", member.key);
        }
      } else if (is("candidateCount", "candidate_count", count_seen)) {
        if (member.kind == Kind::null) return;
        const auto n = member.kind == Kind::number ? json::read_count(member.value) : std::nullopt;
        if (!n || *n == 0 || *n > std::numeric_limits<std::uint32_t>::max()) {
          return faults_.complain(std::string(member.key) + ": expected an integer from 1 on", member.key);
        }
        call_.n = static_cast<std::uint32_t>(*n);
      }
    });
  }

  llm::Operation operation_;
  Call call_;
  CallFaults faults_;
  std::uint32_t seen_ = 0;
};

// What Call::words_only asks: parts are told by their names here.
bool tells_more_than_words(std::string_view key) {
  return tells_type(key) || key == "tools" || key.ends_with("Data") || key.ends_with("_data") || key.contains("cached");
}

}  // namespace

ApiResult<Call> read_call(llm::Operation operation, std::string_view body) {
  Reader reader(operation);
  json::Notes notes{.wanted = tells_more_than_words};
  const auto scanned = json::scan_object(body, notes, [&reader](const Member& member) { reader.visit(member); });
  if (!scanned) return refuse(Code::invalid_request, "The request body is not valid JSON: " + scanned.error().detail);
  auto call = reader.finish();
  if (call) call->words_only = !notes.key && !notes.unicode_escape;
  return call;
}

}  // namespace gatehouse::dialects::gemini
