// SPDX-License-Identifier: MIT
// What the calculator makes of a line, by examples and against a second arithmetic: random expressions are valued as
// they are made, in 128 bits.  Source: the grammar and the rules of calculator/compiler.h and calculator/number.h.
#include "calculator/calculation.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

void posix::out_of_memory()
{
    std::abort();
}

namespace {

/// The values of `line`, then the mistake with its place, as a person reads them.
std::string calculated(calculator::Calculation& calculation, const std::string& line)
{
    posix::Vector<calculator::Number> values;
    const calculator::Mistake mistake = calculation.run({line.data(), line.size()}, values);
    std::string text;
    for (const calculator::Number& value : values) {
        char bytes[calculator::kNumberTextSize];
        const posix::View printed = print(value, bytes);
        text += (text.empty() ? "" : " ") + std::string{printed.data(), printed.size()};
    }
    if (mistake) {
        text += (text.empty() ? "" : " ") + std::to_string(mistake.position) + ": " + mistake.message;
    }
    return text;
}

std::string calculated(const std::string& line)
{
    calculator::Calculation calculation;
    return calculated(calculation, line);
}

struct Example {
    const char *line, *expected;
};

TEST(Calculator, KnowsPrecedenceAndAssociativity)
{
    constexpr Example kExamples[] = {
        {"1+2*3", "7"},      {"(1+2)*3", "9"},   {"8-3-2", "3"},
        {"64/4/2", "8"},     {"2^3^2", "512"},   {"(2^3)^2", "64"},
        {"-2^2", "-4"},      {"(-2)^2", "4"},    {"2^-1", "0.5"},
        {"- -5", "5"},       {"+-+5", "-5"},     {"2*-3", "-6"},
        {"7%4*2", "6"},      {"-7%3", "-1"},     {"7%-3", "1"},
        {"1;2;3", "1 2 3"},  {"1;;2;", "1 2"},   {"", ""},
        {"  # nothing", ""}, {"1 # one", "1"},   {"2-2^2*3+1", "-9"},
        {"10/4", "2.5"},     {"10/5", "2"},      {"1e3/10", "100"},
        {".5+.25", "0.75"},  {"0x1f+0XF", "46"}, {"1.5e-1", "0.15"},
        {"0.1+0.2", "0.3"},  {"5.5%2", "1.5"},   {"2^0.5^2", "1.18920711500272"},
    };
    for (const Example& example : kExamples) {
        EXPECT_EQ(calculated(example.line), example.expected) << example.line;
    }
}

TEST(Calculator, KeepsIntegersExactOrSaysThatItCannot)
{
    constexpr Example kExamples[] = {
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775807+1", "19: the result is out of range"},
        {"-9223372036854775808-1", "20: the result is out of range"},
        {"-9223372036854775808/-1", "20: the result is out of range"},
        {"-9223372036854775808%-1", "0"},
        {"-(-9223372036854775808)", "0: the result is out of range"},
        {"abs(-9223372036854775808)", "0: the result is out of range"},
        {"gcd(-9223372036854775808,0)", "0: the result is out of range"},
        {"9223372036854775808", "0: this integer does not fit in 64 bits (with .0 behind it, it is a real)"},
        {"-9223372036854775808^2", "1: this integer does not fit in 64 bits (with .0 behind it, it is a real)"},
        {"0x7fffffffffffffff", "9223372036854775807"},
        {"0x10000000000000000", "0: this integer does not fit in 64 bits (with .0 behind it, it is a real)"},
        {"9223372036854775808.0", "9.22337203685478e+18"},
        {"3^39", "4052555153018976267"},
        {"3^40", "1: the result is out of range"},
        {"(-2)^63", "-9223372036854775808"},
        {"2^63", "1: the result is out of range"},
        {"1^9223372036854775807", "1"},
        {"(-1)^9223372036854775807", "-1"},
        {"0^0", "1"},
        {"3037000500*3037000500", "10: the result is out of range"},
        {"9007199254740993*3", "27021597764222979"},
        {"9007199254740993/1", "9007199254740993"},
        {"fact(20)", "2432902008176640000"},
        {"fact(21)", "0: the result is out of range"},
    };
    for (const Example& example : kExamples) {
        EXPECT_EQ(calculated(example.line), example.expected) << example.line;
    }
}

TEST(Calculator, CallsFunctions)
{
    constexpr Example kExamples[] = {
        {"sqrt(16)", "4"},
        {"sqrt(2)", "1.4142135623731"},
        {"sqrt(-1)", "0: this has no real value"},
        {"abs(-3)", "3"},
        {"abs(-2.5)", "2.5"},
        {"min(3,1,2)", "1"},
        {"max(3,1.5,9223372036854775807)", "9223372036854775807"},
        {"sin(0)", "0"},
        {"cos(pi)", "-1"},
        {"atan2(1,1)*4", "3.14159265358979"},
        {"ln(e)", "1"},
        {"ln(0)", "0: this has no real value"},
        {"log10(1000)", "3"},
        {"log2(-1)", "0: this has no real value"},
        {"floor(-1.5);ceil(-1.5);round(-1.5);int(-1.5)", "-2 -1 -2 -1"},
        {"floor(1e300)", "1e+300"},
        {"hypot(3,4)", "5"},
        {"gcd(12,-18)", "6"},
        {"gcd(1.5,2)", "0: integers are needed here"},
        {"fact(-1)", "0: this has no real value"},
        {"exp(1e9)", "0: the result is out of range"},
        {"asin(2)", "0: this has no real value"},
    };
    for (const Example& example : kExamples) {
        EXPECT_EQ(calculated(example.line), example.expected) << example.line;
    }
}

TEST(Calculator, SaysWhereALineIsWrong)
{
    constexpr Example kExamples[] = {
        {"1+", "2: a value is missing at the end"},
        {"2 + * 3", "4: a value is expected here"},
        {"(1", "0: this parenthesis is not closed"},
        {"1)", "1: no parenthesis is open here"},
        {"1 2", "2: an operator is expected here"},
        {"(1 2)", "3: an operator or ) is expected here"},
        {"1 $ 2", "2: this means nothing here"},
        {"0x", "2: digits are expected after 0x"},
        {"1/0", "1: division by zero"},
        {"1.0%0", "3: division by zero"},
        {"0^-1", "1: division by zero"},
        {"(-8)^0.5", "4: this has no real value"},
        {"y", "0: this variable has no value yet"},
        {"foo(1)", "0: there is no function of this name"},
        {"sin", "3: a function is called with parentheses, as in sqrt(2)"},
        {"sin()", "0: this function needs more arguments"},
        {"sin(1,2)", "0: this function takes fewer arguments"},
        {"pi=3", "0: this cannot be assigned"},
        {"ans=3", "0: this cannot be assigned"},
        {"sin=3", "0: this is the name of a function"},
        {"1=2", "1: an operator is expected here"},
        {"a23456789012345678901234567890123=1", "0: this name is too long"},
        {"1e99999", "0: this number is too large"},
        {"\x80", "0: this means nothing here"},
    };
    for (const Example& example : kExamples) {
        EXPECT_EQ(calculated(example.line), example.expected) << example.line;
    }
}

TEST(Calculator, RemembersVariablesAndTheLastValue)
{
    calculator::Calculation calculation;
    EXPECT_EQ(calculated(calculation, "ans"), "0");
    EXPECT_EQ(calculated(calculation, "a = b = 3"), "3");
    EXPECT_EQ(calculated(calculation, "a*b"), "9");
    EXPECT_EQ(calculated(calculation, "ans+1"), "10");
    EXPECT_EQ(calculated(calculation, "1/0"), "1: division by zero");
    EXPECT_EQ(calculated(calculation, "ans"), "10") << "a mistake is no value";
    EXPECT_EQ(calculated(calculation, "(a=7)+("), "7: a value is missing at the end");
    EXPECT_EQ(calculated(calculation, "a"), "3") << "a line with a mistake in its form assigns nothing";
    EXPECT_EQ(calculated(calculation, "a=5;1/0;a=6"), "5 5: division by zero");
    EXPECT_EQ(calculated(calculation, "a"), "5");
}

TEST(Calculator, LimitsVariablesAndDepth)
{
    calculator::Calculation calculation;
    for (size_t i = 0; i < calculator::kVariableLimit; ++i) {
        ASSERT_EQ(calculated(calculation, "v" + std::to_string(i) + "=1"), "1");
    }
    EXPECT_EQ(calculated(calculation, "w=1"), "0: there are too many variables");
    EXPECT_EQ(calculated(calculation, "v0=2"), "2");
    const std::string deep(1'000'000, '(');
    EXPECT_NE(calculated(deep).find("this is nested too deep"), std::string::npos);
    EXPECT_NE(calculated(std::string(1'000'000, '-') + "1").find("this is nested too deep"), std::string::npos);
    std::string powers = "1";
    for (int i = 0; i < 100'000; ++i) {
        powers += "^1";
    }
    EXPECT_NE(calculated(powers).find("this is nested too deep"), std::string::npos);
    EXPECT_EQ(calculated(std::string(90, '(') + "1" + std::string(90, ')')), "1");
}

/// A random expression of integers, and what it is worth: in 128 bits, or why it has no exact value.
struct Sample {
    std::string text;
    __int128 value = 0;
    enum class End { Integer, OutOfRange, DivisionByZero, Real } end = End::Integer;
};

class Samples {
public:
    explicit Samples(std::uint32_t seed) : random_{seed} {}

    Sample make(unsigned depth)
    {
        const unsigned kind = depth == 0 ? 0 : below(8);
        if (kind <= 1) {
            return constant();
        }
        if (kind == 2) {
            Sample inner = make(depth - 1);
            inner.text = "-(" + inner.text + ")";
            return settled({inner.text, -inner.value, inner.end});
        }
        const Sample left = make(depth - 1);
        const Sample right = make(depth - 1);
        const char sign = "+-*/%"[below(5)];
        Sample result{"(" + left.text + ")" + sign + "(" + right.text + ")", 0, left.end};
        if (result.end == Sample::End::Integer) {
            result.end = right.end;
        }
        return result.end == Sample::End::Integer ? combined(result, sign, left.value, right.value) : result;
    }

private:
    unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

    Sample constant()
    {
        static constexpr std::int64_t kValues[] = {
            0, 1, 2, 3, 7, 10, 1000, 3037000499, 3037000500, INT64_MAX, INT64_MAX - 1};
        const std::int64_t value = below(2) == 0 ? kValues[below(std::size(kValues))] : below(100);
        return {std::to_string(value), value};
    }

    static Sample settled(Sample sample)
    {
        if (sample.end == Sample::End::Integer && (sample.value > INT64_MAX || sample.value < INT64_MIN)) {
            sample.end = Sample::End::OutOfRange;
        }
        return sample;
    }

    static Sample combined(Sample result, char sign, __int128 left, __int128 right)
    {
        switch (sign) {
        case '+': result.value = left + right; break;
        case '-': result.value = left - right; break;
        case '*': result.value = left * right; break;
        default:
            if (right == 0) {
                result.end = Sample::End::DivisionByZero;
            } else if (sign == '%') {
                result.value = left % right;
            } else if (left % right != 0) {
                result.end = Sample::End::Real;
            } else {
                result.value = left / right;
            }
        }
        return settled(result);
    }

    std::mt19937 random_;
};

TEST(Calculator, AgreesWith128BitsOnRandomExpressions)
{
    Samples samples{1};
    unsigned integers = 0;
    for (int i = 0; i < 50'000; ++i) {
        const Sample sample = samples.make(4);
        const std::string actual = calculated(sample.text);
        switch (sample.end) {
        case Sample::End::Integer:
            ++integers;
            ASSERT_EQ(actual, std::to_string(static_cast<std::int64_t>(sample.value))) << sample.text;
            break;
        // A fault in the right operand may come before or after a real that the left one has become.
        case Sample::End::OutOfRange: ASSERT_NE(actual.find("out of range"), std::string::npos) << sample.text; break;
        case Sample::End::DivisionByZero: ASSERT_NE(actual.find("by zero"), std::string::npos) << sample.text; break;
        case Sample::End::Real: break;
        }
    }
    EXPECT_GT(integers, 20'000U);
}

TEST(Calculator, SurvivesAnyBytes)
{
    std::mt19937 random{2};
    constexpr std::string_view kBytes = "0123456789.eExX+-*/%^()=,;# \tabpisqrtmn\x00\xff\xc3";
    calculator::Calculation calculation;
    for (int i = 0; i < 100'000; ++i) {
        std::string line;
        for (auto size = random() % 40; size > 0; --size) {
            line += kBytes[random() % kBytes.size()];
        }
        const posix::View view{line.data(), line.size()};
        posix::Vector<calculator::Number> values;
        const calculator::Mistake mistake = calculation.run(view, values);
        ASSERT_TRUE(!mistake || mistake.position <= line.size()) << line;
    }
}

} // namespace
