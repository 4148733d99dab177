#include "gatehouse/dialects/openai_chat/message_words.h"

#include <algorithm>

namespace gatehouse::dialects::openai_chat {

using llm::Block;
using llm::Media;

std::string document_text(const Media& document) {
  std::string out;
  for (const std::string& part : {document.title, document.context, document.text}) {
    if (part.empty()) continue;
    if (!out.empty()) out += "\n\n";
    out += part;
  }
  return out;
}

bool is_text_document(const Media& media) { return !media.text.empty() || !media.parts.empty(); }

bool is_words(const Block& block) {
  const auto* const media = block.as<Media>();
  return media == nullptr || (is_text_document(*media) && std::ranges::all_of(media->parts, is_words));
}

void append_words(const Block& block, std::string_view between, std::string& out) {
  const auto add = [&](std::string_view text) {
    if (text.empty()) return;
    if (!out.empty()) out += between;
    out += text;
  };
  if (const auto* const text = block.as<llm::Text>()) {
    add(text->text);
  } else if (const auto* const refusal = block.as<llm::Refusal>()) {
    add(refusal->text);
  } else if (const auto* const foreign = block.as<llm::Foreign>()) {
    add(foreign->text);
  } else if (const auto* const media = block.as<Media>(); media != nullptr && is_text_document(*media)) {
    add(document_text(*media));
    for (const Block& inner : media->parts) append_words(inner, between, out);
  }
}

}  // namespace gatehouse::dialects::openai_chat
