#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gatehouse/guard/answer/answer_detector.h"
#include "gatehouse/guard/answer/language.h"
#include "gatehouse/guard/testing/cuts.h"

namespace gatehouse::guard {
namespace {

Look answer() {
  Look look;
  look.direction = Direction::response;
  look.role = llm::Role::assistant;
  return look;
}

std::vector<Finding> find(AnswerOptions options, std::string_view text) {
  const auto detector = make_answer_detector(std::move(options));
  return testing::Driver(**detector, answer()).whole(text);
}

AnswerOptions characters(std::size_t most) {
  AnswerOptions options;
  options.most_characters = most;
  return options;
}
AnswerOptions bytes(std::size_t most) {
  AnswerOptions options;
  options.most_bytes = most;
  return options;
}
AnswerOptions no_refusals() {
  AnswerOptions options;
  options.refusals = false;
  return options;
}

// Without refusals, whose matcher takes a while to make.
AnswerOptions languages(std::vector<std::string> allowed) {
  AnswerOptions options = no_refusals();
  options.languages = std::move(allowed);
  return options;
}

struct Sentence {
  std::string_view code;
  std::string_view text;
};
constexpr Sentence kSentences[] = {
    {"en", "The ferry leaves at noon, and you can buy a ticket from the office by the gate if there is time."},
    {"de", "Die Fähre fährt um zwölf, und Sie können eine Karte im Büro am Tor kaufen, wenn noch Zeit ist."},
    {"fr", "Le bac part à midi, et vous pouvez acheter un billet dans le bureau qui est à côté de la porte."},
    {"es", "El barco sale a mediodía y puede comprar los billetes en la oficina del puerto, pero no hay más."},
    {"it", "Il traghetto parte a mezzogiorno e si può comprare il biglietto nel porto, che è anche più vicino."},
    {"pt", "O barco parte ao meio-dia e você não precisa comprar uma passagem, mas é bom chegar com tempo."},
    {"nl", "De boot vertrekt om twaalf uur en je kan een kaartje kopen op het kantoor, maar niet voor elf uur."},
    {"sv", "Båten går klockan tolv och det är lätt att köpa en biljett på kontoret som inte är långt från porten."},
    {"da",
     "Båden sejler klokken tolv, og det er også muligt at købe en billet af manden, men ikke hvad jeg ved meget."},
    {"fi", "Laiva lähtee keskipäivällä, mutta se ei ole sama kuin ennen, ja liput ovat nyt myös halvempia."},
    {"pl",
     "Prom odpływa w południe i można kupić bilet przez okno, ale nie jest to dla wszystkich oraz się nie opłaca."},
    {"cs", "Trajekt odjíždí v poledne a lístky jsou také v kanceláři nebo na nádraží, které je při přístavu."},
    {"tr", "Bu gemi öğlen kalkar ve bilet için daha çok para gerekli değil, ama bir saat kadar beklemek olarak."},
    {"ro", "Bacul pleacă la prânz și nu este nevoie să mergeți la birou pentru bilete, care sunt mai scumpe."},
    {"hu", "A hajó délben indul, és nem kell egy jegyet venni, hogy ez az út is lehet olcsó, vagy csak mint máskor."},
    {"id",
     "Kapal itu berangkat pada siang hari dan anda tidak perlu membeli tiket dari kantor yang ada dalam pelabuhan."},
    {"vi", "Tàu này chạy vào buổi trưa và bạn không cần mua vé trong các văn phòng của những người bán cho tôi."},
    {"ru", "Паром уходит в полдень, и вы можете купить билет на пристани, но это не так просто, как кажется."},
    {"uk", "Пором відходить опівдні, і це означає, що квиток треба купити до того, як він піде, або на борту."},
    {"el", "Το πλοίο φεύγει το μεσημέρι και το εισιτήριο πωλείται στο γραφείο δίπλα στην πύλη."},
    {"he", "המעבורת יוצאת בצהריים ואפשר לקנות כרטיס במשרד ליד השער אם יש זמן."},
    {"ar", "تغادر العبارة عند الظهر ويمكنك شراء تذكرة من المكتب القريب من البوابة إذا كان هناك وقت."},
    {"fa",
     "کشتی ظهر حرکت می‌کند و می‌توانید بلیت را از دفتر کنار دروازه "
     "بخرید "
     "اگر "
     "وقت "
     "باشد."},
    {"hi", "नाव दोपहर में चलती है और टिकट द्वार के पास के कार्यालय से खरीदा जा सकता है।"},
    {"th", "เรือออกตอนเที่ยงและคุณสามารถซื้อตั๋วได้จากสำนักงานข้างประตู"},
    {"zh", "渡轮中午出发，如果还有时间，您可以在大门旁边的办公室买票。"},
    {"ja", "フェリーは正午に出発します。時間があれば門のそばの事務所で切符を買うことができます。"},
    {"ko", "배는 정오에 출발하며 시간이 있으면 문 옆 사무실에서 표를 살 수 있습니다."},
};

TEST(LanguageTest, TellsEachSentence) {
  for (const Sentence& sentence : kSentences) {
    const LanguageGuess guess = guess_language(sentence.text);
    EXPECT_EQ(guess.code, sentence.code) << sentence.text;
    EXPECT_TRUE(known_language(sentence.code));
    EXPECT_GE(guess.share, 0.45F) << sentence.code;
  }
  EXPECT_FALSE(known_language("xx"));
  EXPECT_TRUE(guess_language("12 + 4 = 16").code.empty());
  EXPECT_TRUE(guess_language("").code.empty());
}

TEST(AnswerTest, ALanguageThatIsNotAllowedIsFound) {
  for (const Sentence& sentence : kSentences) {
    EXPECT_TRUE(find(languages({std::string(sentence.code)}), sentence.text).empty()) << sentence.code;
    const std::string other = sentence.code == "en" ? "de" : "en";
    const auto findings = find(languages({other}), sentence.text);
    ASSERT_EQ(findings.size(), 1U) << sentence.code;
    EXPECT_EQ(findings[0].entity, "LANGUAGE");
  }
  // Code is none, nor is what is too short to tell.
  EXPECT_TRUE(find(languages({"de"}), "Ja: the ferry").empty());
  EXPECT_TRUE(
      find(languages({"de"}), "So geht es:\n```\nif the file is not there then it was the wrong one for you to be\n")
          .empty());
  EXPECT_FALSE(make_answer_detector({.languages = {"klingon"}}).has_value());
}

TEST(AnswerTest, LengthIsTheFirstCharacterTooMany) {
  const std::string text =
      "ab\xC3\xA9"
      "d\xE2\x82\xAC"
      "f";  // six characters, nine bytes
  EXPECT_TRUE(find(characters(6), text).empty());
  auto findings = find(characters(4), text);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].entity, "LENGTH");
  EXPECT_EQ(findings[0].begin, 5U);
  EXPECT_EQ(findings[0].end, 8U);
  EXPECT_TRUE(find(bytes(9), text).empty());
  findings = find(bytes(7), text);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].begin, 5U);
}

TEST(AnswerTest, RefusalsAreTold) {
  const auto detector = *make_answer_detector({});
  testing::Driver driver(*detector, answer());
  for (const std::string_view text :
       {"I'm sorry, but I can't help with that request.", "Sorry - I cannot provide instructions for this.",
        "Unfortunately, I\xE2\x80\x99m not able to assist.", "I must decline to answer.",
        "Es tut mir leid, aber ich kann Ihnen dabei nicht helfen.", "Désolé, je ne peux pas vous aider.",
        "Lo siento, pero no puedo ayudar con eso.", "Desculpe, não posso ajudar com isso.",
        "Mi dispiace, non posso aiutare.", "Sorry, daar kan ik je niet helpen.", "Извините, я не могу помочь с этим.",
        "抱歉，我无法提供这些信息。", "申し訳ありませんが、お手伝いできません。", "죄송하지만 도와드릴 수 없습니다.",
        "Przykro mi, ale nie mogę pomóc."}) {
    const auto findings = driver.whole(text);
    ASSERT_FALSE(findings.empty()) << text;
    EXPECT_EQ(findings[0].entity, "REFUSAL");
  }
  for (const std::string_view text :
       {"You can't help everybody, can you?", "The key cannot provide access. Ask the office.",
        "Certainly! Here it is.", "Das kann er nicht helfen."}) {
    EXPECT_TRUE(driver.whole(text).empty()) << text;
  }
  EXPECT_TRUE(driver.whole(std::string(500, 'x') + " I can't help with that.").empty());
  EXPECT_TRUE(find(no_refusals(), "I can't help with that.").empty());
}

TEST(AnswerTest, EveryCutFindsTheSame) {
  const auto detector =
      *make_answer_detector({.languages = {"fi"}, .most_characters = 500, .most_bytes = 900, .refusals = true});
  testing::Driver driver(*detector, answer());
  std::string all;
  for (const Sentence& sentence : kSentences) {
    EXPECT_EQ(driver.all_cuts(sentence.text), "") << sentence.code;
    all += std::string(sentence.text) + " I can't help with that. ";
  }
  EXPECT_EQ(driver.all_cuts(all.substr(0, 1400)), "");
  const auto short_one = *make_answer_detector(bytes(333));
  EXPECT_EQ(testing::Driver(*short_one, answer()).all_cuts(all.substr(0, 700)), "");
}

TEST(AnswerTest, HoldsBackNothingOfAnAllowedLanguage) {
  const auto detector = *make_answer_detector({.languages = {"en"}, .most_characters = 5000});
  testing::Driver driver(*detector, answer());
  const std::string_view text = kSentences[0].text;
  std::vector<std::size_t> cuts;
  for (std::size_t i = 1; i < text.size(); ++i) cuts.push_back(i);
  std::size_t held = 0;
  EXPECT_EQ(driver.pieces(text, cuts, {}, 256, &held), "");
  EXPECT_EQ(held, 0U);
}

}  // namespace
}  // namespace gatehouse::guard
