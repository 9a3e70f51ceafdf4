// SPDX-License-Identifier: GPL-2.0-or-later
// The processor at IN, OUT, INS and OUTS.
#include "machine/devices/port_bus.h"
#include "machine/processor.h"
#include "model/breakpoint.h"
#include "model/io_permission.h"
#include "model/memory_access.h"

#include <array>
#include <cstring>

namespace ringcheck {

namespace rflags = arch::rflags;
using Kind = InstructionKind;
using model::CpuState;
using model::Gpr;

namespace {

/// 1, 2 or 4: the low opcode bit, then the operand size prefix.
unsigned port_width(const Instruction& instruction)
{
    return (instruction.opcode & 1) == 0 ? 1 : instruction.operand_size ? 2 : 4;
}

} // namespace

Outcome Processor::execute_in_out(const Instruction& instruction, const CpuState& before)
{
    constexpr std::uint8_t kPortInDx = 0x08; // opcode bit: EC..EF rather than E4..E7
    const auto port = (instruction.opcode & kPortInDx) != 0 ? static_cast<std::uint16_t>(before[Gpr::Rdx])
                                                            : std::uint16_t{instruction.immediate};
    const unsigned width = port_width(instruction);
    if (const auto allowed = check_io(before, memory_, port, width); !allowed) {
        return Faulted{allowed.error(), before};
    }
    CpuState after = past(instruction, before);
    if (instruction.kind == Kind::In) {
        after[Gpr::Rax] = replace_low_bytes(before[Gpr::Rax], ports_.read(port, width), width);
    } else {
        const std::uint64_t mask = (std::uint64_t{1} << (8 * width)) - 1;
        ports_.write(port, width, static_cast<std::uint32_t>(before[Gpr::Rax] & mask));
    }
    return Executed{.state = after, .breakpoints = io_breakpoints(before, port, width)};
}

/// INS and OUTS: one iteration.  [SDM 2A INS, SDM 2B OUTS, REP]
Outcome Processor::execute_string_io(const Instruction& instruction, const CpuState& before)
{
    if (!before.in_64_bit_mode()) {
        return Faulted{{0, std::nullopt, std::nullopt, model::Reason::ModeUnmodelled}, before};
    }
    const std::uint64_t address_mask = instruction.address_size ? kLowHalf : ~std::uint64_t{0};
    const bool repeated = instruction.repeat || instruction.repeat_not_equal;
    CpuState after = past(instruction, before);
    if (repeated && (before[Gpr::Rcx] & address_mask) == 0) {
        return Executed{after, std::nullopt};
    }
    const auto port = static_cast<std::uint16_t>(before[Gpr::Rdx]);
    const unsigned width = port_width(instruction);
    if (const auto allowed = check_io(before, memory_, port, width); !allowed) {
        return Faulted{allowed.error(), before};
    }

    const bool input = instruction.kind == Kind::InString;
    constexpr std::uint8_t kFs = 0x64, kGs = 0x65; // the only overrides that count in 64-bit mode, and not for INS
    const std::uint64_t base = input                                 ? 0
                               : instruction.segment_override == kFs ? before.fs.base
                               : instruction.segment_override == kGs ? before.gs.base
                                                                     : 0;
    const Gpr index = input ? Gpr::Rdi : Gpr::Rsi;
    const std::uint64_t address = base + (before[index] & address_mask);
    std::array<std::byte, 4> buffer{};
    const auto bytes = std::span(buffer).first(width);
    const auto access = by_program(before, input ? model::AccessKind::Write : model::AccessKind::Read);
    // For INS this asks whether the write would be allowed, before the device is read.
    if (const auto done = read_linear(before, memory_, address, bytes, access, model::Reference::Data); !done) {
        return Faulted{done.error(), before};
    }
    if (input) {
        const std::uint32_t value = ports_.read(port, width);
        std::memcpy(buffer.data(), &value, sizeof value);
        if (const auto done = write_linear(before, memory_, address, bytes, access, model::Reference::Data); !done) {
            return Faulted{done.error(), before};
        }
    } else {
        std::uint32_t value = 0;
        std::memcpy(&value, buffer.data(), sizeof value);
        ports_.write(port, width, value);
    }

    const std::uint64_t step = (before.rflags & rflags::kDirection) != 0 ? std::uint64_t{0} - width : width;
    const unsigned address_bytes = instruction.address_size ? 4 : 8;
    after[index] = replace_low_bytes(before[index], before[index] + step, address_bytes);
    if (repeated) {
        after[Gpr::Rcx] = replace_low_bytes(before[Gpr::Rcx], before[Gpr::Rcx] - 1, address_bytes);
        if ((after[Gpr::Rcx] & address_mask) != 0) {
            after.rip = before.rip;
        }
    }
    return Executed{.state = after, .breakpoints = io_breakpoints(before, port, width)};
}

} // namespace ringcheck
