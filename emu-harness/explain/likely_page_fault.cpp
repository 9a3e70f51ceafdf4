// SPDX-License-Identifier: GPL-2.0-or-later
// Pages that are not there, not for this ring, or not for this use.
#include "explain/likely_mistake.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace ringcheck {
namespace {

using model::AccessKind;
using model::Gpr;
using model::Reason;

constexpr std::uint64_t kWord = sizeof(std::uint64_t);

bool is_fetch(const Circumstances& at)
{
    return at.evidence.access->access.kind == AccessKind::Fetch;
}

/// A push or the like, below or at RSP.
bool is_on_stack(const Circumstances& at, std::uint64_t address)
{
    return address <= at.state[Gpr::Rsp] &&
           std::ranges::any_of(at.instruction.text.memory, [&](const MemoryOperand& operand) {
               return operand.stack && address - operand.address < kWord;
           });
}

/// The first pushes of a program, while RSP still is near where the return to ring 3 put it; "" when it is not.
std::string first_push(const Circumstances& at, std::uint64_t address)
{
    if (at.state.cpl != 3 || !at.history.last_return || at.history.last_return->kind != TransitionKind::Iret) {
        return "";
    }
    const std::uint64_t top = at.history.last_return->rsp;
    if (top - address > arch::kPageSize) {
        return "";
    }
    const std::string text = fmt::format("IRETQ gave the program RSP {} and the page below it, {:#x}, is not mapped",
                                         data_address(at, top), address & ~(arch::kPageSize - 1));
    return is_mapped(at, top) ? text + ", but the one above is: a stack grows down from its top, so the pages to map "
                                       "are those below RSP"
                              : text + ": was the program's stack mapped, in the page tables that CR3 holds now?";
}

/// "; put_digits+0x2b stands 200 times on it as a return address" when one does.
std::string recursion(const Circumstances& at)
{
    constexpr std::uint64_t kMostWords = 4096;
    constexpr unsigned kMany = 8;
    std::map<std::uint64_t, unsigned> seen;
    for (std::uint64_t i = 0; i != kMostWords; ++i) {
        const auto place = locate(at.state, at.memory, at.state[Gpr::Rsp] + kWord * i);
        if (!place) {
            break;
        }
        ++seen[*at.memory.read_u64(*place)];
    }
    std::string text;
    unsigned most = kMany - 1;
    for (const auto& [word, times] : seen) {
        const std::string name = at.symbols.code(word, at.state.cpl, at.program);
        const bool within_function = name.find("+0x") != std::string::npos;
        if (times > most && within_function && is_mapped(at, word) && word >= arch::kPageSize) {
            most = times;
            text = fmt::format("; {} stands {} times on it, a recursion that does not end?", name, times);
        }
    }
    return text;
}

std::string stack_not_mapped(const Circumstances& at, std::uint64_t address)
{
    if (const std::string first = first_push(at, address); !first.empty()) {
        return first;
    }
    const std::string guard = stack_region(at, address);
    if (!guard.empty()) {
        return fmt::format("the stack overflowed: it reached {}", guard) + recursion(at);
    }
    const std::uint64_t above = mapped_bytes_above(at, at.state[Gpr::Rsp]);
    if (above != 0) {
        return fmt::format("the stack overflowed: RSP is at the lowest of the {:#x} bytes that are mapped there",
                           above) +
               recursion(at);
    }
    return fmt::format("RSP points to unmapped memory, {}: it was never set, or overwritten",
                       data_address(at, at.state[Gpr::Rsp]));
}

/// The first instruction of the handler that the last event led to; "" when it is another.
std::string handler_not_there(const Circumstances& at)
{
    const auto& event = at.history.last_event;
    if (!is_fetch(at) || !event || event->handler != at.state.rip || at.fault.cr2 != at.state.rip) {
        return "";
    }
    const std::string own = event->vector == static_cast<std::uint8_t>(arch::Vector::PageFault)
                                ? ", and so each attempt to report that is the next page fault"
                                : "";
    return fmt::format("the gate of vector {} has the handler's address {}, where nothing is mapped in the page tables "
                       "that CR3 holds now{}: is that the address that the kernel is linked for and runs at, all 64 "
                       "bits of it?",
                       event->vector, code_address(at, event->handler, 0), own);
}

/// What is used as an address is a word that an event pushed below RSP of the code that it interrupted; "" when not.
std::string red_zone_mistake(const Circumstances& at)
{
    constexpr std::uint64_t kRedZone = 128; // [psABI "The Stack Frame"]
    const auto& event = at.history.last_event;
    if (at.state.cpl != 0 || !event || event->cpl != 0 || event->rsp - event->frame > kRedZone ||
        at.state[Gpr::Rsp] - event->rsp > kRedZone) {
        return "";
    }
    static constexpr std::array kPushed = {"SS", "RSP", "RFLAGS", "CS", "RIP"};
    std::uint64_t place = event->rsp & ~std::uint64_t{15};
    for (const char* const name : kPushed) {
        place -= kWord;
        const auto word = locate(at.state, at.memory, place);
        if (word && at.memory.read_u64(*word) == at.fault.cr2) {
            return fmt::format(
                "{:#x} is what the CPU pushed as {} when vector {} came at {}, {} bytes below the RSP of "
                "the code that was interrupted: that code keeps something in the red zone, which ring 0 "
                "has none of; compile the kernel with -mno-red-zone [psABI \"The Stack Frame\"]",
                *at.fault.cr2, name, event->vector, code_address(at, event->from, 0), event->rsp - place);
        }
    }
    return "";
}

/// "; it would return to 0x1003a4 (syscall_dispatch+0x14)" when the word at RSP is an address of code.
std::string called_from(const Circumstances& at)
{
    const auto place = locate(at.state, at.memory, at.state[Gpr::Rsp]);
    const std::uint64_t word = place ? at.memory.read_u64(*place).value_or(0) : 0;
    const std::string name = at.symbols.code(word, at.state.cpl, at.program);
    return name.find("+0x") != std::string::npos && is_mapped(at, word) && word >= arch::kPageSize
               ? fmt::format("; if it was a call, it came from before {}", code_address(at, word, at.state.cpl))
               : "";
}

std::string not_present(const Circumstances& at)
{
    const std::uint64_t address = at.fault.cr2.value_or(0);
    if (const std::string gs = gs_mistake(at); !gs.empty()) {
        return gs;
    }
    if (address == at.state.rip && just_returned(at)) {
        return entry_mistake(at);
    }
    const bool entered =
        at.history.last == TransitionKind::Syscall && at.state.cpl == 0 && at.history.last_call->entry == at.state.rip;
    if (is_fetch(at) && address == at.state.rip && entered) {
        const std::string text = fmt::format("SYSCALL at {} went to LSTAR, which holds {:#x}",
                                             code_address(at, at.history.last_call->rip, 3), address);
        return address == 0 ? text + ": it was never written"
                            : text + ": no page is mapped there; it has to hold the entry's linear address";
    }
    if (const std::string handler = handler_not_there(at); !handler.empty()) {
        return handler;
    }
    if (const std::string red_zone = red_zone_mistake(at); !red_zone.empty()) {
        return red_zone;
    }
    if (address < arch::kPageSize) {
        return is_fetch(at)
                   ? "a call or jump through a null pointer, or a return over a stack that was overwritten with zeros" +
                         called_from(at)
                   : "a null pointer, or a null pointer plus the offset of a member";
    }
    if (is_on_stack(at, address)) {
        return stack_not_mapped(at, address);
    }
    if (at.state.cpl == 3) {
        return is_kernel_address(at, address)
                   ? "the program used an address of the kernel's, where nothing is mapped for it"
                   : "the program used an address where nothing is mapped for it: a bad pointer, unless the kernel "
                     "maps the page now";
    }
    if (const std::string left = at.symbols.left_behind(address); !left.empty()) {
        return fmt::format("{} was linked there, and the kernel has moved by {:#x}: an address that was not rewritten",
                           left, at.symbols.guest().moved_by.value_or(0));
    }
    if (is_fetch(at) && at.history.last_table_load && at.history.last_table_load->next == address) {
        if (const auto root = tables_that_contain_cr3(at)) {
            return fmt::format(
                "CR3 was loaded at {} with {:#x}, which is no PML4: it is one of the tables that an entry "
                "of the PML4 at {:#x} points to",
                code_address(at, at.history.last_table_load->from, 0), at.state.cr3, *root);
        }
        return fmt::format("the page tables that were loaded into CR3 at {}, {:#x}, do not map the instruction behind "
                           "it: the kernel has to be mapped at the same place in every address space",
                           code_address(at, at.history.last_table_load->from, 0), at.state.cr3);
    }
    if (is_fetch(at)) {
        return "the kernel jumped to an unmapped address: a bad function pointer, or a return address that was "
               "overwritten";
    }
    return is_kernel_address(at, address)
               ? "the kernel used an address that is not, or no longer, mapped in these page tables"
               : "the kernel used an address that is not mapped; if it came from ring 3, it has to be checked before "
                 "it is used";
}

/// Which bit it was.
std::string reserved_bit(const Circumstances& at)
{
    constexpr std::string_view kBit = "bit";
    std::string name;
    for (const Exhibit& one : at.evidence.exhibits) {
        for (const Field& field : one.fields) {
            name = field.decisive && field.name.starts_with(kBit) ? field.name.substr(kBit.size()) : name;
        }
    }
    if (name.empty()) {
        return "an entry has NX, bit 63, and EFER.NXE was never set: without it that bit is reserved";
    }
    return "an entry was put together wrongly: " +
           (std::stoul(name) >= model::kPhysicalAddressBits
                ? fmt::format("bit {} is beyond the {} bits of a physical address; a flag at the wrong place, or a "
                              "wild pointer as frame?",
                              name, model::kPhysicalAddressBits)
                : fmt::format("bit {} is 0 wherever PS is 1: is the frame of the large page aligned to its size?",
                              name));
}

std::string supervisor_only(const Circumstances& at)
{
    const MemoryAccess& access = *at.evidence.access;
    const auto& exhibits = at.evidence.exhibits;
    const auto closed = [](const Exhibit& one) {
        return std::ranges::any_of(one.fields, [](const Field& f) { return f.name == "U" && f.value == "0"; });
    };
    const bool first = just_returned(at) && access.address == at.state.rip;
    if (!exhibits.empty() && !closed(exhibits.back())) {
        const auto level = std::ranges::find_if(exhibits, closed);
        return fmt::format("the leaf grants ring 3 the page, {} does not: U has to be set at every level", level->name);
    }
    if (upper_half(access.address) || (at.symbols.in_kernel_image(access.address) && !first)) {
        if (is_fetch(at)) {
            return first ? entry_mistake(at)
                         : "ring 3 executes the kernel's text: was the ring changed without going to the program's "
                           "code, or does the program call a kernel function?";
        }
        return "the program touched the kernel's memory; that it cannot is as it should be";
    }
    if (first) {
        const bool astray = at.history.last_return->kind == TransitionKind::Sysret && at.history.last_call &&
                            at.history.last_call->rcx != at.state.rip;
        return astray ? entry_mistake(at)
                      : "the program's page was mapped without U, which every page of ring 3 needs at every level";
    }
    return "the page was mapped without U, which ring 3 needs at every level";
}

/// How the kernel's GS base came to be in KERNEL_GS_BASE.
std::string swapgs_mistake(const Circumstances& at)
{
    const History& history = at.history;
    const bool in_handler =
        history.last != TransitionKind::Syscall && history.last_event && history.last_event->cpl == 0;
    if (in_handler && history.swaps != 0) {
        return "the handler was entered from ring 0 and swapped all the same; SWAPGS is for entries whose frame has a "
               "CS "
               "with RPL 3";
    }
    if (history.swaps == 0) {
        return "SWAPGS was left out on this entry";
    }
    if (history.swaps > 1u) {
        return fmt::format("SWAPGS was executed {} times since ring 0 was entered: each entry needs it once",
                           *history.swaps);
    }
    const auto& since = history.gs_since;
    if (history.swaps == 1u && since && is_kernel_address(at, since->gs_base)) {
        return fmt::format("{} at {} had returned to ring 3 with the kernel's, for SWAPGS was left out before it, so "
                           "that the SWAPGS of this entry brought the program's",
                           to_string(since->kind), code_address(at, since->from, 0));
    }
    return "SWAPGS was left out on this entry, or done twice";
}

} // namespace

std::string gs_mistake(const Circumstances& at)
{
    const std::uint64_t base = at.state.gs.base, other = at.state.kernel_gs_base;
    if (!at.evidence.access || !at.evidence.access->uses_gs || at.state.cpl != 0 || is_kernel_address(at, base)) {
        return "";
    }
    const std::string text = fmt::format("GS base is {:#x}, which is no kernel address", base);
    return is_kernel_address(at, other)
               ? fmt::format("{}, and KERNEL_GS_BASE holds {}: {}", text, data_address(at, other), swapgs_mistake(at))
               : text + ", nor is KERNEL_GS_BASE: was IA32_GS_BASE written at boot?";
}

std::string stack_region(const Circumstances& at, std::uint64_t address)
{
    const auto place = at.symbols.guest().kernel_stacks.locate(address);
    return place && place->guard ? fmt::format("the guard page of kernel stack {}", place->slot) : "";
}

std::string page_fault_mistake(const Circumstances& at)
{
    switch (at.fault.reason) {
    case Reason::PageNotPresent: return not_present(at);
    case Reason::PageSupervisorOnly: return supervisor_only(at);
    case Reason::PageNoExecute:
        return just_returned(at) ? entry_mistake(at)
                                 : "data was executed: a jump through a bad pointer, or a segment of the ELF file that "
                                   "was mapped without its execute flag";
    case Reason::PageUserWriteToReadOnly: return "the program wrote to its text or to constants, or to a shared page";
    case Reason::PageSupervisorWriteToReadOnly:
        return is_kernel_address(at, at.fault.cr2.value_or(0))
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
    case Reason::PageReservedBit: return reserved_bit(at);
    default: return "";
    }
}

} // namespace ringcheck
