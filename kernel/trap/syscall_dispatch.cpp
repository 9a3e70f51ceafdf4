// SPDX-License-Identifier: MIT
// From the SYSCALL entry to the call's own function.  The frame is the user's registers; RAX takes the result.
#include "trap/syscall_dispatch.h"

#include "base/result.h"
#include "layout/trap_frame.h"
#include "process/syscall_log.h"
#include "trap/file_calls.h"
#include "trap/process_calls.h"
#include "uapi/syscalls.h"

namespace kernel {
namespace {

base::Result<std::uint64_t> perform(const layout::TrapFrame& frame)
{
    // The whole of RAX is the number: neither its upper half nor a sign is dropped.
    switch (static_cast<uapi::Syscall>(frame.rax)) {
    case uapi::Syscall::Write: return write(frame.rdi, arch::VirtAddr{frame.rsi}, frame.rdx);
    case uapi::Syscall::Exit:
    case uapi::Syscall::ExitGroup: exit(frame.rdi);
    }
    return base::fail(uapi::Error::Enosys);
}

} // namespace
} // namespace kernel

extern "C" void syscall_dispatch(layout::TrapFrame& frame)
{
    kernel::syscall_log.call(frame);
    const base::Result<std::uint64_t> result = kernel::perform(frame);
    frame.rax = result ? *result : ~static_cast<std::uint64_t>(result.error()) + 1;
    kernel::syscall_log.result(frame.rax);
}
