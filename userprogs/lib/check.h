// SPDX-License-Identifier: MIT
// Programs that check what the kernel promises: the first promise that does not hold is named, and ends the program.
#pragma once

#include "lib/process.h"
#include "uapi/errno.h"

namespace user {

/// What a system call returns on failure.
constexpr std::int64_t minus(uapi::Error error)
{
    return -static_cast<std::int64_t>(error);
}

/// States what must hold; `text` says it in words, and ends with a newline.
template <std::size_t N> void check(bool holds, const char (&text)[N])
{
    if (!holds) {
        print("failed: ");
        print(text);
        exit_group(1);
    }
}

} // namespace user
