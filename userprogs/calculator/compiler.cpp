// SPDX-License-Identifier: MIT
#include "calculator/compiler.h"

#include "calculator/token.h"

namespace calculator {
namespace {

using Kind = Token::Kind;

class Compiler {
public:
    Compiler(const posix::Vector<Token>& tokens, posix::Vector<Step>& steps) : tokens_{tokens}, steps_{steps} {}

    Mistake line()
    {
        for (;;) {
            const bool empty = here().kind == Kind::End || here().is(';');
            if (!empty && !(statement() && emit({.kind = Step::Kind::EndStatement, .position = here().position}))) {
                return mistake_;
            }
            if (here().kind == Kind::End) {
                return {};
            }
            if (!here().is(';')) {
                fail(here().is(')') ? "no parenthesis is open here" : "an operator is expected here");
                return mistake_;
            }
            ++at_;
        }
    }

private:
    /// One level deeper while it lives.
    class Level {
    public:
        explicit Level(unsigned& depth) : depth_{depth} { ++depth_; }
        ~Level() { --depth_; }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;

    private:
        unsigned& depth_;
    };

    const Token& here() const { return tokens_[at_]; }
    const Token& next() const { return tokens_[at_ + (here().kind == Kind::End ? 0 : 1)]; }

    /// Notes the mistake at the current token; always false, which each rule hands on.
    bool fail(const char* message) { return fail(message, here().position); }
    bool fail(const char* message, size_t position)
    {
        mistake_ = {message, position};
        return false;
    }

    bool emit(Step step) { return steps_.try_append(step) || fail(describe(Fault::NoMemory), step.position); }

    bool statement()
    {
        const Level level{depth_};
        if (depth_ > kDepthLimit) {
            return fail("this is nested too deep");
        }
        if (here().kind != Kind::Name || !next().is('=')) {
            return sum();
        }
        const Token name = here();
        if (find_function(name.text) != nullptr) {
            return fail("this is the name of a function");
        }
        at_ += 2;
        return statement() && emit({.kind = Step::Kind::Store, .position = name.position, .name = name.text});
    }

    bool sum()
    {
        if (!product()) {
            return false;
        }
        while (here().is('+') || here().is('-')) {
            const Token sign = here();
            ++at_;
            if (!product() ||
                !emit({.kind = sign.is('+') ? Step::Kind::Add : Step::Kind::Subtract, .position = sign.position})) {
                return false;
            }
        }
        return true;
    }

    static Step::Kind product_step(const Token& sign)
    {
        return sign.is('*') ? Step::Kind::Multiply : sign.is('/') ? Step::Kind::Divide : Step::Kind::Remainder;
    }

    bool product()
    {
        if (!unary()) {
            return false;
        }
        while (here().is('*') || here().is('/') || here().is('%')) {
            const Token sign = here();
            ++at_;
            if (!unary() || !emit({.kind = product_step(sign), .position = sign.position})) {
                return false;
            }
        }
        return true;
    }

    bool unary()
    {
        const Level level{depth_};
        if (depth_ > kDepthLimit) {
            return fail("this is nested too deep");
        }
        const Token sign = here();
        if (!sign.is('+') && !sign.is('-')) {
            return power();
        }
        ++at_;
        // The smallest integer is written with a number that is none; -2^63^x is -(2^63^x), and out of range.
        if (sign.is('-') && here().is_limit_plus_1 && !next().is('^')) {
            const Number least = here().number;
            ++at_;
            return emit({.kind = Step::Kind::Push, .position = sign.position, .number = least});
        }
        return unary() && (sign.is('+') || emit({.kind = Step::Kind::Negate, .position = sign.position}));
    }

    bool power()
    {
        if (!primary()) {
            return false;
        }
        if (!here().is('^')) {
            return true;
        }
        const Token sign = here();
        ++at_;
        return unary() && emit({.kind = Step::Kind::Power, .position = sign.position});
    }

    bool primary()
    {
        const Token token = here();
        if (token.kind == Kind::Number) {
            if (token.is_limit_plus_1) {
                return fail("this integer does not fit in 64 bits (with .0 behind it, it is a real)");
            }
            ++at_;
            return emit({.kind = Step::Kind::Push, .position = token.position, .number = token.number});
        }
        if (token.kind == Kind::Name) {
            const Function* const function = find_function(token.text);
            if (function != nullptr || next().is('(')) {
                return call(function);
            }
            ++at_;
            return emit({.kind = Step::Kind::Load, .position = token.position, .name = token.text});
        }
        if (!token.is('(')) {
            return fail(token.kind == Kind::End ? "a value is missing at the end" : "a value is expected here");
        }
        ++at_;
        return statement() && close(token);
    }

    /// The parenthesis that `open` has opened.
    bool close(const Token& open)
    {
        if (!here().is(')')) {
            return here().kind == Kind::End ? fail("this parenthesis is not closed", open.position)
                                            : fail("an operator or ) is expected here");
        }
        ++at_;
        return true;
    }

    bool call(const Function* function)
    {
        const Token name = here();
        if (function == nullptr) {
            return fail("there is no function of this name");
        }
        ++at_;
        const Token open = here();
        if (!open.is('(')) {
            return fail("a function is called with parentheses, as in sqrt(2)");
        }
        size_t count = 0;
        do {
            ++at_;
            if (count == 0 && here().is(')')) {
                break;
            }
            if (!statement()) {
                return false;
            }
            ++count;
        } while (here().is(','));
        if (!close(open)) {
            return false;
        }
        if (count < function->fewest || count > function->most) {
            return fail(count < function->fewest ? "this function needs more arguments"
                                                 : "this function takes fewer arguments",
                        name.position);
        }
        return emit(
            {.kind = Step::Kind::Call, .position = name.position, .function = function, .argument_count = count});
    }

    const posix::Vector<Token>& tokens_;
    posix::Vector<Step>& steps_;
    size_t at_ = 0;
    unsigned depth_ = 0;
    Mistake mistake_;
};

} // namespace

Mistake compile(posix::View line, posix::Vector<Step>& steps)
{
    posix::Vector<Token> tokens;
    if (const Mistake mistake = tokenize(line, tokens)) {
        return mistake;
    }
    return Compiler{tokens, steps}.line();
}

} // namespace calculator
