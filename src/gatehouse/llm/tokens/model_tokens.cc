#include "gatehouse/llm/tokens/model_tokens.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace gatehouse::llm {
namespace {

constexpr std::array<std::string_view, 10> kFamilyNames = {"openai", "claude",   "gemini", "llama", "mistral",
                                                           "qwen",   "deepseek", "cohere", "grok",  "other"};

// Seen in billed requests: the harmony format begins with a system message of its own (60 tokens from Bedrock and
// Cerebras alike), the template of Llama 3.1 to 3.3 with dates (28).
constexpr std::uint32_t kHarmonyChat = 60;
constexpr std::uint32_t kLlamaChat = 28;
// Anthropic documents 346 tokens for the system prompt that tools bring ("Tool use with Claude", choice "auto"); billed
// requests show about 500 in all with the wrapping of the definitions. Divided by the factor that is applied later.
constexpr std::uint32_t kClaudeTools = 400;

struct Rule {
  std::string_view prefix;
  Encoding encoding;
};
// OpenAI's models by the beginning of their names, the more special first; tiktoken's model_to_encoding as of 1.0.22
// and its prefixes. What older completion models used (p50k_base, r50k_base) is not here: they are gone.
constexpr auto kOpenAi = std::to_array<Rule>({
    {"gpt-oss", Encoding::o200k_harmony},
    {"gpt-4o", Encoding::o200k_base},
    {"gpt-4.", Encoding::o200k_base},  // 4.1, 4.5
    {"gpt-4", Encoding::cl100k_base},
    {"gpt-35", Encoding::cl100k_base},  // Azure's way to write 3.5
    {"gpt-3.5", Encoding::cl100k_base},
    {"gpt-audio", Encoding::o200k_base},
    {"gpt-realtime", Encoding::o200k_base},
    {"gpt-", Encoding::o200k_base},  // 5 and later
    {"chatgpt-", Encoding::o200k_base},
    {"codex-", Encoding::o200k_base},
    {"computer-use-", Encoding::o200k_base},
    {"o1", Encoding::o200k_base},
    {"o3", Encoding::o200k_base},
    {"o4", Encoding::o200k_base},
    {"text-embedding-", Encoding::cl100k_base},
    {"davinci-002", Encoding::cl100k_base},
    {"babbage-002", Encoding::cl100k_base},
});

struct Guess {
  std::string_view part;
  ModelFamily family;
  double factor;
};
// Tokens of a family for one of o200k_base. All are assumed from the sizes of the vocabularies and are only where an
// Estimator starts: it learns each model's own from what its provider reports. Claude's tokenizer gives notably more
// tokens than OpenAI's for the same text; Gemini's and Llama 3's are about as large as OpenAI's.
constexpr auto kGuesses = std::to_array<Guess>({
    {"claude", ModelFamily::claude, 1.2},
    {"gemini", ModelFamily::gemini, 1.05},
    {"gemma", ModelFamily::gemini, 1.05},
    {"llama-2", ModelFamily::llama, 1.25},
    {"llama2", ModelFamily::llama, 1.25},
    {"llama", ModelFamily::llama, 1.0},
    {"mixtral", ModelFamily::mistral, 1.15},
    {"mistral", ModelFamily::mistral, 1.1},
    {"ministral", ModelFamily::mistral, 1.1},
    {"codestral", ModelFamily::mistral, 1.1},
    {"devstral", ModelFamily::mistral, 1.1},
    {"magistral", ModelFamily::mistral, 1.1},
    {"pixtral", ModelFamily::mistral, 1.1},
    {"deepseek", ModelFamily::deepseek, 1.05},
    {"qwen", ModelFamily::qwen, 1.05},
    {"qwq", ModelFamily::qwen, 1.05},
    {"command", ModelFamily::cohere, 1.05},
    {"grok", ModelFamily::grok, 1.05},
});

// By letter, whether a part of kGuesses begins with it.
constexpr auto kBeginsGuess = [] {
  std::array<bool, 256> begins{};
  for (const Guess& guess : kGuesses) begins[static_cast<unsigned char>(guess.part.front())] = true;
  return begins;
}();

// The first of kGuesses whose part is anywhere in the name; null: none. This is asked several times a request: one look
// at the name, not one for each part.
const Guess* find_guess(std::string_view name) {
  const Guess* best = kGuesses.data() + kGuesses.size();
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (!kBeginsGuess[static_cast<unsigned char>(name[i])]) continue;
    const std::string_view rest = name.substr(i);
    for (const Guess* guess = kGuesses.data(); guess != best; ++guess) {
      if (rest.starts_with(guess->part)) {
        best = guess;
        break;
      }
    }
  }
  return best == kGuesses.data() + kGuesses.size() ? nullptr : best;
}

constexpr double kUnknown = 1.15;  // rather too many than too few: this bounds what may be spent
constexpr std::size_t kMaxName = 256;

// Whether the name goes on as another word than the prefix's last one would: "o1" and "o1-mini", but not "o100".
bool ends_word(std::string_view name, std::string_view prefix) {
  if (name.size() == prefix.size() || prefix.back() == '-' || prefix.back() == '.') return true;
  const char next = name[prefix.size()];
  return next < '0' || next > '9';
}

// The name without what hosts put before it: "openai/", "azure/", "ft:", "us.openai.", "openai.".
std::string_view bare(std::string_view name) {
  if (const auto slash = name.rfind('/'); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  if (name.starts_with("ft:")) name.remove_prefix(3);
  if (const auto openai = name.find("openai."); openai != std::string_view::npos) name.remove_prefix(openai + 7);
  return name;
}

}  // namespace

std::string_view name(ModelFamily family) { return kFamilyNames[static_cast<std::size_t>(family)]; }

ModelTokens tokens_of_model(std::string_view model) {
  std::array<char, kMaxName> buffer;
  const std::size_t size = std::min(model.size(), buffer.size());
  std::transform(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(size), buffer.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  const std::string_view lower(buffer.data(), size);
  const std::string_view name = bare(lower);
  for (const Rule& rule : kOpenAi) {
    if (!name.empty() && name.front() == rule.prefix.front() && name.starts_with(rule.prefix) &&
        (rule.prefix.front() != 'o' || ends_word(name, rule.prefix))) {
      return {.encoding = rule.encoding,
              .exact = true,
              .family = ModelFamily::openai,
              .chat_overhead = rule.encoding == Encoding::o200k_harmony ? kHarmonyChat : 0};
    }
  }
  // Anywhere in the name: hosts write "meta-llama/Llama-3.3-70B", "anthropic.claude-sonnet-4",
  // "accounts/x/models/qwen3".
  if (const Guess* guess = find_guess(lower)) {
    const bool dated = guess->family == ModelFamily::llama && lower.find("3.") != std::string_view::npos;
    return {.family = guess->family,
            .factor = guess->factor,
            .chat_overhead = dated ? kLlamaChat : 0,
            .tools_overhead = guess->family == ModelFamily::claude ? kClaudeTools : 0};
  }
  return {.factor = kUnknown};
}

}  // namespace gatehouse::llm
