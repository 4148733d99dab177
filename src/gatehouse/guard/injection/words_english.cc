#include <array>
#include <span>
#include <string_view>

#include "gatehouse/guard/injection/words.h"

namespace gatehouse::guard::injection {
namespace {

constexpr std::array<WordList, 18> kEnglish = {{
    {"not",
     "not no never dont don doesnt cannot cant wont shouldnt mustnt without nor isnt t avoid nicht niemals nunca não "
     "niet nie nigdy не никогда ніколи jamais jangan đừng 不要 别 勿"},
    // Setting aside.
    {"ignore",
     "ignor* disregard* forget forgets forgetting forgot overlook* override overriding overrule bypass* circumvent* "
     "discard* neglect* abandon* unlearn* invalidat* sidestep*"},
    {"wipe", "erase* delete deletes deleting clear reset resets wipe wipes drop remove purge scrap cancel"},
    {"prior",
     "previous* prior above earlier preceding foregoing former before existing original initial all any every your "
     "those these old past current other said given system developer"},
    {"before", "previous* prior above earlier preceding foregoing former before past"},
    {"rules",
     "instruction* directive* guideline* rule rules prompt prompts command commands commandment* policy policies order "
     "orders constraint* restriction* limitation* programming guardrail* safeguard* protocol protocols training "
     "directions configuration"},
    // What a model was told.
    {"prompt",
     "prompt prompts preprompt pre-prompt instruction* directive* guideline* metaprompt configuration programming"},
    {"limits",
     "restriction* limitation* limits filter filters filtering censorship censor rule rules guideline* boundaries "
     "boundary constraint* ethic* moral* morals morality guardrail* safeguard* inhibition* restraint* law laws "
     "policies policy"},
    {"follow",
     "follow follows following obey obeys obeying adhere* comply complying listen respect abide* observe heed"},
    {"reveal",
     "reveal* show shows print prints output outputs display* repeat repeats repeating recite* disclose* leak leaks "
     "dump expose* tell give share write list provide return echo summari* translat* convert* describe explain spell "
     "quote paste copy type say state enumerat* restate paraphras* reproduc* extract read divulg* regurgitat* "
     "reiterat* rewrite transcribe encode send uncover format outline clarify confirm format remind"},
    {"secret",
     "password passwords passphrase passcode passkey secret secrets codeword credential credentials pin flag"},
    {"encoding",
     "base64 base32 base58 base85 rot13 rot-13 rot47 hex hexadecimal morse caesar cipher ciphertext ciphered binary "
     "leetspeak leet l33t braille atbash vigenere ascii85 uuencode* punycode"},
    {"harm",
     "illegal* unethical* immoral* harmful dangerous offensive inappropriate unsafe unlawful malicious explicit nsfw "
     "toxic criminal evil violent"},
    {"user", "user users human humans"},
    {"shape",
     "poem song rhyme rap acrostic haiku story riddle emoji emojis json xml yaml csv html markdown table backwards "
     "reverse reversed letters characters base64 rot13 hex hexadecimal binary morse cipher ascii pig translated "
     "encoded lyrics python code list"},
    {"attacks",
     "injection injections jailbreak jailbreaks jailbreaking jailbroken attack attacks attacker attackers exploit "
     "exploits adversarial payload payloads malicious red-team redteam owasp phishing vulnerabilit* threat threats"},
    {"study",
     "detect detects detecting detection prevent* defend* defen* mitigat* protect* classif* filter filters guard "
     "guardrail guardrails explain explains example examples research paper article quote phrase phrases sentence "
     "string pattern regex test tests testing vulnerab* security means meaning review sanitiz* block blocks flag flags "
     "log logs report reported"},
    {"speak",
     "say says output print write respond reply answer return tell give type state display repeat post add include"},
}};

}  // namespace

std::span<const WordList> english_words() { return kEnglish; }

std::string_view scrambled_words() {
  return "ignore disregard forget override bypass previous prior above earlier instructions instruction guidelines "
         "rules prompt system reveal repeat print output display password secret everything restrictions developer "
         "jailbreak";
}

}  // namespace gatehouse::guard::injection
