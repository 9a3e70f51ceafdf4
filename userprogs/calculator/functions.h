// SPDX-License-Identifier: MIT
// The functions that a calculation may call.
#pragma once

#include "calculator/number.h"
#include "posix/view.h"

namespace calculator {

/// The numbers that a function is called with.
struct Arguments {
    const Number* values;
    size_t count;
};

struct Function {
    const char* name;
    const char* usage;   ///< how it is called, and what it gives
    size_t fewest, most; ///< arguments
    Outcome (*call)(Arguments arguments);
};

/// Null when there is none of this name.
const Function* find_function(posix::View name);

/// All of them, in the order in which they are shown.
struct FunctionList {
    const Function* first;
    size_t count;
};
FunctionList all_functions();

} // namespace calculator
