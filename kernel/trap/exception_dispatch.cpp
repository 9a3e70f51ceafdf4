// SPDX-License-Identifier: MIT
// What an exception means: a user's mistake ends its Vessel, a fault at a place that expects one goes to its fixup,
// anything else is a bug of the kernel.
#include "trap/exception_dispatch.h"

#include "arch/exception.h"
#include "arch/paging.h"
#include "arch/segment.h"
#include "base/assert.h"
#include "base/format.h"
#include "cpu/registers.h"
#include "cpu/user_copy.h"
#include "device/serial.h"
#include "panic.h"
#include "process/fault_report.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "process/syscall_log.h"
#include "uapi/signals.h"

extern "C" const char iretq_to_user[];

namespace kernel {
namespace {

using arch::Vector;

bool from_user(const layout::TrapFrame& frame)
{
    return arch::selector::kRpl.get(frame.cs) == static_cast<std::uint64_t>(arch::Ring::User);
}

/// The IRETQ to ring 3 faulted: the frame it was to restore is the user's doing, so the user pays.
bool at_return_to_user(const layout::TrapFrame& frame)
{
    return frame.rip == reinterpret_cast<std::uint64_t>(iretq_to_user);
}

Access access_of(const FaultReport& report)
{
    return {.write = (report.error_code & arch::page_fault::kWrite) != 0,
            .user = true, // ring 0 comes here only for a user's pointer, and must not do more than the user may
            .fetch = (report.error_code & arch::page_fault::kFetch) != 0};
}

/// The fault of a program, or of a copy that the kernel makes for one: its memory decides.
FaultResult ask_memory(const FaultReport& report)
{
    ASSERT((report.error_code & arch::page_fault::kReserved) == 0); // no program can bring about a malformed entry
    Vessel* const vessel = loom.current().vessel;
    return vessel == nullptr ? FaultResult::NotMapped
                             : vessel->memory.handle_fault(arch::VirtAddr{report.address}, access_of(report));
}

[[noreturn]] void kill_current(const FaultReport& report)
{
    const uapi::Signal signal = uapi::signal_for_exception(report.vector);
    const Vessel& vessel = *loom.current().vessel;
    base::print(console, "[vessel ", static_cast<std::uint64_t>(vessel.id), " ", vessel.name, "] killed by ",
                uapi::signal_name(static_cast<std::uint64_t>(signal)), ": ");
    describe(console, report);
    base::print(console, "\n");
    syscall_log.fault(report);
    harbor.end_current(wait_status_of_signal(signal));
}

} // namespace
} // namespace kernel

extern "C" void exception_dispatch(layout::TrapFrame& frame)
{
    using namespace kernel;
    // CR2 before anything that could fault and overwrite it.
    const FaultReport report{static_cast<unsigned>(frame.vector), static_cast<std::uint32_t>(frame.error_code),
                             frame.rip, frame.vector == static_cast<unsigned>(Vector::PageFault) ? read_cr2() : 0};
    if (report.vector == static_cast<unsigned>(Vector::Nmi)) {
        return; // nothing is wired to it; taken on its own stack and left as it came
    }
    if (report.vector == static_cast<unsigned>(Vector::MachineCheck)) {
        panic("machine check", &frame);
    }
    const bool is_page_fault = report.vector == static_cast<unsigned>(Vector::PageFault);
    const arch::VirtAddr fixup = from_user(frame) ? arch::VirtAddr{} : exception_fixup(arch::VirtAddr{frame.rip});
    if (is_page_fault && (from_user(frame) || fixup != arch::VirtAddr{}) &&
        ask_memory(report) == FaultResult::Handled) {
        return;
    }
    if (from_user(frame) || at_return_to_user(frame)) {
        kill_current(report);
    }
    if (report.vector == static_cast<unsigned>(Vector::Debug)) {
        // A breakpoint that a user's MOV SS carried into ring 0.  It is not the kernel's, and must not come again.
        write_dr7(kNoBreakpoints);
        write_dr6(kNoDebugEvents);
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
