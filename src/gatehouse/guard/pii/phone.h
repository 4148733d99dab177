#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gatehouse/base/error.h"
#include "gatehouse/guard/pii/scene.h"

namespace gatehouse::guard::pii {

// A telephone number as written, taken apart.
struct PhoneForm {
  std::size_t end = 0;  // behind the last digit or bracket
  std::uint8_t digits = 0;
  std::uint8_t groups = 0;
  std::uint8_t first_group = 0;  // digits in it
  std::uint8_t last_group = 0;
  bool plus = false;
  bool brackets = false;
  char compact[20] = {};  // digits only
};

// Telephone numbers: E.164 with + or 00, and as they are written at home. Candidates are judged by form first (country
// codes and lengths of ITU-T E.164, the North American plan); libphonenumber has the last word on those that would be
// reported for their form alone. A word such as "phone" makes any likely form one, whatever the country.
class Phones {
 public:
  // Errors (configuration): a region that libphonenumber does not know.
  static Result<Phones> make(std::uint16_t kind, const std::vector<std::string>& regions);

  // `digit` is the first digit of a group.
  void at(Scene& scene, std::size_t digit, std::size_t& library_calls) const;

  // libphonenumber takes some 10 us a number. Behind so many in one look the form alone decides, which finds more, not
  // less.
  static constexpr std::size_t kMostLibraryCalls = 1000;

 private:
  struct Region {
    std::string name;
    int country_code;
  };
  void judge(Scene& scene, std::size_t begin, const PhoneForm& form, std::size_t& library_calls) const;
  bool is_valid(int country_code, std::string_view national, std::size_t& library_calls) const;

  std::uint16_t kind_ = 0;
  std::vector<Region> regions_;
};

// The country code that some digits begin with (ITU-T E.164), 0: none. `national` gets what is behind it, where that
// is as long as numbers there are.
int country_code(std::string_view digits, std::string_view& national);

}  // namespace gatehouse::guard::pii
