#pragma once

#include "gatehouse/text/views/making.h"

namespace gatehouse::text::views {

// ViewKind::folded of a source that holds non-ASCII characters from `first` on. Character by character: the NFKC case
// folding (Unicode Standard, section 3.13, NFKC_Casefold), then what looks like an ASCII letter becomes it (UTS #39
// and a list of ours), digits of all scripts become ASCII, ignorable characters and marks on Latin letters go. What is
// not valid UTF-8 stays. No reordering: marks are dropped or kept as they stand.
void make_folded(const Source& source, std::size_t first, Sink& sink);

}  // namespace gatehouse::text::views
