// SPDX-License-Identifier: MIT
// A line of the calculator in tokens.
//   number   12   1.5   .5   1e9   0x1f      an integer has no point and no exponent, and fits in 64 bits with a sign
//   name     letters, digits and _, at most 31 bytes
//   # begins a comment
#pragma once

#include "calculator/mistake.h"
#include "calculator/number.h"
#include "posix/vector.h"
#include "posix/view.h"

namespace calculator {

inline constexpr size_t kNameLimit = 31;

struct Token {
    enum class Kind { Number, Name, Symbol, End };

    Kind kind = Kind::End;
    size_t position = 0;          ///< in bytes from the beginning of the line
    posix::View text;             ///< as it stands in the line, which must outlive the token
    Number number;                ///< of a Number
    bool is_limit_plus_1 = false; ///< the integer 2^63, which is good after a minus sign only

    bool is(char symbol) const { return kind == Kind::Symbol && text[0] == symbol; }
};

/// The tokens of `line`, an End last.
Mistake tokenize(posix::View line, posix::Vector<Token>& tokens);

} // namespace calculator
