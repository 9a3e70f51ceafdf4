// SPDX-License-Identifier: MIT
// Bytes with a gap where they are edited: what is typed at one place moves nothing.  Nothing here ends the program for
// want of memory: what cannot be done is refused, and nothing has changed.
#pragma once

#include "posix/string.h"
#include "posix/view.h"

namespace editor {

class GapBuffer {
public:
    GapBuffer() = default;
    GapBuffer(const GapBuffer&) = delete;
    GapBuffer& operator=(const GapBuffer&) = delete;
    ~GapBuffer();

    size_t size() const { return capacity_ - (gap_end_ - gap_begin_); }
    char operator[](size_t index) const { return bytes_[index < gap_begin_ ? index : index + gap_end_ - gap_begin_]; }

    /// Puts `inserted` in the place of `removed` bytes at `at`, all of which exist.
    [[nodiscard]] bool try_replace(size_t at, size_t removed, posix::View inserted);
    /// Makes room for `count` bytes more, so that they can be inserted without failing.
    [[nodiscard]] bool try_reserve(size_t count);

    /// The bytes [begin, end) in one piece; good until the next call of anything but [].
    posix::View view(size_t begin, size_t end);
    /// What stands before the gap and behind it.
    posix::View before_gap() const { return {bytes_, gap_begin_}; }
    posix::View behind_gap() const { return {bytes_ + gap_end_, capacity_ - gap_end_}; }

    /// The first newline in [begin, size()), or size().
    size_t find_newline(size_t begin) const;
    /// The last newline in [0, end), or kNowhere.
    size_t find_newline_before(size_t end) const;
    size_t count_newlines(size_t begin, size_t end) const;

private:
    void move_gap(size_t to);
    /// The parts of [begin, end) on both sides of the gap.
    posix::View part_before(size_t begin, size_t end) const;
    posix::View part_behind(size_t begin, size_t end) const;

    char* bytes_ = nullptr;
    size_t capacity_ = 0, gap_begin_ = 0, gap_end_ = 0;
};

} // namespace editor
