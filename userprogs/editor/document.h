// SPDX-License-Identifier: MIT
// The text that is edited: any bytes, which stay what they are.  Lines end with \n or \r\n, the last one with neither
// where the file has none.  A position is a number of bytes; where a cursor may stand, it is between glyphs.
#pragma once

#include "editor/changes.h"
#include "editor/gap_buffer.h"

namespace editor {

class Document {
public:
    GapBuffer& bytes() { return bytes_; }
    size_t size() const { return bytes_.size(); }
    size_t line_count() const { return newlines_ + 1; }
    bool is_modified() const { return !changes_.is_saved(); }
    void mark_saved() { changes_.mark_saved(); }
    /// After the file has been read into bytes(): the kind of line ends that a new line gets is that of the first.
    void loaded();
    posix::View line_end_text() const { return uses_carriage_return_ ? "\r\n" : "\n"; }

    /// Puts `inserted` in the place of `removed` bytes at `at`.  False when there is no memory: nothing has changed.
    [[nodiscard]] bool replace(size_t at, size_t removed, posix::View inserted, bool begins_group = true,
                               bool join = false);
    /// Undoes a group of changes, or does it again: the position where it was; kNowhere when there is none, or no
    /// memory.
    size_t undo();
    size_t redo();
    void separate_changes() { changes_.separate(); }

    size_t line_begin(size_t position) const;
    /// Where the line of `position` ends, before its \n or \r\n.
    size_t line_end(size_t position) const;
    /// Where the next line begins; kNowhere when this is the last.
    size_t next_line(size_t position) const;
    /// The beginning of the line `number`, from 1 on; the last line when there are not so many.
    size_t line_position(size_t number) const;
    size_t line_number(size_t position) const { return bytes_.count_newlines(0, position) + 1; }

    /// One glyph on or back, a line end being one.
    size_t after(size_t position);
    size_t before(size_t position);

    /// `wanted` at or behind `from`, then from the beginning; kNowhere.
    size_t find(posix::View wanted, size_t from);
    /// `wanted` before `from`, then from the end.
    size_t find_back(posix::View wanted, size_t from);

private:
    bool apply(size_t at, size_t removed, posix::View inserted);

    GapBuffer bytes_;
    Changes changes_;
    size_t newlines_ = 0;
    bool uses_carriage_return_ = false;
};

} // namespace editor
