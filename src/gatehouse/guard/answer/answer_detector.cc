#include "gatehouse/guard/answer/answer_detector.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "gatehouse/guard/answer/language.h"
#include "gatehouse/text/utf8.h"

namespace gatehouse::guard {
namespace {

constexpr EntityInfo kEntities[] = {
    {"LANGUAGE", "the answer is in a language that is not allowed", ""},
    {"LENGTH", "the answer is longer than allowed", ""},
    {"REFUSAL", "the answer declines what was asked", ""},
};

// Refusals are told by what is declined ("can't help", "nicht helfen") and by who says so a few words before. The
// matcher gives the former; the latter must stand in front of it. All in lower case; letters beyond ASCII as they are.
struct Refusal {
  std::string_view pattern;
  std::array<std::string_view, 3> speaker;  // one of them, as a word; none: the pattern says it
};
constexpr std::string_view kApostrophe = "(?:'|’)";
// @ stands for an apostrophe.
constexpr Refusal kRefusals[] = {
    {R"((?:can@t|cannot|can not|unable to|not able to|won@t|will not|not going to|must decline to|have to decline to|decline to) )"
     R"((?:be able to )?(?:directly )?(?:help|assist|provide|comply|fulfill?|generate|create|write|answer|support|share|)"
     R"(discuss|engage|continue|give|offer|produce|participate|condone|facilitate|proceed|respond|do that|do this|recommend|)"
     R"(promote|encourage|supply|teach|explain how))",
     {"i", "we", "i'm"}},
    {R"((?:i@m|i am) sorry, but i)", {}},
    {R"((?:goes|go) against my (?:guidelines|programming|principles|values|policy|policies))", {}},
    {R"(as an ai(?: language)?(?: model| assistant)?, i (?:can@t|cannot|do not|don@t|am not|@m not))", {}},
    {"nicht (?:weiter)?(?:dabei )?(?:helfen|weiterhelfen|unterstützen|beantworten|erfüllen|bereitstellen|"
     "nachkommen|erstellen|anbieten)",
     {"ich", "wir", ""}},
    {"(?:peux|puis|pouvons) pas (?:vous |t@|te )?(?:aider|fournir|répondre|assister|satisfaire|participer|vous|"
     "donner|cré"
     "er|générer)",
     {"je", "nous", ""}},
    {"(?:pas en mesure d)", {"je", "nous", ""}},
    {"no puedo (?:ayudar|proporcionar|cumplir|responder|asistir|ofrecer|generar|crear|participar|brindar|dar|hacer "
     "eso)",
     {}},
    {"não posso (?:ajudar|fornecer|cumprir|responder|oferecer|gerar|criar|participar|atender|fazer isso)", {}},
    {"non posso (?:aiutar|fornire|soddisfare|rispondere|offrire|generare|creare|assister|dare|farlo)", {}},
    {"niet (?:helpen|verstrekken|beantwoorden|voldoen|geven|aanbieden|assisteren|maken)", {"ik", "we", "wij"}},
    {"kan inte (?:hjälpa|svara|ge|tillhandahålla|skapa)", {"jag", "vi", ""}},
    {"kan ikke (?:hjælpe|hjelpe|svare|gi|give|levere|lage|lave)", {"jeg", "vi", ""}},
    {"en voi (?:auttaa|vastata|tarjota|antaa|luoda)", {}},
    {"nie mogę (?:pomó"
     "c|udzielić|podać|spełnić|odpowiedzieć|stworzyć|tego)",
     {}},
    {"nemohu (?:pomoci|poskytnout|odpovědět|vyhovět|vytvořit)", {}},
    {"yardım(?:cı olamam| edemem)", {}},
    {"не могу (?:помочь|"
     "предоставить|"
     "выполнить|"
     "ответить|"
     "создать)",
     {}},
    {"我(?:无法|不能|不可以)(?:"
     "帮|提供|"
     "协助|回答|满足|生成|"
     "为您|支持)",
     {}},
    {"(?:お手伝い|お答え|"
     "提供|対応)"
     "(?:すること)?(?:は|が)?(?:"
     "できません|"
     "いたしかね)",
     {}},
    {"(?:도와드릴|제공할|"
     "답변할|"
     "응할) 수 없",
     {}},
    {"لا "
     "(?:أستطيع|يمكنني) "
     "(?:مساعد|تقديم|"
     "الإجابة)",
     {}},
};
// Bytes of an answer in which its first sentences stand.
constexpr std::size_t kFirst = 480;
// Bytes in front of what is declined in which the speaker stands.
constexpr std::size_t kSpeaker = 64;

// An answer's language is judged by stretches of so many bytes, counted from its first one.
constexpr std::size_t kStretch = 240;
constexpr std::size_t kAllStretches = 8;  // of those behind, every eighth: an answer keeps to its language as a rule
constexpr std::size_t kShortest = 48;     // a whole answer that is shorter tells no language
constexpr unsigned kEvidence = 5;
constexpr float kShare = 0.5F;

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

bool is_letter(char c) {
  const auto b = static_cast<unsigned char>(c);
  return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') ||
         (b >= 0x80 && b != 0xE2);  // that one begins punctuation, as apostrophes
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
    if (at > 0 && is_letter(text[at - 1])) continue;
    if (at + word.size() < text.size() && is_letter(text[at + word.size()])) continue;
    const bool same = std::ranges::equal(text.substr(at, word.size()), word, [](char a, char b) {
      return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
    });
    if (same) return true;
  }
  return false;
}

class AnswerDetector final : public Detector {
 public:
  explicit AnswerDetector(AnswerOptions options) : options_(std::move(options)) {}

  std::string_view name() const override { return "answer"; }
  Family family() const override { return Family::answer; }
  std::span<const EntityInfo> entities() const override { return kEntities; }
  text::ViewKinds views(Direction) const override { return {text::ViewKind::original}; }
  bool concerns(Direction direction, llm::Role, llm::SegmentKind kind) const override {
    return direction == Direction::response && (kind == llm::SegmentKind::text || kind == llm::SegmentKind::refusal);
  }
  std::vector<Trigger> triggers() const override {
    std::vector<Trigger> triggers;
    if (!options_.refusals) return triggers;
    for (std::size_t i = 0; i < std::size(kRefusals); ++i) {
      std::string pattern;
      for (const char c : kRefusals[i].pattern) {
        if (c == '@') {
          pattern += kApostrophe;
        } else {
          pattern += c;
        }
      }
      triggers.push_back({.trigger = static_cast<std::uint32_t>(i), .pattern = std::move(pattern)});
    }
    return triggers;
  }

  std::size_t look(const Look& look, std::span<const Hit> hits, Findings& out) const override {
    // A character that is not finished is no place for a finding yet.
    std::size_t frontier = look.text.size() - (look.complete ? 0 : text::incomplete_tail(look.text));
    if (options_.refusals) find_refusals(look, hits, out);
    if (options_.most_bytes != 0 || options_.most_characters != 0) find_end(look, out);
    if (!options_.languages.empty()) frontier = std::min(frontier, judge_language(look, frontier, out));
    return std::max(frontier, look.from);
  }

 private:
  void add(const Look& look, std::size_t entity, std::string_view detector, std::size_t begin, std::size_t end,
           float score, Findings& out) const {
    if (begin < look.from || begin >= end) return;
    out.add({.family = Family::answer,
             .entity = kEntities[entity].entity,
             .detector = detector,
             .begin = begin,
             .end = end,
             .score = score,
             .view = look.view});
  }

  // The character that the byte in front of `end` belongs to.
  static std::size_t character_before(std::string_view text, std::size_t end) {
    std::size_t at = end - 1;
    while (at > 0 && end - at < 4 && continues(text[at])) --at;
    return at;
  }

  void find_refusals(const Look& look, std::span<const Hit> hits, Findings& out) const {
    for (const Hit& hit : hits) {
      if (look.before.bytes() + hit.end > kFirst) break;
      const Refusal& refusal = kRefusals[hit.trigger];
      if (!refusal.speaker[0].empty()) {
        const std::size_t size = std::min(hit.end, kSpeaker);
        std::string_view front = look.text.substr(hit.end - size, size);
        // Of the same sentence.
        if (const std::size_t stop = front.find_last_of(".!?\n"); stop != std::string_view::npos) {
          front = front.substr(stop + 1);
        }
        const bool said = std::ranges::any_of(refusal.speaker, [front](std::string_view speaker) {
          return !speaker.empty() && has_word(front, speaker);
        });
        if (!said) continue;
      }
      add(look, 2, "answer.refusal", character_before(look.text, hit.end), hit.end, 0.8F, out);
    }
  }

  // The first character that is too many. Nothing once it lies in front of the window.
  void find_end(const Look& look, Findings& out) const {
    const std::size_t size = look.text.size();
    std::size_t at = size;
    if (options_.most_bytes != 0) {
      if (look.before.bytes() > options_.most_bytes) return;
      const std::size_t room = options_.most_bytes - look.before.bytes();
      if (room < size) at = character_before(look.text, room + 1);
    }
    if (options_.most_characters != 0) {
      if (look.before.characters() > options_.most_characters) return;
      std::size_t room = options_.most_characters - look.before.characters();
      for (std::size_t i = 0; room < size && i < at; ++i) {
        if (!continues(look.text[i]) && room-- == 0) at = i;
      }
    }
    if (at == size) return;
    const text::Sequence character = text::next_sequence(look.text.substr(at));
    if (character.incomplete && !look.complete) return;
    add(look, 1, "answer.length", at, at + character.size, 1, out);
  }

  bool is_allowed(std::string_view code) const {
    return std::ranges::find(options_.languages, code) != options_.languages.end();
  }

  // The score of a text's language, if it is none of the allowed; 0 otherwise.
  float judge(std::string_view text) const {
    const LanguageGuess guess = guess_language(text);
    if (guess.code.empty() || guess.evidence < kEvidence || guess.share < kShare || is_allowed(guess.code)) return 0;
    return std::min(1.0F, 0.5F + guess.share / 2);
  }

  // At the end of each stretch, and of the text. Each finding is the character behind the stretch, or the last one:
  // what has gone cannot be called back, and nothing is held for it. Code is no language.
  std::size_t judge_language(const Look& look, std::size_t end, Findings& out) const {
    const std::string_view text = look.text;
    const std::size_t before = look.before.bytes();
    std::size_t frontier = end;
    FenceState fence = look.before.fence();
    std::size_t fed = 0;
    // Stretches that begin in the window and end in what is new.
    for (std::size_t stretch = (before + kStretch - 1) / kStretch;; ++stretch) {
      const std::size_t first = stretch * kStretch - before;
      const std::size_t last = first + kStretch;
      if (last >= end) break;
      if (last < look.from || (stretch >= kAllStretches && stretch % kAllStretches != 0)) continue;
      fence.feed(text.substr(fed, first - fed));
      fed = first;
      const bool code = fence.inside();
      FenceState after = fence;
      after.feed(text.substr(first, kStretch));
      if (code || after.inside()) continue;
      if (const float score = judge(text.substr(first, kStretch)); score > 0) {
        std::size_t at = last;
        while (at < end && continues(text[at])) ++at;
        if (at >= end) {
          frontier = std::min(frontier, last);
          break;
        }
        add(look, 0, "answer.language", at, at + std::max<std::size_t>(text::next_sequence(text.substr(at)).size, 1),
            score, out);
      }
    }
    // A text that is too short for a stretch is judged as a whole; while it may be the whole, its last character stays.
    if (before == 0 && end >= kShortest && end <= kStretch) {
      fence.feed(text.substr(fed, end - fed));
      const float score = fence.inside() ? 0 : judge(text.substr(0, end));
      if (score > 0) {
        const std::size_t at = character_before(text, end);
        if (look.complete) {
          add(look, 0, "answer.language", at, end, score, out);
        } else {
          frontier = std::min(frontier, at);
        }
      }
    }
    return frontier;
  }

  AnswerOptions options_;
};

}  // namespace

Result<std::unique_ptr<Detector>> make_answer_detector(AnswerOptions options) {
  for (const std::string& code : options.languages) {
    if (!known_language(code)) return fail(Code::configuration, "language '" + code + "' is not one that can be told");
  }
  return std::unique_ptr<Detector>(std::make_unique<AnswerDetector>(std::move(options)));
}

}  // namespace gatehouse::guard
