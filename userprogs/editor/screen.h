// SPDX-License-Identifier: MIT
// The rows of an ANSI terminal.  Only rows that are not as they were are sent.
#pragma once

#include "posix/string.h"
#include "posix/terminal.h"
#include "posix/vector.h"

namespace editor {

class Screen {
public:
    explicit Screen(int output) : output_{output} {}

    /// Takes the window's size, and forgets what is shown.
    void resize();
    size_t rows() const { return rows_; }
    size_t columns() const { return columns_; }

    /// The content of `row`, at most columns() wide; `inverse`: dark on bright, to the row's end.
    void set(size_t row, posix::String content, bool inverse = false);
    /// Sends what has changed and puts the cursor there.  False when the terminal is gone.
    bool show(size_t cursor_row, size_t cursor_column);
    /// Leaves the screen to what comes after the editor.
    void leave();

private:
    struct Row {
        posix::String content;
        bool inverse = false;
        bool is_shown = false;
    };

    int output_;
    size_t rows_ = 0, columns_ = 0;
    posix::Vector<Row> content_;
    bool clear_ = true;
};

} // namespace editor
