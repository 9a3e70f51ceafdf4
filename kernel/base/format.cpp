// SPDX-License-Identifier: MIT
#include "base/format.h"

#include "base/assert.h"

namespace base {

BufferWriter::BufferWriter(char* buffer, std::size_t size) : buffer_(buffer), size_(size)
{
    ASSERT(size >= 1);
    buffer_[0] = '\0';
}

void BufferWriter::write(StringView text)
{
    for (std::size_t i = 0; i < text.size() && used_ + 1 < size_; ++i) {
        buffer_[used_++] = text[i];
    }
    buffer_[used_] = '\0';
}

Piece::Piece(char character)
{
    text_ = {number_ + kLongestNumber, 0};
    put_front(character);
}

Piece::Piece(Hex number)
{
    constexpr unsigned kLongest = 16;
    text_ = {number_ + kLongestNumber, 0};
    std::uint64_t rest = number.value;
    for (unsigned digit = 0; digit < kLongest && (digit == 0 || digit < number.digits || rest != 0); ++digit) {
        put_front("0123456789abcdef"[rest & 0xf]);
        rest >>= 4;
    }
    put_front('x');
    put_front('0');
}

Piece::Piece(std::uint64_t magnitude, bool negative)
{
    text_ = {number_ + kLongestNumber, 0};
    std::uint64_t rest = magnitude;
    do {
        put_front(static_cast<char>('0' + rest % 10));
        rest /= 10;
    } while (rest != 0);
    if (negative) {
        put_front('-');
    }
}

void Piece::put_front(char character)
{
    const std::size_t used = text_.size() + 1;
    number_[kLongestNumber - used] = character;
    text_ = {number_ + kLongestNumber - used, used};
}

void print_piece(Writer& out, const Piece& piece)
{
    out.write(piece.text());
}

void print_cell(Writer& out, const Piece& piece, std::size_t width, bool flush_right)
{
    const std::size_t used = piece.text().size();
    if (!flush_right) {
        out.write(piece.text());
    }
    for (std::size_t column = used; column < width; ++column) {
        out.write(" ");
    }
    if (flush_right) {
        out.write(piece.text());
    }
}

} // namespace base
