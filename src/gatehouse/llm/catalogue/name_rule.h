#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace gatehouse::llm {

// A rule about names, as the catalogue writes them: clauses joined by "&" that must all hold, each an operator and a
// text in lower case.
//   =  is the name         ^  begins it        $  ends it       *  stands in it
//   #  is the name, "#" standing for a digit   @  begins it, "#" standing for a digit
//   ~  stands nowhere in it                    !  stands nowhere in it with "-" or the end behind it
bool rule_is_valid(std::string_view rule);
// `name` in lower case. False for a rule that is not valid. No allocation; linear in the product of the lengths.
bool rule_holds(std::string_view rule, std::string_view name);

// Whether a host and path ("router.example.com/groq/v1") is that of a pattern: "*" stands for anything within the host,
// a pattern with a path holds for what is below it. Both in lower case.
bool host_matches(std::string_view pattern, std::string_view host_and_path);

// Names are compared without regard to case: this holds one in lower case, on the stack.
class LowerName {
 public:
  static constexpr std::size_t kMax = 256;
  // Cuts spaces around it. What is longer than kMax is taken as empty.
  explicit LowerName(std::string_view text);
  std::string_view view() const { return {text_.data(), size_}; }
  bool empty() const { return size_ == 0; }

 private:
  friend std::optional<LowerName> with_other_date(const LowerName& name);
  LowerName() = default;
  std::array<char, kMax> text_;
  std::size_t size_ = 0;
};

// The same name with its date (of this century) written the other way: "-20260131" and "-2026-01-31", where "-", ":" or
// the end follows. Nothing where there is no date, or no room.
std::optional<LowerName> with_other_date(const LowerName& name);

// Of a name in lower case; stable within a process only.
std::uint64_t name_hash(std::string_view lower);

}  // namespace gatehouse::llm
