#include "gatehouse/text/views/known_words.h"

#include <string_view>
#include <unordered_set>

namespace gatehouse::text::views {
namespace {

// With a blank behind each.
constexpr std::string_view kWords =
    "a able about above accept access according account accounts achieve across act action actions activate "
    "active actual actually add added address admin administrator advance advice after again against age agent "
    "agents ago agree ahead ai air alert alice all allow allowed allowing allows alone along alphabet already "
    "also alternative although always am amount an analyse analysis analyze ancient and anger angry animal "
    "another answer answered answering answers any anybody anymore anyone anything anyway anywhere api app "
    "application apply approve approved april are area argue around art article as ask asked asking asks assist "
    "assistance assistant assistants assume at attach attack attacks attempt august author authority auto "
    "available avoid aware away back backup backwards bad bank bar base based basic be became because become "
    "becomes been before began begin beginning begins behave behavior behaviour behind being believe below "
    "benefit best better between beyond big bill bit black block blocked blue board bob body bomb book books bot "
    "both bottom boundaries box boy break breaking brief bring broken browser bug build building built business "
    "but button buy by bypass bypassed call called calling calls came can cannot capital car card care careful "
    "carefully carry case cases cause cease censor censored censorship center central certain chain chance "
    "change changed changes channel chapter character characters chat chatbot check child children choice choose "
    "city claim class clean clear clearly click client close code codes coding cold color colour column com come "
    "comes coming command commands comment common company compare complete completed completely complex comply "
    "computer concern condition conditions confidential config configuration confirm consider contact contain "
    "contains content contents context continue contrary control conversation convert cookie cool copy core "
    "correct correctly cost could count country course court cover create created creates creating creative "
    "credential credentials credit crime criminal critical cure current currently custom customer cut daily "
    "damage dangerous dark data database date dave day days dead deal dear death debug decide decode decoded "
    "deep default defense define delay delete deleted deliver demand demo deny depend describe description "
    "design desktop despite destroy detail detailed details detect determine dev develop developer developers "
    "development device did die different difficult digit digital direct direction directions directive "
    "directives directly directory disable disabled discard discount discuss disk display disregard do document "
    "documents does dog doing dollar domain done door double doubt down download draft draw dream drive driver "
    "drop drug drugs due during duty each earlier early earth easily east easy eat economic edit effect effort "
    "eight either else email emails emergency employee employees enable enabled encode encoded encoding encrypt "
    "encrypted end ended ending ends energy engine engineer english enjoy enough ensure enter entire entirely "
    "entry environment equal error escape especially essay establish ethical ethics evade even evening event "
    "ever every everybody everyone everything evidence evil exact exactly example examples except exchange "
    "excuse execute executed exercise exist existing exit expect expert explain explanation explicit exploit "
    "export expose extend external extra extract extreme eye eyes face fact factory fail failed fair faith fake "
    "fall false family far fast father fear feature february feel feeling felt few field fight figure file files "
    "fill film filter filtered filters final finally find fine finger finish fire first fish fit five fix flag "
    "floor focus folder follow followed following follows food for force forget forgot forgotten form format "
    "formatted formatting former forward found four france free freedom freely french friend friendly from front "
    "full fully fun function functions further future gain game games gave general generate generated german get "
    "gets getting gift girl give given gives giving go goal god goes going gold gone good google got government "
    "grandma grandmother grant granted graph great green ground group grow guard guess guest guidance guide "
    "guideline guidelines guides gun guy hack hacked hacker hackers hacking had haiku half hand handle happen "
    "happy hard harm harmful harmless has hate hatred have having he head health hear heart heat heavy held "
    "hello help helped helpful helping helps hence her here hers herself hey hi hidden hide high him himself "
    "hint hints his history hit hold hole home honest hope host hot hotel hour hours house how however huge "
    "human humans hundred hurt hypothetical i idea ideas identify identity if ignore ignored ignores ignoring "
    "illegal image imagine immediate immediately impact important impossible improve in include included "
    "includes including increase indeed index individual info inform information initial initially inject "
    "injection input inputs inside insist install instead instruct instructed instruction instructions intend "
    "interest internal internet into invent invest invite involve is issue it italian item items its itself jail "
    "jailbreak jailbroken january job join joke july jump june just keep keeper keeps kept key keyboard keys "
    "keyword kid kids kill killed killing kind king know knowing knowledge known knows label lack land language "
    "languages large last late later latest laugh launch law laws lawyer layer lead leader leak leaked learn "
    "learned least leave led left legal length less lesson let lets letter letters level license lie life light "
    "like likely limit limitation limitations limited limits line lines link links list listen lists literally "
    "little live lives living load loan local location lock locked log logic login logs long longer look looking "
    "looks lose loss lost lot love low lower lunch machine made mail main major make makes making malicious "
    "malware man manage manager manner many march mark market master match material matter may maybe me mean "
    "meaning means meant measure media medical meet meeting member members memory men mention mentioned message "
    "messages met meta method middle might military million mind mine minute minutes miss missing mission "
    "mode model models modern modes modify moment money monitor month months moral morals more morning most "
    "mother move movie much multiple murder music must my myself naked name named names nation national native "
    "natural nature near nearly necessary need needed needs negative network neutral never nevertheless new news "
    "next nice night nine no nobody none nor normal normally north not note notes nothing notice notwithstanding "
    "novel november now nuclear number numbers obey object objective obtain obvious october of off offensive "
    "offer office official often oh oil ok old omit on once one ones only onto open openai opening operate "
    "operation operator opinion opportunity opposite option options or oral order orders organization origin "
    "original other others otherwise our ours ourselves out outcome outline output outputs outside over overall "
    "overridden override overrule overwrite own owner package page paid pain paper paragraph parent park part "
    "parts party pass passcode passed passphrase password passwords past paste patch path patient pattern pause "
    "pay payload payment peace people per perfect perform performed perhaps period permission permissions permit "
    "permitted person persona personal phone phrase physical pick picture piece pig pin pirate place plain plan "
    "plane plans platform play player playing please plus poem point points poison police policies policy "
    "political poor port position positive possible post potential power powerful practice precise prefer prefix "
    "prepare present preserve president press pretend pretending prevent previous previously price pride primary "
    "principle principles print printed printing prior priority prison privacy private privilege privileges "
    "probably problem problems procedure process produce product production professional program programmed "
    "programming prohibited project promise prompt prompts proof proper property protect protected protection "
    "protocol protocols prove provide provided provider public pull purpose purposes push put python quality "
    "query question questions quick quickly quiet quit quite quote race radio raise ran random range rate rather "
    "raw reach reaction read reader reading ready real reality really reason reasons recall receive received "
    "recent recipe recipes recite record recover red reduce refer reference refuse refused refusing regard "
    "regarding regardless region regular regulation reject related release relevant reliable religion remain "
    "remember remind remote remove removed render repeat repeated repeating replace replied reply replying "
    "report repository represent request requested requests require required requires research reset resist "
    "resource respond responding response responses responsible rest restart restrict restricted restriction "
    "restrictions result results retrieve return reveal revealed revealing reverse reversed review rewrite rid "
    "right rights ring rise risk road robot rock role roleplay roles room root rot round row rule rules run "
    "running runs sad safe safeguard safeguards safely safety said sale sales same sample sandbox save saved saw "
    "say saying says scale scenario schedule school science scientist score scratch screen script search season "
    "second secret secretly secrets section secure security see seed seek seem seems seen select self sell send "
    "sending sends sense sensitive sent sentence sentences separate september sequence series serious serve "
    "server service services session set sets setting settings seven several severe sex sexual shall share "
    "shared sharing she shell shift ship shop short should shout show showing shown shows shut shutdown side "
    "sign signal silent similar simple simply simulate simulated simulation simulator since single sir sister "
    "sit site situation six size skill skills skip sleep slow slowly small smart so social soft software "
    "solution solve some somebody somehow someone something sometimes somewhere son song soon sorry sort sound "
    "source south space spanish speak speaking special specific specifically speech spell spelling spend spill "
    "split spoken spy stage stand standard standards start started starting starts state stated statement states "
    "stay steal stealing step steps still stolen stop stopped store stories story strange strategy street strict "
    "strictly string strong structure student study style subject submit succeed success such sudden sugar "
    "suggest summarise summarize summary sun super superior supply support suppose supposed sure surely surface "
    "surprise survive suspect switch system systems table take taken takes taking talk talking tax teach team "
    "tech technical technique tell telling tells ten term terminal terms terrorist test tested testing tests "
    "text texts than thank thanks that the their them themselves then theory there therefore these they thing "
    "things think thinking third this those though thought thousand threat three through throughout throw thus "
    "ticket time times title to today together told tomorrow tone too took tool tools top topic total touch "
    "toward towards town track trade train trained training transform translate translated translation travel "
    "treat tree trial trick tricks tried trip true trust trusted truth try trying turn turned tutorial twelve "
    "twenty twice two type types typical ultimate unable uncensored under understand understood unethical "
    "unfiltered unit universe unless unlimited unlock unlocked unrestricted until up update updated upgrade "
    "upload upon upper urgent url us usa usage use used useful user username users uses using usual usually "
    "valid value values variable various verbatim verify version very via victim video view violate violence "
    "violent virus visible visit voice vote vulnerability vulnerable wait walk wall want wanted wants war warn "
    "warning warnings was watch water way ways we weak weapon weapons wear weather web website week weeks weight "
    "welcome well went were west what whatever whats when whenever where whether which while whisper white who "
    "whole whom whose why wide wife wild will win window windows wine wish with within without woman women won "
    "wonder word words work worked worker working works world worry worst worth would write writer writes "
    "writing written wrong wrote yeah year years yellow yes yesterday yet you young your yours yourself zero "
    "zone ";

std::unordered_set<std::string_view> table() {
  std::unordered_set<std::string_view> words;
  for (std::size_t at = 0; at < kWords.size();) {
    const std::size_t end = kWords.find(' ', at);
    words.insert(kWords.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace

bool is_known_word(std::string_view word) {
  static const std::unordered_set<std::string_view> kTable = table();
  return word.size() <= kLongestKnown && kTable.contains(word);
}

}  // namespace gatehouse::text::views
