// SPDX-License-Identifier: GPL-2.0-or-later
// What a snapshot keeps of the CPU (saved_fields.h).  A structured binding names every member of its structure or does
// not compile: no member can be forgotten here.
#pragma once

#include "engine/interception.h"
#include "model/cpu_features.h"
#include "model/cpu_state.h"
#include "model/float_state.h"

#include <concepts>
#include <tuple>
#include <type_traits>

namespace ringcheck {
namespace model {

template <typename T>
    requires std::same_as<std::remove_const_t<T>, SegmentRegister>
auto saved_fields(T& segment)
{
    auto& [selector, base, limit, attributes] = segment;
    return std::tie(selector, base, limit, attributes);
}

template <typename T>
    requires std::same_as<std::remove_const_t<T>, TableRegister>
auto saved_fields(T& table)
{
    auto& [base, limit] = table;
    return std::tie(base, limit);
}

template <typename T>
    requires std::same_as<std::remove_const_t<T>, CpuState>
auto saved_fields(T& state)
{
    auto& [gpr, rip, rflags, cpl, es, cs, ss, ds, fs, gs, ldtr, tr, gdtr, idtr, cr0, cr2, cr3, cr4, cr8, efer, star,
           lstar, cstar, fmask, kernel_gs_base, tsc_aux, sysenter_cs, sysenter_esp, sysenter_eip, pat, misc_enable,
           bios_sign_id, xcr0, pkru, dr0, dr1, dr2, dr3, dr6, dr7, pending_debug, interrupt_shadow, mov_ss_shadow,
           nmi_blocked] = state;
    return std::tie(gpr, rip, rflags, cpl, es, cs, ss, ds, fs, gs, ldtr, tr, gdtr, idtr, cr0, cr2, cr3, cr4, cr8, efer,
                    star, lstar, cstar, fmask, kernel_gs_base, tsc_aux, sysenter_cs, sysenter_esp, sysenter_eip, pat,
                    misc_enable, bios_sign_id, xcr0, pkru, dr0, dr1, dr2, dr3, dr6, dr7, pending_debug,
                    interrupt_shadow, mov_ss_shadow, nmi_blocked);
}

template <typename T>
    requires std::same_as<std::remove_const_t<T>, Features>
auto saved_fields(T& features)
{
    auto& [debugging_extensions, page_size_extensions, machine_check, global_pages, apic, x2apic, tsc_deadline, syscall,
           no_execute, rdtscp, rdrand, rdseed, fs_gs_base, smep, smap, umip, protection_keys, pcid, invpcid, xsave,
           monitor, virtual_interrupts, extended_state] = features;
    return std::tie(debugging_extensions, page_size_extensions, machine_check, global_pages, apic, x2apic, tsc_deadline,
                    syscall, no_execute, rdtscp, rdrand, rdseed, fs_gs_base, smep, smap, umip, protection_keys, pcid,
                    invpcid, xsave, monitor, virtual_interrupts, extended_state);
}

template <typename T>
    requires std::same_as<std::remove_const_t<T>, FloatState>
auto saved_fields(T& floats)
{
    auto& [xmm, mxcsr, control, status, empty, physical] = floats;
    return std::tie(xmm, mxcsr, control, status, empty, physical);
}

template <typename T>
    requires std::same_as<std::remove_const_t<T>, LastX87>
auto saved_fields(T& last)
{
    auto& [opcode, instruction, data, instruction_selector, data_selector] = last;
    return std::tie(opcode, instruction, data, instruction_selector, data_selector);
}

} // namespace model

template <typename T>
    requires std::same_as<std::remove_const_t<T>, Interception::Saved>
auto saved_fields(T& saved)
{
    auto& [count, last_admitted] = saved;
    return std::tie(count, last_admitted);
}

/// The machine can be in this state: no reserved bit is set, and what belongs together is consistent.
bool possible(const model::CpuState& state);

} // namespace ringcheck
