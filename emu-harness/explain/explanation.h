// SPDX-License-Identifier: GPL-2.0-or-later
// One transition, or one that was refused, explained: data that the text and the JSON form print.
#pragma once

#include "explain/exhibit.h"
#include "guest/program.h"
#include "model/fault.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ringcheck {

/// A word of the stack frame that a delivery pushes or a return pops.
struct FrameWord {
    std::string name; ///< "SS", "RSP", "RFLAGS", "CS", "RIP", "error code"
    std::uint64_t address = 0;
    std::uint64_t value = 0;
    bool refused = false; ///< this is the first word that could not be written
};

/// A change after which the CPU would not have refused, and nothing smaller than it was found.
struct Remedy {
    std::string text; ///< "PT[60].U 0 -> 1"
    int bits = 0;     ///< how many bits it changes

    bool operator==(const Remedy&) const = default;
};

/// One thing that went wrong, or the event that all began with.
struct Cause {
    std::string event; ///< "#PF error 0x2 (write, supervisor, not present)", "external interrupt, vector 32"
    model::Fault fault;
    std::string doing;  ///< "executing the instruction", "delivering #PF: pushing the frame"
    std::string access; ///< "write to 0x3c008 with ring 0's rights"; "" when no address was refused
    std::vector<Exhibit> exhibits;
    std::vector<FrameWord> frame; ///< in the order of the pushes, or of the pops
    std::vector<Remedy> remedies; ///< all of the same number of bits
    std::string becomes;          ///< "#DF" or "shutdown" when that is what the CPU made of it, else ""
    std::string likely;           ///< the likely mistake in one sentence; "" when nothing sensible can be said

    bool failed() const { return fault.reason != model::Reason::None; }
};

/// A value that the kernel had to keep from one instruction to another, and did not have where it was needed.
struct KeptValue {
    std::uint64_t value = 0;
    std::uint64_t from_count = 0, to_count = 0; ///< it stands in a register at the first, and is needed at the second
};

/// What became of it (kept_value.h).
struct ValueFate {
    bool lost = false;                ///< no copy was left
    std::uint64_t count = 0, rip = 0; ///< lost: of the instruction that overwrote the last copy
    std::string symbol, instruction;  ///< likewise
    std::vector<std::string> places;  ///< not lost: where it was when it was needed
};

struct Explanation {
    enum class Outcome : std::uint8_t {
        Entered,    ///< a handler, or wherever the transition goes
        Shutdown,   ///< the CPU stopped: a triple fault
        Unmodelled, ///< the model does not know
    };

    std::uint64_t count = 0; ///< instructions retired before it
    std::string kind;        ///< the manual's word: "exception", "SYSCALL" ...
    std::uint64_t rip = 0;   ///< of the instruction
    unsigned cpl = 0;
    Program program;         ///< whose page tables are loaded, or none
    std::string symbol;      ///< of RIP
    std::string instruction; ///< AT&T syntax
    std::string stack;       ///< of RSP
    std::vector<Cause> chain;
    std::size_t culprit = 0; ///< of `chain`: the cause that is to be looked for first
    /// Vectors that the IDT has no gate for, among the causes behind the culprit: nothing could be reported.
    std::vector<std::uint8_t> missing_gates;
    std::optional<KeptValue> kept; ///< to be followed in another run
    std::optional<ValueFate> fate; ///< of `kept`, by whoever did
    /// So often the same exception came again at once, each while the one before was being handled.
    std::uint64_t repeated = 0;
    bool served = false; ///< the kernel handled it and went on: no mistake is to be looked for
    Outcome outcome{};
    std::string entered; ///< where the CPU went, with ring and stack; "" unless outcome is Entered
};

} // namespace ringcheck
