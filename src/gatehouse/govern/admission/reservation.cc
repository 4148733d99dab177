#include "gatehouse/govern/admission/reservation.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "gatehouse/govern/admission/admission.h"

namespace gatehouse::govern {

void Reservation::take(Reservation& other) noexcept {
  admission_ = std::exchange(other.admission_, nullptr);
  shards_ = other.shards_;
  count_ = std::exchange(other.count_, 0);
  forwarded_ = other.forwarded_;
  prompt_ = other.prompt_;
  completion_ = other.completion_;
  base_ = other.base_;
  picodollars_ = other.picodollars_;
  spilled_ = std::move(other.spilled_);
  if (!spilled_) std::copy_n(other.inline_.begin(), count_, inline_.begin());
}

Reservation::Reservation(Reservation&& other) noexcept { take(other); }

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this == &other) return *this;
  if (admission_ != nullptr) admission_->release(*this, !forwarded_, std::nullopt);
  take(other);
  return *this;
}

Reservation::~Reservation() {
  if (admission_ != nullptr) admission_->release(*this, !forwarded_, std::nullopt);
}

bool Reservation::extend(std::int64_t more, Moment now) {
  if (more <= 0) return true;
  if (admission_ != nullptr) return admission_->extend(*this, more, now);
  completion_ += more;
  return true;
}

Settled Reservation::settle(const Actual& actual, Moment now) {
  if (admission_ == nullptr) return {};
  return admission_->settle(*this, actual, now);
}

void Reservation::cancel(Moment now) {
  if (admission_ != nullptr) admission_->release(*this, true, now);
}

}  // namespace gatehouse::govern
