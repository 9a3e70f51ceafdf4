// SPDX-License-Identifier: MIT
// What a byte is to the line discipline, which takes bytes for Latin-1 as Linux does.  [Linux lib/ctype.c]
#pragma once

#include <cstdint>

namespace kernel {

constexpr bool is_control(std::uint8_t byte)
{
    return byte < 0x20 || byte == 0x7f;
}

constexpr bool is_letter_or_digit(std::uint8_t byte)
{
    const auto lower = static_cast<std::uint8_t>(byte | 0x20);
    return (byte >= '0' && byte <= '9') || (lower >= 'a' && lower <= 'z') ||
           (byte >= 0xc0 && byte != 0xd7 && byte != 0xf7);
}

constexpr std::uint8_t to_lower(std::uint8_t byte)
{
    const bool is_upper = (byte >= 'A' && byte <= 'Z') || (byte >= 0xc0 && byte <= 0xde && byte != 0xd7);
    return is_upper ? static_cast<std::uint8_t>(byte + 0x20) : byte;
}

constexpr std::uint8_t to_upper(std::uint8_t byte)
{
    const bool is_lower = (byte >= 'a' && byte <= 'z') || (byte >= 0xdf && byte != 0xf7);
    return is_lower ? static_cast<std::uint8_t>(byte - 0x20) : byte;
}

/// A byte of UTF-8 that does not begin a character.
constexpr bool continues_utf8(std::uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

} // namespace kernel
