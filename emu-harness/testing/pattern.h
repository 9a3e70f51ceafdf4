// SPDX-License-Identifier: GPL-2.0-or-later
// A transition as a test states it, in the words of the manual: Syscall().from_ring(3).to_ring(0).at("syscall_entry").
#pragma once

#include "testing/register.h"
#include "testing/run_log.h"

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck::testing {

class Pattern {
public:
    /// @param name  what a failure calls it: "SYSCALL"
    Pattern(std::string name, std::vector<TransitionKind> kinds) : name_(std::move(name)), kinds_(std::move(kinds)) {}

    Pattern& from_ring(unsigned cpl);
    Pattern& to_ring(unsigned cpl);
    /// It goes on at this symbol: a function of the kernel's, or "PROGRAM:SYMBOL".
    Pattern& at(const std::string& symbol);
    /// It happens in this function, or in "PROGRAM:FUNCTION".
    Pattern& in(const std::string& function);
    /// Afterwards the page tables of this program are loaded.
    Pattern& program(const std::string& name);
    Pattern& vector(std::uint8_t number);
    Pattern& error_code(std::uint32_t code);
    /// CR2 of a page fault.
    Pattern& address(std::uint64_t linear);
    /// What was running can go on: SYSCALL has rip in RCX and rflags in R11 (name rcx and r11); an event has rip, cs,
    /// rflags, rsp and ss in its frame.  [SDM 2B SYSCALL "Operation"; SDM 3A "64-Bit Mode Stack Frame"]
    Pattern& saves(std::initializer_list<Register> registers);
    /// All other registers are afterwards what they were before.
    Pattern& changes_only(std::initializer_list<Register> registers);
    /// Afterwards the register has this value.
    Pattern& finds(Register name, std::uint64_t value);
    /// Afterwards these bits of RFLAGS are 0.
    Pattern& clears_flags(std::uint64_t bits);
    /// Anything else: `holds` must be true, and `what` says in words what that means.
    Pattern& where(std::string what, std::function<bool(const LoggedTransition&)> holds);

    /// "SYSCALL, from ring 3, to ring 0, at syscall_entry"
    std::string describe() const;
    /// A symbol that the pattern names and nobody knows.
    std::optional<std::string> unknown_symbol(const RunLog& log) const;
    bool is_kind(TransitionKind kind) const;
    /// What of the pattern `entry`, which is of the right kind, does not fulfil: one line each.
    std::vector<std::string> differences(const LoggedTransition& entry, const RunLog& log) const;

private:
    struct Condition {
        std::string what;
        /// What is there instead; nullopt: it holds.
        std::function<std::optional<std::string>(const LoggedTransition&, const RunLog&)> difference;
    };
    Pattern& require(std::string what,
                     std::function<std::optional<std::string>(const LoggedTransition&, const RunLog&)> difference);

    std::string name_;
    std::vector<TransitionKind> kinds_;
    std::vector<Condition> conditions_;
    std::vector<std::string> symbols_;
};

// Named as GoogleTest names its matchers.  NOLINTBEGIN(readability-identifier-naming)
Pattern Syscall();
Pattern Sysret();
Pattern Iret();
/// SYSRET or IRET.
Pattern Return();
Pattern Exception(std::uint8_t vector);
Pattern PageFault();
Pattern Interrupt(std::uint8_t vector);
Pattern SoftwareInterrupt(std::uint8_t vector);
Pattern Nmi();
/// Any event: exception, interrupt, NMI, INT n.
Pattern Event();
Pattern AddressSpaceSwitch();
Pattern GsSwap();
// NOLINTEND(readability-identifier-naming)

/// Why the sentence is not true of `log`, in a text that needs no other; nullopt: it is.
/// One transition at least is like `pattern`.
std::optional<std::string> why_none(const RunLog& log, const Pattern& pattern);
/// No transition is like `pattern`.
std::optional<std::string> why_some(const RunLog& log, const Pattern& pattern);
/// There is a transition like `when`, and each such is like `then`.
std::optional<std::string> why_not_all(const RunLog& log, const Pattern& when, const Pattern& then);
/// There is a transition like `first`, before any that is like `later`.
std::optional<std::string> why_not_before(const RunLog& log, const Pattern& first, const Pattern& later);

} // namespace ringcheck::testing
