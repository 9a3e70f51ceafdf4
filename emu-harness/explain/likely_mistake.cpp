// SPDX-License-Identifier: GPL-2.0-or-later
// Instructions that are refused by a rule of their own.
#include "explain/likely_mistake.h"

#include "arch/control_registers.h"
#include "machine/operand.h"
#include "model/descriptor_table.h"
#include "model/page_walk.h"
#include "model/reason.h"

#include <fmt/format.h>

namespace ringcheck {
namespace {

using model::Reason;

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

/// WRMSR of what is no canonical address.
std::string bad_msr_address(const Circumstances& at)
{
    using model::Gpr;
    constexpr unsigned kHalf = 32;
    const std::uint64_t low = at.state[Gpr::Rax] & 0xffff'ffff, high = at.state[Gpr::Rdx] & 0xffff'ffff;
    const std::uint64_t swapped = low << kHalf | high;
    const std::string text = "the MSR takes a canonical address: bits 63:32 of it go into EDX, bits 31:0 into EAX";
    return is_mapped(at, swapped) && swapped >= arch::kPageSize
               ? text + fmt::format("; with the two exchanged it would be {}", code_address(at, swapped, 0))
               : text;
}

/// SSE with an operand on the stack that is not aligned.
std::string misaligned(const Circumstances& at)
{
    const auto& memory = at.instruction.text.memory;
    return !memory.empty() && memory.front().stack
               ? "compilers take for granted that RSP is a multiple of 16 before each CALL [psABI \"The Stack "
                 "Frame\"]; "
                 "here an entry, or whoever set up this stack, left 8 bytes too many or too few"
               : "the operand has to be aligned to 16 bytes; MOVUPS takes any address";
}

/// Ring 3 did what only ring 0 may.
std::string privileged(const Circumstances& at, const char* by_a_program)
{
    return is_kernel_address(at, at.state.rip)
               ? "the kernel's own code runs in ring 3: which return chose the selectors with RPL 3?"
               : fmt::format("the program executed {}, {}", at.instruction.text.mnemonic, by_a_program);
}

/// MOV to CR3 of what is no physical address.
std::string bad_table_address(const Circumstances& at)
{
    const std::uint64_t value = at.state.gpr[at.instruction.decoded.rm()];
    const std::string text =
        fmt::format("CR3 takes the physical address of a PML4, of at most {} bits", model::kPhysicalAddressBits);
    const auto physical = physical_address(at, value);
    return physical ? text + fmt::format("; {:#x} is a linear one, which is mapped to {:#x}", value, *physical) : text;
}

/// LTR of something else than an available TSS.
std::string no_available_tss(const Circumstances& at)
{
    const auto selector = static_cast<std::uint16_t>(at.fault.error_code.value_or(0));
    const bool busy = descriptor_in_memory(at, selector).type() == arch::SegmentDescriptor::kTypeTssBusy;
    const bool held = busy && model::selector_error(at.state.tr.selector) == selector;
    return held ? "TR holds this TSS already, and LTR has marked it busy (type 11): LTR is for once, unless the "
                  "descriptor "
                  "is made available (type 9) again"
                : "the selector does not name a TSS descriptor of type 9 (available): LTR a second time finds it busy";
}

/// LGDT or LIDT of what is no canonical address.
std::string bad_table_base(const Circumstances& at)
{
    constexpr std::uint64_t kAligned = sizeof(std::uint64_t);
    const std::uint64_t operand = linear_operand(at.instruction.decoded, at.state).address;
    const auto place = locate(at.state, at.memory, operand + kAligned);
    const std::uint64_t behind = place ? *at.memory.read_u64(*place) : 0;
    return behind != 0 && is_mapped(at, behind)
               ? fmt::format(
                     "the operand is 10 bytes, a limit of 2 and the base right behind it; here {} stands 8 bytes "
                     "behind the limit: the structure has to be packed",
                     data_address(at, behind))
               : "the base in the operand is no canonical address: the operand is a limit of 2 bytes, and the base of "
                 "8 "
                 "right behind it";
}

std::string by_reason(const Circumstances& at, std::string_view id)
{
    switch (at.fault.reason) {
    case Reason::InstructionRule: return instruction_rule(at);
    case Reason::SysretRcxNonCanonical:
        return "on Intel, SYSRETQ faults in ring 0 with ring 3's RSP: check RCX first, or return by IRETQ";
    case Reason::SyscallNotEnabled:
    case Reason::SysretNotEnabled: return "EFER.SCE was never set";
    case Reason::FsGsBaseNotEnabled: return "CR4.FSGSBASE was never set";
    case Reason::InstructionNotRing0:
    case Reason::SysretNotRing0:
    case Reason::CrNotRing0:
    case Reason::MsrNotRing0:
        return privileged(at,
                          "which is for ring 0 alone; the kernel's part is to end it for that, by a handler of #GP");
    case Reason::IoTssUnusable:
    case Reason::IoBitmapBeyondLimit:
    case Reason::IoBitmapDenies:
    case Reason::InstructionIopl:
        return privileged(at, "which ring 3 may with IOPL 3 (or, for ports, by the TSS's bit map) alone; the kernel's "
                              "part is to end it for that, by a handler of #GP");
    case Reason::MsrNonCanonical: return bad_msr_address(at);
    case Reason::PdpteReservedBits:
        return "EFER.LME was not set before CR0.PG: so this is the PAE paging of 32-bit mode, and the first entries of "
               "the table in CR3 are read as its four PDPTEs, where R/W and U/S are reserved; WRMSR of EFER with LME "
               "comes first";
    case Reason::Cr0LongModeWithoutPae: return "CR4.PAE was not set before CR0.PG: 4-level paging needs it";
    case Reason::Cr0LongModeWithLongCs:
        return "long mode is entered from 32-bit code, and the far jump to a code segment with L = 1 comes after "
               "CR0.PG";
    case Reason::EferLmeWhilePaging:
        return "EFER.LME is set before CR0.PG, and cannot change while paging is on: write EFER with LME as it is";
    case Reason::Cr3ReservedBits: return bad_table_address(at);
    case Reason::TableBaseNonCanonical: return bad_table_base(at);
    case Reason::MsrUnknown:
        return fmt::format("this CPU has no MSR {:#x}: is ECX its number, and does CPUID report what it belongs to?",
                           at.state[model::Gpr::Rcx] & 0xffff'ffff);
    case Reason::MsrReservedBits:
        return "a bit of EDX:EAX is none that this MSR has, or belongs to what CPUID does not report: RDMSR first, and "
               "change only what is meant";
    case Reason::Cr4ReservedBits: return "a bit of it belongs to what CPUID does not report";
    case Reason::OperandMisaligned: return misaligned(at);
    case Reason::AddressNonCanonical:
    case Reason::StackNonCanonical: {
        const std::string gs = gs_mistake(at);
        return !gs.empty() ? gs : "a pointer was overwritten, or computed from garbage: bits 63:47 are not all equal";
    }
    default: break;
    }
    if (id == "ltr-upper-type") {
        return "a TSS descriptor is 16 bytes long: its upper half is what the GDT has as the next descriptor";
    }
    if (id == "ltr-not-available-tss") {
        return no_available_tss(at);
    }
    if (id.starts_with("load-") || id.starts_with("ltr-") || id.starts_with("far-")) {
        return "the selector does not fit the GDT that is loaded now: one of the boot loader's, or a wrong offset";
    }
    return "";
}

/// ADD %al, (%rax), over and over.
bool executes_zeros(const Circumstances& at)
{
    const auto& bytes = at.instruction.bytes;
    return at.evidence.access && bytes.size() > 1 && bytes[0] == std::byte{0} && bytes[1] == std::byte{0};
}

} // namespace

std::string likely_mistake(const Circumstances& at)
{
    const std::string_view id = model::describe(at.fault.reason).id;
    if (at.delivering != nullptr) {
        return delivery_mistake(at, id);
    }
    std::string text = id.starts_with("iret-")                                     ? iret_mistake(at, id)
                       : id.starts_with("page-") && at.evidence.access.has_value() ? page_fault_mistake(at)
                                                                                   : by_reason(at, id);
    const auto add = [&text](const std::string& hint) { text += (text.empty() ? "" : "; ") + hint; };
    if (executes_zeros(at)) {
        add("the bytes at RIP are zero: empty memory is being executed");
    }
    if (!at.state.in_64_bit_mode() && (at.state.efer & arch::efer::kLongModeActive) != 0) {
        add(fmt::format("ring {} runs 32-bit code here, for CS {:#x} was loaded with L = 0: 64-bit code needs L = 1",
                        at.state.cpl, at.state.cs.selector));
    }
    return text;
}

} // namespace ringcheck
