// SPDX-License-Identifier: GPL-2.0-or-later
// Written for a log of millions of instructions: what seldom changes is compared as a whole first.
#include "explain/register_changes.h"

#include "arch/rflags.h"

#include <array>
#include <bit>
#include <cstddef>

namespace ringcheck {
namespace {

using model::CpuState;
using model::SegmentRegister;
using model::TableRegister;

constexpr std::array kGeneral{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                              "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};

struct Flag {
    const char* name;
    std::uint64_t mask;
};
namespace flag = arch::rflags;
constexpr Flag kFlags[] = {{"CF", flag::kCarry},
                           {"PF", flag::kParity},
                           {"AF", flag::kAdjust},
                           {"ZF", flag::kZero},
                           {"SF", flag::kSign},
                           {"TF", flag::kTrap},
                           {"IF", flag::kInterrupt},
                           {"DF", flag::kDirection},
                           {"OF", flag::kOverflow},
                           {"IOPL", flag::kIopl.mask()},
                           {"NT", flag::kNestedTask},
                           {"RF", flag::kResume},
                           {"VM", flag::kVirtual8086},
                           {"AC", flag::kAlignmentCheck},
                           {"VIF", flag::kVirtualInterrupt},
                           {"VIP", flag::kVirtualInterruptPending},
                           {"ID", flag::kIdentification}};

struct Segment {
    const char *selector, *base, *limit, *attributes;
    SegmentRegister CpuState::* member;
};
constexpr Segment kSegments[] = {
    {"es", "es.base", "es.limit", "es.attributes", &CpuState::es},
    {"cs", "cs.base", "cs.limit", "cs.attributes", &CpuState::cs},
    {"ss", "ss.base", "ss.limit", "ss.attributes", &CpuState::ss},
    {"ds", "ds.base", "ds.limit", "ds.attributes", &CpuState::ds},
    {"fs", "fs.base", "fs.limit", "fs.attributes", &CpuState::fs},
    {"gs", "gs.base", "gs.limit", "gs.attributes", &CpuState::gs},
    {"ldtr", "ldtr.base", "ldtr.limit", "ldtr.attributes", &CpuState::ldtr},
    {"tr", "tr.base", "tr.limit", "tr.attributes", &CpuState::tr},
};

struct Word {
    const char* name;
    std::uint64_t CpuState::* member;
};
constexpr Word kWords[] = {
    {"cr0", &CpuState::cr0},
    {"cr2", &CpuState::cr2},
    {"cr3", &CpuState::cr3},
    {"cr4", &CpuState::cr4},
    {"cr8", &CpuState::cr8},
    {"IA32_EFER", &CpuState::efer},
    {"IA32_STAR", &CpuState::star},
    {"IA32_LSTAR", &CpuState::lstar},
    {"IA32_CSTAR", &CpuState::cstar},
    {"IA32_FMASK", &CpuState::fmask},
    {"IA32_KERNEL_GS_BASE", &CpuState::kernel_gs_base},
    {"IA32_TSC_AUX", &CpuState::tsc_aux},
    {"IA32_SYSENTER_CS", &CpuState::sysenter_cs},
    {"IA32_SYSENTER_ESP", &CpuState::sysenter_esp},
    {"IA32_SYSENTER_EIP", &CpuState::sysenter_eip},
    {"IA32_PAT", &CpuState::pat},
    {"IA32_MISC_ENABLE", &CpuState::misc_enable},
    {"IA32_BIOS_SIGN_ID", &CpuState::bios_sign_id},
    {"xcr0", &CpuState::xcr0},
    {"dr0", &CpuState::dr0},
    {"dr1", &CpuState::dr1},
    {"dr2", &CpuState::dr2},
    {"dr3", &CpuState::dr3},
    {"dr6", &CpuState::dr6},
    {"dr7", &CpuState::dr7},
};

class Collector {
public:
    explicit Collector(std::vector<RegisterChange>& changes) : changes_(changes) {}

    void word(const char* name, std::uint64_t before, std::uint64_t after)
    {
        if (before != after) {
            changes_.push_back({name, after, false});
        }
    }

    void segment(const Segment& names, const SegmentRegister& before, const SegmentRegister& after)
    {
        word(names.selector, before.selector, after.selector);
        word(names.base, before.base, after.base);
        if (before.selector == after.selector) { // else they are what the new descriptor says
            word(names.limit, before.limit, after.limit);
            word(names.attributes, before.attributes, after.attributes);
        }
    }

    void table(const char* base, const char* limit, const TableRegister& before, const TableRegister& after)
    {
        word(base, before.base, after.base);
        word(limit, before.limit, after.limit);
    }

    void flags(std::uint64_t before, std::uint64_t after)
    {
        for (const Flag& one : kFlags) {
            if (((before ^ after) & one.mask) != 0) {
                changes_.push_back({one.name, (after & one.mask) >> std::countr_zero(one.mask), true});
            }
        }
    }

private:
    std::vector<RegisterChange>& changes_;
};

} // namespace

void find_changes(const CpuState& before, const CpuState& after, std::vector<RegisterChange>& changes)
{
    Collector found(changes);
    for (std::size_t i = 0; i < kGeneral.size(); ++i) {
        found.word(kGeneral[i], before.gpr[i], after.gpr[i]);
    }
    if (before.rflags != after.rflags) {
        found.flags(before.rflags, after.rflags);
    }
    for (const Segment& segment : kSegments) {
        if (!(before.*segment.member == after.*segment.member)) {
            found.segment(segment, before.*segment.member, after.*segment.member);
        }
    }
    found.table("gdtr.base", "gdtr.limit", before.gdtr, after.gdtr);
    found.table("idtr.base", "idtr.limit", before.idtr, after.idtr);
    for (const Word& word : kWords) {
        found.word(word.name, before.*word.member, after.*word.member);
    }
    found.word("pkru", before.pkru, after.pkru);
}

} // namespace ringcheck
