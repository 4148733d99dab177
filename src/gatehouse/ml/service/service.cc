#include "gatehouse/ml/service/service.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "gatehouse/ml/service/service_impl.h"
#include "gatehouse/ml/service/text_job.h"

namespace gatehouse::ml {
namespace {

constexpr std::size_t kDesks = 64;           // that lie ready
constexpr std::size_t kTextsOnADesk = 1024;  // it is not kept after a larger request

}  // namespace

Wants ModelSet::answers() const {
  return given_by(*this, injection.get()) | given_by(*this, entities.get()) | given_by(*this, embedding.get());
}

std::size_t Desk::place(const crypto::Fingerprint& text) {
  if (texts.size() * 2 >= index_.size()) rebuild(std::max<std::size_t>(32, index_.size() * 2));
  std::size_t at = text.low & (index_.size() - 1);
  for (; index_[at] != 0; at = (at + 1) & (index_.size() - 1)) {
    if (texts[index_[at] - 1].text == text) return index_[at] - 1;
  }
  if (texts.size() == kMostTexts) return kMostTexts;
  texts.emplace_back().text = text;
  index_[at] = static_cast<std::uint32_t>(texts.size());
  return texts.size() - 1;
}

void Desk::rebuild(std::size_t size) {
  index_.assign(size, 0);
  for (std::uint32_t i = 0; i < texts.size(); ++i) {
    std::size_t at = texts[i].text.low & (size - 1);
    while (index_[at] != 0) at = (at + 1) & (size - 1);
    index_[at] = i + 1;
  }
}

void Desk::clear() {
  texts.clear();
  pieces.clear();
  answers.clear();
  kept.clear();
  std::ranges::fill(index_, 0U);
}

Service::Impl::Impl(std::string_view secret, const ServiceOptions& given, std::shared_ptr<const ModelSet> models)
    : key(secret),
      options(given),
      memory(given.remembered, given.remembered_bytes),
      now(current(std::move(models))),
      pool(key, options, memory, counters) {}

Service::Impl::Current Service::Impl::current(std::shared_ptr<const ModelSet> models) {
  if (!models) models = std::make_shared<const ModelSet>();
  std::string name = "models";
  for (const auto& model : {models->injection, models->entities, models->embedding}) {
    name += '/';
    if (model) name += model->identity();
  }
  name += '/';
  if (models->linear) name += models->linear->hash();
  const std::uint64_t reader = reader_number(name);
  const Wants answers = models->answers();
  // Entities and the embedding are of the text alone.
  Wants beside;
  if (models->injection && models->injection->takes_context()) {
    beside = given_by(*models, models->injection.get()) & (Want::injection | Want::harmful);
  }
  return {std::move(models), reader, answers, beside};
}

std::unique_ptr<Desk> Service::Impl::borrow() {
  {
    const std::scoped_lock lock(mutex);
    if (!desks.empty()) {
      auto desk = std::move(desks.back());
      desks.pop_back();
      return desk;
    }
  }
  return std::make_unique<Desk>(key);
}

void Service::Impl::give_back(std::unique_ptr<Desk> desk) {
  if (desk->texts.size() > kTextsOnADesk) return;
  desk->clear();
  const std::scoped_lock lock(mutex);
  if (desks.size() < kDesks) desks.push_back(std::move(desk));
}

Reading Service::Impl::read(std::string_view context, std::string_view text, Wants wants) {
  const Current with = snapshot();
  wants = wants & with.answers;
  if (!context.empty()) wants = wants & with.beside;
  if (wants.empty()) return {};
  Counters::add(counters.asked);
  auto desk = borrow();
  TextQuestion question;
  question.key = {name_of(desk->fingerprint, context, text, desk->scratch), with.reader};
  question.context = std::string(context);
  give_back(std::move(desk));
  const auto known = memory.find(question.key);
  if (known && known->answers.covers(wants)) {
    Counters::add(counters.remembered);
    return *known;
  }
  question.text = std::string(text);
  question.wants = known ? wants.without(known->answers) : wants;
  const TextKey name = question.key;
  WindowNames names(key);
  TextJob job(with.models, std::move(question));
  bool failed = false;
  try {
    job.prepare(std::max<std::size_t>(1, options.windows), memory, names);
    for (std::size_t p = 0; p < job.passes().size() && !failed; ++p) {
      const TextJob::Pass& pass = job.passes()[p];
      std::vector<std::size_t> order;
      for (std::size_t w = 0; w < pass.windows.size(); ++w) {
        if (!pass.read[w]) order.push_back(w);
      }
      const auto length = [&](std::size_t w) { return WindowQueue<int>::length_class(pass.windows[w].ids.size()); };
      std::ranges::sort(order, {}, [&](std::size_t w) { return std::pair(length(w), w); });
      for (std::size_t i = 0; i < order.size() && !failed;) {
        std::vector<const Window*> batch;
        std::size_t next = i;
        while (next < order.size() && batch.size() < std::max<std::size_t>(1, options.batch) &&
               length(order[next]) == length(order[i])) {
          batch.push_back(&pass.windows[order[next++]]);
        }
        Counters::add(counters.batches);
        Counters::add(counters.windows, batch.size());
        auto readings = pass.model->read(batch, pass.wants);
        failed = !readings || readings->size() != batch.size();
        for (std::size_t b = 0; i < next && !failed; ++i, ++b) {
          failed = !TextJob::acceptable((*readings)[b], pass.wants);
          if (failed) break;
          TextJob::remember(pass, order[i], (*readings)[b], memory, names);
          job.accept(p, order[i], std::move((*readings)[b]));
        }
      }
    }
  } catch (const std::exception&) {
    failed = true;
  }
  Reading out;
  if (failed) {
    Counters::add(counters.failed);
    const LinearWord word = job.word();
    if (word.known) out = word_reading(*with.models->linear, word, job.question().wants);
    out.partial = true;
    out.settled = false;
    if (known) add_missing(out, *known);
    return out;
  }
  out = job.finish();
  Counters::add(job.passes().empty() ? counters.settled : counters.read);
  if (known) add_missing(out, *known);
  memory.put(name, std::make_shared<const Reading>(out));
  return out;
}

Service::Service(std::string_view key, const ServiceOptions& options, std::shared_ptr<const ModelSet> models)
    : impl_(std::make_unique<Impl>(key, options, std::move(models))) {}
Service::~Service() = default;

std::shared_ptr<const ModelSet> Service::models() const { return impl_->snapshot().models; }

void Service::replace(std::shared_ptr<const ModelSet> models) {
  Impl::Current next = Impl::current(std::move(models));
  const std::scoped_lock lock(impl_->mutex);
  std::swap(impl_->now, next);
}

ServiceCounts Service::counts() const { return impl_->counters.now(); }

Reading Service::read(std::string_view text, Wants wants, std::string_view context) {
  return impl_->read(context, text, wants);
}

}  // namespace gatehouse::ml
