// SPDX-License-Identifier: MIT
// $((...)): C's integer expressions, of 64 bits with a sign, which wrap.  [POSIX "Arithmetic Expansion"]
#pragma once

#include "posix/string.h"
#include "shell/state.h"

namespace shell {

struct ArithmeticResult {
    long long value = 0;
    const char* error = nullptr; ///< why there is no value
};

/// The value of `expression`, in which names are variables and = assigns to them.
ArithmeticResult calculate(State& state, posix::View expression);

} // namespace shell
