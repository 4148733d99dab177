#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/json/cursor.h"
#include "gatehouse/json/scan.h"
#include "gatehouse/json/writer.h"
#include "gatehouse/llm/chat/answer.h"
#include "gatehouse/llm/chat/block.h"
#include "gatehouse/llm/usage.h"

// What both sides of the codec read and write alike. For the codec's files only. Everything is pure; `raw` is a JSON
// value as written, of a document whose grammar was checked or is checked by the walk.
namespace gatehouse::dialects::openai_chat::wire {

// --- reading

// Walks an object: member(key, raw value). Lone surrogates pass, unlike with json::walk_object: servers that cut a
// stream between the two halves of a pair do send them. False: no object.
template <class Visit>
bool members(std::string_view raw, Visit&& visit) {
  json::Cursor cursor(raw);
  std::string decoded;
  return cursor.object([&](const json::Cursor::String& key) {
    std::string_view name = key.inside;
    if (key.escaped) {
      decoded.clear();
      json::append_decoded(key, decoded);
      name = decoded;
    }
    const std::size_t begin = cursor.offset();
    if (!cursor.skip()) return false;
    visit(name, cursor.since(begin));
    return true;
  });
}

template <class Visit>
bool elements(std::string_view raw, Visit&& visit) {
  json::Cursor cursor(raw);
  return cursor.array([&] {
    const std::size_t begin = cursor.offset();
    if (!cursor.skip()) return false;
    visit(cursor.since(begin));
    return true;
  });
}

inline bool is_string(std::string_view raw) { return !raw.empty() && raw.front() == '"'; }
inline bool is_object(std::string_view raw) { return !raw.empty() && raw.front() == '{'; }
inline bool is_array(std::string_view raw) { return !raw.empty() && raw.front() == '['; }
inline bool is_number(std::string_view raw) {
  return !raw.empty() && (raw.front() == '-' || (raw.front() >= '0' && raw.front() <= '9'));
}
// Given, and not null.
inline bool given(std::string_view raw) { return !raw.empty() && raw.front() != 'n'; }
// Given, and not "", [], {} or null either: servers spell out all members of a message.
bool filled(std::string_view raw);

// Whether a value of an answer may be kept to be written again as it is. Answers are not checked for UTF-8 before.
inline bool keepable(std::string_view raw) { return json::validate(raw).has_value(); }

// Appends the text of a string; false (and nothing appended) for any other value.
bool append_text(std::string_view raw, std::string& out);
std::string text(std::string_view raw);  // "" for any other value
// The text where it stands if nothing in it is escaped, else in `buffer`.
std::string_view view(std::string_view raw, std::string& buffer);

// "data:image/png;base64,AAAA". Nothing: no data: URL, or none in base64.
struct DataUrl {
  std::string_view media_type;
  std::string_view data;
};
std::optional<DataUrl> split_data_url(std::string_view url);
void append_data_url(std::string& out, std::string_view media_type, std::string_view data);

// "mp3" and "audio/mpeg". The way back makes something of every type.
std::string media_type_of_audio(std::string_view format);
std::string_view audio_format(std::string_view media_type);
// By the first half of the type; what is none of the others is a document.
llm::Media::Kind kind_of_media(std::string_view media_type);

// Whether `json` is one JSON object and nothing else.
bool is_json_object(std::string_view json);
// The value of a number written in full; nothing for any other.
std::optional<std::uint64_t> count(std::string_view raw);

std::size_t code_points(std::string_view text);

// --- what stands in answers and in messages that repeat them

// What servers say at `finish_reason`. unknown: nothing, or nothing known.
llm::FinishReason finish_from(std::string_view word);
// The word of OpenAI's that clients handle for it. `pause` is a stop: a caller goes on by sending the conversation
// again. What was no valid call is a stop too: clients ask again after an empty answer. An error has no word there;
// "error" is what OpenRouter says, and no client takes it for a good end.
std::string_view finish_word(llm::FinishReason finish);
// Whether the provider's own word says more than ours.
bool finish_says_less(llm::FinishReason finish);

// An entry of reasoning_details (OpenRouter, "Preserving reasoning"); strings are raw.
struct Detail {
  enum class Kind : std::uint8_t { none, text, summary, encrypted };
  Kind kind = Kind::none;
  std::string_view text;  // of text and summary
  std::string_view data, signature, id;
  std::string format;
  std::optional<std::uint64_t> index;
};
Detail read_detail(std::string_view raw);

// Whose state it is. At a provider (`side` is its origin) all of it is the provider's own; OpenRouter's keeps the
// format in front ("anthropic-claude-v1:..."), which has to go back with it. At a caller (`side` none) it is written
// wrapped, so that it is known again also where a request passes untranslated; of state that is not
// wrapped the format tells whose it is.
llm::Opaque read_state(std::string_view written, std::string_view format, llm::Origin side);
struct WrittenState {
  std::string format;  // empty: none
  std::string value;
};
WrittenState write_state(const llm::Opaque& state, llm::Origin side);

// All of a list, as blocks: entries of one index are one block (a text in pieces, then its signature; a summary and its
// encrypted text).
void read_details(std::string_view list, llm::Origin side, std::vector<llm::Block>& out);
// LiteLLM's thinking_blocks: Anthropic's blocks.
void read_thinking_blocks(std::string_view list, std::vector<llm::Block>& out);
// One block as entries of an array that is open.
void write_details(json::Writer& writer, const llm::Reasoning& reasoning, std::size_t index, llm::Origin side);

// Something of it has to come back as it was.
inline bool has_state(const llm::Reasoning& reasoning) {
  return !reasoning.signature.empty() || !reasoning.encrypted.empty() || !reasoning.id.empty();
}

llm::Citation read_annotation(std::string_view raw);
// `shift`: code points of the texts before the block's in the message.
void write_annotation(json::Writer& writer, const llm::Citation& citation, std::size_t shift);

// {content: [...]} or {tokens, token_logprobs} (Together). Appends.
void read_logprobs(std::string_view raw, std::vector<llm::TokenLogprob>& out);
void write_logprob(json::Writer& writer, const llm::TokenLogprob& token);

void write_usage(json::Writer& writer, const llm::Usage& usage);

// Gemini's signature at a caller or, with its origin, at a provider.
std::string_view find_thought_signature(std::string_view extra_content);  // raw; empty: none
void write_thought_signature(json::Writer& writer, std::string_view signature);

}  // namespace gatehouse::dialects::openai_chat::wire
