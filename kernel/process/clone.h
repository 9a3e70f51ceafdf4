// SPDX-License-Identifier: MIT
// What clone(2) is asked for.
#pragma once

#include "arch/address.h"
#include "base/result.h"
#include "uapi/process.h"

namespace kernel {

struct CloneRequest {
    std::uint64_t flags = 0;          ///< uapi::clone_flag
    std::uint64_t stack = 0;          ///< the child's RSP; 0: the caller's
    arch::VirtAddr parent_tid;        ///< where the caller wants the child's number
    arch::VirtAddr child_tid;         ///< where the child has its number, and its end is told
    std::uint64_t thread_pointer = 0; ///< FS base
    bool clears_handlers = false;     ///< a process that handles no signal, as after execve

    bool has(std::uint64_t flag) const { return (flags & flag) != 0; }
};

/// The kinds of children that there are; what else clone(2) could be asked for is refused.
enum class CloneKind : std::uint8_t {
    Process,       ///< fork: memory of its own
    WaitedProcess, ///< vfork: the same, and the caller waits until it has ended
    Thread,        ///< shares everything
};

/// clone3(2)'s argument as a request.
/// @return EINVAL: a field that Linux refuses, or asks for what there is not.  EPERM: the child's number is not the
///         caller's to choose.
base::Result<CloneRequest> request_of(const uapi::CloneArguments& arguments);

/// EINVAL: another combination of flags.  EPERM: the thread pointer is no user address.
base::Result<CloneKind> kind_of(const CloneRequest& request);

} // namespace kernel
