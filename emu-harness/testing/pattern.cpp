// SPDX-License-Identifier: GPL-2.0-or-later
#include "testing/pattern.h"

#include "arch/rflags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace ringcheck::testing {
namespace {

using Difference = std::optional<std::string>;

template <typename Value> Difference unless_equal(const Value& actual, const Value& expected, std::string text)
{
    return actual == expected ? std::nullopt : Difference(std::move(text));
}

std::string names(std::initializer_list<Register> registers)
{
    std::vector<std::string> list;
    for (const Register name : registers) {
        list.emplace_back(to_string(name));
    }
    return fmt::format("{}", fmt::join(list, ", "));
}

/// What an event or SYSCALL has saved of `name`; nullopt: nothing.
std::optional<std::uint64_t> saved(const LoggedTransition& entry, Register name)
{
    if (entry.transition.kind == TransitionKind::Syscall) {
        const bool kept = name == Register::Rcx || name == Register::R11;
        return kept ? std::optional(value_of(entry.transition.after, name)) : std::nullopt;
    }
    constexpr std::array kOrder{Register::Rip, Register::Cs, Register::Rflags, Register::Rsp, Register::Ss};
    const auto found = std::ranges::find(kOrder, name);
    if (!entry.frame || found == kOrder.end()) {
        return std::nullopt;
    }
    return (*entry.frame)[static_cast<std::size_t>(found - kOrder.begin())];
}

/// What ought to be saved there.
std::uint64_t to_be_saved(const Transition& transition, Register name)
{
    const bool syscall = transition.kind == TransitionKind::Syscall;
    if (name == (syscall ? Register::Rcx : Register::Rip)) {
        return return_address(transition);
    }
    return value_of(transition.before, syscall ? Register::Rflags : name);
}

Difference not_saved(const LoggedTransition& entry, Register name)
{
    const auto value = saved(entry, name);
    if (!value) {
        return fmt::format("{} is not saved by {}", to_string(name), ringcheck::to_string(entry.transition.kind));
    }
    // An event may set RF in the image of RFLAGS.  [SDM 3B "Instruction-Breakpoint Exception Condition"]
    const bool flags = name == Register::Rflags || name == Register::R11;
    const std::uint64_t ignored = flags ? arch::rflags::kResume : 0;
    const std::uint64_t expected = to_be_saved(entry.transition, name) & ~ignored;
    return unless_equal(*value & ~ignored, expected,
                        fmt::format("{} is saved as {:#x}, and was {:#x}", to_string(name), *value, expected));
}

std::string function_of(const std::string& place)
{
    return place.substr(0, place.find('+'));
}

/// The lines under a failure's first one.
std::string indented(const std::string& text)
{
    std::string result = "  ";
    for (const char character : text) {
        result += character;
        if (character == '\n') {
            result += "  ";
        }
    }
    result.erase(result.find_last_not_of(" \n") + 1);
    return result + "\n";
}

std::string run_ended(const RunLog& log)
{
    return fmt::format("the run has {} transitions; it ended: {}\n", log.entries().size(), log.end());
}

std::string what_differs(const LoggedTransition& entry, const std::vector<std::string>& differences, const RunLog& log)
{
    return fmt::format("{}  but {}\n", indented(log.describe(entry)), fmt::join(differences, "\n  and "));
}

std::optional<std::string> refuse(const RunLog& log, std::initializer_list<const Pattern*> patterns)
{
    for (const Pattern* const pattern : patterns) {
        if (const auto symbol = pattern->unknown_symbol(log)) {
            return fmt::format("nobody knows the symbol {}, which {} names\n", *symbol, pattern->describe());
        }
    }
    return std::nullopt;
}

bool is_like(const LoggedTransition& entry, const Pattern& pattern, const RunLog& log)
{
    return pattern.is_kind(entry.transition.kind) && pattern.differences(entry, log).empty();
}

auto first_like(const RunLog& log, const Pattern& pattern)
{
    return std::ranges::find_if(log.entries(), [&](const auto& entry) { return is_like(entry, pattern, log); });
}

} // namespace

Pattern& Pattern::require(std::string what,
                          std::function<std::optional<std::string>(const LoggedTransition&, const RunLog&)> difference)
{
    conditions_.push_back({std::move(what), std::move(difference)});
    return *this;
}

Pattern& Pattern::from_ring(unsigned cpl)
{
    return require(fmt::format("from ring {}", cpl), [cpl](const LoggedTransition& entry, const RunLog&) {
        const unsigned actual = entry.transition.before.cpl;
        return unless_equal(actual, cpl, fmt::format("it comes from ring {}", actual));
    });
}

Pattern& Pattern::to_ring(unsigned cpl)
{
    return require(fmt::format("to ring {}", cpl), [cpl](const LoggedTransition& entry, const RunLog&) {
        const unsigned actual = entry.transition.after.cpl;
        return unless_equal(actual, cpl, fmt::format("it goes to ring {}", actual));
    });
}

Pattern& Pattern::at(const std::string& symbol)
{
    symbols_.push_back(symbol);
    return require("at " + symbol, [symbol](const LoggedTransition& entry, const RunLog& log) {
        const model::CpuState& after = entry.transition.after;
        const auto place = log.place_of(symbol);
        // The files of programs begin at the same address, most of them.
        const bool in_program = place && after.cpl == 3 && entry.program.name == place->program &&
                                after.rip == entry.program.base + place->address;
        const bool in_kernel = place && place->program.empty() && after.rip == place->address;
        return in_program || in_kernel
                   ? std::nullopt
                   : Difference("it goes on at " + log.symbols().code(after.rip, after.cpl, entry.program));
    });
}

Pattern& Pattern::in(const std::string& function)
{
    symbols_.push_back(function);
    return require("in " + function, [function](const LoggedTransition& entry, const RunLog& log) {
        const model::CpuState& before = entry.transition.before;
        const std::string place = log.symbols().code(before.rip, before.cpl, entry.program);
        return unless_equal(function_of(place), function, "it happens in " + place);
    });
}

Pattern& Pattern::program(const std::string& name)
{
    return require("of program " + name, [name](const LoggedTransition& entry, const RunLog&) {
        return unless_equal(entry.program.name, name,
                            entry.program.name.empty() ? "no program's page tables are loaded"
                                                       : "the page tables are those of " + entry.program.name);
    });
}

Pattern& Pattern::vector(std::uint8_t number)
{
    return require(fmt::format("vector {}", number), [number](const LoggedTransition& entry, const RunLog&) {
        const auto actual = entry.transition.vector;
        return unless_equal(actual, std::optional(number),
                            actual ? fmt::format("its vector is {}", *actual) : "it has no vector");
    });
}

Pattern& Pattern::error_code(std::uint32_t code)
{
    return require(fmt::format("error code {:#x}", code), [code](const LoggedTransition& entry, const RunLog&) {
        const auto actual = entry.transition.error_code;
        return unless_equal(actual, std::optional(code),
                            actual ? fmt::format("its error code is {:#x}", *actual) : "it has no error code");
    });
}

Pattern& Pattern::address(std::uint64_t linear)
{
    return require(fmt::format("CR2 {:#x}", linear), [linear](const LoggedTransition& entry, const RunLog&) {
        const std::uint64_t actual = entry.transition.after.cr2;
        return unless_equal(actual, linear, fmt::format("CR2 is {:#x}", actual));
    });
}

Pattern& Pattern::saves(std::initializer_list<Register> registers)
{
    for (const Register name : registers) {
        require(fmt::format("saving {}", to_string(name)),
                [name](const LoggedTransition& entry, const RunLog&) { return not_saved(entry, name); });
    }
    return *this;
}

Pattern& Pattern::changes_only(std::initializer_list<Register> registers)
{
    std::array<bool, kRegisters> may_change{};
    for (const Register name : registers) {
        may_change[static_cast<std::size_t>(name)] = true;
    }
    return require("changing only " + names(registers), [may_change](const LoggedTransition& entry, const RunLog&) {
        std::vector<std::string> changed;
        for (std::size_t i = 0; i != kRegisters; ++i) {
            const auto name = static_cast<Register>(i);
            const std::uint64_t before = value_of(entry.transition.before, name),
                                after = value_of(entry.transition.after, name);
            if (before != after && !may_change[i]) {
                changed.push_back(fmt::format("{} from {:#x} to {:#x}", to_string(name), before, after));
            }
        }
        return changed.empty() ? std::nullopt : Difference(fmt::format("it changes {}", fmt::join(changed, ", ")));
    });
}

Pattern& Pattern::finds(Register name, std::uint64_t value)
{
    return require(fmt::format("with {} {:#x}", to_string(name), value),
                   [name, value](const LoggedTransition& entry, const RunLog&) {
                       const std::uint64_t actual = value_of(entry.transition.after, name);
                       return unless_equal(actual, value, fmt::format("{} is {:#x}", to_string(name), actual));
                   });
}

Pattern& Pattern::clears_flags(std::uint64_t bits)
{
    return require(fmt::format("with RFLAGS & {:#x} = 0", bits), [bits](const LoggedTransition& entry, const RunLog&) {
        const std::uint64_t actual = entry.transition.after.rflags;
        return unless_equal(actual & bits, std::uint64_t{0}, fmt::format("RFLAGS is {:#x}", actual));
    });
}

Pattern& Pattern::where(std::string what, std::function<bool(const LoggedTransition&)> holds)
{
    const std::string difference = "not: " + what;
    return require(std::move(what),
                   [difference, holds = std::move(holds)](const LoggedTransition& entry, const RunLog&) {
                       return holds(entry) ? std::nullopt : Difference(difference);
                   });
}

std::string Pattern::describe() const
{
    std::string text = name_;
    for (const Condition& condition : conditions_) {
        text += ", " + condition.what;
    }
    return text;
}

std::optional<std::string> Pattern::unknown_symbol(const RunLog& log) const
{
    const auto found =
        std::ranges::find_if(symbols_, [&log](const std::string& symbol) { return !log.place_of(symbol); });
    return found == symbols_.end() ? std::nullopt : std::optional(*found);
}

bool Pattern::is_kind(TransitionKind kind) const
{
    return std::ranges::find(kinds_, kind) != kinds_.end();
}

std::vector<std::string> Pattern::differences(const LoggedTransition& entry, const RunLog& log) const
{
    std::vector<std::string> all;
    for (const Condition& condition : conditions_) {
        if (auto difference = condition.difference(entry, log)) {
            all.push_back(*std::move(difference));
        }
    }
    return all;
}

Pattern Syscall()
{
    return {"SYSCALL", {TransitionKind::Syscall}};
}
Pattern Sysret()
{
    return {"SYSRET", {TransitionKind::Sysret}};
}
Pattern Iret()
{
    return {"IRET", {TransitionKind::Iret}};
}
Pattern Return()
{
    return {"SYSRET or IRET", {TransitionKind::Sysret, TransitionKind::Iret}};
}
Pattern Exception(std::uint8_t vector)
{
    return Pattern("exception", {TransitionKind::Exception}).vector(vector);
}
Pattern PageFault()
{
    constexpr std::uint8_t kPageFault = 14;
    return Exception(kPageFault);
}
Pattern Interrupt(std::uint8_t vector)
{
    return Pattern("interrupt", {TransitionKind::Interrupt}).vector(vector);
}
Pattern SoftwareInterrupt(std::uint8_t vector)
{
    return Pattern("INT n", {TransitionKind::SoftwareInterrupt}).vector(vector);
}
Pattern Nmi()
{
    return {"NMI", {TransitionKind::Nmi}};
}
Pattern Event()
{
    return {
        "event",
        {TransitionKind::Exception, TransitionKind::Interrupt, TransitionKind::Nmi, TransitionKind::SoftwareInterrupt}};
}
Pattern AddressSpaceSwitch()
{
    return {"MOV CR3", {TransitionKind::AddressSpace}};
}
Pattern GsSwap()
{
    return {"SWAPGS", {TransitionKind::GsSwap}};
}

std::optional<std::string> why_none(const RunLog& log, const Pattern& pattern)
{
    if (auto refused = refuse(log, {&pattern})) {
        return refused;
    }
    const LoggedTransition* nearest = nullptr;
    std::vector<std::string> fewest;
    std::size_t of_kind = 0;
    for (const LoggedTransition& entry : log.entries()) {
        if (!pattern.is_kind(entry.transition.kind)) {
            continue;
        }
        ++of_kind;
        std::vector<std::string> differences = pattern.differences(entry, log);
        if (differences.empty()) {
            return std::nullopt;
        }
        if (nearest == nullptr || differences.size() < fewest.size()) {
            nearest = &entry;
            fewest = std::move(differences);
        }
    }
    std::string text = fmt::format("there is no {}\n{}", pattern.describe(), run_ended(log));
    if (nearest != nullptr) {
        text += fmt::format("of {} of that kind, the one that comes nearest:\n{}", of_kind,
                            what_differs(*nearest, fewest, log));
    }
    return text;
}

std::optional<std::string> why_some(const RunLog& log, const Pattern& pattern)
{
    if (auto refused = refuse(log, {&pattern})) {
        return refused;
    }
    const auto found = first_like(log, pattern);
    if (found == log.entries().end()) {
        return std::nullopt;
    }
    return fmt::format("there is a transition that must not be: {}\n{}", pattern.describe(),
                       indented(log.describe(*found)));
}

std::optional<std::string> why_not_all(const RunLog& log, const Pattern& when, const Pattern& then)
{
    if (auto refused = refuse(log, {&when, &then})) {
        return refused;
    }
    bool any = false;
    for (const LoggedTransition& entry : log.entries()) {
        if (!is_like(entry, when, log)) {
            continue;
        }
        any = true;
        const auto differences = then.is_kind(entry.transition.kind)
                                     ? then.differences(entry, log)
                                     : std::vector<std::string>{"it is no " + then.describe()};
        if (!differences.empty()) {
            return fmt::format("not each {} is {}\n{}", when.describe(), then.describe(),
                               what_differs(entry, differences, log));
        }
    }
    return any ? std::nullopt : why_none(log, when);
}

std::optional<std::string> why_not_before(const RunLog& log, const Pattern& first, const Pattern& later)
{
    if (auto refused = refuse(log, {&first, &later})) {
        return refused;
    }
    const auto one = first_like(log, first), other = first_like(log, later);
    if (one == log.entries().end()) {
        return why_none(log, first);
    }
    if (one < other) {
        return std::nullopt;
    }
    return fmt::format("{} comes before {}\n{}{}", later.describe(), first.describe(), indented(log.describe(*other)),
                       indented(log.describe(*one)));
}

} // namespace ringcheck::testing
