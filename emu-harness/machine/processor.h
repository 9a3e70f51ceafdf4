// SPDX-License-Identifier: GPL-2.0-or-later
// Executes the instructions that the engine must not: by the model where it has them, else here.
// One call is one instruction; RIP of the state that comes in is at it.
#pragma once

#include "engine/instruction_class.h"
#include "machine/transition.h"
#include "model/cpu_state.h"
#include "model/event_delivery.h"
#include "model/fault.h"
#include "model/physical_memory.h"
#include "model/vendor.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <variant>

namespace ringcheck {

class LocalApic;
class PortBus;

/// The instruction is done.
struct Executed {
    model::CpuState state;
    std::optional<TransitionKind> transition;
    bool flush_tlb = false; ///< it wrote CR0, CR3 or CR4
    bool halted = false;    ///< it was HLT
};
/// It calls for an event of its own making (INT n and its kin), whose delivery completes it.
struct Raised {
    model::Event event;
};
/// It faulted: deliver from `state`, which differs from the one that came in only where the manual says so.
struct Faulted {
    model::Fault fault;
    model::CpuState state;
};
/// The engine is to execute it, alone; the machine looks at the result.
struct LeftToEngine {};

using Outcome = std::variant<Executed, Raised, Faulted, LeftToEngine>;

class Processor {
public:
    /// @param now   the clock in nanoseconds, which is what RDTSC reads
    /// @param apic  whose MSRs and CR8 these are; nullptr: a CPU without one
    Processor(model::PhysicalMemory memory, model::Vendor vendor, PortBus& ports, std::function<std::uint64_t()> now,
              LocalApic* apic = nullptr);

    Outcome execute(const Instruction& instruction, const model::CpuState& before);

    /// Where the sequence of random numbers is: all that it remembers from one instruction to the next.
    std::uint64_t random_state() const { return random_; }
    void set_random_state(std::uint64_t state) { random_ = state; }

private:
    Outcome execute_in_out(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_string_io(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_move(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_msr(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_write_base(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_time_stamp(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_cpuid(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_rdrand(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_apic_msr(const Instruction& instruction, const model::CpuState& before);
    std::optional<std::uint64_t> pinned_msr(std::uint32_t index) const;

    model::PhysicalMemory memory_;
    model::Vendor vendor_;
    PortBus& ports_;
    LocalApic* apic_;
    std::function<std::uint64_t()> now_;
    std::uint64_t random_ = 0;
};

} // namespace ringcheck
