#pragma once

#include <string>
#include <string_view>

namespace gatehouse::guard {

// A term as it reads in a folded view (text/views.h), so that it is found there whatever the case and the form of its
// letters: Unicode's NFKC_Casefold (UAX 31, section 5). The term itself where it is no UTF-8.
std::string fold_term(std::string_view term);

}  // namespace gatehouse::guard
