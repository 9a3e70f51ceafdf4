// SPDX-License-Identifier: MIT
#include "process/clone.h"

#include "layout/address_map.h"
#include "uapi/process.h"
#include "uapi/signals.h"

namespace kernel {

namespace {

/// [Linux kernel/fork.c clone3_stack_valid]
bool has_possible_stack(const uapi::CloneArguments& arguments)
{
    if (arguments.stack == 0 || arguments.stack_size == 0) {
        return arguments.stack == arguments.stack_size;
    }
    return arguments.stack < layout::kUserEnd.value && arguments.stack_size <= layout::kUserEnd.value - arguments.stack;
}

} // namespace

base::Result<CloneRequest> request_of(const uapi::CloneArguments& arguments)
{
    // [Linux kernel/fork.c copy_clone_args_from_user, clone3_args_valid]
    using namespace uapi::clone_flag;
    constexpr std::uint64_t kLegacy = 0xffff'ffff;
    const bool names_numbers = arguments.numbers != 0;
    if (arguments.number_count > uapi::CloneArguments::kMostNumbers || names_numbers != (arguments.number_count != 0) ||
        arguments.exit_signal > uapi::kLastSignal) {
        return base::fail(uapi::Error::Einval);
    }
    const bool tells_nobody = (arguments.flags & kThread) != 0;
    const bool both = (arguments.flags & kSignalHandlers) != 0 && (arguments.flags & kClearHandlers) != 0;
    if ((arguments.flags & ~(kLegacy | kClearHandlers | kIntoGroup)) != 0 ||
        (arguments.flags & (kDetached | kExitSignal)) != 0 || both || (tells_nobody && arguments.exit_signal != 0) ||
        !has_possible_stack(arguments)) {
        return base::fail(uapi::Error::Einval);
    }
    if ((arguments.flags & kIntoGroup) != 0) {
        return base::fail(uapi::Error::Einval); // there are no control groups
    }
    if (names_numbers) {
        return base::fail(uapi::Error::Eperm);
    }
    return CloneRequest{.flags = (arguments.flags & kLegacy) | arguments.exit_signal,
                        .stack = arguments.stack + arguments.stack_size,
                        .parent_tid = arch::VirtAddr{arguments.parent_tid},
                        .child_tid = arch::VirtAddr{arguments.child_tid},
                        .thread_pointer = arguments.thread_pointer,
                        .clears_handlers = (arguments.flags & kClearHandlers) != 0};
}

base::Result<CloneKind> kind_of(const CloneRequest& request)
{
    using namespace uapi::clone_flag;
    constexpr std::uint64_t kTids = kParentSetTid | kChildClearTid | kChildSetTid | kSetTls;
    constexpr std::uint64_t kShared = kMemory | kFileSystem | kFiles | kSignalHandlers | kThread;
    if (request.has(kSetTls) && request.thread_pointer >= layout::kUserEnd.value) {
        return base::fail(uapi::Error::Eperm);
    }
    if (request.has(kThread)) {
        const bool shares_all = (request.flags & kShared) == kShared;
        const bool nothing_else = (request.flags & ~(kExitSignal | kShared | kSemaphores | kDetached | kTids)) == 0;
        if (!shares_all || !nothing_else) {
            return base::fail(uapi::Error::Einval);
        }
        return CloneKind::Thread;
    }
    const bool tells_of_its_end = (request.flags & kExitSignal) == static_cast<std::uint64_t>(uapi::Signal::Sigchld);
    const std::uint64_t rest = request.flags & ~(kExitSignal | kTids);
    if (!tells_of_its_end || (rest != 0 && rest != (kMemory | kParentWaits))) {
        return base::fail(uapi::Error::Einval);
    }
    return rest == 0 ? CloneKind::Process : CloneKind::WaitedProcess;
}

} // namespace kernel
