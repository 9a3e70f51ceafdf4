// SPDX-License-Identifier: MIT
// From a line's tokens to steps for a stack of numbers.  Nothing is calculated before the whole line is understood, so
// that a line with a mistake assigns nothing.
//   line        statement { ";" statement }         a statement may be empty
//   statement   NAME "=" statement | sum
//   sum         product { ("+" | "-") product }
//   product     unary { ("*" | "/" | "%") unary }
//   unary       ("+" | "-") unary | power           -2^2 is -4
//   power       primary [ "^" unary ]               2^3^2 is 2^9
//   primary     NUMBER | NAME | NAME "(" statement { "," statement } ")" | "(" statement ")"
#pragma once

#include "calculator/functions.h"
#include "calculator/mistake.h"
#include "calculator/number.h"
#include "posix/vector.h"
#include "posix/view.h"

namespace calculator {

/// How deep parentheses, signs and powers may be nested.
inline constexpr unsigned kDepthLimit = 200;

struct Step {
    enum class Kind {
        Push,
        Load,
        Store,
        Call,
        Negate,
        Add,
        Subtract,
        Multiply,
        Divide,
        Remainder,
        Power,
        EndStatement
    };

    Kind kind;
    size_t position;                    ///< where in the line a fault of this step is shown
    Number number = Number::integer(0); ///< Push
    posix::View name = "";              ///< Load, Store: a part of the line, which must outlive the step
    const Function* function = nullptr; ///< Call
    size_t argument_count = 0;          ///< Call
};

/// The steps of `line`.
Mistake compile(posix::View line, posix::Vector<Step>& steps);

} // namespace calculator
