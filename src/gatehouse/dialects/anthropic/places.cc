#include "gatehouse/dialects/anthropic/places.h"

#include "gatehouse/dialects/place_table.h"

namespace gatehouse::dialects::anthropic {
namespace {

using Row = PlaceRow;

struct Rows {
  static constexpr auto rules() {
    auto rules = common_rules();
    // Text blocks, as in messages.
    for (const Place place : {Place::content, Place::system_content, Place::tool_content}) {
      rules[place_at(place)].members = Place::block;
      rules[place_at(place)].tells_type = true;
    }
    // Whose it is the block around says.
    rules[place_at(Place::document)].sets_role = false;
    rules[place_at(Place::document)].members = Place::block;
    rules[place_at(Place::document)].tells_type = true;
    rules[place_at(Place::batch_requests)] = {.element = Place::batch_requests};
    return rules;
  }

  // Later rows win.
  template <class Visit>
  static constexpr void each(const Visit& visit) {
    using enum Place;
    for (const Place body : {messages_body, batch_params}) {
      visit(Row{body, nothing, {"model"}});
      visit(Row{body, messages, {"messages"}});
      visit(Row{body, system_content, {"system"}});
      visit(Row{body, tools, {"tools", "mcp_servers"}});
      visit(Row{body, free, {"metadata"}});
      visit(Row{body, other, {"stop_sequences"}});
      visit(Row{body, format, {"output_config", "output_format"}});
      visit(Row{body, id, {"container", "cache_control"}});
      visit(Row{body, user_content, {"prompt"}});  // of the legacy API
      visit(Row{body,
                word,
                {"max_tokens", "stream", "temperature", "top_p", "top_k", "tool_choice", "thinking", "service_tier",
                 "inference_geo", "speed", "context_management", "betas", "anthropic_version", "anthropic_beta"}});
    }
    visit(Row{batch_params, id, {"model"}});
    visit(Row{any, nothing, {"model"}});
    visit(Row{any, batch_requests, {"requests"}});
    visit(Row{batch_requests, id, {"custom_id"}});
    visit(Row{batch_requests, batch_params, {"params"}});

    each_common_row(visit);

    visit(Row{free, other, {"user_id"}});
    visit(Row{message, role, {"role"}});
    visit(Row{message, block, {"content"}});
    visit(Row{message, word, {"type"}});
    visit(Row{message, id, {"id", "cache_control"}});

    visit(Row{block, item_type, {"type"}});
    visit(Row{block, block, {"text", "content", "stdout", "stderr", "lines", "error_message"}});
    visit(Row{block,
              word,
              {"is_error", "caller", "stop_reason", "status", "error_code", "return_code", "file_type", "format"}});
    visit(Row{block, id, {"id", "tool_use_id", "cache_control"}});
    visit(Row{block, media_reference, {"file_id"}});
    visit(Row{block, other, {"name", "server_name", "tool_name", "page_age", "retrieved_at"}});
    visit(Row{block, arguments, {"input"}});
    visit(Row{block, reasoning, {"thinking"}});
    visit(Row{block,
              opaque,
              {"signature", "data", "encrypted_content", "encrypted_index", "encrypted_stdout", "encrypted_stderr"}});
    visit(Row{block, source, {"source"}});
    visit(Row{block, document, {"title", "context"}});
    visit(Row{block, url, {"url"}});
    visit(Row{block, file_name, {"filename"}});
    visit(Row{block, annotations, {"citations"}});

    visit(Row{source, item_type, {"type", "media_type"}});
    visit(Row{source, blob, {"data"}});
    visit(Row{source, url, {"url"}});
    visit(Row{source, media_reference, {"file_id"}});
    visit(Row{source, document, {"content"}});

    visit(Row{annotations, word, {"type", "enabled"}});
    visit(Row{annotations, id, {"file_id"}});
    visit(Row{annotations, opaque, {"encrypted_index"}});
    visit(Row{annotations, url, {"url", "source"}});

    visit(Row{reasoning, opaque, {"signature"}});

    visit(Row{
        tools,
        word,
        {"type", "strict", "defer_loading", "eager_input_streaming", "allowed_callers", "max_uses", "display_width_px",
         "display_height_px", "display_number", "max_characters", "citations", "max_content_tokens", "model"}});
    visit(Row{tools, id, {"cache_control"}});
    visit(Row{tools, schema, {"input_schema"}});
    visit(Row{tools, definition, {"name", "description", "input_examples"}});
    visit(Row{tools,
              detail,
              {"allowed_domains", "blocked_domains", "user_location", "tool_configuration", "default_config"}});
    visit(Row{tools, url, {"url"}});
    visit(Row{tools, other, {"authorization_token", "mcp_server_name"}});
    for (const Place known : {action, detail}) visit(Row{known, word, {"type", "syntax"}});

    visit(Row{format, word, {"type", "effort", "strict", "task_budget"}});
    visit(Row{format, format, {"format"}});
    visit(Row{format, schema, {"schema"}});
    visit(Row{format, definition, {"name", "description"}});

    each_schema_row(visit);
  }
};

constexpr PlaceTable kTable = PlaceTableData<Rows>::table();

}  // namespace

const PlaceTable& places() { return kTable; }

Place body_place(llm::Operation operation) {
  switch (operation) {
    case llm::Operation::messages:
    case llm::Operation::count_tokens:
      return Place::messages_body;
    default:
      return Place::any;
  }
}

}  // namespace gatehouse::dialects::anthropic
