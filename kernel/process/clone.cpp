// SPDX-License-Identifier: MIT
#include "process/clone.h"

#include "layout/address_map.h"
#include "uapi/process.h"
#include "uapi/signals.h"

namespace kernel {

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
