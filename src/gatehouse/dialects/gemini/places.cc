#include "gatehouse/dialects/gemini/places.h"

#include "gatehouse/dialects/place_table.h"

namespace gatehouse::dialects::gemini {
namespace {

using Row = PlaceRow;

struct Rows {
  static constexpr auto rules() {
    auto rules = common_rules();
    rules[place_at(Place::annotations)].unknown = Place::annotations;
    rules[place_at(Place::part)].members = Place::part;
    rules[place_at(Place::content)].members = Place::part;
    rules[place_at(Place::content)].tells_type = true;
    rules[place_at(Place::system_turn)].tells_role = true;
    rules[place_at(Place::reasoning)].members = Place::part;
    rules[place_at(Place::batch_requests)] = {.element = Place::batch_requests};
    return rules;
  }

  // Later rows win.
  template <class Visit>
  static constexpr void each(const Visit& visit) {
    using enum Place;
    for (const Place body : {generate_body, inner_requests}) {
      visit(Row{body, nothing, {"model"}});
      visit(Row{body, turns, {"contents", "content"}});
      visit(Row{body, system_turn, {"systemInstruction", "system_instruction"}});
      visit(Row{body, toolbox, {"tools"}});
      visit(Row{body, format, {"generationConfig", "generation_config"}});
      visit(Row{body, reference, {"cachedContent", "cached_content"}});
      visit(Row{body, free, {"labels"}});
      visit(Row{body, inner_requests, {"generateContentRequest", "generate_content_request", "requests"}});
      visit(Row{body, document, {"title"}});
      visit(Row{body,
                word,
                {"toolConfig", "tool_config", "safetySettings", "safety_settings", "serviceTier", "service_tier",
                 "store", "taskType", "task_type", "outputDimensionality", "output_dimensionality"}});
    }
    visit(Row{inner_requests, id, {"model"}});
    visit(Row{any, nothing, {"model"}});
    // What a batch is made of; its name is of the caller's own.
    visit(Row{any, batch_params, {"batch"}});
    visit(Row{batch_params, id, {"model", "name"}});
    visit(Row{batch_params, word, {"priority"}});
    visit(Row{batch_params, batch_requests, {"inputConfig", "input_config"}});
    visit(Row{batch_requests, batch_requests, {"requests"}});
    visit(Row{batch_requests, inner_requests, {"request"}});
    visit(Row{batch_requests, free, {"metadata"}});
    visit(Row{batch_requests, reference, {"fileName", "file_name"}});

    each_common_row(visit);

    visit(Row{turn, role, {"role"}});
    visit(Row{turn, part, {"parts"}});

    visit(Row{part, content, {"text"}});
    visit(Row{part, thought, {"thought"}});
    visit(Row{part, opaque, {"thoughtSignature", "thought_signature"}});
    visit(Row{part, source, {"inlineData", "inline_data", "fileData", "file_data"}});
    visit(Row{
        part, calls, {"functionCall", "function_call", "executableCode", "executable_code", "toolCall", "tool_call"}});
    visit(Row{part,
              response,
              {"functionResponse", "function_response", "codeExecutionResult", "code_execution_result", "toolResponse",
               "tool_response"}});
    visit(Row{part, word, {"videoMetadata", "video_metadata", "mediaResolution", "media_resolution"}});
    visit(Row{part, free, {"partMetadata", "part_metadata"}});

    visit(Row{source, item_type, {"mimeType", "mime_type"}});
    visit(Row{source, blob, {"data"}});
    visit(Row{source, url, {"fileUri", "file_uri"}});
    visit(Row{source, file_name, {"displayName", "display_name"}});

    visit(Row{calls, id, {"id"}});
    visit(Row{calls, other, {"name"}});
    visit(Row{calls, word, {"language", "toolType", "tool_type"}});
    visit(Row{calls, arguments, {"args", "partialArgs", "partial_args", "code"}});

    visit(Row{response, id, {"id"}});
    visit(Row{response, other, {"name"}});
    visit(Row{response, word, {"scheduling", "outcome", "toolType", "tool_type"}});
    visit(Row{response, tool_value, {"response", "output"}});
    visit(Row{response, part, {"parts"}});

    visit(Row{toolbox, tools, {"functionDeclarations", "function_declarations"}});
    visit(
        Row{toolbox,
            detail,
            {"googleSearch", "google_search", "googleSearchRetrieval", "google_search_retrieval", "codeExecution",
             "code_execution", "urlContext", "url_context", "computerUse", "computer_use", "fileSearch", "file_search",
             "googleMaps", "google_maps", "retrieval", "enterpriseWebSearch", "enterprise_web_search"}});
    visit(Row{toolbox, tools, {"mcpServers", "mcp_servers"}});
    visit(Row{tools, word, {"behavior"}});
    visit(Row{tools, definition, {"name", "description"}});
    visit(Row{tools,
              schema,
              {"parameters", "parametersJsonSchema", "parameters_json_schema", "response", "responseJsonSchema",
               "response_json_schema"}});
    for (const Place known : {action, detail}) visit(Row{known, word, {"type", "syntax"}});

    visit(Row{format, other, {"stopSequences", "stop_sequences"}});
    visit(Row{
        format,
        schema,
        {"responseSchema", "response_schema", "responseJsonSchema", "response_json_schema", "_responseJsonSchema"}});
    visit(Row{format,
              word,
              {"responseMimeType", "response_mime_type", "responseModalities", "response_modalities", "mediaResolution",
               "media_resolution", "thinkingConfig", "thinking_config", "speechConfig", "speech_config", "imageConfig",
               "image_config"}});

    each_schema_row(visit);
    visit(Row{schema, word, {"propertyOrdering", "property_ordering"}});
    visit(Row{schema, schema, {"any_of"}});
    visit(Row{schema, definition, {"example"}});

    // Of answers.
    visit(Row{annotations, word, {"category", "probability", "severity", "blockReason", "urlRetrievalStatus"}});
    visit(Row{annotations, url, {"uri", "retrievedUrl"}});
  }
};

constexpr PlaceTable kTable = PlaceTableData<Rows>::table();

}  // namespace

const PlaceTable& places() { return kTable; }

Place body_place(llm::Operation operation) {
  switch (operation) {
    case llm::Operation::generate_content:
    case llm::Operation::stream_content:
    case llm::Operation::count_tokens:
    case llm::Operation::embed_content:
      return Place::generate_body;
    default:
      return Place::any;
  }
}

}  // namespace gatehouse::dialects::gemini
