#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "gatehouse/guard/names/name_run.h"

namespace gatehouse::guard {

struct NameFinding {
  std::size_t begin;
  std::size_t end;
  std::string_view entity;  // static
  float score;
};

// What stands around a run.
struct NameSurroundings {
  int announced = 0;  // 1: perhaps ("I am"), 2: surely ("my name is")
  bool sentence_start = false;
  bool number_before = false;  // a house number
  std::size_t number_begin = 0;
  bool number_after = false;
  std::size_t number_end = 0;
};

// What a run says: people, places, companies and streets, none over another. A finding below 0.4 is not told.
void judge_run(const Lexicon& lexicon, std::string_view text, const NameRun& run, const NameSurroundings& around,
               std::vector<NameFinding>& out);

}  // namespace gatehouse::guard
