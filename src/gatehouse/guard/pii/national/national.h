#pragma once

#include <span>
#include <vector>

#include "gatehouse/guard/pii/kind.h"

// The identifiers that states and their authorities give to people, companies, papers and vehicles: a table for each part
// of the world, all constant. Entities are named COUNTRY_THING with the country in front (UK for the United Kingdom, else
// ISO 3166). Beside each validator stands who published its rule.
namespace gatehouse::guard::pii::national {

std::span<const Kind> british_isles();
std::span<const Kind> germany();
std::span<const Kind> western_europe();   // Austria, Belgium, France, Luxembourg, the Netherlands, Switzerland
std::span<const Kind> southern_europe();  // Greece, Italy, Portugal, Spain
std::span<const Kind> nordics();
std::span<const Kind> central_europe();  // from the Baltic states to the Balkans
std::span<const Kind> eurasia();         // Kazakhstan, Russia, Ukraine
std::span<const Kind> middle_east();     // Turkey to Egypt and the Gulf
std::span<const Kind> south_asia();
std::span<const Kind> east_asia();
std::span<const Kind> south_east_asia();
std::span<const Kind> oceania();
std::span<const Kind> americas();  // without the United States
std::span<const Kind> africa();

// All of them, in this order.
std::vector<Kind> kinds();

}  // namespace gatehouse::guard::pii::national
