// SPDX-License-Identifier: MIT
#include "calculator/number.h"

#include <math.h>
#include <stdio.h>

namespace calculator {

const char* describe(Fault fault)
{
    switch (fault) {
    case Fault::None: return "no fault";
    case Fault::OutOfRange: return "the result is out of range";
    case Fault::DivisionByZero: return "division by zero";
    case Fault::Undefined: return "this has no real value";
    case Fault::NotInteger: return "integers are needed here";
    case Fault::NoMemory: return "there is no memory left";
    }
    return "";
}

Outcome checked_real(long double value)
{
    if (isnan(value)) {
        return Fault::Undefined;
    }
    return isinf(value) ? Outcome{Fault::OutOfRange} : Outcome{Number::real(value)};
}

namespace {

bool both_integers(Number a, Number b)
{
    return a.is_integer() && b.is_integer();
}

/// The exact integer `value`, unless `overflowed`.
Outcome exact(bool overflowed, int64_t value)
{
    return overflowed ? Outcome{Fault::OutOfRange} : Outcome{Number::integer(value)};
}

/// By repeated squaring; a square is taken only where a factor still needs it, so none overflows for nothing.
Outcome integer_power(int64_t base, int64_t exponent)
{
    int64_t result = 1;
    for (;;) {
        if ((exponent & 1) != 0 && __builtin_mul_overflow(result, base, &result)) {
            return Fault::OutOfRange;
        }
        exponent >>= 1;
        if (exponent == 0) {
            return Number::integer(result);
        }
        if (__builtin_mul_overflow(base, base, &base)) {
            return Fault::OutOfRange;
        }
    }
}

} // namespace

Outcome negate(Number a)
{
    if (!a.is_integer()) {
        return Number::real(-a.as_real());
    }
    return subtract(Number::integer(0), a);
}

Outcome add(Number a, Number b)
{
    if (both_integers(a, b)) {
        int64_t sum = 0;
        const bool overflowed = __builtin_add_overflow(a.as_integer(), b.as_integer(), &sum);
        return exact(overflowed, sum);
    }
    return checked_real(a.as_real() + b.as_real());
}

Outcome subtract(Number a, Number b)
{
    if (both_integers(a, b)) {
        int64_t difference = 0;
        const bool overflowed = __builtin_sub_overflow(a.as_integer(), b.as_integer(), &difference);
        return exact(overflowed, difference);
    }
    return checked_real(a.as_real() - b.as_real());
}

Outcome multiply(Number a, Number b)
{
    if (both_integers(a, b)) {
        int64_t product = 0;
        const bool overflowed = __builtin_mul_overflow(a.as_integer(), b.as_integer(), &product);
        return exact(overflowed, product);
    }
    return checked_real(a.as_real() * b.as_real());
}

Outcome divide(Number a, Number b)
{
    if (b.is_zero()) {
        return Fault::DivisionByZero;
    }
    if (both_integers(a, b)) {
        // The smallest integer divided by -1 is the one quotient that does not fit; the CPU answers it with #DE.
        if (b.as_integer() == -1) {
            return negate(a);
        }
        if (a.as_integer() % b.as_integer() == 0) {
            return Number::integer(a.as_integer() / b.as_integer());
        }
    }
    return checked_real(a.as_real() / b.as_real());
}

Outcome remainder(Number a, Number b)
{
    if (b.is_zero()) {
        return Fault::DivisionByZero;
    }
    if (both_integers(a, b)) {
        return Number::integer(b.as_integer() == -1 ? 0 : a.as_integer() % b.as_integer());
    }
    return checked_real(fmodl(a.as_real(), b.as_real()));
}

Outcome power(Number a, Number b)
{
    if (a.is_zero() && b.is_negative()) {
        return Fault::DivisionByZero;
    }
    if (both_integers(a, b) && !b.is_negative()) {
        return integer_power(a.as_integer(), b.as_integer());
    }
    return checked_real(powl(a.as_real(), b.as_real()));
}

posix::View print(Number number, char (&text)[kNumberTextSize])
{
    const int length = number.is_integer()
                           ? snprintf(text, sizeof text, "%lld", static_cast<long long>(number.as_integer()))
                           : snprintf(text, sizeof text, "%.15Lg", number.as_real() + 0.0L); // -0 is printed as 0
    return {text, length < 0 ? 0 : static_cast<size_t>(length)};
}

} // namespace calculator
