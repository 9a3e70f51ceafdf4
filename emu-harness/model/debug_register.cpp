// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/debug_register.h"

#include "arch/control_registers.h"

namespace ringcheck::model {

namespace {

using arch::Vector;

/// The register that `number` names, once the access is allowed.
std::expected<unsigned, Fault> allow(const CpuState& state, unsigned number)
{
    const bool alias = number == 4 || number == 5;
    if (number > 7) {
        return std::unexpected(raise(Vector::InvalidOpcode, Reason::DrUnknown));
    }
    if (alias && (state.cr4 & arch::cr4::kDebuggingExtensions) != 0) {
        return std::unexpected(raise(Vector::InvalidOpcode, Reason::DrAliasWithDebuggingExtensions));
    }
    if (state.cpl != 0) {
        return std::unexpected(raise(Vector::GeneralProtection, Reason::InstructionNotRing0, 0));
    }
    if ((state.dr7 & arch::dr7::kGeneralDetect) != 0) {
        Fault fault = raise(Vector::Debug, Reason::DrGeneralDetect);
        fault.dr6 = arch::dr6::kDebugRegisterAccess;
        return std::unexpected(fault);
    }
    return alias ? number + 2 : number;
}

template <typename State> auto& find(State& state, unsigned number)
{
    switch (number) {
    case 0: return state.dr0;
    case 1: return state.dr1;
    case 2: return state.dr2;
    case 3: return state.dr3;
    case 6: return state.dr6;
    default: return state.dr7;
    }
}

} // namespace

std::expected<std::uint64_t, Fault> mov_from_debug_register(const CpuState& state, unsigned number)
{
    const auto named = allow(state, number);
    if (!named) {
        return std::unexpected(named.error());
    }
    return find(state, *named);
}

std::expected<CpuState, Fault> mov_to_debug_register(CpuState state, unsigned number, std::uint64_t value)
{
    const auto named = allow(state, number);
    if (!named) {
        return std::unexpected(named.error());
    }
    if (*named >= 6 && value >> 32 != 0) {
        return std::unexpected(raise(Vector::GeneralProtection, Reason::DrUpperBits, 0));
    }
    if (*named == 6) {
        value = (value & arch::dr6::kWritable) | arch::dr6::kAlwaysOne;
    } else if (*named == 7) {
        value = (value & arch::dr7::kWritable) | arch::dr7::kAlwaysOne;
    }
    find(state, *named) = value;
    return state;
}

} // namespace ringcheck::model
