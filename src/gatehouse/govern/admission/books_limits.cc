// The part of Books that says what is limited: limits of nodes, templates and the accounts they make.
#include <algorithm>
#include <unordered_set>

#include <fmt/format.h>

#include "gatehouse/govern/admission/books.h"

namespace gatehouse::govern {
namespace {

// How many of the least recently used are looked at for one that may go: a bound on the time under the lock.
constexpr int kEvictionTries = 8;

bool goes_on(const Limit& before, const Limit& after) {
  return before.id == after.id && before.resource == after.resource &&
         (before.resource == Resource::concurrency || before.window == after.window);
}

}  // namespace

Result<Books::Infos> Books::check(std::vector<Limit> limits) {
  if (limits.size() > Admission::kMaxLimitsPerNode) {
    return fail(Code::configuration, fmt::format("more than {} limits on one node", Admission::kMaxLimitsPerNode));
  }
  Infos infos;
  std::unordered_set<std::string> ids;
  for (Limit& limit : limits) {
    if (limit.amount < 0) return fail(Code::configuration, "a limit below zero: \"" + limit.id + "\"");
    if (!(limit.soft >= 0 && limit.soft <= 1)) {
      return fail(Code::configuration, "soft is a share from 0 to 1: \"" + limit.id + "\"");
    }
    if (!ids.insert(limit.id).second) return fail(Code::configuration, "a limit twice: \"" + limit.id + "\"");
    Result<Zone> zone = Zone::load(limit.window.time_zone);
    if (!zone) return std::unexpected(std::move(zone.error()));
    infos.push_back(std::make_shared<const ZonedLimit>(std::move(limit), std::move(*zone)));
  }
  return infos;
}

void Books::reconcile(Account& account, const Infos& infos, Nanos now, Kicks& kicks) {
  Counter* before = account.first;
  Counter** end = &account.first;
  account.first = nullptr;
  for (const std::shared_ptr<const ZonedLimit>& info : infos) {
    Counter** place = &before;
    while (*place != nullptr && !goes_on((*place)->info->limit, info->limit)) place = &(*place)->next;
    Counter* counter = *place;
    if (counter != nullptr) {
      *place = counter->next;
      counter->next = nullptr;
      counter->replace(info);
      if (counter->waiters > 0) kicks.push_back({counter, true});
    } else {
      counter = new Counter(info, account.kind, account.node, account.shard);
    }
    counter->roll(now);
    *end = counter;
    end = &counter->next;
  }
  while (before != nullptr) {
    Counter* counter = before;
    before = counter->next;
    counter->next = nullptr;
    counter->retired = true;
    if (counter->waiters > 0) {
      kicks.push_back({counter, true});
    } else if (counter->pins == 0) {
      delete counter;
    }
  }
}

Result<> Books::set_limits(const Node& node, std::vector<Limit> limits, Moment now, Kicks& kicks) {
  const Result<Infos> infos = check(std::move(limits));
  if (!infos) return std::unexpected(infos.error());
  const std::size_t index = shard_of(top_of(&node));
  const Guard guard(*this, ShardSet{1} << index);
  Shard& shard = shards_[index];
  Account* account = node.account.load(std::memory_order_relaxed);
  if (account == nullptr) {
    if (infos->empty()) return {};
    account = new Account(node.kind, &node, static_cast<std::uint8_t>(index));
    shard.accounts.push_back(*account);
  } else if (account->group != nullptr) {
    if (infos->empty()) return {};  // the template's stay
    // Its own from now on.
    --account->group->count;
    members_.fetch_sub(1, std::memory_order_relaxed);
    account->group = nullptr;
    shard.accounts.push_back(*account);
  }
  reconcile(*account, *infos, nanos(now.wall), kicks);
  if (infos->empty()) {
    node.account.store(nullptr, std::memory_order_release);
    delete account;
  } else {
    node.account.store(account, std::memory_order_release);
  }
  return {};
}

Result<> Books::set_template(NodeKind kind, std::vector<Limit> limits, Moment now, Kicks& kicks) {
  Result<Infos> infos = check(std::move(limits));
  if (!infos) return std::unexpected(std::move(infos.error()));
  const Guard guard(*this, ~ShardSet{0});
  const std::uint32_t bit = 1U << static_cast<unsigned>(kind);
  templates_[static_cast<std::size_t>(kind)] = *infos;
  if (infos->empty()) {
    template_kinds_.fetch_and(~bit, std::memory_order_release);
  } else {
    template_kinds_.fetch_or(bit, std::memory_order_release);
  }
  for (Shard& shard : shards_) {
    for (auto& [key, group] : shard.groups) {
      if (key.second != kind) continue;
      if (group->overflow) reconcile(*group->overflow, *infos, nanos(now.wall), kicks);
      base::IntrusiveList<Account> kept;
      while (!group->recent.empty()) {
        Account& account = group->recent.front();
        reconcile(account, *infos, nanos(now.wall), kicks);
        if (infos->empty()) {
          remove_member(shard, account);
        } else {
          kept.push_back(account);
        }
      }
      group->recent.splice(kept);
    }
  }
  return {};
}

Account* Books::template_account(Shard& shard, const Node* node, const Name& name, const Node* top, Nanos now) {
  std::unique_ptr<MemberGroup>& place = shard.groups[{top, name.kind}];
  if (!place) place = std::make_unique<MemberGroup>();
  MemberGroup& group = *place;
  Account* account = nullptr;
  if (node != nullptr) {
    account = node->account.load(std::memory_order_relaxed);
  } else if (const auto found = shard.named.find(name); found != shard.named.end()) {
    account = *found;
  }
  if (account != nullptr) {
    group.recent.push_back(*account);
    return account;
  }
  // Somebody may have taken the template away since the caller looked: then this makes an account without limits, and
  // the next template or its absence finds it in the group.
  const Infos& infos = templates_[static_cast<std::size_t>(name.kind)];
  const auto index = static_cast<std::uint8_t>(shard_of(top));
  Kicks none;
  if (group.count >= max_members_ && !evict(shard, group, now)) {
    overflowed_.fetch_add(1, std::memory_order_relaxed);
    if (!group.overflow) {
      group.overflow = std::make_unique<Account>(name.kind, nullptr, index);
      reconcile(*group.overflow, infos, now, none);
    }
    return group.overflow.get();
  }
  auto made = std::make_unique<Account>(name.kind, node, index);
  made->group = &group;
  made->parent = name.parent;
  if (node == nullptr) made->id = name.id;
  reconcile(*made, infos, now, none);
  account = made.get();
  if (node == nullptr) {
    shard.named.insert(account);
  } else {
    node->account.store(account, std::memory_order_release);
  }
  group.recent.push_back(*made.release());
  ++group.count;
  members_.fetch_add(1, std::memory_order_relaxed);
  return account;
}

bool Books::evict(Shard& shard, MemberGroup& group, Nanos now) {
  for (int tries = 0; tries < kEvictionTries && !group.recent.empty(); ++tries) {
    Account& oldest = group.recent.front();
    // What the demand at hand has met already must stay.
    if (oldest.visit != shard.visit && oldest.is_blank(now)) {
      remove_member(shard, oldest);
      return true;
    }
    group.recent.push_back(oldest);
  }
  return false;
}

void Books::remove_member(Shard& shard, Account& account) {
  if (account.node != nullptr) {
    account.node->account.store(nullptr, std::memory_order_release);
  } else {
    shard.named.erase(&account);
  }
  --account.group->count;
  members_.fetch_sub(1, std::memory_order_relaxed);
  account.unlink();
  delete &account;
}

Account* Books::find(Shard& shard, const Node* node, const Member& member, Nanos now, bool make) {
  const NodeKind kind = node != nullptr ? node->kind : member.kind;
  Account* account = nullptr;
  if (node != nullptr) {
    account = node->account.load(std::memory_order_relaxed);
  } else if (const auto found = shard.named.find(Name{member.kind, member.id, member.parent});
             found != shard.named.end()) {
    account = *found;
  }
  if (account != nullptr || !make || !has_template(kind)) return account;
  if (node != nullptr) return template_account(shard, node, {kind, node->id, node->parent}, top_of(node), now);
  return template_account(shard, nullptr, {kind, member.id, member.parent}, top_of(member.parent), now);
}

Result<> Books::restore(const Node* node, const Member& member, std::string_view limit_id,
                        std::span<const DatedUse> used, Moment now) {
  const std::size_t index = shard_of(top_of(node != nullptr ? node : member.parent));
  const Guard guard(*this, ShardSet{1} << index);
  Account* account = find(shards_[index], node, member, nanos(now.wall), true);
  Counter* counter = account == nullptr ? nullptr : account->find(limit_id);
  if (counter == nullptr) return fail(Code::configuration, fmt::format("no limit \"{}\" to restore", limit_id));
  counter->roll(nanos(now.wall));
  for (const DatedUse& use : used) counter->restore(nanos(use.time), use.amount);
  return {};
}

std::vector<LimitState> Books::snapshot(const Node* node, const Member& member, Moment now) {
  std::vector<LimitState> states;
  const std::size_t index = shard_of(top_of(node != nullptr ? node : member.parent));
  const Guard guard(*this, ShardSet{1} << index);
  const Account* account = find(shards_[index], node, member, nanos(now.wall), false);
  if (account == nullptr) return states;
  for (Counter* counter = account->first; counter != nullptr; counter = counter->next) {
    counter->roll(nanos(now.wall));
    states.push_back({.limit = {counter->info, &counter->info->limit},
                      .used = counter->used,
                      .held = counter->held,
                      .window = counter->window(),
                      .soft_passed = counter->soft_passed(),
                      .waiting = counter->waiters});
  }
  return states;
}

}  // namespace gatehouse::govern
