// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/breakpoint.h"

#include "arch/control_registers.h"
#include "arch/debug_registers.h"

#include <array>

namespace ringcheck::model {

namespace {

using arch::dr7::Condition;

constexpr unsigned kBreakpoints = 4;

std::uint64_t breakpoint_address(const CpuState& state, unsigned n)
{
    return std::array{state.dr0, state.dr1, state.dr2, state.dr3}[n];
}

/// True when any of `bytes` from `address` on lies in breakpoint `n`, whose length masks its low address bits.
bool overlaps(const CpuState& state, unsigned n, std::uint64_t address, unsigned bytes)
{
    const unsigned length = arch::dr7::length_bytes(state.dr7, n);
    const std::uint64_t first = breakpoint_address(state, n) & ~std::uint64_t{length - 1};
    return address - first < length || first - address < bytes;
}

/// DR6.B0..B3 of the enabled breakpoints for which `matches(n, condition)` holds.
template <typename Matches> std::uint64_t hits(const CpuState& state, Matches matches)
{
    std::uint64_t found = 0;
    for (unsigned n = 0; n != kBreakpoints; ++n) {
        if (arch::dr7::enabled(state.dr7, n) && matches(n, arch::dr7::condition(state.dr7, n))) {
            found |= std::uint64_t{1} << n;
        }
    }
    return found;
}

} // namespace

std::uint64_t data_breakpoints(const CpuState& state, std::uint64_t address, unsigned bytes, DataAccess access)
{
    return hits(state, [&](unsigned n, Condition condition) {
        const bool waits_for_it =
            condition == Condition::ReadOrWrite || (condition == Condition::Write && access == DataAccess::Write);
        return waits_for_it && overlaps(state, n, address, bytes);
    });
}

std::uint64_t io_breakpoints(const CpuState& state, std::uint16_t port, unsigned bytes)
{
    if ((state.cr4 & arch::cr4::kDebuggingExtensions) == 0) {
        return 0;
    }
    return hits(state, [&](unsigned n, Condition condition) {
        return condition == Condition::InputOutput && overlaps(state, n, port, bytes);
    });
}

std::optional<Fault> instruction_breakpoint(const CpuState& state)
{
    if ((state.rflags & arch::rflags::kResume) != 0 || state.mov_ss_shadow) {
        return std::nullopt;
    }
    const std::uint64_t linear = state.in_64_bit_mode() ? state.rip : (state.cs.base + state.rip) & 0xffff'ffff;
    const std::uint64_t found = hits(state, [&](unsigned n, Condition condition) {
        return condition == Condition::Execute && breakpoint_address(state, n) == linear;
    });
    if (found == 0) {
        return std::nullopt;
    }
    Fault fault = raise(arch::Vector::Debug, Reason::InstructionBreakpoint);
    fault.dr6 = found;
    return fault;
}

} // namespace ringcheck::model
