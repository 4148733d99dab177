#pragma once

#include "gatehouse/text/views/making.h"

// Escapes that stand in a text for single characters, decoded in place. All linear; an escape that the text's end cuts
// off is told to the sink as open.
namespace gatehouse::text::views {

// ViewKind::json: RFC 8259 section 7, and \u{...} as in JavaScript. A lone surrogate stays as written.
void make_json(const Source& source, std::size_t first, Sink& sink);
// The part of ViewKind::hex that stands in a text: \x41.
void make_hex_escapes(const Source& source, std::size_t first, Sink& sink);
// ViewKind::percent: RFC 3986 section 2.1, and %u0041.
void make_percent(const Source& source, std::size_t first, Sink& sink);
// ViewKind::html: numeric and named character references (HTML Standard, section 13.5; of the names those of HTML 4
// and of ASCII characters). Without the semicolon only numeric ones and the oldest names.
void make_html(const Source& source, std::size_t first, Sink& sink);

}  // namespace gatehouse::text::views
