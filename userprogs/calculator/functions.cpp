// SPDX-License-Identifier: MIT
#include "calculator/functions.h"

#include <math.h>

namespace calculator {
namespace {

constexpr size_t kMostArguments = 64;

/// A function of the C library, of one real.
template <long double (*Function)(long double)> Outcome real_function(Arguments arguments)
{
    return checked_real(Function(arguments.values[0].as_real()));
}

/// A function that gives an integer for each argument: an integer is its own value.
template <long double (*Function)(long double)> Outcome rounding(Arguments arguments)
{
    if (arguments.values[0].is_integer()) {
        return arguments.values[0];
    }
    const long double value = Function(arguments.values[0].as_real());
    // 2^63 is a long double, and the first that is no 64-bit integer.
    const bool fits = value >= -0x1p63L && value < 0x1p63L;
    return fits ? Number::integer(static_cast<int64_t>(value)) : Number::real(value);
}

/// ln 0 is a pole: no value, as the logarithm of a negative number.
template <long double (*Function)(long double)> Outcome logarithm(Arguments arguments)
{
    if (arguments.values[0].is_negative() || arguments.values[0].is_zero()) {
        return Fault::Undefined;
    }
    return checked_real(Function(arguments.values[0].as_real()));
}

/// The integer root where there is one.
Outcome square_root(Arguments arguments)
{
    const Number argument = arguments.values[0];
    const long double root = sqrtl(argument.as_real());
    if (argument.is_integer() && root == floorl(root) && !isnan(root)) {
        return Number::integer(static_cast<int64_t>(root));
    }
    return checked_real(root);
}

Outcome absolute(Arguments arguments)
{
    const Number argument = arguments.values[0];
    return argument.is_negative() ? negate(argument) : Outcome{argument};
}

bool less(Number a, Number b)
{
    return a.is_integer() && b.is_integer() ? a.as_integer() < b.as_integer() : a.as_real() < b.as_real();
}

Outcome minimum(Arguments arguments)
{
    Number least = arguments.values[0];
    for (size_t i = 1; i < arguments.count; ++i) {
        least = less(arguments.values[i], least) ? arguments.values[i] : least;
    }
    return least;
}

Outcome maximum(Arguments arguments)
{
    Number greatest = arguments.values[0];
    for (size_t i = 1; i < arguments.count; ++i) {
        greatest = less(greatest, arguments.values[i]) ? arguments.values[i] : greatest;
    }
    return greatest;
}

Outcome arc_tangent_of_two(Arguments arguments)
{
    return checked_real(atan2l(arguments.values[0].as_real(), arguments.values[1].as_real()));
}

Outcome hypotenuse(Arguments arguments)
{
    return checked_real(hypotl(arguments.values[0].as_real(), arguments.values[1].as_real()));
}

uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
}

Outcome greatest_common_divisor(Arguments arguments)
{
    if (!arguments.values[0].is_integer() || !arguments.values[1].is_integer()) {
        return Fault::NotInteger;
    }
    uint64_t a = magnitude(arguments.values[0].as_integer());
    uint64_t b = magnitude(arguments.values[1].as_integer());
    while (b != 0) {
        const uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a > INT64_MAX ? Outcome{Fault::OutOfRange} : Outcome{Number::integer(static_cast<int64_t>(a))};
}

Outcome factorial(Arguments arguments)
{
    if (!arguments.values[0].is_integer()) {
        return Fault::NotInteger;
    }
    if (arguments.values[0].is_negative()) {
        return Fault::Undefined;
    }
    int64_t product = 1;
    for (int64_t factor = 2; factor <= arguments.values[0].as_integer(); ++factor) {
        if (__builtin_mul_overflow(product, factor, &product)) {
            return Fault::OutOfRange;
        }
    }
    return Number::integer(product);
}

constexpr Function kFunctions[] = {
    {"sqrt", "sqrt(x)          square root", 1, 1, square_root},
    {"cbrt", "cbrt(x)          cube root", 1, 1, real_function<cbrtl>},
    {"abs", "abs(x)           magnitude", 1, 1, absolute},
    {"min", "min(x, ...)      the least", 1, kMostArguments, minimum},
    {"max", "max(x, ...)      the greatest", 1, kMostArguments, maximum},
    {"floor", "floor(x)         the integer below", 1, 1, rounding<floorl>},
    {"ceil", "ceil(x)          the integer above", 1, 1, rounding<ceill>},
    {"round", "round(x)         the nearest integer, halves away from zero", 1, 1, rounding<roundl>},
    {"int", "int(x)           the integer towards zero", 1, 1, rounding<truncl>},
    {"exp", "exp(x)           e^x", 1, 1, real_function<expl>},
    {"ln", "ln(x)            natural logarithm", 1, 1, logarithm<logl>},
    {"log2", "log2(x)          logarithm to base 2", 1, 1, logarithm<log2l>},
    {"log10", "log10(x)         logarithm to base 10", 1, 1, logarithm<log10l>},
    {"sin", "sin(x)           of radians, as all of these", 1, 1, real_function<sinl>},
    {"cos", "cos(x)", 1, 1, real_function<cosl>},
    {"tan", "tan(x)", 1, 1, real_function<tanl>},
    {"asin", "asin(x)", 1, 1, real_function<asinl>},
    {"acos", "acos(x)", 1, 1, real_function<acosl>},
    {"atan", "atan(x)", 1, 1, real_function<atanl>},
    {"atan2", "atan2(y, x)      the angle of the point (x, y)", 2, 2, arc_tangent_of_two},
    {"hypot", "hypot(x, y)      sqrt(x^2 + y^2)", 2, 2, hypotenuse},
    {"gcd", "gcd(a, b)        greatest common divisor", 2, 2, greatest_common_divisor},
    {"fact", "fact(n)          1 * 2 * ... * n", 1, 1, factorial},
};

} // namespace

const Function* find_function(posix::View name)
{
    for (const Function& function : kFunctions) {
        if (name == function.name) {
            return &function;
        }
    }
    return nullptr;
}

FunctionList all_functions()
{
    return {kFunctions, sizeof kFunctions / sizeof kFunctions[0]};
}

} // namespace calculator
