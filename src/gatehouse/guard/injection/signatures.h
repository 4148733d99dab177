#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace gatehouse::guard::injection {

// Classes of attack: the entities of findings, used in configuration and records; rename none.
enum class AttackClass : std::uint8_t {
  instruction_override,
  role_play_escape,
  persona,
  refusal_suppression,
  prompt_extraction,
  secret_extraction,
  delimiter_forgery,
  chat_template_forgery,
  authority_forgery,
  encoded_payload,
  payload_splitting,
  tool_smuggling,
  link_smuggling,
  markdown_image_exfiltration,
  hidden_text,
  output_coercion,
  many_shot,
  overload,
  indirect_instruction,
  discussion,  // speaks about attacks: evidence against one, never reported
};
inline constexpr std::size_t kAttackClassCount = 20;
std::string_view name(AttackClass attack);
std::string_view describe(AttackClass attack);  // one line

// Where a signature means something.
enum class Scope : std::uint8_t {
  anywhere,
  untrusted,  // only in words that nobody in the conversation wrote: tools' results, documents, names of files
  decoded,    // only in what somebody took the trouble to encode
};

// One row of the table. All views are static.
struct Signature {
  std::string_view id;  // "instruction_override.ignore_previous": class, dot, name
  AttackClass attack;
  Scope scope;
  float weight;               // added to the log odds of an attack (score.h)
  std::string_view patterns;  // one a line, grammar.h; "@name" is a check in code (checks.h)
  std::string_view meaning;
  std::string_view positive;  // one text that must match ...
  std::string_view negative;  // ... and one that must not
  std::string_view reference;
};

// All of them, in the order of their classes; a signature's number is its place.
std::span<const Signature> signatures();

// The table as docs/injection-signatures.md has it.
std::string signatures_markdown();

}  // namespace gatehouse::guard::injection
