#include "gatehouse/guard/injection/signatures.h"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "gatehouse/guard/injection/table.h"

namespace gatehouse::guard::injection {
namespace {

struct ClassInfo {
  std::string_view name;
  std::string_view description;
};

constexpr std::array<ClassInfo, kAttackClassCount> kClasses = {{
    {"instruction_override", "The instructions in force are to be set aside or replaced."},
    {"role_play_escape", "A role, world or game in which the rules do not hold."},
    {"persona", "A known jailbreak persona (DAN and its kin)."},
    {"refusal_suppression", "The model is forbidden to refuse, warn or apologise."},
    {"prompt_extraction", "The system prompt, tools or earlier text are to be given away."},
    {"secret_extraction", "A secret that the prompt holds is to be given away."},
    {"delimiter_forgery", "The application's frame around untrusted text is feigned to end."},
    {"chat_template_forgery", "Control tokens of a model's chat template inside a text."},
    {"authority_forgery", "The words claim to come from the system, the operator or the maker."},
    {"encoded_payload", "A request is hidden in an encoding, or the answer is to be."},
    {"payload_splitting", "A request comes in pieces that are harmless one by one."},
    {"tool_smuggling", "Tools are to be called, or fed with data, behind the user's back."},
    {"link_smuggling", "Data is to leave in a link, or instructions to come from one."},
    {"markdown_image_exfiltration", "Data is to leave in the address of an image."},
    {"hidden_text", "Text that people do not see."},
    {"output_coercion", "The answer's words are prescribed."},
    {"many_shot", "A long row of made-up turns."},
    {"overload", "Repetition or bulk that pushes the prompt out of attention."},
    {"indirect_instruction", "A document or tool result gives orders to the model that reads it."},
    {"discussion", "Speaks about attacks; lowers the score, never reported."},
}};

// For a cell of a markdown table: invisible characters by their code points, bars and line breaks escaped.
std::string cell(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const std::string_view character = text.substr(i, bytes);
    i += bytes;
    char32_t c = bytes == 1 ? lead : lead & (0x7FU >> bytes);
    for (std::size_t k = 1; k < character.size(); ++k)
      c = (c << 6) | (static_cast<unsigned char>(character[k]) & 0x3FU);
    if (c == '\n') {
      out += "\u23CE";
    } else if (c == '|') {
      out += "&#124;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '*' || c == '_' || c == '[' || c == ']' || c == '`' || c == '\\') {
      out += '\\';
      out += character;
    } else if (c >= 0xE0000 || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E)) {
      out += fmt::format("(U+{:04X})", static_cast<std::uint32_t>(c));
    } else {
      out += character;
    }
    if (out.size() > 240 && i < text.size()) return out + " ...";
  }
  return out;
}

std::vector<Signature> join() {
  std::vector<Signature> all;
  for (std::size_t attack = 0; attack < kAttackClassCount; ++attack) {
    for (const auto part : {override_signatures(), jailbreak_signatures(), extraction_signatures(),
                            structure_signatures(), smuggling_signatures(), language_signatures()}) {
      for (const Signature& row : part) {
        if (static_cast<std::size_t>(row.attack) == attack) all.push_back(row);
      }
    }
  }
  return all;
}

}  // namespace

std::string_view name(AttackClass attack) { return kClasses[static_cast<std::size_t>(attack)].name; }
std::string_view describe(AttackClass attack) { return kClasses[static_cast<std::size_t>(attack)].description; }

std::span<const Signature> signatures() {
  static const std::vector<Signature> kAll = join();
  return kAll;
}

std::string signatures_markdown() {
  std::string out;
  const Signature* before = nullptr;
  for (const Signature& row : signatures()) {
    if (before == nullptr || before->attack != row.attack) {
      out += fmt::format(
          "\n### {}\n{}\n\n| signature | weight | where | what it means | matches | does not match | source |\n"
          "|---|---|---|---|---|---|---|\n",
          name(row.attack), describe(row.attack));
    }
    before = &row;
    const std::string_view where = row.scope == Scope::anywhere    ? "anywhere"
                                   : row.scope == Scope::untrusted ? "untrusted text"
                                                                   : "decoded text";
    out += fmt::format("| `{}` | {:.1f} | {} | {} | {} | {} | {} |\n", row.id, row.weight, where, cell(row.meaning),
                       cell(row.positive), cell(row.negative), cell(row.reference));
  }
  return out;
}

}  // namespace gatehouse::guard::injection
