// SPDX-License-Identifier: MIT
// Whether the kernel came out of an attempt as healthy as it went in.
#pragma once

#include "attack/catalogue.h"
#include "attack/console.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace attack {

enum class Fate : unsigned char { Survived, Lost, NotHere };

struct Verdict {
    Fate fate = Fate::Survived;
    std::string reason; ///< of Lost and NotHere

    /// The worse of both: Lost, then Survived, then NotHere.
    void add(const Verdict& other);
};

/// Typed before the attempts: what is there to be harmed, and a program that makes the kernel allocate what it keeps.
/// Nothing without the canary.
std::vector<std::string> opening_lines(bool with_canary);
/// Typed for each attempt.  Without the canary only what starts it: another boot looks at what is left.
std::vector<std::string> lines_of(const Attempt& attempt, bool with_canary);

struct Judged {
    std::vector<Verdict> verdicts; ///< of the attempts that were begun
    bool complete = false;         ///< all of them came to their end
};

/// Looks at the console of a boot in which opening_lines(), and then lines_of() each attempt, were typed.
/// @param how_it_ended  the machine's last word, where an attempt did not come to its end
Judged judge(std::string_view console, std::span<const Attempt> attempts, std::string_view column,
             const std::string& how_it_ended, bool with_canary);

/// Whether all tests of that name have passed, by what GoogleTest printed.
/// @param test  its whole name; with a `*` at the end all that begin so, at least one
Verdict judge_tests(std::string_view output, const std::string& test);

} // namespace attack
