// SPDX-License-Identifier: GPL-2.0-or-later
#include "explain/likely_mistake.h"

#include "arch/control_registers.h"
#include "model/descriptor_table.h"
#include "model/iret.h"
#include "model/memory_access.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace ringcheck {
namespace {

using model::AccessKind;
using model::CpuState;
using model::Gpr;
using model::Reason;

bool upper_half(std::uint64_t address)
{
    return address >> 63 != 0;
}

/// The first instruction after a return to ring 3.
bool just_returned(const Circumstances& at)
{
    return at.state.cpl == 3 && at.history.last_return && at.history.last_return->rip == at.state.rip;
}

std::string return_mistake(const Circumstances& at)
{
    const History::Return& last = *at.history.last_return;
    const bool sysret = last.kind == TransitionKind::Sysret;
    std::string text =
        fmt::format("{} went to {:#x} and its first instruction already faults", to_string(last.kind), last.rip);
    if (sysret && at.history.syscall_return && *at.history.syscall_return != last.rip) {
        return text + fmt::format(": SYSCALL had left {:#x} in RCX; was RCX not kept until SYSRET?",
                                  *at.history.syscall_return);
    }
    if (upper_half(last.rip)) {
        return text + ": that is the kernel's half of the address space, not the program's entry point";
    }
    return text + (sysret ? ": is RCX the program's RIP, and its page mapped with U and without NX?"
                          : ": is the frame's RIP the program's entry, and its page mapped with U and without NX?");
}

std::string gs_mistake(const Circumstances& at)
{
    if (!at.evidence.access || !at.evidence.access->uses_gs || at.state.cpl != 0 || upper_half(at.state.gs.base)) {
        return "";
    }
    const std::string half = fmt::format("GS base is {:#x}, which is no kernel address", at.state.gs.base);
    return upper_half(at.state.kernel_gs_base)
               ? half +
                     fmt::format(", and KERNEL_GS_BASE holds {:#x}: SWAPGS was left out on this entry, or done twice",
                                 at.state.kernel_gs_base)
               : half + ", nor is KERNEL_GS_BASE: was IA32_GS_BASE written at boot?";
}

std::string stack_region(const Circumstances& at, std::uint64_t address)
{
    const auto place = at.guest.kernel_stacks.locate(address);
    return place && place->guard ? fmt::format("the guard page of kernel stack {}", place->slot) : "";
}

std::string not_present(const Circumstances& at)
{
    const std::uint64_t address = at.fault.cr2.value_or(0);
    const std::uint64_t rsp = at.state[Gpr::Rsp];
    if (const std::string gs = gs_mistake(at); !gs.empty()) {
        return gs;
    }
    if (just_returned(at) && address == at.state.rip) {
        return return_mistake(at);
    }
    if (address < arch::kPageSize) {
        return at.evidence.access->access.kind == AccessKind::Fetch
                   ? "a call or jump through a null pointer, or a return over a stack that was overwritten with zeros"
                   : "a null pointer, or a null pointer plus the offset of a member";
    }
    const bool on_stack = std::ranges::any_of(at.instruction.text.memory, [&](const MemoryOperand& operand) {
        return operand.stack && address - operand.address < sizeof(std::uint64_t);
    });
    if (on_stack && address <= rsp) {
        const std::string guard = stack_region(at, address);
        return guard.empty() ? "RSP points to unmapped memory: the stack overflowed, or RSP was never set"
                             : fmt::format("the stack overflowed: it reached {}", guard);
    }
    if (at.state.cpl == 3) {
        return upper_half(address) ? "the program used an address of the kernel's half, where nothing is mapped for it"
                                   : "the program used an address that was never mapped for it";
    }
    if (at.evidence.access->access.kind == AccessKind::Fetch) {
        return "the kernel jumped to an unmapped address: a bad function pointer, or a return address that was "
               "overwritten";
    }
    return upper_half(address) ? "the kernel used an address that is not, or no longer, mapped in these page tables"
                               : "the kernel used an address of the user's half that is not mapped: a user pointer "
                                 "has to be checked before it is used";
}

std::string supervisor_only(const Circumstances& at)
{
    const MemoryAccess& access = *at.evidence.access;
    const auto& exhibits = at.evidence.exhibits;
    const auto closed = [](const Exhibit& one) {
        return std::ranges::any_of(one.fields, [](const Field& f) { return f.name == "U" && f.value == "0"; });
    };
    if (upper_half(access.address)) {
        if (access.access.kind == AccessKind::Fetch) {
            return just_returned(at)
                       ? return_mistake(at)
                       : "ring 3 executes the kernel's text: was the ring changed without going to the program's code, "
                         "or does the program call a kernel function?";
        }
        return "the program touched the kernel's memory; that it cannot is as it should be";
    }
    if (!exhibits.empty() && !closed(exhibits.back())) {
        return "the leaf grants ring 3 the page, an upper table does not: U has to be set at every level";
    }
    if (just_returned(at) && access.address == at.state.rip) {
        return "the program's page was mapped without U, which every page of ring 3 needs at every level";
    }
    return "the page was mapped without U, which ring 3 needs at every level";
}

/// A frame that would be good if RSP were one word higher or lower.
std::string shifted_frame(const Circumstances& at)
{
    constexpr std::uint64_t kWord = sizeof(std::uint64_t);
    const auto works = [&](std::uint64_t rsp) {
        CpuState other = at.state;
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

std::string iret_mistake(const Circumstances& at, std::string_view id)
{
    if (at.fault.reason == Reason::IretNestedTask) {
        return "NT was set in ring 3 and came along: put NT into FMASK, or clear it on entry";
    }
    if (const std::string shifted = shifted_frame(at); !shifted.empty()) {
        return shifted;
    }
    const auto word = [&](const char* name) {
        const auto found = std::ranges::find(at.evidence.frame, name, &FrameWord::name);
        return found == at.evidence.frame.end() ? std::uint64_t{0} : found->value;
    };
    const auto named = [&](std::uint64_t selector) {
        const auto read = model::read_descriptor(at.state, at.memory, static_cast<std::uint16_t>(selector));
        return read && *read ? **read : arch::SegmentDescriptor{};
    };
    if (named(word("SS")).is_code() && named(word("CS")).writable_data()) {
        return "the frame's CS names data and its SS names code: are the two selectors swapped?";
    }
    if (at.fault.reason == Reason::IretRipNonCanonical) {
        return "whoever wrote the frame did not check RIP: a value from ring 3 (signal return, ptrace) has to be";
    }
    if (id.ends_with("-rpl") || id == "iret-cs-dpl") {
        return "a selector of ring 3 needs RPL 3 in both CS and SS: the GDT's offset or-ed with 3";
    }
    if (id.ends_with("-not-code") || id.ends_with("-beyond-table") || id.ends_with("-null") ||
        id.ends_with("-not-writable-data")) {
        return "the selector is not the one that the GDT was laid out for, or RSP does not point at the frame";
    }
    if (id == "iret-cs-rpl-below-cpl") {
        return "the frame is one of an inner ring: IRET was executed in ring 3";
    }
    return "";
}

std::string delivery_mistake(const Circumstances& at, std::string_view id)
{
    const unsigned vector = at.delivering->vector;
    const DeliveryStack& stack = at.evidence.stack;
    const bool empty_gate = !at.evidence.exhibits.empty() && !at.evidence.exhibits.front().fields.empty() &&
                            at.evidence.exhibits.front().fields.front().value == "empty";
    if (id == "gate-beyond-idt") {
        return at.state.idtr.limit == 0
                   ? "no IDT is loaded: LIDT has not been executed, or with a limit of 0"
                   : fmt::format("the IDT ends before vector {}: LIDT's limit is 16 times the number of gates, less 1",
                                 vector);
    }
    if (empty_gate) {
        return fmt::format("the gate of vector {} was never filled in", vector);
    }
    if (id == "gate-dpl") {
        return fmt::format("INT {:#x} from ring 3 needs a gate with DPL 3", vector);
    }
    if (id == "gate-not-present") {
        return fmt::format("the gate of vector {} has everything but P", vector);
    }
    if (id == "gate-type") {
        return "in long mode only type 0xe (interrupt gate) and 0xf (trap gate) exist";
    }
    if (id.starts_with("gate-cs-")) {
        return "the gate's selector is not the 64-bit kernel code segment of the GDT that is loaded now: was the GDT "
               "replaced after the IDT was filled?";
    }
    if (id == "tss-stack-beyond-limit") {
        return model::is_null(at.state.tr.selector) ? "no TSS is loaded: LTR has not been executed"
                                                    : "the TSS descriptor's limit is the size of the TSS less 1: 0x67";
    }
    if (id == "handler-non-canonical") {
        return "the handler's address was put together wrongly: bits 63:32 stand in the gate's second word";
    }
    if (at.evidence.frame.empty()) {
        return at.fault.cr2 ? "the table is not mapped in the page tables that CR3 holds now" : "";
    }
    if (!stack.from_tss) {
        if (at.fault.reason == Reason::PageSmap) {
            return "RSP still points to ring 3's stack, and an exception in ring 0 pushes its frame there: the entry "
                   "has to load RSP before anything can fault";
        }
        const std::string guard = stack_region(at, at.fault.cr2.value_or(0));
        const bool last_resort = vector == static_cast<unsigned>(arch::Vector::DoubleFault);
        return fmt::format("the kernel's own stack cannot take the frame{}: an overflow, or an RSP that was never "
                           "set{}",
                           guard.empty() ? "" : ", it reached " + guard,
                           last_resort ? "; an IST stack for #DF would let the kernel report it" : "");
    }
    if (stack.top == 0) {
        return fmt::format("{} is 0: it was never written", stack.name);
    }
    switch (at.fault.reason) {
    case Reason::StackNonCanonical:
        return fmt::format("{} is no canonical address: was the TSS filled in?", stack.name);
    case Reason::PageSupervisorWriteToReadOnly:
        return fmt::format("the stack in {} lies in a read-only page", stack.name);
    case Reason::PageSmap: return fmt::format("the stack in {} lies in a page of ring 3", stack.name);
    default:
        return fmt::format("the stack in {} is not mapped in the page tables that CR3 holds now: was {} written for "
                           "this thread, and is every kernel stack mapped in every address space?",
                           stack.name, stack.name);
    }
}

std::string instruction_rule(const Circumstances& at)
{
    const std::string& name = at.instruction.text.mnemonic;
    switch (static_cast<arch::Vector>(at.fault.vector)) {
    case arch::Vector::InvalidOpcode:
        if (name == "ud2") {
            return "UD2 is there on purpose: the compiler's trap for unreachable code, or a failed assertion";
        }
        if (name.empty()) {
            return "no instruction begins with these bytes: a jump into data, or code that was overwritten";
        }
        return at.instruction.text.text.find("mm") != std::string::npos && (at.state.cr4 & arch::cr4::kOsFxsr) == 0
                   ? "SSE needs CR4.OSFXSR = 1; a kernel without it is compiled with -mgeneral-regs-only"
                   : "this CPU does not offer the instruction, or not here";
    case arch::Vector::DivideError: return "a division by zero, or a quotient too large for its register";
    case arch::Vector::DeviceNotAvailable: return "CR0.TS or CR0.EM is set: the FPU was not given to this thread";
    case arch::Vector::PageFault:
        return "the page tables grant this access now: they were changed after the TLB had cached an older entry, or "
               "INVLPG was left out";
    case arch::Vector::Breakpoint:
        return "INT3 was executed: a breakpoint, or the padding that linkers put between functions";
    default: return "";
    }
}

} // namespace

std::string likely_mistake(const Circumstances& at)
{
    const std::string_view id = model::describe(at.fault.reason).id;
    if (at.delivering != nullptr) {
        return delivery_mistake(at, id);
    }
    if (id.starts_with("iret-")) {
        return iret_mistake(at, id);
    }
    switch (at.fault.reason) {
    case Reason::InstructionRule: return instruction_rule(at);
    case Reason::PageNotPresent: return not_present(at);
    case Reason::PageSupervisorOnly: return supervisor_only(at);
    case Reason::PageNoExecute:
        return just_returned(at) ? return_mistake(at)
                                 : "data was executed: a jump through a bad pointer, or a segment of the ELF file that "
                                   "was mapped without its execute flag";
    case Reason::PageUserWriteToReadOnly: return "the program wrote to its text or to constants, or to a shared page";
    case Reason::PageSupervisorWriteToReadOnly:
        return upper_half(at.fault.cr2.value_or(0))
                   ? "the kernel wrote to its own text or constants"
                   : "the kernel wrote to a read-only page of ring 3: a user pointer has to be checked for writing too";
    case Reason::PageSmep:
        return "ring 0 jumped into the program: RET, CALL and JMP do not change the ring, IRETQ and SYSRETQ do; or a "
               "function pointer came from ring 3";
    case Reason::PageSmap: {
        const std::string gs = gs_mistake(at);
        const bool on_stack = at.evidence.access->stack || at.instruction.text.pushes;
        return !gs.empty() ? gs
               : on_stack
                   ? "the kernel still uses ring 3's stack: SYSCALL does not change RSP, the entry has to"
                   : "the kernel touched user memory outside STAC and CLAC, or through a pointer it did not check";
    }
    case Reason::PageReservedBit:
        return "an entry was put together wrongly: flags in the address bits, a wild pointer as frame, or NX without "
               "EFER.NXE";
    case Reason::SysretRcxNonCanonical:
        return "on Intel, SYSRETQ faults in ring 0 with ring 3's RSP: check RCX first, or return by IRETQ";
    case Reason::SyscallNotEnabled:
    case Reason::SysretNotEnabled: return "EFER.SCE was never set";
    case Reason::FsGsBaseNotEnabled: return "CR4.FSGSBASE was never set";
    case Reason::InstructionNotRing0:
    case Reason::SysretNotRing0:
    case Reason::CrNotRing0:
    case Reason::MsrNotRing0:
        return upper_half(at.state.rip)
                   ? "the kernel's own code runs in ring 3: which return chose the selectors with RPL 3?"
                   : "the program executed a privileged instruction; that it cannot is as it should be";
    case Reason::IoTssUnusable:
    case Reason::IoBitmapBeyondLimit:
    case Reason::IoBitmapDenies:
    case Reason::InstructionIopl:
        return upper_half(at.state.rip) ? "the kernel's own code runs in ring 3"
                                        : "the program used what IOPL and the I/O bit map deny it, as they should";
    case Reason::AddressNonCanonical:
    case Reason::StackNonCanonical: {
        const std::string gs = gs_mistake(at);
        return !gs.empty() ? gs : "a pointer was overwritten, or computed from garbage: bits 63:47 are not all equal";
    }
    default: break;
    }
    if (id.starts_with("load-") || id.starts_with("ltr-") || id.starts_with("far-")) {
        return "the selector does not fit the GDT that is loaded now: one of the boot loader's, or a wrong offset";
    }
    return "";
}

} // namespace ringcheck
