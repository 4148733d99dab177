#include "gatehouse/govern/admission/counter.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace gatehouse::govern {
namespace {

constexpr std::int64_t kPicosANano = 1000;
// Wide enough for any price times any number of tokens. GCC calls it an extension.
__extension__ using Wide = __int128;

std::int64_t price(const Demand& demand, std::int64_t completion) {
  const Wide picos = static_cast<Wide>(demand.picodollars_per_completion_token) * completion;
  if (picos <= 0) return 0;
  const Wide whole = (picos + kPicosANano - 1) / kPicosANano;
  return whole > kAny ? kAny : static_cast<std::int64_t>(whole);
}

struct Shape {
  std::chrono::seconds width;
  std::int64_t parts;
};
// A rolling month is 30 days.
constexpr Shape shape(Period period) {
  using std::chrono::seconds;
  switch (period) {
    case Period::minute:
      return {seconds(1), 60};
    case Period::hour:
      return {seconds(60), 60};
    case Period::day:
      return {seconds(1800), 48};
    case Period::week:
      return {seconds(3 * 3600), 56};
    case Period::month:
    case Period::lifetime:
      break;
  }
  return {seconds(12 * 3600), 60};
}

std::int64_t number(Nanos at, Nanos width) {
  const std::int64_t whole = at / width;
  return at % width < 0 ? whole - 1 : whole;
}

}  // namespace

std::int64_t need(Resource resource, const Demand& demand, std::int64_t completion) {
  switch (resource) {
    case Resource::requests:
    case Resource::concurrency:
      return 1;
    case Resource::prompt_tokens:
      return std::max<std::int64_t>(0, demand.prompt_tokens);
    case Resource::completion_tokens:
      return completion;
    case Resource::total_tokens:
      return add_up(std::max<std::int64_t>(0, demand.prompt_tokens), completion);
    case Resource::usd:
      break;
  }
  return add_up(std::max<std::int64_t>(0, demand.base.nanos()), price(demand, completion));
}

std::int64_t fit(Resource resource, const Demand& demand, std::int64_t room) {
  const std::int64_t fixed = need(resource, demand, 0);
  // What needs nothing is not in anybody's way, even where a limit stands above its amount.
  if (fixed > room && fixed > 0) return -1;
  const std::int64_t rest = std::max<std::int64_t>(0, take_off(room, fixed));
  switch (resource) {
    case Resource::completion_tokens:
    case Resource::total_tokens:
      return rest;
    case Resource::usd: {
      if (demand.picodollars_per_completion_token <= 0) return kAny;
      const Wide tokens = static_cast<Wide>(rest) * kPicosANano / demand.picodollars_per_completion_token;
      return tokens > kAny ? kAny : static_cast<std::int64_t>(tokens);
    }
    default:
      return kAny;
  }
}

Parts::Parts(Period period)
    : width(std::chrono::nanoseconds(shape(period).width).count()),
      parts(shape(period).parts),
      used(static_cast<std::size_t>(parts) + 1) {}

Counter::Counter(std::shared_ptr<const ZonedLimit> limit, NodeKind k, const Node* n, std::uint8_t s)
    : resource(limit->limit.resource), kind(k), shard(s), node(n) {
  const Window& window = limit->limit.window;
  if (resource != Resource::concurrency && window.period != Period::lifetime) {
    if (window.rolling) parts = std::make_unique<Parts>(window.period);
    turns = std::numeric_limits<Nanos>::min();
  }
  replace(std::move(limit));
}

void Counter::replace(std::shared_ptr<const ZonedLimit> limit) {
  info = std::move(limit);
  amount = info->limit.amount;
  all_models = info->limit.models.admits_all();
  soft_amount = kAny;
  if (info->limit.soft > 0) {
    soft_amount = std::llround(static_cast<long double>(amount) * static_cast<long double>(info->limit.soft));
    soft_amount = std::clamp<std::int64_t>(soft_amount, 1, std::max<std::int64_t>(1, amount));
  }
}

void Counter::turn(Nanos now) {
  if (!parts) {
    const Span span = info->zone.around(info->limit.window.period, wall_time(now));
    starts = nanos(span.start);
    turns = nanos(span.end);
    used = 0;
    soft_told = hard_told = false;
    return;
  }
  const std::int64_t part = number(now, parts->width);
  if (parts->current == std::numeric_limits<std::int64_t>::min() || part - parts->current > parts->parts) {
    std::ranges::fill(parts->used, 0);
    used = 0;
  } else {
    for (std::int64_t next_part = parts->current + 1; next_part <= part; ++next_part) {
      used = take_off(used, std::exchange(parts->at(next_part), 0));
    }
  }
  parts->current = part;
  starts = (part - parts->parts) * parts->width;
  turns = (part + 1) * parts->width;
  if (used < soft_amount) soft_told = false;
  if (used < amount) hard_told = false;
}

void Counter::charge(std::int64_t use) {
  const std::int64_t before = used;
  used = add_up(used, use);
  if (parts) parts->at(parts->current) = add_up(parts->at(parts->current), used - before);
}

void Counter::give_back(std::int64_t use, std::int64_t stamp) {
  if (!parts) {
    if (stamp == starts) used = std::max<std::int64_t>(0, used - use);
    return;
  }
  if (stamp < parts->current - parts->parts || stamp > parts->current) return;
  const std::int64_t back = std::min(use, parts->at(stamp));
  parts->at(stamp) -= back;
  used -= back;
}

void Counter::restore(Nanos time, std::int64_t use) {
  if (use <= 0 || resource == Resource::concurrency) return;
  if (!parts) {
    if (time >= starts) used = add_up(used, use);
    return;
  }
  const std::int64_t part = std::min(number(time, parts->width), parts->current);
  if (part < parts->current - parts->parts) return;
  const std::int64_t before = used;
  used = add_up(used, use);
  parts->at(part) = add_up(parts->at(part), used - before);
}

Nanos Counter::falls_to(std::int64_t level) const {
  if (level < 0) return kNever;
  if (used <= level) return std::numeric_limits<Nanos>::min();
  if (!parts) return turns;
  std::int64_t left = used;
  for (std::int64_t part = parts->current - parts->parts; part <= parts->current; ++part) {
    left -= parts->at(part);
    if (left <= level) return (part + parts->parts + 1) * parts->width;
  }
  return kNever;
}

Nanos Counter::empties() const { return falls_to(0); }

Span Counter::window() const {
  if (turns == kNever) return {base::WallTime{}, base::WallTime::max()};
  return {wall_time(starts), wall_time(turns)};
}

}  // namespace gatehouse::govern
