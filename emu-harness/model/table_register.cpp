// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/table_register.h"

namespace ringcheck::model {

namespace {

std::unexpected<Fault> refuse(Reason reason)
{
    return std::unexpected(raise(arch::Vector::GeneralProtection, reason, 0));
}

} // namespace

std::expected<CpuState, Fault> load_table_register(CpuState state, DescriptorTable which, TableRegister value)
{
    if (state.cpl != 0) {
        return refuse(Reason::InstructionNotRing0);
    }
    if (!arch::is_canonical(value.base)) { // a base of 32 bits always is
        return refuse(Reason::TableBaseNonCanonical);
    }
    (which == DescriptorTable::Gdt ? state.gdtr : state.idtr) = value;
    return state;
}

} // namespace ringcheck::model
