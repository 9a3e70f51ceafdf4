// SPDX-License-Identifier: MIT
// Which part of a document a screen shows: from a line on, and from a column on, so that the cursor is within.
#pragma once

#include "editor/document.h"
#include "editor/screen.h"

namespace editor {

inline constexpr size_t kTabWidth = 8;

/// The columns that the glyphs of `line` before byte `at` take.
size_t column_of(posix::View line, size_t at);
/// The byte of `line` whose glyph covers `column`, or its end.
size_t byte_at_column(posix::View line, size_t column);
/// The columns [left, left + width) of `line`.
posix::String cut_columns(posix::View line, size_t left, size_t width);

class Window {
public:
    /// Moves so that `cursor` is within `rows` and `columns`.
    void follow(Document& document, size_t cursor, size_t rows, size_t columns);
    /// Draws the first `rows` rows of `screen`.
    void draw(Document& document, Screen& screen, size_t rows) const;

    size_t cursor_row() const { return cursor_row_; }
    size_t cursor_column() const { return cursor_column_; }

private:
    bool find_row(const Document& document, size_t line, size_t rows);

    size_t top_ = 0;  ///< where the first line that is shown begins
    size_t left_ = 0; ///< the first column that is shown
    size_t cursor_row_ = 0, cursor_column_ = 0;
};

} // namespace editor
