// SPDX-License-Identifier: GPL-2.0-or-later
// Returns to ring 3 that are refused, or that go where the program is not.
#include "arch/msr.h"
#include "explain/likely_mistake.h"
#include "model/descriptor_table.h"
#include "model/iret.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ringcheck {
namespace {

using arch::SegmentDescriptor;
using model::Gpr;
using model::Reason;

const char* name_of(const History::Return& back)
{
    return back.kind == TransitionKind::Sysret && !back.to_64_bit ? "SYSRETL" : to_string(back.kind);
}

bool is_user_code(SegmentDescriptor one)
{
    return one.present() && one.long_code() && !one.default_size() && one.dpl() == 3;
}

bool is_kernel_code(SegmentDescriptor one)
{
    return one.present() && one.long_code() && !one.default_size() && one.dpl() == 0;
}

/// SYSRET took its RIP from RCX, and that is not what SYSCALL had left there; "" when it is.
std::string wrong_rcx(const Circumstances& at, const History::Return& back)
{
    const auto& call = at.history.last_call;
    if (back.kind != TransitionKind::Sysret || !call || call->rcx == back.rip || call->cr3 != back.cr3) {
        return "";
    }
    const std::string took =
        fmt::format("{} at {} took RIP {:#x} from RCX", name_of(back), code_address(at, back.from, 0), back.rip);
    const std::string left =
        fmt::format("SYSCALL at {} had left {} there", code_address(at, call->rip, 3), code_address(at, call->rcx, 3));
    return back.rip == call->r11
               ? fmt::format("{}, but that is what SYSCALL had left in R11 (RFLAGS), and {}: RCX and R11 are swapped",
                             took, left)
               : fmt::format("{}, but {}: the entry has to save RCX before anything changes it, and restore it last",
                             took, left);
}

/// A frame that would be good if RSP were one word higher or lower.
std::string shifted_frame(const Circumstances& at)
{
    constexpr std::uint64_t kWord = sizeof(std::uint64_t);
    const auto works = [&](std::uint64_t rsp) {
        model::CpuState other = at.state;
        other[Gpr::Rsp] = rsp;
        return model::iret(other, at.memory, model::OperandSize::Bits64, at.vendor).has_value();
    };
    const std::uint64_t rsp = at.state[Gpr::Rsp];
    if (works(rsp + kWord)) {
        return "one word higher lies a frame that IRETQ would take: the error code was not removed from the stack";
    }
    if (works(rsp + 2 * kWord)) {
        return "two words higher lies a frame that IRETQ would take: vector and error code were not removed";
    }
    if (works(rsp - kWord)) {
        return "one word lower lies a frame that IRETQ would take: a word too many was removed from the stack";
    }
    return "";
}

/// A frame that would be good if its words stood the other way round.
bool is_reversed(const Circumstances& at)
{
    constexpr std::size_t kWords = 5;
    std::array<arch::PhysAddr, kWords> places;
    std::array<std::uint64_t, kWords> words{};
    for (std::size_t i = 0; i != kWords; ++i) {
        const auto place = locate(at.state, at.memory, at.state[Gpr::Rsp] + sizeof(std::uint64_t) * i);
        if (!place) {
            return false;
        }
        places[i] = *place;
        words[i] = *at.memory.read_u64(*place);
    }
    for (std::size_t i = 0; i != kWords; ++i) {
        at.memory.write_u64(places[i], words[kWords - 1 - i]);
    }
    const bool good = model::iret(at.state, at.memory, model::OperandSize::Bits64, at.vendor).has_value();
    for (std::size_t i = 0; i != kWords; ++i) {
        at.memory.write_u64(places[i], words[i]);
    }
    return good;
}

/// The frame's selectors are those that the last SYSRET loaded, without asking the GDT; "" when they are not.
std::string selectors_of_sysret(const Circumstances& at, std::uint64_t cs, std::uint64_t ss)
{
    const auto& back = at.history.last_sysret;
    if (!back || back->cs != cs || back->ss != ss) {
        return "";
    }
    const std::uint64_t base = arch::star::kSysretBase.get(back->star);
    const std::string loaded =
        fmt::format("these are the selectors that {} at {} loaded from STAR[63:48] = {:#x}, without a look at the GDT",
                    name_of(*back), code_address(at, back->from, 0), base);
    if (!back->to_64_bit) {
        return loaded + ": SYSRET without REX.W returns to 32-bit code (CS = STAR[63:48]); 64-bit code needs SYSRETQ";
    }
    const std::string how = loaded + ": CS is that + 16, SS that + 8";
    const auto right = find_descriptor(at, is_user_code);
    constexpr unsigned kCodeOffset = 16; // [SDM 2B SYSRET "Operation"]
    return !right ? how + "; the GDT has no 64-bit code segment of DPL 3"
                  : fmt::format("{}; the 64-bit code segment of DPL 3 is GDT[{:#x}], so STAR[63:48] has to be {:#x}",
                                how, *right, (*right - kCodeOffset) | 3);
}

/// The frame returns into the kernel with the CS that the last SYSCALL loaded, without asking the GDT; "" when not.
std::string selectors_of_syscall(const Circumstances& at, std::uint64_t cs)
{
    const auto& call = at.history.last_call;
    if (!call || call->cs != cs || model::rpl(static_cast<std::uint16_t>(cs)) != 0) {
        return "";
    }
    const auto right = find_descriptor(at, is_kernel_code);
    return fmt::format("this is the CS that SYSCALL at {} loaded from STAR[47:32] = {:#x}, without a look at the GDT{}",
                       code_address(at, call->rip, 3), arch::star::kSyscallBase.get(call->star),
                       right ? fmt::format("; the 64-bit code segment of DPL 0 is GDT[{0:#x}], so STAR[47:32] has to "
                                           "be {0:#x}",
                                           *right)
                             : "");
}

/// What lies in memory where a selector points beyond the GDT's limit; "" when it is nothing of use.
std::string behind_the_limit(const Circumstances& at, std::uint64_t cs, std::uint64_t ss)
{
    const bool code = is_user_code(descriptor_in_memory(at, cs));
    if (!code && !descriptor_in_memory(at, ss).writable_data()) {
        return "";
    }
    return fmt::format("the descriptor is there, but the GDT's limit {:#x} ends before it: LGDT takes the table's size "
                       "less 1, here at least {:#x}",
                       at.state.gdtr.limit, (std::max(cs, ss) | 7));
}

} // namespace

bool just_returned(const Circumstances& at)
{
    return at.state.cpl == 3 && at.history.last_return && at.history.last_return->rip == at.state.rip;
}

std::string entry_mistake(const Circumstances& at)
{
    const History::Return& back = *at.history.last_return;
    if (const std::string wrong = wrong_rcx(at, back); !wrong.empty()) {
        return wrong;
    }
    const std::string went = fmt::format("{} went to {}", name_of(back), code_address(at, back.rip, 3));
    if (at.fault.reason == Reason::PageNoExecute) {
        return went + ", a page that must not be executed: the program's code has to be mapped without NX, as its ELF "
                      "segment's execute flag says";
    }
    if (const auto table = other_tables_with(at, back.rip, model::AccessKind::Fetch)) {
        return fmt::format("{}, which the page tables in CR3, {:#x}, do not map; those at {:#x} do, for ring 3, and "
                           "the kernel too: was CR3 not loaded with them?",
                           went, at.state.cr3, *table);
    }
    if (upper_half(back.rip)) {
        return went + ": that is the kernel's half of the address space, not the program's entry point";
    }
    return went + (back.kind == TransitionKind::Sysret
                       ? ", which is not mapped for ring 3: is RCX the program's RIP, and CR3 its page tables?"
                       : ", which is not mapped for ring 3: is the frame's RIP the program's entry, and was its code "
                         "mapped in the page tables that CR3 holds?");
}

std::string iret_mistake(const Circumstances& at, std::string_view id)
{
    if (at.fault.reason == Reason::IretNestedTask) {
        return "NT was set in ring 3 and came along: put NT into FMASK, or clear it on entry";
    }
    if (!at.instruction.decoded.rex_w() &&
        model::iret(at.state, at.memory, model::OperandSize::Bits64, at.vendor).has_value()) {
        return fmt::format(
            "this is IRET with operands of {} bits, which pops a frame of such words; for the frame of 64-bit "
            "words that lies there it has to be IRETQ",
            at.instruction.decoded.operand_size ? 16 : 32);
    }
    if (const std::string shifted = shifted_frame(at); !shifted.empty()) {
        return shifted;
    }
    if (is_reversed(at)) {
        return "the frame's five words stand the other way round: SS is to be pushed first, then RSP, RFLAGS, CS and "
               "RIP, "
               "since a stack grows down";
    }
    const auto word = [&](const char* name) {
        const auto found = std::ranges::find(at.evidence.frame, name, &FrameWord::name);
        return found == at.evidence.frame.end() ? std::uint64_t{0} : found->value;
    };
    const std::uint64_t cs = word("CS"), ss = word("SS");
    const auto named = [&](std::uint64_t selector) {
        const auto read = model::read_descriptor(at.state, at.memory, static_cast<std::uint16_t>(selector));
        return read && *read ? **read : SegmentDescriptor{};
    };
    if (named(ss).is_code() && named(cs).writable_data()) {
        return "the frame's CS names data and its SS names code: are the two selectors swapped?";
    }
    if (const std::string sysret = selectors_of_sysret(at, cs, ss); !sysret.empty()) {
        return sysret;
    }
    if (const std::string syscall = selectors_of_syscall(at, cs); !syscall.empty()) {
        return syscall;
    }
    if (at.fault.reason == Reason::IretRipNonCanonical) {
        return "whoever wrote the frame did not check RIP: a value from ring 3 (signal return, ptrace) has to be";
    }
    if (id.ends_with("-rpl") || id == "iret-cs-dpl") {
        return "a selector of ring 3 needs RPL 3 in both CS and SS: the GDT's offset or-ed with 3";
    }
    if (id.ends_with("-beyond-table")) {
        if (const std::string behind = behind_the_limit(at, cs, ss); !behind.empty()) {
            return behind;
        }
    }
    if (id.ends_with("-long-and-big")) {
        return "a 64-bit code segment has L = 1 and D = 0; with both the descriptor is reserved";
    }
    if (id.ends_with("-not-code") || id.ends_with("-beyond-table") || id.ends_with("-null") ||
        id.ends_with("-not-writable-data")) {
        const auto right = find_descriptor(at, is_user_code);
        return "the selector is not the one that the GDT was laid out for, or RSP does not point at the frame" +
               (right ? fmt::format("; GDT[{:#x}] is the 64-bit code segment of DPL 3", *right) : "");
    }
    if (id == "iret-cs-rpl-below-cpl") {
        return "the frame is one of an inner ring: IRET was executed in ring 3";
    }
    return "";
}

} // namespace ringcheck
