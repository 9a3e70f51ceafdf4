// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/engine_fault.h"

#include "arch/address.h"
#include "arch/exception.h"
#include "machine/data_access.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

namespace ringcheck {
namespace {

using arch::Vector;
using model::CpuState;
using model::Fault;
using model::Gpr;

/// Bytes of code, as many as there are.
struct Code {
    Code(const Interception& interception, std::uint64_t rip) { interception.read_code(rip, bytes, size); }
    std::span<const std::byte> span() const { return std::span(bytes).first(size); }

    std::array<std::byte, kLongestInstruction> bytes{};
    std::size_t size = 0;
};

bool is(const Fault& fault, Vector vector)
{
    return fault.vector == static_cast<std::uint8_t>(vector);
}

/// The CPU asks for the right to write when it begins a read-modify-write; the engine reads first.
void mend_page_fault(Fault& fault, const CpuState& before, const Code& code)
{
    namespace error = arch::page_fault;
    const std::uint64_t address = fault.cr2.value_or(0);
    const auto rewrites = [&](const DataAccess& access) {
        return access.read && access.write && address - access.address < access.bytes;
    };
    if ((*fault.error_code & (error::kWrite | error::kFetch)) == 0 &&
        std::ranges::any_of(data_accesses(before, code.span()), rewrites)) {
        *fault.error_code |= error::kWrite;
    }
}

void mend_general_protection(Fault& fault, const CpuState& before, const Code& code)
{
    const auto refused = [](const DataAccess& access) {
        return !arch::is_canonical(access.address) || !arch::is_canonical(access.address + access.bytes - 1);
    };
    const auto accesses = data_accesses(before, code.span());
    const auto first = std::ranges::find_if(accesses, refused);
    if (first != accesses.end() && first->stack) {
        fault = model::raise(Vector::StackFault, model::Reason::StackNonCanonical, 0);
    }
}

/// `state` is that behind a near branch at `rip`: takes the branch back.  What CALL has pushed stays below the stack.
/// @return  false: there is no near branch
bool undo_branch(CpuState& state, std::uint64_t rip, const Code& code)
{
    const Instruction branch = classify(code.span(), state.in_64_bit_mode());
    constexpr std::uint64_t kSlot = 8;
    const unsigned group = branch.modrm >> 3 & 7u;
    constexpr std::uint8_t kFirstLoop = 0xe0, kLastLoop = 0xe2, kJrcxz = 0xe3;
    const bool loop = !branch.two_byte && branch.opcode >= kFirstLoop && branch.opcode <= kLastLoop;
    const bool conditional =
        branch.two_byte ? (branch.opcode & 0xf0) == 0x80 : (branch.opcode & 0xf0) == 0x70 || branch.opcode == kJrcxz;
    const bool jump =
        !branch.two_byte && (branch.opcode == 0xe9 || branch.opcode == 0xeb || (branch.opcode == 0xff && group == 4));
    const bool call = !branch.two_byte && (branch.opcode == 0xe8 || (branch.opcode == 0xff && group == 2));
    const bool ret = !branch.two_byte && (branch.opcode == 0xc2 || branch.opcode == 0xc3);
    if (call) {
        state[Gpr::Rsp] += kSlot;
    } else if (ret) {
        std::uint16_t released = 0;
        if (branch.opcode == 0xc2) {
            std::memcpy(&released, std::ranges::find(code.span(), std::byte{0xc2}).base() + 1, sizeof released);
        }
        state[Gpr::Rsp] -= kSlot + released;
    } else if (loop) {
        ++state[Gpr::Rcx];
    } else if (!conditional && !jump) {
        return false;
    }
    state.rip = rip;
    return true;
}

} // namespace

bool is_single_step(const EngineStop& stop)
{
    return stop.cause == EngineStop::Cause::Exception && stop.vector == static_cast<std::uint8_t>(Vector::Debug);
}

EngineFault mended_fault(const EngineStop& stop, Interception& interception, Cpu& cpu)
{
    EngineFault result;
    Fault& fault = result.fault;
    fault = {stop.vector, std::nullopt, std::nullopt, model::Reason::InstructionRule};
    if (arch::pushes_error_code(stop.vector)) {
        fault.error_code = stop.error_code;
    }
    if (is(fault, Vector::PageFault)) {
        fault.cr2 = stop.address;
    }
    const std::uint64_t branch = interception.last_admitted();
    const bool behind_branch =
        is(fault, Vector::GeneralProtection) && !arch::is_canonical(stop.rip) && branch != Interception::kNever;
    if (behind_branch) {
        result.before = cpu.state();
        if (undo_branch(result.before, branch, Code(interception, branch))) {
            interception.take_back_fault(branch);
            return result;
        }
    }
    interception.take_back_fault(stop.rip);
    result.before = cpu.state();
    if (is(fault, Vector::PageFault)) {
        mend_page_fault(fault, result.before, Code(interception, stop.rip));
    } else if (is(fault, Vector::GeneralProtection)) {
        mend_general_protection(fault, result.before, Code(interception, stop.rip));
    }
    return result;
}

} // namespace ringcheck
