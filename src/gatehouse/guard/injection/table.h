#pragma once

#include <span>
#include <string_view>

#include "gatehouse/guard/injection/signatures.h"

// The parts of the table that signatures() joins.
namespace gatehouse::guard::injection {

std::span<const Signature> override_signatures();
std::span<const Signature> jailbreak_signatures();
std::span<const Signature> extraction_signatures();
std::span<const Signature> structure_signatures();
std::span<const Signature> smuggling_signatures();
std::span<const Signature> language_signatures();

// Where more can be read; titles, not addresses.
inline constexpr std::string_view kLlm01 = "OWASP Top 10 for LLM Applications 2025, LLM01 Prompt Injection";
inline constexpr std::string_view kLlm02 =
    "OWASP Top 10 for LLM Applications 2025, LLM02 Sensitive Information Disclosure";
inline constexpr std::string_view kLlm07 = "OWASP Top 10 for LLM Applications 2025, LLM07 System Prompt Leakage";
inline constexpr std::string_view kIgnorePrevious =
    "Perez, Ribeiro: Ignore Previous Prompt: Attack Techniques For Language Models (2022)";
inline constexpr std::string_view kNotSignedUp =
    "Greshake et al.: Not what you've signed up for: Compromising Real-World LLM-Integrated Applications with Indirect "
    "Prompt "
    "Injection (2023)";
inline constexpr std::string_view kJailbroken = "Wei et al.: Jailbroken: How Does LLM Safety Training Fail? (2023)";
inline constexpr std::string_view kDan =
    "Shen et al.: \"Do Anything Now\": Characterizing and Evaluating In-The-Wild Jailbreak Prompts on Large Language "
    "Models "
    "(2023)";
inline constexpr std::string_view kManyShot = "Anil et al.: Many-shot Jailbreaking (2024)";
inline constexpr std::string_view kProgrammatic =
    "Kang et al.: Exploiting Programmatic Behavior of LLMs: Dual-Use Through Standard Security Attacks (2023)";
inline constexpr std::string_view kExtraction = "Zhang et al.: Effective Prompt Extraction from Language Models (2023)";
inline constexpr std::string_view kDivergence =
    "Nasr et al.: Scalable Extraction of Training Data from (Production) Language Models (2023)";
inline constexpr std::string_view kMultilingual =
    "Deng et al.: Multilingual Jailbreak Challenges in Large Language Models (2023)";
inline constexpr std::string_view kCipher =
    "Yuan et al.: GPT-4 Is Too Smart To Be Safe: Stealthy Chat with LLMs via Cipher (2023)";
inline constexpr std::string_view kInception =
    "Li et al.: DeepInception: Hypnotize Large Language Model to Be Jailbreaker (2023)";
inline constexpr std::string_view kHierarchy =
    "Wallace et al.: The Instruction Hierarchy: Training LLMs to Prioritize Privileged Instructions (2024)";
inline constexpr std::string_view kTensorTrust =
    "Toyer et al.: Tensor Trust: Interpretable Prompt Injection Attacks from an Online Game (2023)";
inline constexpr std::string_view kSkeletonKey = "Microsoft Security: Mitigating Skeleton Key (2024)";
inline constexpr std::string_view kPuppetry =
    "HiddenLayer: Novel Universal Bypass for All Major LLMs, Policy Puppetry (2025)";
inline constexpr std::string_view kToolPoisoning =
    "Invariant Labs: MCP Security Notification: Tool Poisoning Attacks (2025)";
inline constexpr std::string_view kSmuggler = "Embrace The Red: ASCII Smuggler (2024)";
inline constexpr std::string_view kImageExfiltration =
    "Embrace The Red: ChatGPT Plugin Exploit Explained: From Prompt Injection to Accessing Private Data (2023)";

}  // namespace gatehouse::guard::injection
