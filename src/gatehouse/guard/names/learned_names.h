#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "gatehouse/guard/detector.h"
#include "gatehouse/guard/names/lexicon.h"
#include "gatehouse/guard/names/name_judge.h"

namespace gatehouse::guard {

// A look at a text as it is written, with its oracle (which answers Want::entities): `dictionary`, all that is found in
// look.text in the order of begin, sure before `sure`, merged with what the model names (merge.h). A request's text is
// one question; an answer's is asked about in pieces that depend on the text alone. Text without a letter asks nothing.
// What is not answered is as the dictionary has it, and told by out.unread(). Adds findings of [look.from, frontier);
// returns the frontier: before the first piece that is not complete or not answered yet.
std::size_t read_with_model(const Lexicon& lexicon, const Look& look, std::span<const NameFinding> dictionary,
                            std::size_t sure, Findings& out);

// What a dictionary finding's detector is called: "names.person".
std::string_view detector_of(std::string_view entity);

}  // namespace gatehouse::guard
