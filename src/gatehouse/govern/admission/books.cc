#include "gatehouse/govern/admission/books.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <span>

namespace gatehouse::govern {
namespace {

void free_if_done(Counter* counter) {
  if (counter->retired && counter->pins == 0 && counter->waiters == 0) delete counter;
}

LimitRef reference(const Counter& counter) {
  return {.limit = {counter.info, &counter.info->limit},
          .kind = counter.kind,
          .node = counter.node,
          .used = counter.used,
          .notify = false};
}

std::int64_t wanted(const Demand& demand) { return std::max<std::int64_t>(0, demand.completion_wanted); }
std::int64_t least(const Demand& demand) { return std::clamp<std::int64_t>(demand.completion_min, 0, wanted(demand)); }

bool holds_up(const Counter& counter, const Asker& asker) {
  switch (asker.kind) {
    case Asker::Kind::passing:
      return counter.barrier;
    case Asker::Kind::first:
    case Asker::Kind::joining:
      return counter.waiters > 0;
    case Asker::Kind::waiting:
      break;
  }
  return counter.barrier && &counter != asker.queue && !asker.overtaken;
}

std::int64_t used_of(Resource resource, const Actual& actual) {
  switch (resource) {
    case Resource::requests:
    case Resource::concurrency:
      return 0;  // counted at admission, or only held
    case Resource::prompt_tokens:
      return std::max<std::int64_t>(0, actual.prompt_tokens);
    case Resource::completion_tokens:
      return std::max<std::int64_t>(0, actual.completion_tokens);
    case Resource::total_tokens:
      return add_up(std::max<std::int64_t>(0, actual.prompt_tokens),
                    std::max<std::int64_t>(0, actual.completion_tokens));
    case Resource::usd:
      break;
  }
  return std::max<std::int64_t>(0, actual.cost.nanos());
}

}  // namespace

// What one demand is counted on. On the stack; the first `count` are set.
struct Books::Sheet {
  Sheet() {}  // NOLINT: leaves the array as it is
  struct Row {
    Counter* counter;
    std::int64_t need;  // with all that is wanted
  };
  std::size_t count = 0;
  std::array<Row, kMaxDemandLimits> rows;
  std::span<Row> all() { return {rows.data(), count}; }
  std::span<const Row> all() const { return {rows.data(), count}; }
};

std::size_t Books::NameHash::operator()(const Name& name) const {
  const std::size_t id = std::hash<std::string_view>()(name.id);
  return id ^ (std::hash<const void*>()(name.parent) * 0x9e3779b97f4a7c15ULL) ^ static_cast<std::size_t>(name.kind);
}

std::size_t Books::NameHash::operator()(const Account* account) const {
  return (*this)(Name{account->kind, account->id, account->parent});
}

bool Books::NameEqual::operator()(const Name& name, const Account* account) const {
  return name.kind == account->kind && name.parent == account->parent && name.id == account->id;
}

Books::~Books() {
  for (Shard& shard : shards_) {
    const auto clear = [](base::IntrusiveList<Account>& list) {
      while (!list.empty()) {
        const std::unique_ptr<Account> account(&list.front());
        account->unlink();
        if (account->node != nullptr) account->node->account.store(nullptr, std::memory_order_relaxed);
      }
    };
    clear(shard.accounts);
    shard.named.clear();
    for (auto& [key, group] : shard.groups) clear(group->recent);
  }
}

std::size_t Books::shard_of(const Node* top) {
  if (top == nullptr) return 0;
  // Nodes are heap blocks: the low bits say little.
  return (reinterpret_cast<std::uintptr_t>(top) >> 4U) * 0x9e3779b97f4a7c15ULL >> 59U;
}
static_assert(Books::kShards == 32);

Books::ShardSet Books::shards_of(const Demand& demand) const {
  ShardSet set = 0;
  for (const Node* leaf : demand.leaves) {
    bool limited = false;
    const Node* top = nullptr;
    for (const Node* node = leaf; node != nullptr; node = node->parent) {
      top = node;
      limited = limited || node->account.load(std::memory_order_relaxed) != nullptr || has_template(node->kind);
    }
    if (limited) set |= ShardSet{1} << shard_of(top);
  }
  for (const Member& member : demand.members) {
    if (has_template(member.kind)) set |= ShardSet{1} << shard_of(top_of(member.parent));
  }
  return set;
}

bool Books::add(Account& account, const Demand& demand, Nanos now, Sheet& sheet) {
  for (Counter* counter = account.first; counter != nullptr; counter = counter->next) {
    if (!counter->counts(demand.model)) continue;
    if (sheet.count == kMaxDemandLimits) return false;
    counter->roll(now);
    sheet.rows[sheet.count++] = {counter, need(counter->resource, demand, wanted(demand))};
  }
  return true;
}

bool Books::gather(const Demand& demand, ShardSet set, Nanos now, Sheet& sheet) {
  if (demand.leaves.size() + demand.members.size() > kMaxDemandLeaves) return false;
  for (ShardSet rest = set; rest != 0; rest &= rest - 1) {
    ++shards_[static_cast<std::size_t>(std::countr_zero(rest))].visit;
  }
  const auto meet = [&](Shard& shard, Account* account) {
    if (account == nullptr || account->visit == shard.visit) return true;
    account->visit = shard.visit;
    return add(*account, demand, now, sheet);
  };
  for (const Node* leaf : demand.leaves) {
    const Node* top = top_of(leaf);
    const std::size_t index = shard_of(top);
    if (leaf == nullptr || ((set >> index) & 1U) == 0) continue;
    Shard& shard = shards_[index];
    for (const Node* node = leaf; node != nullptr; node = node->parent) {
      Account* account = node->account.load(std::memory_order_relaxed);
      if (has_template(node->kind) && (account == nullptr || account->group != nullptr)) {
        account = template_account(shard, node, {node->kind, node->id, node->parent}, top, now);
      }
      if (!meet(shard, account)) return false;
    }
  }
  for (const Member& member : demand.members) {
    const Node* top = top_of(member.parent);
    const std::size_t index = shard_of(top);
    if (((set >> index) & 1U) == 0) continue;
    Shard& shard = shards_[index];
    if (!meet(shard, template_account(shard, nullptr, {member.kind, member.id, member.parent}, top, now))) return false;
  }
  return true;
}

Blocked Books::attempt(const Demand& demand, const Asker& asker, Moment now, Outcome& out) {
  const std::int64_t want = wanted(demand);
  const std::int64_t min = least(demand);
  const ShardSet set = shards_of(demand);
  if (set == 0) {
    if (demand.leaves.size() + demand.members.size() > kMaxDemandLeaves) {
      out.verdict = Verdict::never;
      return {};
    }
    out.verdict = Verdict::held;
    out.reservation.completion_ = want;
    return {};
  }
  const Nanos at = nanos(now.wall);
  Sheet sheet;
  const Guard guard(*this, set);
  if (!gather(demand, set, at, sheet)) {
    out.verdict = Verdict::never;
    return {};
  }

  bool fits = true;
  Counter* ahead = nullptr;  // where others come first
  for (const Sheet::Row& row : sheet.all()) {
    if (row.need == 0) continue;
    if (row.need > row.counter->room()) fits = false;
    if (ahead == nullptr && holds_up(*row.counter, asker)) ahead = row.counter;
  }
  if (fits && ahead == nullptr) {
    take(sheet, demand, want, set, out);
    report(sheet, at, out);
    return {};
  }

  // How much would fit: now, once everybody else has settled for nothing, and in a window of its own.
  std::int64_t now_fits = want;
  std::int64_t later_fits = want;
  for (const Sheet::Row& row : sheet.all()) {
    const Counter& counter = *row.counter;
    const std::int64_t ever = fit(counter.resource, demand, counter.amount);
    if (ever < min) {
      out.verdict = Verdict::never;
      out.obstacle = reference(counter);
      out.obstacle.notify = counter.info->limit.notify && !std::exchange(row.counter->hard_told, true);
      report(sheet, at, out);
      return {};
    }
    now_fits = std::min(now_fits, fit(counter.resource, demand, counter.room()));
    later_fits = std::min(later_fits, fit(counter.resource, demand, take_off(counter.amount, counter.used)));
  }
  const bool may_wait = asker.kind != Asker::Kind::passing;
  Blocked blocked;
  if (later_fits < min) {
    Nanos turns = std::numeric_limits<Nanos>::min();
    for (const Sheet::Row& row : sheet.all()) {
      const Counter& counter = *row.counter;
      if (fit(counter.resource, demand, take_off(counter.amount, counter.used)) >= min) continue;
      const Nanos when = counter.falls_to(take_off(counter.amount, need(counter.resource, demand, min)));
      if (blocked.counter == nullptr || when > turns) {
        turns = when;
        blocked.counter = row.counter;
      }
    }
    const Nanos patience = std::chrono::duration_cast<std::chrono::nanoseconds>(asker.deadline - now.steady).count();
    if (!may_wait || turns == kNever || turns - at > patience) {
      Counter& counter = *blocked.counter;
      out.verdict = Verdict::spent;
      out.obstacle = reference(counter);
      out.obstacle.notify = counter.info->limit.notify && !std::exchange(counter.hard_told, true);
      if (turns != kNever) out.retry_after = std::max(base::Duration(0), base::Duration(turns - at));
      report(sheet, at, out);
      return {};
    }
    blocked.look_again = turns;
    // A calendar's window opens whole; of a rolling one the others may take each part as it comes free.
    blocked.starving = blocked.counter->parts != nullptr;
  } else {
    const std::int64_t target = std::min(want, later_fits);
    const std::int64_t enough = asker.clamp || demand.clamp_at_once ? min : target;
    if (ahead == nullptr && now_fits >= enough) {
      take(sheet, demand, std::min(now_fits, want), set, out);
      report(sheet, at, out);
      return {};
    }
    if (now_fits >= enough) {
      blocked.counter = ahead;
    } else {
      for (const Sheet::Row& row : sheet.all()) {
        if (fit(row.counter->resource, demand, row.counter->room()) >= enough) continue;
        blocked.counter = row.counter;
        break;
      }
    }
    const Counter& counter = *blocked.counter;
    blocked.starving = true;
    if (!may_wait || asker.deadline <= now.steady) {
      out.verdict = Verdict::busy;
      out.obstacle = reference(counter);
      report(sheet, at, out);
      return {};
    }
    const std::int64_t level = take_off(take_off(counter.amount, counter.held), need(counter.resource, demand, min));
    const Nanos when = counter.falls_to(level);
    if (when > at) blocked.look_again = when;
  }
  if (asker.kind != Asker::Kind::first && blocked.counter != asker.queue) ++blocked.counter->waiters;
  return blocked;
}

void Books::take(Sheet& sheet, const Demand& demand, std::int64_t completion, ShardSet set, Outcome& out) {
  Reservation& reservation = out.reservation;
  if (sheet.count > Reservation::kInlineLines) {
    reservation.spilled_ = std::make_unique_for_overwrite<Reservation::Line[]>(sheet.count);
  }
  Reservation::Line* line = reservation.lines();
  const bool whole = completion == wanted(demand);
  for (const Sheet::Row& row : sheet.all()) {
    Counter& counter = *row.counter;
    const std::int64_t amount = whole ? row.need : need(counter.resource, demand, completion);
    ++counter.pins;
    if (counter.resource == Resource::requests) {
      counter.charge(1);
      *line++ = {&counter, 0, counter.stamp()};
    } else {
      counter.held = add_up(counter.held, amount);
      *line++ = {&counter, amount, 0};
    }
  }
  reservation.admission_ = sheet.count == 0 ? nullptr : &owner_;
  reservation.shards_ = set;
  reservation.count_ = static_cast<std::uint32_t>(sheet.count);
  reservation.prompt_ = demand.prompt_tokens;
  reservation.completion_ = completion;
  reservation.base_ = demand.base;
  reservation.picodollars_ = demand.picodollars_per_completion_token;
  out.verdict = Verdict::held;
  out.clamped = !whole;
}

void Books::report(const Sheet& sheet, Nanos now, Outcome& out) {
  for (const Sheet::Row& row : sheet.all()) {
    Counter& counter = *row.counter;
    if (counter.soft_passed() && out.soft.count < SoftPassed::kMost) {
      LimitRef& passed = out.soft.limits[out.soft.count++];
      passed = reference(counter);
      passed.notify = counter.info->limit.notify && !std::exchange(counter.soft_told, true);
    }
    const std::int64_t room = std::max<std::int64_t>(0, counter.room());
    if (counter.resource == Resource::usd) {
      out.room_nanos = std::min(out.room_nanos, room);
    } else if (counter.resource != Resource::requests && counter.resource != Resource::concurrency) {
      out.room_tokens = std::min(out.room_tokens, room);
    }
    if (counter.turns == kNever || counter.resource == Resource::usd) continue;
    Rate& rate = counter.resource == Resource::requests ? out.requests : out.tokens;
    if (rate.known && rate.remaining <= room) continue;
    const Nanos reset = counter.parts ? counter.empties() : counter.turns;
    rate = {.known = true,
            .limit = counter.amount,
            .remaining = room,
            .reset_after = reset > now ? base::Duration(reset - now) : base::Duration(0)};
  }
}

bool Books::extend(Reservation& reservation, std::int64_t more, Moment now) {
  const Guard guard(*this, reservation.shards_);
  const Nanos at = nanos(now.wall);
  const std::span lines(reservation.lines(), reservation.count_);
  Demand demand;
  demand.prompt_tokens = reservation.prompt_;
  demand.base = reservation.base_;
  demand.picodollars_per_completion_token = reservation.picodollars_;
  const std::int64_t completion = add_up(reservation.completion_, more);
  const auto extra = [&](const Reservation::Line& line) {
    return line.counter->resource == Resource::requests
               ? 0
               : take_off(need(line.counter->resource, demand, completion), line.held);
  };
  for (const Reservation::Line& line : lines) {
    Counter& counter = *line.counter;
    counter.roll(at);
    if (counter.retired) continue;
    const std::int64_t amount = extra(line);
    if (amount > 0 && amount > counter.room()) return false;
  }
  for (Reservation::Line& line : lines) {
    const std::int64_t amount = extra(line);
    line.counter->held = add_up(line.counter->held, amount);
    line.held = add_up(line.held, amount);
  }
  reservation.completion_ = completion;
  return true;
}

Settled Books::settle(Reservation& reservation, const Actual& actual, Moment now, Kicks& kicks) {
  Settled settled;
  {
    const Guard guard(*this, reservation.shards_);
    const Nanos at = nanos(now.wall);
    for (const Reservation::Line& line : std::span(reservation.lines(), reservation.count_)) {
      Counter& counter = *line.counter;
      counter.roll(at);
      counter.held -= line.held;
      const std::int64_t use = used_of(counter.resource, actual);
      if (use > 0) {
        counter.charge(use);
        if (use > line.held) settled.over_hold = true;
        if (counter.used > counter.amount && !counter.retired) settled.over_limit = true;
      }
      --counter.pins;
      if (counter.waiters > 0) kicks.push_back({&counter, false});
      free_if_done(&counter);
    }
  }
  if (settled.over_hold) over_holds_.fetch_add(1, std::memory_order_relaxed);
  return settled;
}

void Books::release(Reservation& reservation, bool give_back_requests, Kicks& kicks) {
  const Guard guard(*this, reservation.shards_);
  for (const Reservation::Line& line : std::span(reservation.lines(), reservation.count_)) {
    Counter& counter = *line.counter;
    counter.held -= line.held;
    const bool back = counter.resource == Resource::requests && give_back_requests;
    if (back) counter.give_back(1, line.stamp);
    --counter.pins;
    if (counter.waiters > 0) kicks.push_back({&counter, back});
    free_if_done(&counter);
  }
}

void Books::drop_waiter(Counter& counter) {
  const Guard guard(*this, ShardSet{1} << counter.shard);
  if (--counter.waiters == 0) counter.barrier = false;
  free_if_done(&counter);
}

bool Books::is_full(Counter& counter) {
  const Guard guard(*this, ShardSet{1} << counter.shard);
  return counter.resource == Resource::concurrency && !counter.retired && counter.room() <= 0;
}

void Books::set_barrier(Counter& counter, bool barrier) {
  const Guard guard(*this, ShardSet{1} << counter.shard);
  counter.barrier = barrier;
}

}  // namespace gatehouse::govern
