#include "gatehouse/ml/service/pool.h"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <optional>

namespace gatehouse::ml {
namespace {

// A pass of several windows is never longer than so many tokens, padding included: more is no faster (the weights of an
// encoder are read once for all of a pass, which counts for little beyond 128 tokens), and who comes next would wait.
constexpr std::size_t kBatchTokens = 256;
// Texts are cut before windows that are due this many tokens later are read: then a batch has them.
constexpr std::uint64_t kCutAhead = 2048;
// Cutting a text of up to so many bytes is over in no time; a longer one is due the later.
constexpr std::size_t kShortText = std::size_t{16} << 10;
constexpr std::size_t kShadows = 64;
constexpr std::size_t kMostShadowText = std::size_t{64} << 10;

}  // namespace

struct Pool::Job {
  enum class State : std::uint8_t { waiting, cutting, reading, finishing, over };
  struct Waiter {
    std::shared_ptr<Mailbox> answers{};
    std::uint32_t slot = 0;
  };
  enum class Window : std::uint8_t { idle, queued, running, read };
  struct Progress {
    Window state = Window::idle;
    Queue::Place place{};
  };

  Job(std::shared_ptr<const ModelSet> models, TextQuestion question)
      : job(std::move(models), std::move(question)), key(job.question().key), wants(job.question().wants) {}

  TextJob job;
  const TextKey key;
  Wants wants;  // what it will answer
  State state = State::waiting;
  std::size_t bytes = 0;
  Cuts::key_type due{};
  std::vector<Waiter> waiters{};
  std::vector<std::vector<Progress>> progress{};  // of each pass's windows
  std::size_t running = 0;
  LinearWord word{};
};

Pool::Pool(std::string_view key, const ServiceOptions& options, ReadingMemory& memory, Counters& counters)
    : options_(options), key_(key), memory_(memory), counters_(counters) {
  // Signals are for the threads that handle them.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const std::size_t count = std::max<std::size_t>(1, options_.threads);
  try {
    threads_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([this, i] { run(i); });
  } catch (...) {
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    {
      const std::scoped_lock lock(mutex_);
      stopping_ = true;
      work_.notify_all();
    }
    for (std::thread& thread : threads_) thread.join();
    throw;
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Pool::~Pool() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    work_.notify_all();
  }
  for (std::thread& thread : threads_) thread.join();
}

void Pool::wake() {
  if (idle_ > 0) work_.notify_one();
}

void Pool::ask(const std::shared_ptr<const ModelSet>& models, std::span<Sent> questions,
               const std::shared_ptr<Mailbox>& answers) {
  std::vector<Mailbox::Answer> now;
  {
    const std::scoped_lock lock(mutex_);
    for (Sent& sent : questions) {
      TextQuestion& question = sent.question;
      std::shared_ptr<Job> job;
      const auto [begin, end] = jobs_.equal_range(question.key);
      for (auto it = begin; it != end && !job; ++it) {
        Job& other = *it->second;
        if (other.state == Job::State::waiting) {
          other.job.widen(question.wants, question.free);
          other.wants = other.wants | question.wants;
          job = it->second;
        } else if (other.wants.covers(question.wants)) {
          job = it->second;
          // Left by all before it was through: what was taken from the queue goes back.
          if (other.state == Job::State::reading && other.waiters.empty()) queue_windows(job);
        }
      }
      if (!job) {
        // Between the miss and here its job may have ended; memory has it before the job goes.
        auto known = memory_.find(question.key);
        if (known && known->answers.covers(question.wants)) {
          now.push_back({sent.slot, std::move(known), {}, {}});
          continue;
        }
        if (stopping_ || jobs_.size() >= options_.queue ||
            text_bytes_ + question.text.size() + question.context.size() > options_.queue_bytes) {
          now.push_back({sent.slot, nullptr, kFull, {}});
          continue;
        }
        const std::size_t size = question.text.size() + question.context.size();
        job = std::make_shared<Job>(models, std::move(question));
        job->bytes = size;
        job->word = job->job.word();
        const std::size_t late = size > kShortText ? (size - kShortText) / 4 : 0;
        job->due = {windows_.now() + Queue::kPatience * late, next_cut_++};
        jobs_.emplace(job->key, job);
        text_bytes_ += size;
        cuts_.emplace(job->due, job);
      }
      job->waiters.push_back({answers, sent.slot});
      sent.ticket = job;
    }
    wake();
  }
  for (Mailbox::Answer& answer : now) {
    auto& counted = answer.reading ? counters_.remembered : counters_.refused;
    answers->deliver(std::move(answer), counted);
  }
}

LinearWord Pool::leave(const Ticket& ticket, const Mailbox* answers) {
  const std::shared_ptr<Job> job = ticket.lock();
  if (!job) return {};
  const std::scoped_lock lock(mutex_);
  std::erase_if(job->waiters, [&](const Job::Waiter& waiter) { return waiter.answers.get() == answers; });
  const LinearWord word = job->word;
  if (job->waiters.empty()) abandon(job);
  return word;
}

void Pool::abandon(const std::shared_ptr<Job>& job) {
  switch (job->state) {
    case Job::State::waiting:
      cuts_.erase(job->due);
      forget(job);
      break;
    case Job::State::reading:
      unqueue(*job);
      if (job->running == 0) forget(job);
      break;
    case Job::State::cutting:    // whoever cuts it looks
    case Job::State::finishing:  // goes into the memory
    case Job::State::over:
      break;
  }
}

void Pool::forget(const std::shared_ptr<Job>& job) {
  if (job->state == Job::State::over) return;
  job->state = Job::State::over;
  const auto [begin, end] = jobs_.equal_range(job->key);
  for (auto it = begin; it != end; ++it) {
    if (it->second == job) {
      text_bytes_ -= job->bytes;
      jobs_.erase(it);
      break;
    }
  }
  // Windows that are being read belong to their reader.
  if (job->running == 0) job->job.clear();
}

void Pool::queue_windows(const std::shared_ptr<Job>& job) {
  std::uint64_t tag = windows_.now();
  const auto& passes = job->job.passes();
  for (std::uint32_t p = 0; p < passes.size(); ++p) {
    for (std::uint32_t w = 0; w < passes[p].windows.size(); ++w) {
      Job::Progress& progress = job->progress[p][w];
      if (progress.state != Job::Window::idle) continue;
      const std::size_t tokens = passes[p].windows[w].ids.size();
      progress.state = Job::Window::queued;
      progress.place = windows_.add(passes[p].model.get(), passes[p].wants.bits(), tokens, tag, Unit{job, p, w});
      tag += Queue::kPatience * tokens;
    }
  }
}

void Pool::unqueue(Job& job) {
  for (auto& pass : job.progress) {
    for (Job::Progress& progress : pass) {
      if (progress.state != Job::Window::queued) continue;
      windows_.remove(progress.place);
      progress.state = Job::Window::idle;
    }
  }
}

bool Pool::cut_is_due(std::size_t cuts_before) const {
  if (cuts_.empty()) return false;
  if (windows_.empty()) return true;
  // A thread that found nothing but texts to cut would never read one.
  return cuts_before < 2 * options_.batch && cuts_.begin()->first.first <= windows_.first_tag() + kCutAhead;
}

void Pool::run(std::size_t number) {
  const std::string name = "gh-model-" + std::to_string(number);
  ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
  WindowNames names(key_);
  std::size_t cuts = 0;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (cuts_.empty() && windows_.empty() && shadows_.empty()) {
      cuts = 0;
      ++idle_;
      work_.wait(lock);
      --idle_;
      continue;
    }
    const base::SteadyTime began = clock_.now();
    if (cut_is_due(cuts)) {
      ++cuts;
      cut(lock, names);
    } else if (!windows_.empty()) {
      cuts = 0;
      read(lock, names);
    } else {
      shadow(lock);
    }
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(clock_.now() - began);
    Counters::add(counters_.busy_us, static_cast<std::uint64_t>(took.count()));
  }
}

void Pool::cut(std::unique_lock<std::mutex>& lock, WindowNames& names) {
  const std::shared_ptr<Job> job = cuts_.begin()->second;
  cuts_.erase(cuts_.begin());
  job->state = Job::State::cutting;
  if (!cuts_.empty()) wake();
  lock.unlock();
  bool failed = false;
  try {
    job->job.prepare(std::max<std::size_t>(1, options_.windows), memory_, names);
  } catch (const std::exception&) {
    failed = true;
  }
  lock.lock();
  if (failed) {
    fail_job(lock, job);
    return;
  }
  job->word = job->job.word();
  if (job->job.complete()) {
    complete(lock, job);
    return;
  }
  job->wants = job->wants | job->job.promised();
  job->state = Job::State::reading;
  for (const TextJob::Pass& pass : job->job.passes()) {
    auto& progress = job->progress.emplace_back(pass.windows.size());
    for (std::size_t w = 0; w < progress.size(); ++w) {
      if (pass.read[w]) progress[w].state = Job::Window::read;
    }
  }
  if (job->waiters.empty()) {
    forget(job);
    return;
  }
  queue_windows(job);
}

void Pool::read(std::unique_lock<std::mutex>& lock, WindowNames& names) {
  std::vector<Unit> units;
  windows_.take(std::max<std::size_t>(1, options_.batch), kBatchTokens, idle_, units);
  std::vector<const Window*> batch;
  for (const Unit& unit : units) {
    unit.job->progress[unit.pass][unit.window].state = Job::Window::running;
    ++unit.job->running;
    batch.push_back(&unit.job->job.passes()[unit.pass].windows[unit.window]);
  }
  const TextJob::Pass& pass = units.front().job->job.passes()[units.front().pass];
  const std::shared_ptr<const Model> model = pass.model;
  const Wants wants = pass.wants;
  if (!windows_.empty() || !cuts_.empty()) wake();
  lock.unlock();

  const auto ask = [&](std::span<const Window* const> some) -> std::optional<std::vector<WindowReading>> {
    Counters::add(counters_.batches);
    Counters::add(counters_.windows, some.size());
    try {
      auto readings = model->read(some, wants);
      if (readings && readings->size() == some.size()) return std::move(*readings);
    } catch (const std::exception&) {
    }
    return std::nullopt;
  };
  std::vector<std::optional<WindowReading>> readings(units.size());
  if (auto all = ask(batch)) {
    for (std::size_t i = 0; i < units.size(); ++i) readings[i] = std::move((*all)[i]);
  } else if (units.size() > 1) {
    // Nobody's text is to fail for a neighbour's sake.
    for (std::size_t i = 0; i < units.size(); ++i) {
      if (auto one = ask(std::span(batch).subspan(i, 1))) readings[i] = std::move(one->front());
    }
  }

  for (std::size_t i = 0; i < units.size(); ++i) {
    if (readings[i] && !TextJob::acceptable(*readings[i], wants)) readings[i].reset();
    const Unit& unit = units[i];
    if (readings[i]) {
      TextJob::remember(unit.job->job.passes()[unit.pass], unit.window, *readings[i], memory_, names);
    }
  }

  lock.lock();
  std::vector<std::shared_ptr<Job>> ended;
  std::vector<std::shared_ptr<Job>> failed;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const std::shared_ptr<Job>& job = units[i].job;
    --job->running;
    if (job->state != Job::State::reading) {
      if (job->state == Job::State::over && job->running == 0) job->job.clear();
      continue;
    }
    if (!readings[i]) {
      // No other window of it is begun.
      job->state = Job::State::finishing;
      failed.push_back(job);
      continue;
    }
    job->job.accept(units[i].pass, units[i].window, std::move(*readings[i]));
    job->progress[units[i].pass][units[i].window].state = Job::Window::read;
    if (job->job.complete()) {
      job->state = Job::State::finishing;
      ended.push_back(job);
    } else if (job->waiters.empty() && job->running == 0) {
      forget(job);  // all have left
    }
  }
  for (const auto& job : failed) unqueue(*job);
  for (const auto& job : ended) complete(lock, job);
  for (const auto& job : failed) fail_job(lock, job);
}

void Pool::complete(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Job>& job) {
  job->state = Job::State::finishing;
  lock.unlock();
  std::shared_ptr<const Reading> reading;
  try {
    auto made = std::make_shared<const Reading>(job->job.finish());
    reading = merge(memory_.find(job->key), made);
    memory_.put(job->key, reading);
  } catch (const std::exception&) {
    reading.reset();
  }
  lock.lock();
  if (!reading) {
    fail_job(lock, job);
    return;
  }
  const bool settled = job->job.passes().empty();
  const ModelSet& models = *job->job.models();
  if (models.shadow_injection && !settled && job->job.passes().front().wants.has(Want::injection) &&
      job->job.question().text.size() <= kMostShadowText) {
    if (shadows_.size() == kShadows) shadows_.pop_front();
    const TextQuestion& question = job->job.question();
    shadows_.push_back({models.shadow_injection, question.context, question.text, reading->injection});
    wake();
  }
  std::vector<Job::Waiter> waiters;
  waiters.swap(job->waiters);
  const LinearWord word = job->word;
  forget(job);
  lock.unlock();
  if (waiters.empty()) Counters::add(counters_.late);
  for (const Job::Waiter& waiter : waiters) {
    auto& counted = settled ? counters_.settled : counters_.read;
    if (!waiter.answers->deliver({waiter.slot, reading, {}, word}, counted)) Counters::add(counters_.late);
  }
  lock.lock();
}

void Pool::fail_job(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Job>& job) {
  unqueue(*job);
  std::vector<Job::Waiter> waiters;
  waiters.swap(job->waiters);
  const LinearWord word = job->word;
  forget(job);
  lock.unlock();
  for (const Job::Waiter& waiter : waiters) {
    waiter.answers->deliver({waiter.slot, nullptr, kFailed, word}, counters_.failed);
  }
  lock.lock();
}

void Pool::shadow(std::unique_lock<std::mutex>& lock) {
  const Shadow task = std::move(shadows_.front());
  shadows_.pop_front();
  lock.unlock();
  try {
    float score = 0;
    bool read = true;
    const std::vector<Window> windows =
        task.model->windows_beside(task.context, task.text, std::max<std::size_t>(1, options_.windows));
    for (const Window& window : windows) {
      {
        // Real work first; this text is not compared then.
        const std::scoped_lock look(mutex_);
        read = cuts_.empty() && windows_.empty() && !stopping_;
      }
      const Window* one = &window;
      if (!read) break;
      const auto readings = task.model->read(std::span(&one, 1), Want::injection);
      read = readings && readings->size() == 1;
      if (!read) break;
      score = std::max(score, readings->front().injection);
    }
    if (read) {
      Counters::add(counters_.shadow_read);
      if ((score >= 0.5F) != (task.score >= 0.5F)) Counters::add(counters_.shadow_differs);
    }
  } catch (const std::exception&) {
    // A candidate that fails is not compared.
  }
  lock.lock();
}

}  // namespace gatehouse::ml
