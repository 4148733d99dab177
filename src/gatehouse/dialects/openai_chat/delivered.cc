#include "gatehouse/dialects/openai_chat/delivered.h"

#include <array>

#include "gatehouse/json/scan.h"
#include "gatehouse/json/value.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::openai_chat {
namespace {

using json::Kind;
using json::Member;

void append_text(const Member& member, std::string& out) {
  if (member.kind == Kind::string) {
    json::append_string(member.value, out);
  } else if (member.kind == Kind::array) {
    // Mistral: content in parts, [{"type":"text","text":"..."}, {"type":"thinking","thinking":[...]}].
    json::walk_array(member.value, [&](const json::Element& part) {
      if (part.kind != Kind::object) return;
      json::walk_object(part.value, [&](const Member& inner) {
        if (inner.key == "text" || inner.key == "thinking") append_text(inner, out);
      });
    });
  }
}

void append_function(std::string_view function, std::string& out) {
  json::walk_object(function, [&](const Member& member) {
    if (member.kind == Kind::string && (member.key == "name" || member.key == "arguments")) {
      json::append_string(member.value, out);
    }
  });
}

void append_message(std::string_view message, std::string& out) {
  json::walk_object(message, [&](const Member& member) {
    if (member.key == "content" || member.key == "refusal" || member.key == "reasoning" ||
        member.key == "reasoning_content") {
      append_text(member, out);
    } else if (member.key == "tool_calls" && member.kind == Kind::array) {
      json::walk_array(member.value, [&](const json::Element& call) {
        if (call.kind != Kind::object) return;
        json::walk_object(call.value, [&](const Member& part) {
          if (part.key == "function" && part.kind == Kind::object) append_function(part.value, out);
        });
      });
    } else if (member.key == "function_call" && member.kind == Kind::object) {
      append_function(member.value, out);
    }
  });
}

// An item of the responses API: a message's parts, a thought's, a call.
void append_item(std::string_view item, std::string& out) {
  json::walk_object(item, [&](const Member& member) {
    if ((member.key == "content" || member.key == "summary") && member.kind == Kind::array) {
      json::walk_array(member.value, [&](const json::Element& part) {
        if (part.kind != Kind::object) return;
        json::walk_object(part.value, [&](const Member& inner) {
          if (inner.key == "text" || inner.key == "refusal") append_text(inner, out);
        });
      });
    } else if (member.kind == Kind::string) {
      for (const std::string_view written : {"name", "arguments", "input", "code"}) {
        if (member.key == written) json::append_string(member.value, out);
      }
    }
  });
}

// Types of events whose `delta` is text that the model writes.
bool delivers(std::string_view type) {
  return type.starts_with("\"response.") && type.ends_with(".delta\"") && type != "\"response.audio.delta\"" &&
         type.find("output_content") == std::string_view::npos;
}

}  // namespace

void append_delivered(std::string_view json, std::string& out) {
  const std::size_t before = out.size();
  std::string_view type;
  std::string_view delta;
  const auto scanned = json::scan_object(json, [&](const Member& member) {
    if (member.key == "type") type = member.value;
    if (member.key == "delta" && member.kind == Kind::string) delta = member.value;
    if (member.key == "output" && member.kind == Kind::array) {
      json::walk_array(member.value, [&](const json::Element& item) {
        if (item.kind == Kind::object) append_item(item.value, out);
      });
      return;
    }
    if (member.key != "choices" || member.kind != Kind::array) return;
    json::walk_array(member.value, [&](const json::Element& choice) {
      if (choice.kind != Kind::object) return;
      json::walk_object(choice.value, [&](const Member& part) {
        if ((part.key == "delta" || part.key == "message") && part.kind == Kind::object) {
          append_message(part.value, out);
        } else if (part.key == "text") {
          append_text(part, out);
        }
      });
    });
  });
  if (scanned && delivers(type)) json::append_string(delta, out);
  if (!scanned) out.resize(before);
}

bool only_tells_usage(std::string_view data) {
  bool usage = false;
  bool empty_choices = false;
  const auto scanned = json::scan_object(data, [&](const Member& member) {
    if (member.key == "usage") usage = member.kind == Kind::object;
    if (member.key == "choices") empty_choices = member.kind == Kind::array && json::Value(member.value).size() == 0;
  });
  return scanned && usage && empty_choices;
}

std::string end_stream(std::string_view last, std::size_t choices, std::string_view reason) {
  std::string data;
  data += '{';
  bool completion = false;
  // What identifies the stream is repeated as it came.
  const auto scanned = json::scan_object(last, [&](const Member& member) {
    if (member.key == "object") completion = member.value == "\"text_completion\"";
    if (member.kind == Kind::object || member.kind == Kind::array) return;
    for (const std::string_view kept : {"id", "object", "created", "model", "system_fingerprint", "service_tier"}) {
      if (member.key != kept) continue;
      data.append("\"").append(kept).append("\":").append(member.value).append(",");
    }
  });
  if (!scanned) data = "{";
  data += "\"choices\":[";
  for (std::size_t i = 0; i < choices; ++i) {
    if (i > 0) data += ',';
    data.append("{\"index\":").append(std::to_string(i));
    data += completion ? ",\"text\":\"\"" : ",\"delta\":{}";
    data.append(",\"logprobs\":null,\"finish_reason\":\"").append(reason).append("\"}");
  }
  data += "]}";
  // One line: strings, numbers and literals hold no line end.
  return "data: " + data + "\n\ndata: [DONE]\n\n";
}

}  // namespace gatehouse::dialects::openai_chat
