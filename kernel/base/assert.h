// SPDX-License-Identifier: MIT
// Assertions, on in every build: a broken invariant of the kernel stops the machine with the place as its last word.
// The kernel defines `assertion_failed` with its panic; host tests define it to abort.
#pragma once

namespace base {

/// Ends the program because `expression` was false at `file`:`line`.
[[noreturn]] void assertion_failed(const char* expression, const char* file, unsigned line);

} // namespace base

/// States what only a bug of the kernel can make false; never used on input.
#define ASSERT(condition)                                                                                              \
    ((condition) ? static_cast<void>(0) : ::base::assertion_failed(#condition, __FILE_NAME__, __LINE__))
