#pragma once

#include <string_view>

#include "gatehouse/guard/secrets/assignment.h"

namespace gatehouse::guard {

// What an assignment without a vendor tells: is the value a secret, and which kind? Goes by the name (a password, a
// token, a key; not `token_count`, `public_key`, `password_hash`) and by how random the value looks.
struct GenericValue {
  std::string_view entity;  // static; empty: none
  float score = 0;
};

GenericValue judge_generic(std::string_view text, const Assignment& assignment);

}  // namespace gatehouse::guard
