// SPDX-License-Identifier: MIT
// Numbers from the command line, and on the console.
#pragma once

#include "lib/arguments.h"
#include "lib/syscall.h"

namespace user {

/// The decimal number at the beginning of argument `index`; `otherwise` when there is no such argument.
inline std::uint64_t number_argument(unsigned index, std::uint64_t otherwise)
{
    if (index >= arguments.count) {
        return otherwise;
    }
    std::uint64_t value = 0;
    for (const char* text = arguments[index]; *text >= '0' && *text <= '9'; ++text) {
        value = value * 10 + static_cast<std::uint64_t>(*text - '0');
    }
    return value;
}

/// Writes `value` in decimal.
inline void print_number(std::uint64_t value)
{
    char text[20];
    unsigned begin = sizeof text;
    do {
        text[--begin] = static_cast<char>('0' + value % 10);
        value /= 10;
    } while (value != 0);
    write(uapi::kStandardOutput, text + begin, sizeof text - begin);
}

} // namespace user
