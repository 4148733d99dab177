#include "gatehouse/stages/realtime/client_events.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "gatehouse/base/strings.h"
#include "gatehouse/dialects/segments.h"
#include "gatehouse/guard/request_guard.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/string_map.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/dialect.h"

namespace gatehouse::stages {
namespace {

using llm::Role;
using llm::Segment;
using llm::SegmentKind;

// Instructions that answers are held against; more of a session are not remembered.
constexpr std::size_t kMostSaid = std::size_t{256} << 10;

// An id or a word of the API's own: nothing is said in it.
bool is_name(std::string_view raw) {
  if (raw.size() < 2 || raw.size() > ClientEvents::kMostId + 2) return false;
  return std::ranges::all_of(raw.substr(1, raw.size() - 2), [](char c) {
    return base::is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.';
  });
}

// A name as the API gives them to its own things, and not a value that somebody would hide as one: "item_1",
// "root", "conversation.item.create".
bool is_reference(std::string_view key) {
  return key == "type" || key == "event_id" || key == "item_id" || key == "previous_item_id" || key == "response_id";
}

}  // namespace

// What was found in `part_`, whose texts stand `shift` bytes further on in the event.
void ClientEvents::adopt(std::size_t shift) {
  for (Segment segment : part_.segments) {
    if (segment.escaped) segment.text = made_.emplace_back(segment.text);
    segment.offset += shift;
    segments_.segments.push_back(segment);
  }
  segments_.complete = segments_.complete && part_.complete;
}

void ClientEvents::add_value(std::string_view value, std::size_t offset) {
  dialects::read_segments(llm::Dialect::openai_responses, llm::Operation::passthrough, value, part_);
  adopt(offset);
}

// `session` and `response` have the members of the responses API's requests: instructions, tools, input.
void ClientEvents::add_object(std::string_view object, std::size_t offset) {
  dialects::read_segments(llm::Dialect::openai_responses, llm::Operation::responses, object, part_);
  adopt(offset);
}

void ClientEvents::add_item(std::string_view item, std::size_t offset) {
  // Read where such items stand in a request.
  static constexpr std::string_view kBefore = "{\"input\":[";
  std::string& body = made_.emplace_back(kBefore);
  body.append(item).append("]}");
  dialects::read_segments(llm::Dialect::openai_responses, llm::Operation::responses, body, part_);
  adopt(offset - kBefore.size());  // may pass through zero: what is added to it is never less
}

bool ClientEvents::read(std::string_view event) {
  segments_.clear();
  made_.clear();
  std::uint32_t members = 0;
  std::uint32_t sounds = 0;
  const auto scanned = json::scan_object(event, [&](const json::Member& member) {
    ++members;
    const bool object = member.kind == json::Kind::object;
    if (member.key == "item" && object) return add_item(member.value, member.offset);
    if ((member.key == "session" || member.key == "response") && object) {
      return add_object(member.value, member.offset);
    }
    if (is_reference(member.key) && member.kind == json::Kind::string && is_name(member.value)) return;
    if (member.key == "audio" && member.kind == json::Kind::string) ++sounds;
    if (member.kind == json::Kind::object || member.kind == json::Kind::array) {
      return add_value(member.value, member.offset);
    }
    if (member.kind != json::Kind::string) return;
    std::string_view text = member.value.substr(1, member.value.size() - 2);
    const bool escaped = text.find('\\') != std::string_view::npos;
    if (escaped) text = made_.emplace_back(json::read_string(member.value).value_or(std::string()));
    segments_.segments.push_back({.role = Role::user,
                                  .kind = member.key == "audio" ? SegmentKind::media : SegmentKind::other,
                                  .message = 0,
                                  .offset = member.offset,
                                  .length = member.value.size(),
                                  .text = text,
                                  .escaped = escaped});
  });
  if (!scanned) return false;
  // Sound is sound only in the event that is made for it.
  const bool appends = json::find(event, "type") == "\"input_audio_buffer.append\"" && sounds == 1;
  for (Segment& segment : segments_.segments) {
    if (!appends && segment.kind == SegmentKind::media && segment.role == Role::user && segment.message == 0 &&
        sounds > 0) {
      segment.kind = SegmentKind::other;
    }
  }
  return true;
}

// A session is let in, priced and limited for one model.
Result<> ClientEvents::check_model(std::string_view object, std::size_t offset) {
  Result<> checked;
  (void)json::walk_object(object, [&](const json::Member& member) {
    if (member.key != "model" || member.kind == json::Kind::null) return;
    const auto model = json::read_string(member.value);
    if (model && *model == exchange_.model_sent) return;
    if (model && *model == exchange_.call.model) {
      std::string& name = owned_.emplace_back();
      json::append_quoted(name, exchange_.model_sent);
      edits_.push_back({.offset = offset + member.offset, .length = member.value.size(), .replacement = name});
      return;
    }
    checked = fail(Code::forbidden, "The model of a session is the one that it was opened with");
  });
  return checked;
}

Result<std::string_view> ClientEvents::judge(std::string_view event) {
  event_id_.clear();
  edits_.clear();
  owned_.clear();
  Result<> allowed;
  const auto scanned = json::scan_object(event, [&](const json::Member& member) {
    if (member.key == "event_id" && member.kind == json::Kind::string && is_name(member.value)) {
      event_id_ = member.value.substr(1, member.value.size() - 2);
    }
    if ((member.key == "session" || member.key == "response") && member.kind == json::Kind::object && allowed) {
      allowed = check_model(member.value, member.offset);
    }
  });
  if (!scanned) return fail(Code::invalid_request, "An event must be a JSON object");
  if (!allowed) return std::unexpected(std::move(allowed.error()));
  auto* inspection = exchange_.inspection.get();
  if (inspection != nullptr) {
    if (!read(event)) return fail(Code::invalid_request, "An event must be a JSON object");
    const auto& settings = exchange_.config().guard;
    guard::RequestGuard guard(*inspection->rules, inspection->guarding.inspector, *inspection->redaction, nullptr,
                              settings.capture);
    const base::SteadyTime until = async::Loop::now() + base::Duration(settings.budget);
    const auto judgement = guard.judge(segments_, [&] { return async::Loop::now() > until; }, inspection->decisions);
    if (judgement.refused) return fail(Code::content_blocked, inspection->blocked_detail("event"));
    for (const auto& edited : judgement.edited) {
      const Segment& segment = segments_.segments[edited.segment];
      std::vector<json::TextEdit> texts;
      for (const auto& edit : edited.edits) {
        texts.push_back({edit.begin, edit.end, owned_.emplace_back(edit.text)});
      }
      json::append_edits(event, segment.offset, segment.length, texts, edits_, owned_);
    }
    // Answers are held against what the provider was told.
    for (const Segment& segment : segments_.segments) {
      if (segment.role != Role::system || segment.kind != SegmentKind::text) continue;
      if (said_bytes_ + segment.text.size() > kMostSaid) continue;
      said_bytes_ += segment.text.size();
      inspection->system.add(said_.emplace_back(segment.text));
      inspection->facts.system = &inspection->system;
    }
  }
  if (edits_.empty()) return event;
  std::ranges::sort(edits_, {}, &json::Edit::offset);
  out_ = json::splice(event, edits_);
  return std::string_view(out_);
}

}  // namespace gatehouse::stages
