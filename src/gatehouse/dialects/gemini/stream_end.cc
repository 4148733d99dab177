#include "gatehouse/dialects/gemini/stream_end.h"

#include "gatehouse/json/scan.h"
#include "gatehouse/json/writer.h"

namespace gatehouse::dialects::gemini {

std::string end_stream(std::string_view last, std::size_t candidates, std::string_view reason,
                       const llm::Usage& usage) {
  std::string data;
  json::Writer writer(data);
  writer.begin_object().key("candidates").begin_array();
  for (std::size_t i = 0; i < candidates; ++i) {
    writer.begin_object().key("content").begin_object();
    writer.key("parts").begin_array().begin_object().key("text").string("").end_object().end_array();
    writer.key("role").string("model").end_object();
    writer.key("finishReason").string(reason).key("index").unsigned_integer(i).end_object();
  }
  writer.end_array();
  if (usage.known) {
    writer.key("usageMetadata").begin_object();
    writer.key("promptTokenCount").unsigned_integer(usage.prompt_tokens);
    writer.key("candidatesTokenCount").unsigned_integer(usage.completion_tokens - usage.reasoning_tokens);
    if (usage.reasoning_tokens > 0) writer.key("thoughtsTokenCount").unsigned_integer(usage.reasoning_tokens);
    writer.key("totalTokenCount").unsigned_integer(usage.prompt_tokens + usage.completion_tokens).end_object();
  }
  std::string names;
  const auto scanned = json::scan_object(last, [&](const json::Member& member) {
    if (member.kind != json::Kind::string) return;
    for (const std::string_view kept : {"modelVersion", "responseId", "createTime"}) {
      if (member.key == kept) names.append(",\"").append(kept).append("\":").append(member.value);
    }
  });
  if (scanned) data += names;
  return "data: " + data + "}\n\n";
}

}  // namespace gatehouse::dialects::gemini
