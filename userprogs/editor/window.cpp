// SPDX-License-Identifier: MIT
#include "editor/window.h"

#include "posix/glyph.h"

namespace editor {

using posix::Glyph;
using posix::String;
using posix::View;

namespace {

size_t width_at(View line, size_t at, size_t column, const Glyph& glyph)
{
    return line[at] == '\t' ? kTabWidth - column % kTabWidth : glyph.columns;
}

} // namespace

size_t column_of(View line, size_t at)
{
    size_t column = 0;
    for (size_t i = 0; i < at;) {
        const Glyph glyph = posix::glyph_at(line, i);
        column += width_at(line, i, column, glyph);
        i += glyph.size;
    }
    return column;
}

size_t byte_at_column(View line, size_t wanted)
{
    size_t column = 0;
    for (size_t i = 0; i < line.size();) {
        const Glyph glyph = posix::glyph_at(line, i);
        column += width_at(line, i, column, glyph);
        if (column > wanted) {
            return i;
        }
        i += glyph.size;
    }
    return line.size();
}

String cut_columns(View line, size_t left, size_t width)
{
    String result;
    size_t column = 0;
    for (size_t i = 0; i < line.size() && column < left + width;) {
        const Glyph glyph = posix::glyph_at(line, i);
        const size_t begin = column;
        column += width_at(line, i, column, glyph);
        // Of what stands half outside, and of tabs, blanks are shown.
        if (line[i] == '\t' || begin < left || column > left + width) {
            for (size_t blank = posix::larger(begin, left); blank < posix::smaller(column, left + width); ++blank) {
                result.append(' ');
            }
        } else {
            result.append(glyph.view());
        }
        i += glyph.size;
    }
    return result;
}

/// The row of the line that begins at `line`, if it is shown.
bool Window::find_row(const Document& document, size_t line, size_t rows)
{
    if (top_ > document.size() || document.line_begin(top_) != top_) {
        return false; // what stood there is gone
    }
    size_t position = top_;
    for (size_t row = 0; row < rows && position != posix::kNowhere && position <= line; ++row) {
        if (position == line) {
            cursor_row_ = row;
            return true;
        }
        position = document.next_line(position);
    }
    return false;
}

void Window::follow(Document& document, size_t cursor, size_t rows, size_t columns)
{
    const size_t line = document.line_begin(cursor);
    if (!find_row(document, line, rows)) {
        // One line further needs one line more; anything else is shown in the middle.
        const size_t above = document.line_begin(top_ > document.size() ? document.size() : top_);
        const bool just_above = line < above && document.next_line(line) == above;
        size_t wanted = just_above ? 0 : rows / 2;
        size_t last_row = top_;
        for (size_t row = 1; row < rows && last_row != posix::kNowhere; ++row) {
            last_row = document.next_line(last_row);
        }
        if (last_row != posix::kNowhere && last_row < line && document.next_line(last_row) == line) {
            wanted = rows - 1;
        }
        top_ = line;
        for (cursor_row_ = 0; cursor_row_ < wanted && top_ > 0; ++cursor_row_) {
            top_ = document.line_begin(top_ - 1);
        }
    }
    const View text = document.bytes().view(line, document.line_end(line));
    const size_t column = column_of(text, cursor - line);
    if (column < left_ || column >= left_ + columns) {
        left_ = column < columns ? 0 : column - columns / 2;
    }
    cursor_column_ = column - left_;
}

void Window::draw(Document& document, Screen& screen, size_t rows) const
{
    size_t position = top_;
    for (size_t row = 0; row < rows; ++row) {
        if (position == posix::kNowhere) {
            screen.set(row, String{View{"~"}});
            continue;
        }
        const View line = document.bytes().view(position, document.line_end(position));
        screen.set(row, cut_columns(line, left_, screen.columns()));
        position = document.next_line(position);
    }
}

} // namespace editor
