#include "gatehouse/guard/names/learned_names.h"

#include <algorithm>
#include <vector>

#include "gatehouse/base/strings.h"
#include "gatehouse/guard/names/merge.h"
#include "gatehouse/guard/pieces.h"

namespace gatehouse::guard {
namespace {

bool is_letter(char c) {
  const char low = base::lower(c);
  return (low >= 'a' && low <= 'z') || (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// What a word of an entity may be in the lexicon.
std::uint32_t lexemes_of(std::string_view entity) {
  using namespace lexeme;
  if (entity == "PERSON") return kFirst | kSurname;
  if (entity == "LOCATION") return kPlace | kPlacePhrase;
  if (entity == "ORGANIZATION") return kSuffix | kBody;
  if (entity == "STREET_ADDRESS") return kStreet | kStreetPrefix;
  if (entity == "TITLE") return kTitle;
  return 0;
}

bool knows(const Lexicon& lexicon, std::string_view entity, std::string_view words) {
  const std::uint32_t wanted = lexemes_of(entity);
  if (wanted == 0) return false;
  constexpr std::size_t kMostWords = 8;
  std::size_t at = 0;
  for (std::size_t n = 0; n < kMostWords && at < words.size(); ++n) {
    while (at < words.size() && !is_letter(words[at])) ++at;
    std::size_t end = at;
    while (end < words.size() && is_letter(words[end])) ++end;
    const FoldedWord folded(words.substr(at, end - at));
    if (!folded.view().empty() && (lexicon.find(folded.view()) & wanted) != 0) return true;
    at = end;
  }
  return false;
}

class Merging {
 public:
  Merging(const Lexicon& lexicon, const Look& look, std::span<const NameFinding> dictionary, std::size_t sure,
          Findings& out)
      : lexicon_(lexicon), look_(look), dictionary_(dictionary), sure_(sure), out_(out) {}

  std::size_t read() {
    frontier_ = look_.text.size();
    if (look_.direction == Direction::request) {
      if (!look_.complete) return look_.from;
      piece(0, look_.text.size());
    } else {
      read_pieces();
    }
    frontier_ = std::max(frontier_, look_.from);
    for (const MergedName& one : merged_) {
      if (one.begin < look_.from || one.begin >= frontier_) continue;
      const std::string_view detector = one.learned ? kLearnedNames : detector_of(one.entity);
      out_.add({Family::pii, one.entity, detector, one.begin, one.end, one.score, look_.view});
    }
    return frontier_;
  }

 private:
  void read_pieces() {
    const std::size_t size = look_.text.size();
    PieceCutter cutter = look_.pieces;
    std::size_t begin = 0;
    bool known = cutter.size() == 0;  // where the piece begins is in front of the text otherwise
    for (;;) {
      const std::size_t end = cutter.next(look_.text, begin);
      if (end == PieceCutter::kNone) break;
      if (end > look_.from) piece(begin, end, known);
      begin = end;
      known = true;
    }
    if (begin == size) return;
    if (look_.complete) {
      piece(begin, size, known);
    } else {
      hold(begin);
    }
  }

  void hold(std::size_t begin) { frontier_ = std::min(frontier_, begin); }

  void piece(std::size_t begin, std::size_t end, bool whole = true) {
    const std::string_view words = look_.text.substr(begin, end - begin);
    // What begins in the piece; it may reach into the next.
    const auto before = [](std::size_t at) { return [at](const NameFinding& one) { return one.begin < at; }; };
    const auto first = std::ranges::partition_point(dictionary_, before(begin));
    const auto last = std::ranges::partition_point(dictionary_, before(end));
    const std::span<const NameFinding> here(first, last);
    // More of the text may still change what the dictionary says of its end.
    if (sure_ < end) hold(begin);
    if (!std::ranges::any_of(words, is_letter)) return keep(here);
    if (!whole) {
      out_.unread(Family::pii);
      return keep(here);
    }
    const auto answer = look_.meaning->ask(words, ml::Want::entities);
    if (answer.reading != nullptr && answer.reading->answers.has(ml::Want::entities)) {
      if (answer.reading->partial) out_.unread(Family::pii);
      merge_names(
          look_.text, begin, end - begin, here, *answer.reading,
          [this](std::string_view entity, std::string_view text) { return knows(lexicon_, entity, text); }, merged_);
    } else if (answer.pending) {
      out_.wait();
      hold(begin);
    } else {
      out_.unread(Family::pii);
      keep(here);
    }
  }

  void keep(std::span<const NameFinding> dictionary) {
    for (const NameFinding& one : dictionary) merged_.push_back({one.begin, one.end, one.entity, one.score, false});
  }

  const Lexicon& lexicon_;
  const Look& look_;
  std::span<const NameFinding> dictionary_;
  std::size_t sure_;
  Findings& out_;
  std::size_t frontier_ = 0;
  std::vector<MergedName> merged_;
};

}  // namespace

std::string_view detector_of(std::string_view entity) {
  if (entity == "PERSON") return "names.person";
  if (entity == "LOCATION") return "names.location";
  if (entity == "ORGANIZATION") return "names.organization";
  return "names.street_address";
}

std::size_t read_with_model(const Lexicon& lexicon, const Look& look, std::span<const NameFinding> dictionary,
                            std::size_t sure, Findings& out) {
  return Merging(lexicon, look, dictionary, sure, out).read();
}

}  // namespace gatehouse::guard
