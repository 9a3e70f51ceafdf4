// SPDX-License-Identifier: MIT
// What an exception means: a user's mistake ends its Vessel, a fault at a place that expects one goes to its fixup,
// anything else is a bug of the kernel.
#include "trap/exception_dispatch.h"

#include "arch/debug_registers.h"
#include "arch/exception.h"
#include "arch/float_flags.h"
#include "arch/paging.h"
#include "arch/segment.h"
#include "base/assert.h"
#include "base/format.h"
#include "cpu/registers.h"
#include "cpu/user_copy.h"
#include "device/serial.h"
#include "mm/kernel_memory.h"
#include "panic.h"
#include "process/fault_report.h"
#include "process/fault_signal.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "process/signal_delivery.h"
#include "process/syscall_log.h"

extern "C" const char iretq_to_user[];

namespace kernel {
namespace {

using arch::Vector;

bool from_user(const layout::TrapFrame& frame)
{
    return arch::selector::kRpl.get(frame.cs) == static_cast<std::uint64_t>(arch::Ring::User);
}

/// The IRETQ to ring 3 faulted: the frame it was to restore is the user's doing, so the user pays.  Only these are
/// faults of its own: a #DB that comes there is not, and a #DF is the kernel's.  [SDM 2A IRET "64-Bit Mode Exceptions"]
bool return_to_user_faulted(const layout::TrapFrame& frame)
{
    switch (static_cast<Vector>(frame.vector)) {
    case Vector::SegmentNotPresent:
    case Vector::StackFault:
    case Vector::GeneralProtection: return frame.rip == reinterpret_cast<std::uint64_t>(iretq_to_user);
    default: return false;
    }
}

/// The fault of a program, or of a copy that the kernel makes for one: its memory decides.
FaultResult ask_memory(arch::VirtAddr address, std::uint64_t error_code)
{
    ASSERT((error_code & arch::page_fault::kReserved) == 0); // no program can bring about a malformed entry
    Vessel* const vessel = loom.current().vessel;
    if (vessel == nullptr) {
        return FaultResult::NotMapped;
    }
    // Ring 0 comes here only for a user's pointer, and must not do more than the user may.
    return vessel->memory.handle_fault(address, {.write = (error_code & arch::page_fault::kWrite) != 0,
                                                 .user = true,
                                                 .fetch = (error_code & arch::page_fault::kFetch) != 0});
}

/// Where the program would go on: the kernel's own address is nothing that it should be told.
std::uint64_t reported_rip(const layout::TrapFrame& frame)
{
    return return_to_user_faulted(frame) ? *reinterpret_cast<const std::uint64_t*>(frame.rsp) : frame.rip;
}

/// The unmasked floating-point exceptions behind `vector`.  The program's FPU state is still in the CPU.
std::uint32_t float_flags(unsigned vector)
{
    switch (static_cast<Vector>(vector)) {
    case Vector::X87FloatingPoint: return arch::float_flags::unmasked_x87(read_x87_status(), read_x87_control());
    case Vector::SimdFloatingPoint: return arch::float_flags::unmasked_sse(read_mxcsr());
    default: return 0;
    }
}

/// DR6 keeps what it has told until software clears it.
std::uint64_t take_debug_events()
{
    const std::uint64_t events = read_dr6();
    write_dr6(arch::dr6::kAlwaysOne);
    return events;
}

/// @param memory  what the program's memory said of a #PF
uapi::SignalInfo signal_of(const FaultReport& report, FaultResult memory)
{
    if (memory == FaultResult::OutOfMemory) {
        return {uapi::Signal::Sigkill, uapi::signal_code::kKernel, 0};
    }
    const bool is_debug = report.vector == static_cast<unsigned>(Vector::Debug);
    return signal_of_fault({.vector = report.vector,
                            .rip = report.rip,
                            .address = report.address,
                            .mapped = memory == FaultResult::NotAllowed,
                            .behind_file = memory == FaultResult::BehindFile,
                            .dr6 = is_debug ? take_debug_events() : 0,
                            .float_flags = float_flags(report.vector)});
}

void tell_console(Vessel& vessel, const FaultReport& report, const uapi::SignalInfo& info)
{
    vessel.fault_reported = true;
    base::print(console, "[vessel ", static_cast<std::uint64_t>(vessel.id), " ", vessel.name, "] killed by ",
                uapi::signal_name(static_cast<std::uint64_t>(info.number)), " (");
    if (info.number == uapi::Signal::Sigkill) {
        base::print(console, "out of memory: it has ", vessel.memory.resident_pages(), " pages, ",
                    frame_allocator.free_frames(), " frames are free): ");
    } else {
        base::print(console, uapi::signal_code_name(info.number, info.code), ", address ", base::hex(info.address),
                    "): ");
    }
    describe(console, report);
    base::print(console, "\n");
}

/// The program has a handler for what it has done, or ends.
void signal_current(const FaultReport& report, const uapi::SignalInfo& info, bool can_go_on)
{
    Thread& thread = loom.current();
    Vessel& vessel = *thread.vessel;
    thread.fault_facts = {report.vector, report.error_code, report.address};
    const bool handled = can_go_on && vessel.actions.has_handler(info.number) && !thread.blocked.has(info.number);
    if (!handled) {
        tell_console(vessel, report, info);
    }
    syscall_log.fault(report);
    if (!handled) {
        harbor.end_current(wait_status_of_signal(info.number));
    }
    force_signal(info);
}

} // namespace
} // namespace kernel

extern "C" void exception_dispatch(layout::TrapFrame& frame)
{
    using namespace kernel;
    if (frame.vector == static_cast<unsigned>(Vector::Nmi)) {
        return; // nothing is wired to it; taken on its own stack and left as it came
    }
    const bool is_page_fault = frame.vector == static_cast<unsigned>(Vector::PageFault);
    // CR2 before anything that could fault and overwrite it.
    const arch::VirtAddr address{is_page_fault ? read_cr2() : 0};
    ++loom.current().usage.faults;
    const arch::VirtAddr fixup = from_user(frame) ? arch::VirtAddr{} : exception_fixup(arch::VirtAddr{frame.rip});
    FaultResult memory = FaultResult::NotMapped;
    // What the CPU reads in ring 3's name without ring 3's rights, as a descriptor, no page of the program's can be: if
    // it were asked for, the fault would come again without end.
    const bool by_program = from_user(frame) && (frame.error_code & arch::page_fault::kUser) != 0;
    if (is_page_fault && (by_program || fixup != arch::VirtAddr{})) {
        memory = ask_memory(address, frame.error_code);
        if (memory == FaultResult::Handled) {
            return;
        }
    }
    const FaultReport report{static_cast<unsigned>(frame.vector), static_cast<std::uint32_t>(frame.error_code),
                             reported_rip(frame), address.value};
    if (report.vector == static_cast<unsigned>(Vector::MachineCheck)) {
        panic("machine check", &frame);
    }
    if (from_user(frame) || return_to_user_faulted(frame)) {
        // Where the return to ring 3 faulted there is no frame of ring 3's any more that could wait for a handler.
        signal_current(report, signal_of(report, memory), from_user(frame));
        return;
    }
    if (report.vector == static_cast<unsigned>(Vector::Debug)) {
        // A breakpoint that a user's MOV SS carried into ring 0: not the kernel's.  The entry has switched it off.
        write_dr6(arch::dr6::kAlwaysOne);
        return;
    }
    const bool may_be_user_access = is_page_fault ||
                                    report.vector == static_cast<unsigned>(Vector::GeneralProtection) ||
                                    report.vector == static_cast<unsigned>(Vector::StackFault);
    if (may_be_user_access && fixup != arch::VirtAddr{}) {
        frame.rip = fixup.value;
        return;
    }
    base::print(console, "\nexception in the kernel: ");
    describe(console, report);
    panic(arch::mnemonic(report.vector), &frame);
}
