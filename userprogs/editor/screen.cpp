// SPDX-License-Identifier: MIT
#include "editor/screen.h"

#include "posix/output.h"

namespace editor {

using posix::String;
using posix::View;

namespace {

constexpr View kClear = "\x1b[0m\x1b[H\x1b[2J", kClearToEnd = "\x1b[K", kInverse = "\x1b[7m", kPlain = "\x1b[0m";
// A row that reaches the last column must not begin the next one.
constexpr View kNoWrap = "\x1b[?7l", kWrap = "\x1b[?7h";

void append_move(String& output, size_t row, size_t column)
{
    output.append("\x1b[").append_size(row + 1).append(';');
    output.append_size(column + 1).append('H');
}

} // namespace

void Screen::resize()
{
    const posix::WindowSize size = posix::window_size(output_);
    rows_ = size.rows;
    columns_ = size.columns;
    content_.clear();
    while (content_.size() < rows_) {
        content_.append(Row{});
    }
    clear_ = true;
}

void Screen::set(size_t row, String content, bool inverse)
{
    if (row >= rows_) {
        return;
    }
    Row& shown = content_[row];
    if (shown.is_shown && shown.inverse == inverse && shown.content == content) {
        return;
    }
    shown.content = posix::move(content);
    shown.inverse = inverse;
    shown.is_shown = false;
}

bool Screen::show(size_t cursor_row, size_t cursor_column)
{
    String output;
    if (clear_) {
        output.append(kClear).append(kNoWrap);
        clear_ = false;
    }
    for (size_t i = 0; i < rows_; ++i) {
        Row& row = content_[i];
        if (!row.is_shown) {
            append_move(output, i, 0);
            // The rest of the row is cleared first, in its colour: behind the last column it would clear that one.
            output.append(row.inverse ? kInverse : kPlain).append(kClearToEnd).append(row.content).append(kPlain);
            row.is_shown = true;
        }
    }
    append_move(output, cursor_row, cursor_column);
    return posix::write_all(output_, output);
}

void Screen::leave()
{
    String output;
    output.append(kPlain).append(kWrap);
    append_move(output, rows_ - 1, 0);
    posix::write_all(output_, output.append(kClearToEnd));
}

} // namespace editor
