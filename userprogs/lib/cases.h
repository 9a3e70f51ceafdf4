// SPDX-License-Identifier: MIT
// A hostile program that tries several things, each in a process of its own: `run PROGRAM CASE`.
#pragma once

#include "lib/arguments.h"
#include "lib/syscall.h"

#include <initializer_list>

namespace user {

/// What main returns.
inline constexpr int kSurvived = 0;     ///< what was tried did no harm, and was answered as it should be
inline constexpr int kBroke = 1;        ///< it came through
inline constexpr int kNotHere = 77;     ///< this CPU lacks what it takes; what was printed last says what
inline constexpr int kNoSuchCase = 127; ///< the command line names no case

struct Case {
    const char* name;
    int (*run)();
};

/// Runs the case that the first argument names, without an argument the first.
template <std::size_t N> int run_case(const Case (&cases)[N])
{
    if (arguments.count < 2) {
        return cases[0].run();
    }
    for (const Case& one : cases) {
        if (equal(one.name, arguments[1])) {
            return one.run();
        }
    }
    print("there is no such case\n");
    return kNoSuchCase;
}

/// Says what went wrong.
template <std::size_t N> int broke(const char (&text)[N])
{
    print(text);
    return kBroke;
}

/// Says what the CPU lacks.
template <std::size_t N> int not_here(const char (&text)[N])
{
    print(text);
    return kNotHere;
}

} // namespace user
