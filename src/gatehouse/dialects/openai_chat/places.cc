#include "gatehouse/dialects/openai_chat/places.h"

#include "gatehouse/dialects/place_table.h"

namespace gatehouse::dialects::openai_chat {
namespace {

using Row = PlaceRow;

struct Rows {
  static constexpr auto rules() { return common_rules(); }

  // Later rows win.
  template <class Visit>
  static constexpr void each(const Visit& visit) {
    using enum Place;
    for (const Place body : {chat, completions, embeddings, responses, moderations, images, audio, rerank, any}) {
      visit(Row{body, nothing, {"model"}});
      visit(Row{body, other, {"user", "safety_identifier", "prompt_cache_key", "stop", "stop_sequences"}});
      visit(Row{body, free, {"metadata"}});
      visit(Row{body,
                word,
                {"service_tier",
                 "reasoning_effort",
                 "verbosity",
                 "modalities",
                 "prompt_cache_retention",
                 "prompt_cache_options",
                 "stream_options",
                 "tool_choice",
                 "function_call",
                 "object",
                 "voice",
                 "size",
                 "quality",
                 "style",
                 "background",
                 "moderation",
                 "output_format",
                 "encoding_format",
                 "input_type",
                 "truncation",
                 "truncate",
                 "include",
                 "parallel_tool_calls",
                 "stream",
                 "temperature",
                 "top_p",
                 "top_k",
                 "max_tokens",
                 "max_completion_tokens",
                 "max_output_tokens",
                 "max_tool_calls",
                 "n",
                 "seed",
                 "logprobs",
                 "top_logprobs",
                 "frequency_penalty",
                 "presence_penalty",
                 "repetition_penalty",
                 "store",
                 "strict",
                 "response_mime_type",
                 "input_fidelity",
                 "partial_images",
                 "output_compression",
                 "stream_format",
                 "speed",
                 "dimensions",
                 "best_of",
                 "echo",
                 "top_n",
                 "return_documents",
                 "rank_fields",
                 "max_chunks_per_doc",
                 "endpoint",
                 "completion_window",
                 "purpose",
                 "type"}});
      visit(Row{body, bias, {"logit_bias"}});
      visit(Row{body, format, {"response_format"}});
    }
    visit(Row{chat, messages, {"messages"}});
    for (const Place body : {chat, responses}) visit(Row{body, tools, {"tools", "functions"}});
    visit(Row{chat, assistant_content, {"prediction"}});
    visit(Row{chat, word, {"audio", "thinking", "reasoning", "enable_thinking"}});
    visit(Row{completions, inputs, {"prompt"}});
    visit(Row{completions, user_content, {"suffix"}});
    visit(Row{embeddings, inputs, {"input"}});
    visit(Row{moderations, inputs, {"input"}});
    visit(Row{responses, items, {"input"}});
    visit(Row{responses, system_content, {"instructions"}});
    visit(Row{responses, reference, {"previous_response_id", "conversation"}});
    visit(Row{responses, stored_prompt, {"prompt"}});
    visit(Row{responses, format, {"text"}});
    visit(Row{responses, word, {"reasoning", "context_management"}});
    visit(Row{images, user_content, {"prompt", "negative_prompt"}});
    visit(Row{images, media, {"image", "images", "mask"}});
    visit(Row{audio, user_content, {"input", "prompt"}});
    visit(Row{audio, system_content, {"instructions"}});
    visit(Row{rerank, user_content, {"query"}});
    visit(Row{rerank, documents, {"documents", "texts"}});
    visit(Row{any, id, {"id", "input_file_id"}});

    each_common_row(visit);

    visit(Row{content,
              word,
              {"type", "detail", "format", "status", "media_type", "mime_type", "cache_control", "object", "outcome",
               "prompt_cache_breakpoint", "exit_code", "score", "index"}});
    visit(Row{content, word, {"role"}});
    visit(Row{content, id, {"id", "call_id", "tool_use_id"}});
    visit(Row{content, media_reference, {"file_id"}});
    visit(Row{content,
              content,
              {"text", "document", "content", "value", "transcript", "logs", "stdout", "stderr", "output"}});
    visit(Row{content, reasoning, {"thinking", "reasoning", "summary"}});
    visit(Row{content, refusal, {"refusal"}});
    visit(Row{
        content, media, {"image_url", "video_url", "audio_url", "image", "input_audio", "file", "source", "file_url"}});
    visit(Row{content, url, {"url"}});
    visit(Row{content, blob, {"data", "file_data", "b64_json"}});
    visit(Row{content, file_name, {"filename", "file_name"}});
    visit(Row{content, opaque, {"signature", "encrypted_content", "thought_signature"}});
    visit(Row{content, annotations, {"annotations"}});
    visit(Row{content, free, {"attributes"}});

    visit(Row{reasoning, word, {"type", "format", "index", "closed", "status"}});
    visit(Row{reasoning, id, {"id"}});
    visit(Row{reasoning, opaque, {"data", "signature", "encrypted_content", "thought_signature"}});
    visit(Row{reasoning, reasoning, {"text", "summary", "content", "thinking", "reasoning"}});

    visit(Row{annotations, word, {"type", "index", "start_index", "end_index"}});
    visit(Row{annotations, id, {"id", "file_id", "container_id"}});
    visit(Row{annotations, url, {"url"}});
    visit(Row{annotations, file_name, {"filename"}});
    visit(Row{annotations, annotations, {"url_citation", "file_citation", "file_path", "container_file_citation"}});

    visit(Row{message, role, {"role"}});
    visit(Row{message, content, {"content"}});
    visit(Row{message, other, {"name", "tool_name"}});
    visit(Row{message, word, {"channel", "type", "status", "phase", "object", "cache_control", "prefix", "partial"}});
    visit(Row{message, id, {"id", "tool_call_id", "call_id"}});
    visit(Row{message, calls, {"tool_calls", "function_call"}});
    visit(Row{message, refusal, {"refusal"}});
    visit(Row{message, reasoning, {"reasoning", "reasoning_content", "reasoning_details", "thinking"}});
    visit(Row{message, opaque, {"reasoning_signature", "thought_signature", "encrypted_content", "signature"}});
    visit(Row{message, content, {"audio"}});
    visit(Row{message, annotations, {"annotations"}});
    visit(Row{message, blob, {"images"}});

    visit(Row{calls, word, {"type", "index", "status"}});
    visit(Row{calls, id, {"id", "call_id"}});
    visit(Row{calls, calls, {"function", "custom"}});
    visit(Row{calls, other, {"name", "namespace", "extra_content"}});
    visit(Row{calls, arguments, {"arguments", "input", "parameters"}});

    visit(Row{tools,
              word,
              {"type", "strict", "syntax", "search_context_size", "quality", "size", "background", "output_format",
               "moderation", "input_fidelity", "execution", "require_approval", "defer_loading", "cache_control",
               "environment_type", "display_width", "display_height", "environment"}});
    visit(Row{tools, tools, {"function", "custom", "tools", "functions"}});
    visit(Row{tools, schema, {"parameters", "input_schema", "output_schema", "schema"}});
    visit(Row{tools, definition, {"name", "description", "server_description", "server_label", "definition"}});
    visit(Row{tools, detail, {"allowed_tools", "filters", "user_location", "format", "annotations", "container"}});
    visit(Row{tools, url, {"server_url"}});
    visit(Row{tools, id, {"vector_store_ids", "file_ids", "connector_id", "id"}});
    visit(Row{tools, free, {"headers"}});
    visit(Row{tools, other, {"authorization"}});

    each_schema_row(visit);

    visit(Row{format, word, {"type", "verbosity", "syntax", "strict"}});
    visit(Row{format, format, {"json_schema", "format"}});
    visit(Row{format, schema, {"schema"}});
    visit(Row{format, definition, {"name", "description", "definition"}});

    visit(Row{item, item_type, {"type"}});
    visit(Row{item, role, {"role"}});
    visit(Row{item, content, {"content"}});
    visit(Row{item, word, {"status", "phase", "execution", "object", "approve", "max_output_length", "cache_control"}});
    visit(Row{item, id, {"id", "call_id", "approval_request_id", "container_id"}});
    visit(Row{item,
              other,
              {"name", "namespace", "server_label", "caller", "environment", "pending_safety_checks",
               "acknowledged_safety_checks"}});
    visit(Row{item, arguments, {"arguments", "input", "code"}});
    visit(Row{item, action, {"queries", "action", "actions", "operation"}});
    visit(Row{item, tool_content, {"output", "results", "outputs", "error"}});
    visit(Row{item, reasoning, {"summary"}});
    visit(Row{item, opaque, {"encrypted_content", "signature"}});
    visit(Row{item, tools, {"tools"}});
    visit(Row{item, user_content, {"reason"}});
    visit(Row{item, blob, {"result"}});
    visit(Row{item, content, {"text", "refusal"}});
    visit(Row{item, media, {"image_url", "file_url", "input_audio"}});
    visit(Row{item, media_reference, {"file_id"}});
    visit(Row{item, blob, {"file_data"}});
    visit(Row{item, file_name, {"filename"}});

    visit(Row{stored_prompt, reference, {"id"}});
    visit(Row{stored_prompt, word, {"version"}});
    visit(Row{stored_prompt, variables, {"variables"}});
  }
};

constexpr PlaceTable kTable = PlaceTableData<Rows>::table();

}  // namespace

const PlaceTable& places() { return kTable; }

Place body_place(llm::Operation operation) {
  switch (operation) {
    case llm::Operation::chat_completions:
      return Place::chat;
    case llm::Operation::completions:
      return Place::completions;
    case llm::Operation::embeddings:
      return Place::embeddings;
    case llm::Operation::responses:
      return Place::responses;
    case llm::Operation::moderations:
      return Place::moderations;
    case llm::Operation::images:
      return Place::images;
    case llm::Operation::audio:
      return Place::audio;
    case llm::Operation::rerank:
      return Place::rerank;
    default:
      return Place::any;
  }
}

}  // namespace gatehouse::dialects::openai_chat
