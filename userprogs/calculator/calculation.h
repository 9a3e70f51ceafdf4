// SPDX-License-Identifier: MIT
// A calculation that goes on over many lines: its variables, and `ans`, the last value.
#pragma once

#include "calculator/compiler.h"
#include "calculator/mistake.h"
#include "calculator/number.h"
#include "calculator/token.h"
#include "posix/vector.h"
#include "posix/view.h"

namespace calculator {

inline constexpr size_t kVariableLimit = 1000;

class Calculation {
public:
    /// Calculates each statement of `line` and appends the value of each to `values`; those before a mistake stand, as
    /// do their assignments.
    Mistake run(posix::View line, posix::Vector<Number>& values);

private:
    struct Variable {
        char name[kNameLimit];
        size_t name_size;
        Number value;

        posix::View view() const { return {name, name_size}; }
    };

    Mistake apply(const Step& step, posix::Vector<Number>& values);
    Mistake load(const Step& step);
    Mistake store(const Step& step);
    Mistake combine(const Step& step);
    /// Pushes what `outcome` holds, or says what is wrong at the place of `step`.
    Mistake push(const Step& step, const Outcome& outcome);
    Variable* find(posix::View name);

    posix::Vector<Variable> variables_;
    posix::Vector<Number> stack_;
    Number last_;
};

} // namespace calculator
