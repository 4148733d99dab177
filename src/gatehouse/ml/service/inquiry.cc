#include <algorithm>
#include <limits>
#include <utility>

#include "gatehouse/ml/service/service.h"
#include "gatehouse/ml/service/service_impl.h"

namespace gatehouse::ml {
namespace {

// A longer text is shown to the linear model by the pool: here it would hold up the loop for more than half a
// millisecond.
constexpr std::size_t kLinearHere = std::size_t{64} << 10;
// Offsets in readings have 32 bits.
constexpr std::size_t kMostText = std::numeric_limits<std::uint32_t>::max();

constexpr std::string_view kLate = "the models took too long";
constexpr std::string_view kTooManyTexts = "too many texts in one request for the models";

}  // namespace

struct Inquiry::Impl {
  Impl(Service::Impl& of, Wants may)
      : service(of), with(of.snapshot()), allowed(may & with.answers), desk(of.borrow()) {
    nothing.answers = allowed;
    nothing.settled = true;
  }
  ~Impl() { service.give_back(std::move(desk)); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // A question that went to the pool; its number there is its place here.
  struct Sent {
    std::size_t text = 0;
    Wants wants{};
    bool answered = false;
    Pool::Ticket ticket{};
  };
  struct Noted {
    std::size_t text = 0;
    TextQuestion question{};
  };

  const LinearModel* linear() const { return with.models->linear.get(); }
  Answer ask(std::string_view context, std::string_view text, Wants wants);
  Answer makeshift(AskedText& known, std::string_view text, Wants wants);
  void note(std::size_t place, std::string_view context, std::string_view text, Wants wants, bool scored);
  void take_in();
  void leave();
  void put(AskedText& known, std::shared_ptr<const Reading> reading) {
    if (known.reading) desk->kept.push_back(std::move(known.reading));
    known.reading = std::move(reading);
  }
  void flush() {
    Counters::add(service.counters.asked, std::exchange(asked, 0));
    Counters::add(service.counters.remembered, std::exchange(remembered, 0));
    Counters::add(service.counters.settled, std::exchange(settled, 0));
  }

  Service::Impl& service;
  const Service::Impl::Current with;
  const Wants allowed;
  std::unique_ptr<Desk> desk;
  std::shared_ptr<Mailbox> answers{};  // null: nothing was sent since the last give_up()
  std::vector<Sent> sent{};
  std::vector<Noted> noted{};
  std::size_t noted_bytes = 0;
  std::string_view failure{};
  Reading nothing{};  // of an empty text
  // Added to the service's counts now and then: all threads share those.
  std::uint64_t asked = 0;
  std::uint64_t remembered = 0;
  std::uint64_t settled = 0;
};

void Inquiry::Impl::take_in() {
  if (!answers || !answers->fresh()) return;
  answers->take(desk->answers);
  for (Mailbox::Answer& answer : desk->answers) {
    Sent& question = sent[answer.slot];
    question.answered = true;
    AskedText& known = desk->texts[question.text];
    known.pending = known.pending.without(question.wants);
    if (answer.word.known) known.word = answer.word;
    if (answer.reading) put(known, merge(known.reading, answer.reading));
    const Wants missing = known.reading ? question.wants.without(known.reading->answers) : question.wants;
    if (missing.empty()) continue;
    known.lost = known.lost | missing;
    failure = answer.failure.empty() ? Pool::kFailed : answer.failure;
  }
  desk->answers.clear();
}

Oracle::Answer Inquiry::Impl::ask(std::string_view context, std::string_view text, Wants wants) {
  wants = wants & allowed;
  if (!with.beside.covers(wants)) context = {};
  if (wants.empty() || text.size() > kMostText) return {};
  if (text.empty()) return {&nothing, false};
  take_in();
  const crypto::Fingerprint name = name_of(desk->fingerprint, context, text, desk->scratch);
  const std::size_t place = desk->place(name);
  if (place == Desk::kMostTexts) {
    failure = kTooManyTexts;
    return {};
  }
  AskedText& known = desk->texts[place];
  if (known.reading && known.reading->answers.covers(wants)) return {known.reading.get(), false};
  Wants missing = known.reading ? wants.without(known.reading->answers) : wants;
  if (known.pending.covers(missing)) return {nullptr, true};
  if (!(known.lost & missing).empty()) return makeshift(known, text, wants);

  ++asked;
  const TextKey key{name, with.reader};
  if (auto remembered_one = service.memory.find(key)) {
    put(known, merge(known.reading, remembered_one));
    missing = wants.without(known.reading->answers);
    if (missing.empty()) {
      ++remembered;
      return {known.reading.get(), false};
    }
  }
  bool scored = false;
  if (context.empty() && linear() != nullptr && text.size() <= kLinearHere) {
    score_pieces(*linear(), text, desk->pieces);
    scored = true;
    known.word = linear_word(*linear(), desk->pieces);
    if (known.word.clear.covers(missing)) {
      put(known, merge(known.reading, std::make_shared<const Reading>(word_reading(*linear(), known.word, missing))));
      service.memory.put(key, known.reading);
      ++settled;
      return {known.reading.get(), false};
    }
  }
  const Wants news = missing.without(known.pending);
  const std::size_t bytes = context.size() + text.size();
  if (noted.size() >= service.options.queue || noted_bytes + bytes > service.options.queue_bytes) {
    known.lost = known.lost | news;
    failure = Pool::kFull;
    Counters::add(service.counters.refused);
    return makeshift(known, text, wants);
  }
  note(place, context, text, news, scored);
  return {nullptr, true};
}

void Inquiry::Impl::note(std::size_t place, std::string_view context, std::string_view text, Wants wants, bool scored) {
  AskedText& known = desk->texts[place];
  known.pending = known.pending | wants;
  for (Noted& other : noted) {
    if (other.text != place) continue;
    other.question.wants = other.question.wants | wants;
    return;
  }
  Noted& made = noted.emplace_back();
  made.text = place;
  made.question.key = {known.text, with.reader};
  made.question.text = std::string(text);
  made.question.context = std::string(context);
  made.question.wants = wants;
  const Wants free = context.empty() ? allowed : allowed & with.beside;
  made.question.free = known.reading ? free.without(known.reading->answers) : free;
  made.question.scored = scored;
  if (scored) made.question.pieces = desk->pieces;
  noted_bytes += context.size() + text.size();
}

Oracle::Answer Inquiry::Impl::makeshift(AskedText& known, std::string_view text, Wants wants) {
  if (!known.makeshift || !known.makeshift_for.covers(wants)) {
    if (!known.word.known && linear() != nullptr && text.size() <= kLinearHere) {
      score_pieces(*linear(), text, desk->pieces);
      known.word = linear_word(*linear(), desk->pieces);
    }
    auto made = std::make_shared<Reading>();
    if (known.reading) *made = *known.reading;
    const Wants missing = wants.without(made->answers);
    if (known.word.known && linear() != nullptr) {
      add_missing(*made, word_reading(*linear(), known.word, missing));
    }
    made->settled = false;
    made->partial = true;
    if (known.makeshift) desk->kept.push_back(std::move(known.makeshift));
    known.makeshift = std::move(made);
    known.makeshift_for = known.makeshift_for | wants;
  }
  if ((known.makeshift->answers & wants).empty()) return {};
  return {known.makeshift.get(), false};
}

void Inquiry::Impl::leave() {
  if (!answers) return;
  answers->close();
  for (Sent& question : sent) {
    if (question.answered) continue;
    const LinearWord word = service.pool.leave(question.ticket, answers.get());
    AskedText& known = desk->texts[question.text];
    if (word.known) known.word = word;
    known.pending = known.pending.without(question.wants);
    known.lost = known.lost | question.wants;
    failure = kLate;
  }
  sent.clear();
  answers.reset();
}

Inquiry::Inquiry(Service& service, Wants allowed) : impl_(std::make_unique<Impl>(*service.impl_, allowed)) {}

Inquiry::~Inquiry() {
  impl_->leave();
  impl_->flush();
}

Wants Inquiry::answers() const { return impl_->allowed; }

Oracle::Answer Inquiry::ask(std::string_view text, Wants wants) { return impl_->ask({}, text, wants); }

Oracle::Answer Inquiry::ask_beside(std::string_view context, std::string_view text, Wants wants) {
  return impl_->ask(context, text, wants);
}

bool Inquiry::open() const { return !impl_->noted.empty(); }

void Inquiry::send(std::function<void()> done) {
  Impl& of = *impl_;
  of.flush();
  if (of.noted.empty()) {
    if (done) done();
    return;
  }
  if (!of.answers) of.answers = std::make_shared<Mailbox>();
  std::vector<Pool::Sent> questions;
  questions.reserve(of.noted.size());
  const std::size_t first = of.sent.size();
  for (Impl::Noted& noted : of.noted) {
    of.sent.push_back({noted.text, noted.question.wants, false, {}});
    questions.push_back({std::move(noted.question), static_cast<std::uint32_t>(of.sent.size() - 1), {}});
  }
  of.noted.clear();
  of.noted_bytes = 0;
  const std::shared_ptr<Mailbox> answers = of.answers;
  answers->begin(questions.size(), std::move(done));
  of.service.pool.ask(of.with.models, questions, answers);
  for (std::size_t i = 0; i < questions.size(); ++i) of.sent[first + i].ticket = std::move(questions[i].ticket);
  answers->end();  // `done` may end this inquiry
}

void Inquiry::give_up() {
  Impl& of = *impl_;
  of.take_in();
  of.leave();
  for (const Impl::Noted& noted : of.noted) {
    AskedText& known = of.desk->texts[noted.text];
    known.pending = known.pending.without(noted.question.wants);
    known.lost = known.lost | noted.question.wants;
    of.failure = kLate;
  }
  of.noted.clear();
  of.noted_bytes = 0;
}

std::string_view Inquiry::failure() const { return impl_->failure; }

}  // namespace gatehouse::ml
