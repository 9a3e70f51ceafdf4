// SPDX-License-Identifier: MIT
#include "calculator/calculation.h"

namespace calculator {
namespace {

constexpr long double kPi = 3.14159265358979323846264338327950288L, kE = 2.71828182845904523536028747135266250L;

struct Constant {
    const char* name;
    Number value;
};
constexpr Constant kConstants[] = {{"pi", Number::real(kPi)}, {"e", Number::real(kE)}};

const Constant* find_constant(posix::View name)
{
    for (const Constant& constant : kConstants) {
        if (name == constant.name) {
            return &constant;
        }
    }
    return nullptr;
}

} // namespace

Mistake Calculation::run(posix::View line, posix::Vector<Number>& values)
{
    posix::Vector<Step> steps;
    if (const Mistake mistake = compile(line, steps)) {
        return mistake;
    }
    stack_.clear();
    for (const Step& step : steps) {
        if (const Mistake mistake = apply(step, values)) {
            return mistake;
        }
    }
    return {};
}

Mistake Calculation::apply(const Step& step, posix::Vector<Number>& values)
{
    switch (step.kind) {
    case Step::Kind::Push: return push(step, step.number);
    case Step::Kind::Load: return load(step);
    case Step::Kind::Store: return store(step);
    case Step::Kind::Negate: return push(step, negate(stack_.take_last()));
    case Step::Kind::Call: {
        const size_t first = stack_.size() - step.argument_count;
        const Outcome outcome = step.function->call({stack_.data() + first, step.argument_count});
        stack_.truncate(first);
        return push(step, outcome);
    }
    case Step::Kind::EndStatement:
        last_ = stack_.take_last();
        return values.try_append(last_) ? Mistake{} : Mistake{describe(Fault::NoMemory), step.position};
    default: return combine(step);
    }
}

Mistake Calculation::combine(const Step& step)
{
    const Number right = stack_.take_last();
    const Number left = stack_.take_last();
    switch (step.kind) {
    case Step::Kind::Add: return push(step, add(left, right));
    case Step::Kind::Subtract: return push(step, subtract(left, right));
    case Step::Kind::Multiply: return push(step, multiply(left, right));
    case Step::Kind::Divide: return push(step, divide(left, right));
    case Step::Kind::Remainder: return push(step, remainder(left, right));
    default: return push(step, power(left, right));
    }
}

Mistake Calculation::push(const Step& step, const Outcome& outcome)
{
    if (!outcome.good()) {
        return {describe(outcome.fault), step.position};
    }
    return stack_.try_append(outcome.value) ? Mistake{} : Mistake{describe(Fault::NoMemory), step.position};
}

Mistake Calculation::load(const Step& step)
{
    if (step.name == "ans") {
        return push(step, last_);
    }
    if (const Constant* const constant = find_constant(step.name)) {
        return push(step, constant->value);
    }
    const Variable* const variable = find(step.name);
    return variable == nullptr ? Mistake{"this variable has no value yet", step.position} : push(step, variable->value);
}

Mistake Calculation::store(const Step& step)
{
    if (step.name == "ans" || find_constant(step.name) != nullptr) {
        return {"this cannot be assigned", step.position};
    }
    Variable* const known = find(step.name);
    if (known != nullptr) {
        known->value = stack_.back();
        return {};
    }
    Variable variable{{}, step.name.size(), stack_.back()};
    memcpy(variable.name, step.name.data(), step.name.size());
    if (variables_.size() >= kVariableLimit || !variables_.try_append(variable)) {
        return {"there are too many variables", step.position};
    }
    return {};
}

Calculation::Variable* Calculation::find(posix::View name)
{
    for (Variable& variable : variables_) {
        if (variable.view() == name) {
            return &variable;
        }
    }
    return nullptr;
}

} // namespace calculator
