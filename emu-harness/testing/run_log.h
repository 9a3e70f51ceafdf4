// SPDX-License-Identifier: GPL-2.0-or-later
// What happened between the rings since a test began, with what is needed to name and to judge it.
#pragma once

#include "watch/guest_watch.h"
#include "watch/symbols.h"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck::testing {

/// RIP, CS, RFLAGS, RSP and SS, as an event pushes them in 64-bit mode.  [SDM 3A "64-Bit Mode Stack Frame"]
using InterruptFrame = std::array<std::uint64_t, 5>;

struct LoggedTransition {
    Transition transition;
    Program program;                     ///< whose page tables CR3 holds after it, or none
    std::optional<InterruptFrame> frame; ///< of an event, as it was pushed; nullopt: it is none, or cannot be read
};

/// Transitions in the order of the guest.
class RunLog final : public GuestObserver {
public:
    struct Place {
        std::uint64_t address = 0; ///< of the kernel, where it is now
        std::string program;       ///< in whose file that is; "": in the kernel's
    };
    /// @param symbol  a function of the kernel's or, as "PROGRAM:SYMBOL", of a program's
    using SymbolLookup = std::function<std::optional<Place>(const std::string& symbol)>;

    RunLog(GuestMemory& memory, const Processes& processes, const Symbols& symbols, SymbolLookup lookup)
        : memory_(memory), processes_(processes), symbols_(symbols), lookup_(std::move(lookup))
    {
    }

    const std::vector<LoggedTransition>& entries() const { return entries_; }
    const Symbols& symbols() const { return symbols_; }
    std::optional<Place> place_of(const std::string& symbol) const { return lookup_(symbol); }
    /// How the last run ended: one line.
    const std::string& end() const { return end_; }
    void set_end(std::string end) { end_ = std::move(end); }
    /// One line as `ringcheck run` prints it, under its heading.
    std::string describe(const LoggedTransition& entry) const;

    void on_transition(const Transition& transition) override;

private:
    GuestMemory& memory_;
    const Processes& processes_;
    const Symbols& symbols_;
    SymbolLookup lookup_;
    std::vector<LoggedTransition> entries_;
    std::string end_ = "nothing has run";
};

} // namespace ringcheck::testing
