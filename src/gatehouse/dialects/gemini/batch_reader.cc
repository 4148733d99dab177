#include "gatehouse/dialects/gemini/batch_reader.h"

#include <array>
#include <string>

#include "gatehouse/dialects/call_faults.h"
#include "gatehouse/dialects/member_names.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"

namespace gatehouse::dialects::gemini {
namespace {

using json::Kind;
using json::Member;

constexpr std::string_view kModels = "models/";

enum class Key : std::uint8_t { batch, model, input, requests, file, request, other };

// The two spellings of each.
struct Name {
  std::string_view camel;
  std::string_view snake;
  Key key;
};
constexpr Name kBatch{"batch", "batch", Key::batch};
constexpr Name kModel{"model", "model", Key::model};
constexpr Name kInput{"inputConfig", "input_config", Key::input};
constexpr Name kRequests{"requests", "requests", Key::requests};
constexpr Name kFile{"fileName", "file_name", Key::file};
constexpr Name kRequest{"request", "request", Key::request};

class Reader {
 public:
  Reader() { call_.dialect = llm::Dialect::gemini; }

  void visit(const Member& member) {
    if (which(member, body_seen_, kBatch) != Key::batch || !expect(member, Kind::object, "an object")) return;
    read_batch(member.value, member.offset);
  }

  ApiResult<Call> finish() {
    if (!has_requests_ && !call_.in_file) faults_.missing("batch.inputConfig.requests");
    if (has_requests_ && call_.in_file) {
      faults_.complain("batch.inputConfig: requests and fileName may not be given both", "fileName");
    }
    if (has_requests_ && count_ == 0) faults_.complain("requests: a batch needs one or more", "requests");
    if (faults_.failed()) return std::unexpected(faults_.take());
    return std::move(call_);
  }

 private:
  using Seen = std::array<bool, static_cast<std::size_t>(Key::other)>;

  // Which of the names a member has; `other`: none of them, or there is a fault.
  template <class... Names>
  Key which(const Member& member, Seen& seen, const Names&... names) {
    Key found = Key::other;
    const auto look = [&](const Name& name) {
      if (faults_.failed() || found != Key::other) return;
      if (member.key == name.camel || member.key == name.snake) {
        bool& before = seen[static_cast<std::size_t>(name.key)];
        if (before) return faults_.twice(member.key);
        before = true;
        found = name.key;
      } else if (folds_to(member.key, name.camel) || folds_to(member.key, name.snake)) {
        faults_.misspelt(member.key, name.camel);
      }
    };
    (look(names), ...);
    return found;
  }

  // A null is as if it were not there.
  bool expect(const Member& member, Kind kind, std::string_view expected) {
    if (member.kind == kind) return true;
    if (member.kind != Kind::null) faults_.wrong_type(member.key, expected, member.kind);
    return false;
  }

  void read_batch(std::string_view object, std::size_t base) {
    Seen seen{};
    json::walk_object(object, [&](const Member& member) {
      switch (which(member, seen, kModel, kInput)) {
        case Key::model:
          return read_model(member, base);
        case Key::input:
          if (expect(member, Kind::object, "an object")) read_input(member.value, base + member.offset);
          return;
        default:
          return;
      }
    });
  }

  void read_input(std::string_view object, std::size_t base) {
    Seen seen{};
    json::walk_object(object, [&](const Member& member) {
      switch (which(member, seen, kRequests, kFile)) {
        case Key::requests:
          if (expect(member, Kind::object, "an object")) read_list(member.value, base + member.offset);
          return;
        case Key::file:
          if (expect(member, Kind::string, "a string")) call_.in_file = true;
          return;
        default:
          return;
      }
    });
  }

  void read_list(std::string_view object, std::size_t base) {
    Seen seen{};
    json::walk_object(object, [&](const Member& member) {
      if (which(member, seen, kRequests) != Key::requests || !expect(member, Kind::array, "an array")) return;
      has_requests_ = true;
      const std::size_t at = base + member.offset;
      json::walk_array(member.value, [&](const json::Element& element) {
        if (faults_.failed()) return;
        if (element.kind != Kind::object) return faults_.wrong_type("requests", "objects", element.kind);
        if (++count_ > kMostRequests) return faults_.complain("requests: too many in one batch", "requests");
        read_item(element.value, at + element.offset);
      });
    });
  }

  void read_item(std::string_view object, std::size_t base) {
    Seen seen{};
    bool asked = false;
    json::walk_object(object, [&](const Member& member) {
      if (which(member, seen, kRequest) != Key::request || !expect(member, Kind::object, "an object")) return;
      asked = true;
      const std::size_t at = base + member.offset;
      Seen inner{};
      json::walk_object(member.value, [&](const Member& own) {
        if (which(own, inner, kModel) == Key::model) read_model(own, at);
      });
    });
    if (!asked) faults_.missing("request");
  }

  void read_model(const Member& member, std::size_t base) {
    if (!expect(member, Kind::string, "a string")) return;
    std::string model;
    json::append_string(member.value, model);
    const bool prefix = model.starts_with(kModels);
    if (prefix) model.erase(0, kModels.size());
    if (call_.more_model_spans.empty()) {
      call_.model = std::move(model);
      call_.model_prefix = prefix;
    } else if (model != call_.model || prefix != call_.model_prefix) {
      return faults_.complain("model: a batch may name one model only", "model");
    }
    call_.more_model_spans.push_back({base + member.offset, member.value.size()});
  }

  Call call_;
  CallFaults faults_;
  Seen body_seen_{};
  std::size_t count_ = 0;
  bool has_requests_ = false;
};

}  // namespace

ApiResult<Call> read_batch(std::string_view body) {
  Reader reader;
  const auto scanned = json::scan_object(body, [&reader](const Member& member) { reader.visit(member); });
  if (!scanned) return refuse(Code::invalid_request, "The request body is not valid JSON: " + scanned.error().detail);
  return reader.finish();
}

}  // namespace gatehouse::dialects::gemini
