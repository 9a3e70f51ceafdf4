// SPDX-License-Identifier: MIT
// What the program was started with.
#pragma once

#include <cstddef>

namespace user {

struct Arguments {
    unsigned count = 0; ///< argc
    const char* const* words = nullptr;

    /// argv[index], "" when there is none.
    const char* operator[](unsigned index) const { return index < count ? words[index] : ""; }
    /// argv and its NULL, then the environment and its NULL, then the auxiliary vector.
    const std::size_t* after_count() const { return reinterpret_cast<const std::size_t*>(words); }
};

/// Set before main.
extern Arguments arguments;

inline bool equal(const char* a, const char* b)
{
    for (; *a == *b; ++a, ++b) {
        if (*a == '\0') {
            return true;
        }
    }
    return false;
}

} // namespace user
