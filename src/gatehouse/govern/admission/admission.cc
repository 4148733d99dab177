#include "gatehouse/govern/admission/admission.h"

#include <utility>

#include "gatehouse/govern/admission/books.h"
#include "gatehouse/govern/admission/waiting_room.h"

namespace gatehouse::govern {

Admission::Admission(AdmissionOptions options)
    : books_(std::make_unique<Books>(options, *this)), room_(std::make_unique<WaitingRoom>(options, *books_)) {}

Admission::~Admission() = default;

Result<> Admission::set_limits(const Node& node, std::vector<Limit> limits, Moment now) {
  Books::Kicks kicks;
  Result<> set = books_->set_limits(node, std::move(limits), now, kicks);
  room_->kick(kicks, now);
  return set;
}

Result<> Admission::set_template(NodeKind kind, std::vector<Limit> limits, Moment now) {
  Books::Kicks kicks;
  Result<> set = books_->set_template(kind, std::move(limits), now, kicks);
  room_->kick(kicks, now);
  return set;
}

void Admission::set_weight_rules(WeightRules rules) { room_->set_weight_rules(std::move(rules)); }

Result<> Admission::restore(const Node& node, std::string_view limit_id, std::span<const DatedUse> used, Moment now) {
  return books_->restore(&node, {}, limit_id, used, now);
}

Result<> Admission::restore(const Member& member, std::string_view limit_id, std::span<const DatedUse> used,
                            Moment now) {
  return books_->restore(nullptr, member, limit_id, used, now);
}

std::vector<LimitState> Admission::snapshot(const Node& node, Moment now) const {
  return books_->snapshot(&node, {}, now);
}

std::vector<LimitState> Admission::snapshot(const Member& member, Moment now) const {
  return books_->snapshot(nullptr, member, now);
}

Outcome Admission::reserve(const Demand& demand, Moment now) {
  Outcome out;
  books_->attempt(demand, {}, now, out);
  return out;
}

std::optional<Outcome> Admission::admit(const Demand& demand, const Patience& patience, Waiter& waiter, Moment now) {
  return room_->admit(demand, patience, waiter, now);
}

bool Admission::cancel(Waiter& waiter, Moment now) { return room_->cancel(waiter, now); }

void Admission::tick(Moment now) { room_->tick(now); }

AdmissionStats Admission::stats() const {
  AdmissionStats stats;
  stats.members = books_->members();
  stats.overflowed = books_->overflowed();
  stats.over_holds = books_->over_holds();
  room_->add_to(stats);
  return stats;
}

bool Admission::extend(Reservation& reservation, std::int64_t more, Moment now) {
  return books_->extend(reservation, more, now);
}

Settled Admission::settle(Reservation& reservation, const Actual& actual, Moment now) {
  Books::Kicks kicks;
  const Settled settled = books_->settle(reservation, actual, now, kicks);
  reservation.admission_ = nullptr;
  room_->kick(kicks, now);
  return settled;
}

void Admission::release(Reservation& reservation, bool give_back_requests, std::optional<Moment> now) {
  Books::Kicks kicks;
  books_->release(reservation, give_back_requests, kicks);
  reservation.admission_ = nullptr;
  room_->kick(kicks, now);
}

}  // namespace gatehouse::govern
