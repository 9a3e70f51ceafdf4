// SPDX-License-Identifier: MIT
// Numbers on the shell's command lines.
#pragma once

#include "base/string_view.h"

#include <cstdint>

namespace kernel {

/// The number that `text` is in decimal; false when it is none, or has more than seven digits, which no number of a
/// process has.
constexpr bool parse_number(base::StringView text, std::uint32_t& number)
{
    constexpr std::size_t kMostDigits = 7;
    if (text.empty() || text.size() > kMostDigits) {
        return false;
    }
    number = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') {
            return false;
        }
        number = number * 10 + static_cast<std::uint32_t>(digit - '0');
    }
    return true;
}

} // namespace kernel
