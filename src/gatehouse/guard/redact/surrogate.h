#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "gatehouse/crypto/hmac.h"

namespace gatehouse::guard {

// A value of the entity's kind that reads as if it were real and belongs to nobody, drawn by `draw` (a MAC of the
// value, so that the same value has the same stand-in). Nothing for kinds without a list: those keep their format
// instead.
//   names, streets, towns, firms  from lists of our own
//   e-mail   under example.com, .net, .org (RFC 2606)
//   phone    numbers set aside for fiction: NANP 555-0100 to 0199; Ofcom 020 7946 0xxx; Bundesnetzagentur (0)30 23125
//   xxx;
//            Arcep 01 99 00 xx xx; ACMA (02) 5550 xxxx
//   card     the numbers that card processors publish for tests, of the value's length and in its groups
//   IP       documentation ranges (RFC 5737, RFC 3849); MAC 00:00:5E:00:53:xx (RFC 7042)
//   date     another day, and a year at most three away
// Lists are small: two values may get the same stand-in.
std::optional<std::string> surrogate(std::string_view entity, std::string_view value, const crypto::Digest& draw);

// Whether a value is in one of the ranges above that belong to nobody (addresses and numbers, not names): what a
// redaction put there before, or an example.
bool belongs_to_nobody(std::string_view entity, std::string_view value);

}  // namespace gatehouse::guard
