// SPDX-License-Identifier: MIT
// [SDM 3A "System Architecture Overview", "Segment Descriptors", "Protection"; SDM 3B "Debug Registers"; and SDM 3C
// "Checks on the Guest State Area", which lists in one place what every state keeps]
#include "fuzz/model_validity.h"

#include "arch/address.h"
#include "arch/control_registers.h"
#include "arch/segment.h"

#include <array>
#include <cstdint>

namespace fuzz {
namespace {

using ringcheck::model::CpuState;
using ringcheck::model::Features;
using ringcheck::model::SegmentRegister;

constexpr std::uint64_t kLow32 = 0xffff'ffff;

/// The first of a list of rules that does not hold.
struct Rules {
    const char* broken = nullptr;
    void require(bool holds, const char* what) { broken = broken == nullptr && !holds ? what : broken; }
};

bool long_mode(const CpuState& state)
{
    return (state.efer & 0x400) != 0;
}

unsigned type_of(const SegmentRegister& segment)
{
    return segment.attributes >> 8 & 15;
}

bool is_system(const SegmentRegister& segment)
{
    return (segment.attributes & 1u << 12) == 0;
}

bool usable(const SegmentRegister& segment)
{
    return segment.attributes != 0;
}

void check_flags(const CpuState& state, Rules& rules)
{
    rules.require((state.rflags & ~std::uint64_t{0x3f'7fd5}) == 2, "RFLAGS: reserved bits have their values");
    rules.require(!long_mode(state) || (state.rflags & 1 << 17) == 0, "RFLAGS.VM is 0 in long mode");
}

void check_control(const CpuState& state, const Features& features, Rules& rules)
{
    constexpr std::uint64_t kCr0 = 0xe005'003f;
    constexpr std::uint64_t kAlwaysCr4 = 0x0031'0ffc;
    const bool paging = (state.cr0 & 1u << 31) != 0, protection = (state.cr0 & 1) != 0;
    const bool not_write_through = (state.cr0 & 1u << 29) != 0, cache_disable = (state.cr0 & 1u << 30) != 0;
    rules.require((state.cr0 & ~kCr0) == 0 && (state.cr0 & 1 << 4) != 0, "CR0: reserved bits have their values");
    rules.require(!paging || protection, "CR0.PG needs PE");
    rules.require(!not_write_through || cache_disable, "CR0.NW needs CD");
    const std::uint64_t offered = (features.virtual_interrupts ? 1u << 1 : 0) | (features.pcid ? 1u << 17 : 0) |
                                  (features.xsave ? 1u << 18 : 0) | (features.protection_keys ? 1u << 22 : 0);
    rules.require((state.cr4 & ~(kAlwaysCr4 | offered)) == 0, "CR4: reserved bits are 0");
    rules.require(!long_mode(state) || (state.cr4 & 1 << 5) != 0, "long mode needs CR4.PAE");
    rules.require((state.cr4 & 1 << 17) == 0 || long_mode(state), "CR4.PCIDE needs long mode");
    rules.require(state.cr3 >> 40 == 0, "CR3 is a physical address");
    rules.require(state.cr8 < 16, "CR8 has four bits");
    rules.require((state.efer & ~std::uint64_t{0xd01}) == 0, "EFER: reserved bits are 0");
    rules.require(long_mode(state) == (paging && (state.efer & 0x100) != 0), "EFER.LMA is LME and CR0.PG");
    rules.require((state.xcr0 & 1) != 0 && (state.xcr0 & ~(features.extended_state | 1)) == 0, "XCR0: reserved bits");
    rules.require((state.xcr0 & 4) == 0 || (state.xcr0 & 2) != 0, "XCR0.AVX needs SSE");
}

void check_addresses(const CpuState& state, Rules& rules)
{
    rules.require(arch::is_canonical(state.gdtr.base) && arch::is_canonical(state.idtr.base), "GDTR, IDTR: canonical");
    rules.require(arch::is_canonical(state.fs.base) && arch::is_canonical(state.gs.base), "FS, GS: canonical");
    rules.require(arch::is_canonical(state.kernel_gs_base), "IA32_KERNEL_GS_BASE is canonical");
    rules.require(arch::is_canonical(state.lstar) && arch::is_canonical(state.cstar), "LSTAR, CSTAR: canonical");
    rules.require(arch::is_canonical(state.sysenter_esp) && arch::is_canonical(state.sysenter_eip),
                  "IA32_SYSENTER_ESP and _EIP: canonical");
    rules.require(state.sysenter_cs <= kLow32, "IA32_SYSENTER_CS: 32 bits");
    rules.require((state.pat & 0xf8f8'f8f8'f8f8'f8f8) == 0, "IA32_PAT: reserved bits are 0");
    rules.require((state.misc_enable & ~std::uint64_t{1}) == 0x1800, "IA32_MISC_ENABLE: one bit can be changed");
    rules.require(state.fmask <= kLow32 && state.tsc_aux <= kLow32, "FMASK, TSC_AUX: 32 bits");
}

/// Of a descriptor cache that holds something.
void check_cache(const SegmentRegister& segment, Rules& rules)
{
    const bool coarse = (segment.attributes & 1u << 23) != 0;
    rules.require((segment.attributes & ~0x00f0'ff00u) == 0, "a cache has a descriptor's attributes");
    rules.require(segment.present(), "a segment that is loaded is present");
    rules.require(coarse ? (segment.limit & 0xfff) == 0xfff : segment.limit <= 0xf'ffff,
                  "a limit fits its granularity");
}

void check_code(const CpuState& state, const Allowances& allowances, Rules& rules)
{
    const SegmentRegister& cs = state.cs;
    const bool conforming = (type_of(cs) & 4) != 0, large = (cs.attributes & 1u << 22) != 0;
    check_cache(cs, rules);
    rules.require(!is_system(cs) && (type_of(cs) & 9) == 9, "CS holds code that is marked as accessed");
    rules.require(conforming ? cs.dpl() <= state.cpl : cs.dpl() == state.cpl, "CPL is CS.DPL, or not below it");
    rules.require(state.cpl == (cs.selector & 3), "CPL is CS.RPL");
    rules.require(cs.base <= kLow32, "CS has a base of 32 bits");
    rules.require(!cs.long_code() || long_mode(state), "CS.L needs long mode");
    rules.require(!cs.long_code() || !large, "CS.L and CS.D exclude each other");
    if (state.in_64_bit_mode()) {
        rules.require(arch::is_canonical(state.rip) || allowances.rip_not_canonical, "RIP is canonical");
    } else {
        rules.require(state.rip <= kLow32, "EIP has 32 bits");
    }
}

void check_stack(const CpuState& state, const Allowances& allowances, Rules& rules)
{
    const SegmentRegister& ss = state.ss;
    const bool null_rpl = allowances.null_stack_with_any_rpl && (ss.selector & ~3u) == 0;
    rules.require((ss.selector & 3) == state.cpl || allowances.stack_of_another_ring || null_rpl, "SS.RPL is CPL");
    if (!usable(ss)) {
        rules.require(long_mode(state) && (state.cpl != 3 || allowances.stack_of_another_ring), "ring 3 has a stack");
        return;
    }
    check_cache(ss, rules);
    rules.require(!is_system(ss) && (type_of(ss) & 11) == 3, "SS holds writable data that is marked as accessed");
    rules.require(ss.dpl() == state.cpl || allowances.stack_of_another_ring, "SS.DPL is CPL");
    rules.require(ss.base <= kLow32, "SS has a base of 32 bits");
}

void check_data(const SegmentRegister& segment, bool wide_base, Rules& rules)
{
    rules.require(usable(segment) == ((segment.selector & ~3u) != 0),
                  "a null selector holds nothing, others something");
    rules.require(wide_base || segment.base <= kLow32, "DS, ES: a base of 32 bits");
    if (!usable(segment)) {
        return;
    }
    const bool code = (type_of(segment) & 8) != 0, readable = (type_of(segment) & 2) != 0;
    check_cache(segment, rules);
    rules.require(!is_system(segment) && (type_of(segment) & 1) != 0, "a data segment is marked as accessed");
    rules.require(!code || readable, "code in a data segment register can be read");
}

void check_system_segments(const CpuState& state, Rules& rules)
{
    check_cache(state.tr, rules);
    rules.require(is_system(state.tr) && type_of(state.tr) == 11, "TR holds a busy TSS");
    rules.require((state.tr.selector & 4) == 0 && arch::is_canonical(state.tr.base), "TR: from the GDT, canonical");
    if (usable(state.ldtr)) {
        check_cache(state.ldtr, rules);
        rules.require(is_system(state.ldtr) && type_of(state.ldtr) == 2, "LDTR holds an LDT");
        rules.require((state.ldtr.selector & 4) == 0 && arch::is_canonical(state.ldtr.base), "LDTR: as TR");
    }
}

void check_debug(const CpuState& state, Rules& rules)
{
    rules.require((state.dr6 & ~std::uint64_t{0xe00f}) == 0xffff'0ff0, "DR6: reserved bits have their values");
    rules.require((state.dr7 & ~std::uint64_t{0xffff'23ff}) == 0x400, "DR7: reserved bits have their values");
    rules.require((state.pending_debug & ~std::uint64_t{0x400f}) == 0, "only breakpoints and steps wait");
    rules.require(!state.mov_ss_shadow || state.interrupt_shadow, "MOV SS holds back interrupts too");
}

} // namespace

const char* broken_rule(const CpuState& state, const Features& features, const Allowances& allowances)
{
    Rules rules;
    rules.require(state.cpl <= 3, "CPL is a ring");
    check_flags(state, rules);
    check_control(state, features, rules);
    check_addresses(state, rules);
    check_code(state, allowances, rules);
    check_stack(state, allowances, rules);
    for (const SegmentRegister* const segment : {&state.es, &state.ds}) {
        check_data(*segment, false, rules);
    }
    for (const SegmentRegister* const segment : {&state.fs, &state.gs}) {
        check_data(*segment, true, rules);
    }
    check_system_segments(state, rules);
    check_debug(state, rules);
    return rules.broken;
}

} // namespace fuzz
