// SPDX-License-Identifier: GPL-2.0-or-later
// The processor at MSRs, CPUID, and what counts or draws numbers.
#include "arch/control_registers.h"
#include "arch/cpuid.h"
#include "arch/msr.h"
#include "machine/cpuid_table.h"
#include "machine/devices/local_apic.h"
#include "machine/processor.h"
#include "model/msr.h"
#include "model/optional_instruction.h"
#include "model/privilege.h"

namespace ringcheck {

namespace rflags = arch::rflags;
using Kind = InstructionKind;
using model::CpuState;
using model::Gpr;

/// MSRs that every CPU has, that the model does not hold and that the machine pins.
std::optional<std::uint64_t> Processor::pinned_msr(std::uint32_t index) const
{
    constexpr std::uint32_t kTimeStampCounter = 0x10;
    return index == kTimeStampCounter ? std::optional(now_()) : std::nullopt;
}

/// An MSR of the local APIC, in ring 0.
Outcome Processor::execute_apic_msr(const Instruction& instruction, const CpuState& before)
{
    const auto index = static_cast<std::uint32_t>(before[Gpr::Rcx]);
    CpuState after = past(instruction, before);
    const auto refuse = [&](model::Reason reason) {
        return Faulted{model::raise(arch::Vector::GeneralProtection, reason, 0), before};
    };
    if (instruction.kind == Kind::Rdmsr) {
        const auto value = apic_->read_msr(index);
        if (!value) {
            return refuse(model::Reason::MsrUnknown);
        }
        put_pair(after, *value);
        return Executed{after, std::nullopt};
    }
    if (!apic_->write_msr(index, pair(before))) {
        return refuse(model::Reason::MsrReservedBits);
    }
    after.cr8 = apic_->cr8();
    return Executed{after, std::nullopt};
}

Outcome Processor::execute_msr(const Instruction& instruction, const CpuState& before)
{
    const auto index = static_cast<std::uint32_t>(before[Gpr::Rcx]);
    if (before.cpl == 0 && apic_ != nullptr && apic_->has_msr(index)) {
        return execute_apic_msr(instruction, before);
    }
    CpuState after = past(instruction, before);
    if (instruction.kind == Kind::Rdmsr) {
        auto value = model::rdmsr(before, index, features_, vendor_);
        if (!value && value.error().reason == model::Reason::MsrUnmodelled) {
            if (const auto pinned = pinned_msr(index)) {
                value = *pinned;
            }
        }
        if (!value) {
            return Faulted{value.error(), before};
        }
        put_pair(after, *value);
        return Executed{after, std::nullopt};
    }
    return outcome_of(model::wrmsr(after, index, pair(before), features_, vendor_), before);
}

Outcome Processor::execute_cpuid(const Instruction& instruction, const CpuState& before)
{
    CpuState after = past(instruction, before);
    const auto leaf = static_cast<std::uint32_t>(before[Gpr::Rax]);
    CpuidResult result = cpuid(vendor_, features_, leaf, static_cast<std::uint32_t>(before[Gpr::Rcx]));
    const bool has_features = leaf == arch::cpuid::leaf::kFeatures || leaf == arch::cpuid::leaf::kExtendedFeatures;
    if (has_features && (apic_ == nullptr || !apic_->enabled())) {
        result.edx &= ~arch::cpuid::kApicEdx;
    }
    if (leaf == arch::cpuid::leaf::kStructuredFeatures && (before.cr4 & arch::cr4::kProtectionKeys) != 0) {
        constexpr std::uint32_t kOsPkeEcx = 1u << 4;
        result.ecx |= kOsPkeEcx;
    }
    put_low(after, Gpr::Rax, result.eax);
    put_low(after, Gpr::Rbx, result.ebx);
    put_low(after, Gpr::Rcx, result.ecx);
    put_low(after, Gpr::Rdx, result.edx);
    return Executed{after, std::nullopt};
}

Outcome Processor::execute_time_stamp(const Instruction& instruction, const CpuState& before)
{
    const bool with_aux = instruction.kind == Kind::Rdtscp;
    if (const auto offered = check_offered(model::OptionalInstruction::Rdtscp, features_); with_aux && !offered) {
        return Faulted{offered.error(), before};
    }
    if (const auto allowed = check_privilege(before, model::PrivilegeRule::Tsd); !allowed) {
        return Faulted{allowed.error(), before};
    }
    CpuState after = past(instruction, before);
    put_pair(after, now_());
    if (with_aux) {
        put_low(after, Gpr::Rcx, before.tsc_aux);
    }
    return Executed{after, std::nullopt};
}

/// CPUID reports no performance counters, so there is none that ECX could name.  [SDM 2B RDPMC]
Outcome Processor::execute_read_counter(const CpuState& before)
{
    const auto allowed = check_privilege(before, model::PrivilegeRule::Pce);
    return Faulted{allowed ? model::raise(arch::Vector::GeneralProtection, model::Reason::InstructionRule, 0)
                           : allowed.error(),
                   before};
}

/// The same numbers in every run: the SplitMix64 sequence.  [Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators"]
Outcome Processor::execute_random(const Instruction& instruction, const CpuState& before)
{
    using enum model::OptionalInstruction;
    if (const auto offered = check_offered(instruction.kind == Kind::Rdseed ? Rdseed : Rdrand, features_); !offered) {
        return Faulted{offered.error(), before};
    }
    CpuState after = past(instruction, before);
    random_ += 0x9e37'79b9'7f4a'7c15;
    std::uint64_t value = random_;
    value = (value ^ value >> 30) * 0xbf58'476d'1ce4'e5b9;
    value = (value ^ value >> 27) * 0x94d0'49bb'1331'11eb;
    value ^= value >> 31;
    std::uint64_t& destination = after.gpr[instruction.rm()];
    destination = replace_low_bytes(destination, value, static_cast<unsigned>(operand_size(instruction)));
    after.rflags = (after.rflags & ~rflags::kArithmetic) | rflags::kCarry; // CF = 1: a number was ready
    return Executed{after, std::nullopt};
}

} // namespace ringcheck
