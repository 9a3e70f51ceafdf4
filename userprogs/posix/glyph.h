// SPDX-License-Identifier: MIT
// What a terminal shows for the bytes of a text.  UTF-8 is shown as it is, a control character as ^X, a byte that
// belongs to no character as <hh>, so that every byte of a file can be seen and stood on.
#pragma once

#include "posix/view.h"

namespace posix {

struct Glyph {
    size_t size = 1;      ///< bytes of the text
    unsigned columns = 0; ///< on the terminal: 0 for what joins the character before it, 2 for wide ones
    size_t shown_size = 0;
    char shown[8] = {}; ///< what is sent to the terminal

    View view() const { return {shown, shown_size}; }
};

/// The glyph at byte `at` of `text`, which must be within.  A tab is ^I here: its width depends on where it stands.
Glyph glyph_at(View text, size_t at);

/// The byte at which the glyph before byte `at` begins, `at` > 0.
size_t glyph_before(View text, size_t at);

/// The columns of the glyphs of `text`.
size_t columns_of(View text);

} // namespace posix
