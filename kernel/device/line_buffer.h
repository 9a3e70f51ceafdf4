// SPDX-License-Identifier: MIT
// Typed bytes that nobody has read: finished lines, then the line that is being typed.  In raw mode there are no lines.
#pragma once

#include <cstddef>
#include <cstdint>

namespace kernel {

class LineBuffer {
public:
    static constexpr std::size_t kSize = 4096;

    std::size_t size() const { return head_ - tail_; }
    /// Bytes of finished lines.
    std::size_t finished() const { return line_ - tail_; }
    /// Bytes of the line that is being typed.
    std::size_t open() const { return head_ - line_; }
    bool full() const { return size() == kSize; }

    /// The byte `back` places before the end; `back` is 1..open().
    std::uint8_t from_end(std::size_t back) const { return bytes_[(head_ - back) % kSize]; }
    /// The byte `place` < size() places behind the oldest one, and whether it ends a line.
    std::uint8_t at(std::size_t place) const { return bytes_[(tail_ + place) % kSize]; }
    bool ends_line(std::size_t place) const
    {
        const std::size_t slot = (tail_ + place) % kSize;
        return (ends_[slot / kBits] >> slot % kBits & 1) != 0;
    }

    /// Not when full().
    void put(std::uint8_t byte)
    {
        bytes_[head_ % kSize] = byte;
        set_end(head_ % kSize, false);
        ++head_;
    }
    /// The same, and what has been typed is a finished line with it.
    void put_line_end(std::uint8_t byte)
    {
        put(byte);
        finish_line();
    }
    /// Makes what has been typed a finished line; there is something.
    void finish_line()
    {
        set_end((head_ - 1) % kSize, true);
        line_ = head_;
    }
    /// Takes `count` <= open() bytes off the line that is being typed.
    void drop_last(std::size_t count) { head_ -= count; }
    /// Takes the oldest `count` <= size() bytes out.
    void drop_first(std::size_t count)
    {
        tail_ += count;
        line_ = line_ - tail_ > kSize ? tail_ : line_;
    }
    /// Forgets where lines end: all of it is being typed.
    void forget_lines()
    {
        line_ = tail_;
        for (std::uint64_t& word : ends_) {
            word = 0;
        }
    }
    void clear()
    {
        tail_ = head_;
        forget_lines();
    }

private:
    static constexpr std::size_t kBits = 64;

    void set_end(std::size_t slot, bool value)
    {
        const std::uint64_t bit = std::uint64_t{1} << slot % kBits;
        ends_[slot / kBits] = value ? ends_[slot / kBits] | bit : ends_[slot / kBits] & ~bit;
    }

    std::uint8_t bytes_[kSize] = {};
    std::uint64_t ends_[kSize / kBits] = {}; ///< a bit for each place: the byte ends a line
    std::size_t tail_ = 0;                   ///< the oldest byte; places count up and never back
    std::size_t line_ = 0;                   ///< where the line that is being typed begins
    std::size_t head_ = 0;                   ///< behind the newest
};

} // namespace kernel
