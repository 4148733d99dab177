#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/dialects/codec.h"
#include "gatehouse/dialects/gemini/part.h"
#include "gatehouse/dialects/gemini/partial_arguments.h"
#include "gatehouse/dialects/gemini/text_places.h"

namespace gatehouse::dialects::gemini {

// Reads answers, chunk by chunk or whole. One answer's, one thread's. Its events refer to the event's data and to the
// decoder, both until the next call.
//
// - When an answer is over is known at the end of the stream only: reasons may come with every chunk, and STOP in a
//   chunk behind the one with the calls. So `finished` and what ends with it are told by `on_end`.
// - A part that follows one of its kind goes on with its block, unless both are signed.
// - Calls without an id get one made of the answer's id and their place.
// - Grounding refers to bytes of all of the text; it is told with the text that is open when it comes, or at the end.
class Decoder final : public EventDecoder {
 public:
  // `whole`: one event is the whole answer, which may lack a reason.
  Decoder(const Reading& reading, bool whole) : rewrites_(reading.rewrites), origin_(reading.origin), whole_(whole) {}

  void on_event(std::string_view name, std::string_view data, std::vector<llm::ChatEvent>& out) override;
  void on_end(std::vector<llm::ChatEvent>& out) override;

 private:
  using Events = std::vector<llm::ChatEvent>;
  enum class Open : std::uint8_t { none, text, thought };
  // A call that comes in pieces.
  struct Pending {
    std::string id;
    std::string name;
    std::string signature;
    std::string arguments;
    PartialArguments partial;
    bool in_pieces = false;
  };
  struct Candidate {
    std::uint32_t index = 0;
    std::uint32_t blocks = 0;  // begun
    Open open = Open::none;
    bool is_signed = false;  // the open block has a signature
    bool called = false;
    llm::FinishReason finish = llm::FinishReason::unknown;
    std::string native;
    std::unique_ptr<Pending> pending;
    std::string grounding;  // groundingMetadata, citationMetadata: the last that came
    std::string citations;
    TextPlaces places;         // in the open text
    std::uint64_t before = 0;  // bytes of the texts before it
    bool texts = false;        // there was a text
  };
  struct CandidateRaw;

  void chunk(std::string_view data, Events& out);
  bool begin(std::string_view data, Events& out);
  void candidate(const CandidateRaw& raw, Events& out);
  bool content(Candidate& at, std::string_view raw, Events& out);
  bool part(Candidate& at, const Part& part, Events& out);
  bool text(Candidate& at, const Part& part, Open kind, Events& out);
  bool call(Candidate& at, const Part& part, Events& out);
  void media(Candidate& at, const Part& part, Events& out);
  bool flush(Candidate& at, Events& out);
  void say_call(Candidate& at, std::string_view id, std::string_view name, std::string_view arguments,
                std::string_view signature, const llm::Extras* extras, Events& out);
  void say_answer(Candidate& at, std::string_view arguments, Events& out);
  void open(Candidate& at, Open kind, const llm::Extras* extras, Events& out);
  void close(Candidate& at, Events& out);
  void cite(Candidate& at, Events& out);
  void cite_grounding(Candidate& at, std::string_view raw, Events& out);
  void cite_recitation(Candidate& at, std::string_view raw, Events& out);
  void cite(Candidate& at, llm::Citation&& citation, std::optional<std::uint64_t> begin,
            std::optional<std::uint64_t> end, Events& out);
  std::optional<std::uint64_t> code_point(const Candidate& at, std::uint64_t byte) const;
  void logprobs(Candidate& at, std::string_view raw, Events& out);
  void usage(std::string_view raw, Events& out);
  void say_usage(Events& out);
  void tell(std::string_view name, std::string_view raw, Events& out);
  void blocked(std::string_view raw, Events& out);
  void fail(llm::ChatError&& error, Events& out);
  void unreadable(Events& out);
  Candidate* candidate_at(std::uint32_t index);
  llm::ChatEvent event(llm::ChatEvent::Kind kind, const Candidate& at) const;
  llm::Opaque opaque(std::string_view signature) const { return {.origin = origin_, .value = std::string(signature)}; }

  std::string_view view(const Cursor::String& text);
  std::string_view keep(std::string&& text) { return strings_.emplace_back(std::move(text)); }
  std::string make_id();
  std::string_view callers_name(std::string_view sent) const;

  const Rewrites& rewrites_;
  const llm::Origin origin_;
  const bool whole_;
  bool started_ = false;
  bool done_ = false;
  std::string id_base_;
  std::size_t calls_ = 0;
  std::deque<Candidate> candidates_;
  llm::Usage usage_;
  std::string waiting_usage_;  // the last that came, not read yet
  bool usage_answered_ = false;
  std::size_t told_ = 0;  // bytes
  std::vector<std::uint64_t> told_before_;

  // Of the events of one call; kept for its room.
  std::string scratch_;
  std::deque<std::string> strings_;
  std::deque<llm::Extras> extras_;
  std::deque<llm::Media> media_;
  std::deque<llm::Foreign> foreign_;
  std::deque<llm::Citation> said_citations_;
  std::deque<std::vector<llm::TokenLogprob>> logprobs_;
  llm::ChatError error_;
};

// BackCodec::read_answer.
Result<llm::ChatAnswer> read_answer(std::string_view body, const Reading& reading);

}  // namespace gatehouse::dialects::gemini
