// SPDX-License-Identifier: MIT
// Text output without a heap or a format string: each argument is turned into text by its type.
//   print(out, "Vessel ", id, " at ", hex(address), '\n');
//   print(out, left(name, 12), right(pages, 8), '\n');
#pragma once

#include "base/string_view.h"

#include <concepts>
#include <cstddef>
#include <cstdint>

namespace base {

/// Where text goes: the console, a buffer.
class Writer {
public:
    virtual void write(StringView text) = 0;

protected:
    ~Writer() = default;
};

/// Collects text in a buffer of the caller's, which is NUL-terminated after every write; what does not fit is dropped.
class BufferWriter final : public Writer {
public:
    /// @param size  of `buffer`, with room for the NUL: at least 1
    BufferWriter(char* buffer, std::size_t size);
    void write(StringView text) override;
    StringView text() const { return {buffer_, used_}; }

private:
    char* buffer_;
    std::size_t size_;
    std::size_t used_ = 0;
};

/// A number to be printed as 0x1f, see hex().
struct Hex {
    std::uint64_t value;
    unsigned digits;
};

/// `value` in hexadecimal after "0x": with leading zeros up to `digits`, and as many digits as it needs when it has
/// more.
constexpr Hex hex(std::uint64_t value, unsigned digits = 1)
{
    return {value, digits};
}

/// The integers that print in decimal; char prints as a character.
template <typename T>
concept Number = std::integral<T> && !std::same_as<T, char> && !std::same_as<T, bool>;

/// One argument as text.  A number's text lives inside; other text is only referred to.
class Piece {
public:
    Piece(StringView text) : text_(text) {}
    Piece(const char* text) : text_(text) {}
    Piece(char character);
    Piece(Hex number);
    template <Number T>
    Piece(T number)
        : Piece(number < T{0} ? std::uint64_t{0} - static_cast<std::uint64_t>(number)
                              : static_cast<std::uint64_t>(number),
                number < T{0})
    {
    }
    // text_ may point into the object itself.
    Piece(const Piece&) = delete;
    Piece& operator=(const Piece&) = delete;

    StringView text() const { return text_; }

private:
    Piece(std::uint64_t magnitude, bool negative);
    void put_front(char character);

    static constexpr std::size_t kLongestNumber = 20; ///< "18446744073709551615", "-9223372036854775808"
    char number_[kLongestNumber] = {};
    StringView text_;
};

/// A table's cell: `value` filled up with spaces to `width` characters; longer text is never cut.
template <typename T> struct Cell {
    T value;
    std::size_t width;
    bool flush_right;
};

/// Text at the left edge of its cell.
template <typename T> constexpr Cell<T> left(T value, std::size_t width)
{
    return {value, width, false};
}
/// Text, usually a number, at the right edge of its cell.
template <typename T> constexpr Cell<T> right(T value, std::size_t width)
{
    return {value, width, true};
}

void print_piece(Writer& out, const Piece& piece);
void print_cell(Writer& out, const Piece& piece, std::size_t width, bool flush_right);

template <typename T> void print_one(Writer& out, const T& argument)
{
    print_piece(out, Piece(argument));
}
template <typename T> void print_one(Writer& out, const Cell<T>& cell)
{
    print_cell(out, Piece(cell.value), cell.width, cell.flush_right);
}

/// Writes each argument in order: text, characters, numbers in decimal, hex(), left() and right() cells.
template <typename... Arguments> void print(Writer& out, const Arguments&... arguments)
{
    (print_one(out, arguments), ...);
}

} // namespace base
