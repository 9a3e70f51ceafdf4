// SPDX-License-Identifier: MIT
// The calculator's numbers and their arithmetic.  An integer of 64 bits stays exact: +, -, * and ^ of integers give the
// exact integer or OutOfRange, never a rounded one.  / gives an integer where the division leaves nothing over.  All
// else is a real, a long double: 64 bits of mantissa.  What is not finite is a fault, so that no value is ever inf or
// nan.
#pragma once

#include "posix/view.h"

#include <stdint.h>

namespace calculator {

class Number {
public:
    constexpr Number() = default;
    static constexpr Number integer(int64_t value) { return {true, value, 0}; }
    static constexpr Number real(long double value) { return {false, 0, value}; }

    constexpr bool is_integer() const { return is_integer_; }
    constexpr int64_t as_integer() const { return integer_; }
    constexpr long double as_real() const { return is_integer_ ? static_cast<long double>(integer_) : real_; }
    constexpr bool is_zero() const { return is_integer_ ? integer_ == 0 : real_ == 0; }
    constexpr bool is_negative() const { return is_integer_ ? integer_ < 0 : real_ < 0; }

private:
    constexpr Number(bool is_integer, int64_t integer_part, long double real_part)
        : is_integer_{is_integer}, integer_{integer_part}, real_{real_part}
    {
    }

    bool is_integer_ = true;
    int64_t integer_ = 0;
    long double real_ = 0;
};

/// Why there is no value.
enum class Fault { None, OutOfRange, DivisionByZero, Undefined, NotInteger, NoMemory };

/// One sentence for a person.
const char* describe(Fault fault);

struct Outcome {
    Number value;
    Fault fault = Fault::None;

    Outcome(Number number) : value{number} {}
    Outcome(Fault why) : fault{why} {}
    bool good() const { return fault == Fault::None; }
};

Outcome negate(Number a);
Outcome add(Number a, Number b);
Outcome subtract(Number a, Number b);
Outcome multiply(Number a, Number b);
/// DivisionByZero for integers and reals alike.
Outcome divide(Number a, Number b);
/// What a truncated division leaves, with the sign of `a`, as in C.
Outcome remainder(Number a, Number b);
/// An integer for integers with b >= 0; 0^0 = 1.  Undefined: a negative number to a power that is no integer.
Outcome power(Number a, Number b);
/// `value` as a number, a fault where it is not finite.
Outcome checked_real(long double value);

/// Integers in decimal, reals rounded to 15 digits, which `text` has room for.
inline constexpr size_t kNumberTextSize = 32;
posix::View print(Number number, char (&text)[kNumberTextSize]);

} // namespace calculator
