// SPDX-License-Identifier: GPL-2.0-or-later
// Executes the instructions that the engine must not: by the model where it has them, else here.
// One call is one instruction; RIP of the state that comes in is at it.
#pragma once

#include "machine/outcome.h"
#include "model/cpu_features.h"
#include "model/cpu_state.h"
#include "model/far_pointer.h"
#include "model/fault.h"
#include "model/physical_memory.h"
#include "model/vendor.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <tuple>

namespace ringcheck {

class LocalApic;
class PortBus;

class Processor {
public:
    /// @param now   the clock in nanoseconds, which is what RDTSC reads
    /// @param apic  whose MSRs and CR8 these are; nullptr: a CPU without one
    Processor(model::PhysicalMemory memory, model::Vendor vendor, const model::Features& features, PortBus& ports,
              std::function<std::uint64_t()> now, LocalApic* apic = nullptr);

    Outcome execute(const Instruction& instruction, const model::CpuState& before);

    /// What a snapshot keeps of it (saved_fields.h): where the sequence of random numbers is.
    auto saved_fields(this auto& self) { return std::tie(self.random_); }

private:
    Outcome execute_in_out(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_string_io(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_move(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_msr(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_write_base(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_time_stamp(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_cpuid(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_random(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_read_counter(const model::CpuState& before);
    Outcome execute_machine_status(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_extended_state(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_segment_load(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_far_pointer_load(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_far_transfer(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_selector_load(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_table_load(const Instruction& instruction, const model::CpuState& before);
    Outcome check_float_control(const Instruction& instruction, const model::CpuState& before) const;
    Outcome check_alignment_of_operand(const Instruction& instruction, const model::CpuState& before) const;
    Outcome execute_monitor(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_invalidate_pcid(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_pop_flags(const Instruction& instruction, const model::CpuState& before);
    Outcome execute_apic_msr(const Instruction& instruction, const model::CpuState& before);
    std::expected<model::FarPointer, model::Fault>
    read_far_operand(const Instruction& instruction, const model::CpuState& before, model::OperandSize size) const;
    std::optional<std::uint64_t> pinned_msr(std::uint32_t index) const;

    model::PhysicalMemory memory_;
    model::Vendor vendor_;
    model::Features features_;
    PortBus& ports_;
    LocalApic* apic_;
    std::function<std::uint64_t()> now_;
    std::uint64_t random_ = 0;
};

} // namespace ringcheck
