#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gatehouse::guard {

// What an entity is about, as far as its value has a shape that redaction knows. By the entity's name, so that a
// customer's own entity of a known name is treated like ours.
enum class ValueKind : std::uint8_t {
  card,
  iban,
  email,
  phone,
  person,
  address,
  city,
  organisation,
  ip,
  mac,
  url,
  date,
  identifier,  // of a country ("US_SSN"), or another number of a fixed form (VIN, IMEI)
  other,
};
ValueKind value_kind(std::string_view entity);

// The value in the one spelling that all spellings of it share. For equality only: it is never shown or restored.
// Conservative: two values that differ never become equal, so where it is not known what separators mean they stay.
std::string normalised(std::string_view entity, std::string_view value);

}  // namespace gatehouse::guard
