#pragma once

#include "gatehouse/text/views/making.h"
#include "gatehouse/text/views/screen.h"

// Readings of what was written otherwise to get past a look at the words.
namespace gatehouse::text::views {

// ViewKind::unmarked: what splits a word and is not seen when the text is rendered: * ` ~ (up to three), HTML comments
// and inline tags between two letters.
void make_unmarked(const Source& source, std::size_t first, Sink& sink);
// ViewKind::spaced: four letters or more with the same one or two signs between them; wider gaps stay and so part
// words. Three letters count behind such ones. Of a text that is complete once more, with all that stands alone around
// such letters: words of two letters, signs; and words that run together are told apart (known_words.h).
void make_spaced(const Source& source, const Screened& found, Sink& sink);
// ViewKind::leet: words in which digits or @ $ ! | stand between letters; behind such words also those that begin or
// end with one. 1 ! and | are i or l, whichever makes a known word. Of a text that is complete once more, with what
// stands near such words and is a known word then, of digits alone too.
void make_leet(const Source& source, const Screened& found, Sink& sink);
// ViewKind::rot13 and ViewKind::reversed: pieces that begin at a word that is a common one when read so and have
// another soon behind it (word_starts.h). Backwards is read word by word, and all of the piece from its end.
void make_rot13(const Source& source, const Screened& found, Sink& sink);
void make_reversed(const Source& source, const Screened& found, Sink& sink);

}  // namespace gatehouse::text::views
