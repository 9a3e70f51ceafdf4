// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/debug_register.h"

#include "arch/control_registers.h"
#include "arch/exception.h"
#include "model/privilege.h"

#include <optional>

namespace ringcheck {
namespace {

using model::CpuState;
using model::Fault;

constexpr std::uint64_t kDr6AlwaysOne = 0xffff'0ff0, kDr6Writable = 0xe00f;
constexpr std::uint64_t kDr7AlwaysOne = 0x400, kDr7Writable = 0xffff'23ff;

constexpr Fault kGeneralProtection{static_cast<std::uint8_t>(arch::Vector::GeneralProtection), 0, std::nullopt,
                                   model::Reason::InstructionRule};
constexpr Fault kUndefined{static_cast<std::uint8_t>(arch::Vector::InvalidOpcode), std::nullopt, std::nullopt,
                           model::Reason::InstructionRule};

/// The register that `number` names, 4 and 5 being other names of 6 and 7 without CR4.DE.
std::expected<unsigned, Fault> name(const CpuState& state, unsigned number)
{
    const bool alias = number == 4 || number == 5;
    if (number > 7 || (alias && (state.cr4 & arch::cr4::kDebuggingExtensions) != 0)) {
        return std::unexpected(kUndefined);
    }
    if (const auto allowed = check_privilege(state, model::PrivilegeRule::Ring0); !allowed) {
        return std::unexpected(allowed.error());
    }
    return alias ? number + 2 : number;
}

std::uint64_t CpuState::* const kRegisters[] = {&CpuState::dr0, &CpuState::dr1, &CpuState::dr2, &CpuState::dr3,
                                                nullptr,        nullptr,        &CpuState::dr6, &CpuState::dr7};

} // namespace

std::expected<std::uint64_t, Fault> read_debug_register(const CpuState& state, unsigned number)
{
    const auto named = name(state, number);
    return named ? std::expected<std::uint64_t, Fault>(state.*kRegisters[*named]) : std::unexpected(named.error());
}

std::expected<CpuState, Fault> write_debug_register(CpuState state, unsigned number, std::uint64_t value)
{
    const auto named = name(state, number);
    if (!named) {
        return std::unexpected(named.error());
    }
    if (*named >= 6 && value >> 32 != 0) {
        return std::unexpected(kGeneralProtection);
    }
    switch (*named) {
    case 6: value = (value & kDr6Writable) | kDr6AlwaysOne; break;
    case 7: value = (value & kDr7Writable) | kDr7AlwaysOne; break;
    default: break;
    }
    state.*kRegisters[*named] = value;
    return state;
}

} // namespace ringcheck
