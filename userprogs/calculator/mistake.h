// SPDX-License-Identifier: MIT
// What is wrong with a line, and where.
#pragma once

#include <stddef.h>

namespace calculator {

struct Mistake {
    const char* message = nullptr; ///< one sentence, or null: nothing is wrong
    size_t position = 0;           ///< in bytes from the beginning of the line

    explicit operator bool() const { return message != nullptr; }
};

} // namespace calculator
