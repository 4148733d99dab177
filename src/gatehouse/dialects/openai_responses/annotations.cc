#include "gatehouse/dialects/openai_responses/annotations.h"

#include <string>

namespace gatehouse::dialects::openai_responses {

std::uint64_t code_points(std::string_view text) {
  std::uint64_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

void write_annotation(json::Writer& out, const llm::Citation& citation, std::uint64_t length) {
  if (citation.verbatim.dialect == llm::Dialect::openai_responses && !citation.verbatim.empty()) {
    out.raw(citation.verbatim.json);
    return;
  }
  if (!citation.url.empty()) {
    out.begin_object()
        .key("type")
        .string("url_citation")
        .key("start_index")
        .unsigned_integer(citation.begin.value_or(0));
    out.key("end_index").unsigned_integer(citation.end.value_or(length)).key("title").string(citation.title);
    out.key("url").string(citation.url).end_object();
    return;
  }
  std::string file = citation.file_id;
  if (file.empty()) file = "document-" + std::to_string(citation.document.value_or(0));
  out.begin_object().key("type").string("file_citation").key("file_id").string(file);
  out.key("filename").string(citation.title).key("index").unsigned_integer(citation.end.value_or(length)).end_object();
}

void write_annotation(json::Writer& out, const llm::Citation& citation, std::string_view text) {
  write_annotation(out, citation, citation.end ? 0 : code_points(text));
}

void write_logprob(json::Writer& out, const llm::TokenLogprob& token) {
  const auto one = [&out](const auto& of) {
    out.key("token").string(of.token).key("bytes").begin_array();
    if (of.bytes) {
      for (const auto byte : *of.bytes) out.unsigned_integer(byte);
    } else {
      for (const char c : of.token) out.unsigned_integer(static_cast<unsigned char>(c));
    }
    out.end_array().key("logprob").number(of.logprob);
  };
  out.begin_object();
  one(token);
  out.key("top_logprobs").begin_array();
  for (const auto& top : token.top) {
    out.begin_object();
    one(top);
    out.end_object();
  }
  out.end_array().end_object();
}

}  // namespace gatehouse::dialects::openai_responses
