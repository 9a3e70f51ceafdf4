// SPDX-License-Identifier: MIT
#include "shell/arithmetic.h"

#include <errno.h>
#include <stdlib.h>

namespace shell {
namespace {

using posix::View;
using Value = long long;
using Bits = unsigned long long;

/// A binary operator; a higher rank binds closer.
struct Operator {
    const char* sign;
    unsigned rank;
};
// A longer sign stands before those it begins with.
constexpr Operator kOperators[] = {
    {"||", 1}, {"&&", 2}, {"<<", 8}, {">>", 8}, {"<=", 7}, {">=", 7}, {"==", 6}, {"!=", 6}, {"|", 3},
    {"^", 4},  {"&", 5},  {"<", 7},  {">", 7},  {"+", 9},  {"-", 9},  {"*", 10}, {"/", 10}, {"%", 10},
};
constexpr const char* kAssignments[] = {"<<=", ">>=", "*=", "/=", "%=", "+=", "-=", "&=", "^=", "|=", "="};

bool is_blank(View text)
{
    bool blank = true;
    for (const char c : text) {
        blank = blank && View{" \t\n"}.contains(c);
    }
    return blank;
}

class Calculator {
public:
    Calculator(State& state, View text) : state_{state}, text_{text} {}

    ArithmeticResult run()
    {
        const Value value = comma();
        if (error_ == nullptr && !skip_blanks().empty()) {
            fail("an operator is expected");
        }
        return {value, error_};
    }

private:
    Value fail(const char* message)
    {
        error_ = error_ == nullptr ? message : error_;
        return 0;
    }

    View skip_blanks()
    {
        while (at_ < text_.size() && View{" \t\n"}.contains(text_[at_])) {
            ++at_;
        }
        return text_.from(at_);
    }

    bool take(View sign)
    {
        if (!skip_blanks().starts_with(sign)) {
            return false;
        }
        at_ += sign.size();
        return true;
    }

    Value comma()
    {
        Value value = assignment();
        while (error_ == nullptr && take(",")) {
            value = assignment();
        }
        return value;
    }

    Value assignment()
    {
        if (state_.stack.exhausted()) {
            return fail("the expression is nested too deep");
        }
        const size_t begin = at_;
        const View name = read_name();
        if (!name.empty()) {
            for (const View sign : kAssignments) {
                // == compares.
                if (sign == "=" && skip_blanks().starts_with("==")) {
                    break;
                }
                if (take(sign)) {
                    return assign(name, sign);
                }
            }
        }
        at_ = begin;
        return conditional();
    }

    Value assign(View name, View sign)
    {
        const Value right = assignment();
        if (error_ != nullptr || skipped_ > 0) {
            return 0;
        }
        const Value value = sign == "=" ? right : apply(sign.first(sign.size() - 1), variable(name), right);
        if (error_ != nullptr) {
            return 0;
        }
        posix::String text;
        text.append_number(value);
        return state_.variables.set(name, text) ? value : fail("a variable is read-only");
    }

    Value conditional()
    {
        const Value condition = binary(1);
        if (error_ != nullptr || !take("?")) {
            return condition;
        }
        const Value yes = skipping(condition == 0, &Calculator::comma);
        if (error_ != nullptr || !take(":")) {
            return fail("a : is expected");
        }
        const Value no = skipping(condition != 0, &Calculator::assignment);
        return condition != 0 ? yes : no;
    }

    /// What is skipped is read, but neither assigns nor divides.
    Value skipping(bool skip, Value (Calculator::*rule)())
    {
        skipped_ += skip ? 1U : 0U;
        const Value value = (this->*rule)();
        skipped_ -= skip ? 1U : 0U;
        return value;
    }

    const Operator* next_operator()
    {
        const View rest = skip_blanks();
        for (const Operator& candidate : kOperators) {
            if (rest.starts_with(candidate.sign)) {
                const View sign{candidate.sign};
                // x+=1 is no sum.
                const bool assigns = rest.from(sign.size()).starts_with("=") && candidate.rank != 6 &&
                                     candidate.rank != 7 && candidate.rank > 2;
                return assigns ? nullptr : &candidate;
            }
        }
        return nullptr;
    }

    Value binary(unsigned rank)
    {
        if (state_.stack.exhausted()) {
            return fail("the expression is nested too deep");
        }
        Value left = unary();
        for (;;) {
            const Operator* const next = error_ == nullptr ? next_operator() : nullptr;
            if (next == nullptr || next->rank < rank) {
                return left;
            }
            at_ += View{next->sign}.size();
            const bool decided = (next->rank == 1 && left != 0) || (next->rank == 2 && left == 0);
            skipped_ += decided ? 1U : 0U;
            const Value right = binary(next->rank + 1);
            skipped_ -= decided ? 1U : 0U;
            left = error_ != nullptr ? 0 : apply(next->sign, left, right);
        }
    }

    Value apply(View sign, Value left, Value right)
    {
        const auto a = static_cast<Bits>(left);
        const auto b = static_cast<Bits>(right);
        if (sign == "||") {
            return left != 0 || right != 0;
        }
        if (sign == "&&") {
            return left != 0 && right != 0;
        }
        if (sign == "<<") {
            return static_cast<Value>(a << (b & 63));
        }
        if (sign == ">>") {
            return left >> (b & 63);
        }
        if (sign == "<=") {
            return left <= right;
        }
        if (sign == ">=") {
            return left >= right;
        }
        if (sign == "==") {
            return left == right;
        }
        if (sign == "!=") {
            return left != right;
        }
        if (sign == "|") {
            return static_cast<Value>(a | b);
        }
        if (sign == "^") {
            return static_cast<Value>(a ^ b);
        }
        if (sign == "&") {
            return static_cast<Value>(a & b);
        }
        if (sign == "<") {
            return left < right;
        }
        if (sign == ">") {
            return left > right;
        }
        if (sign == "+") {
            return static_cast<Value>(a + b);
        }
        if (sign == "-") {
            return static_cast<Value>(a - b);
        }
        if (sign == "*") {
            return static_cast<Value>(a * b);
        }
        if (right == 0) {
            return skipped_ > 0 ? 0 : fail("division by zero");
        }
        // The smallest number has no positive counterpart: the CPU would answer with #DE.
        if (right == -1) {
            return sign == "/" ? static_cast<Value>(0 - a) : 0;
        }
        return sign == "/" ? left / right : left % right;
    }

    Value unary()
    {
        if (state_.stack.exhausted()) {
            return fail("the expression is nested too deep");
        }
        if (take("-")) {
            return static_cast<Value>(0 - static_cast<Bits>(unary()));
        }
        if (take("+")) {
            return unary();
        }
        if (take("~")) {
            return ~unary();
        }
        if (take("!")) {
            return unary() == 0;
        }
        return primary();
    }

    Value primary()
    {
        if (take("(")) {
            const Value value = comma();
            return error_ != nullptr || take(")") ? value : fail("a ) is expected");
        }
        const View name = read_name();
        if (!name.empty()) {
            return skipped_ > 0 ? 0 : variable(name);
        }
        const View rest = skip_blanks();
        size_t length = 0;
        while (length < rest.size() && posix::is_name_part(rest[length])) {
            ++length;
        }
        at_ += length;
        return length == 0 ? fail("a value is expected") : number(rest.first(length));
    }

    View read_name()
    {
        const View rest = skip_blanks();
        if (rest.empty() || !posix::is_name_start(rest[0])) {
            return {};
        }
        size_t length = 1;
        while (length < rest.size() && posix::is_name_part(rest[length])) {
            ++length;
        }
        at_ += length;
        return rest.first(length);
    }

    /// Decimal, 0x hexadecimal or 0 octal.
    Value number(View text)
    {
        const posix::String copy{text};
        char* end = nullptr;
        const Value value = strtoll(copy.c_str(), &end, 0);
        return end == copy.c_str() + copy.size() ? value : fail("this is no number");
    }

    /// As a constant, with a sign if it has one and blanks around it.  A value of 64 bits is none without its sign: the
    /// smallest one has no positive counterpart.
    Value number_of_variable(View text)
    {
        const posix::String copy{text};
        char* end = nullptr;
        errno = 0;
        const Value value = strtoll(copy.c_str(), &end, 0);
        const bool good = errno == 0 && end != copy.c_str();
        while (*end != '\0' && View{" \t\n"}.contains(*end)) {
            ++end;
        }
        return good && end == copy.c_str() + copy.size() ? value : fail("a variable is no number");
    }

    Value variable(View name)
    {
        const Variable* const found = state_.variables.find(name);
        if (found == nullptr || !found->set) {
            return state_.options.no_unset ? fail("a variable is not set") : 0;
        }
        return is_blank(found->value) ? 0 : number_of_variable(found->value);
    }

    State& state_;
    View text_;
    size_t at_ = 0;
    unsigned skipped_ = 0;
    const char* error_ = nullptr;
};

} // namespace

ArithmeticResult calculate(State& state, View expression)
{
    return is_blank(expression) ? ArithmeticResult{} : Calculator{state, expression}.run();
}

} // namespace shell
