// SPDX-License-Identifier: MIT
// `UserMemory`, what one Vessel can address: shared by its threads, copied by fork, asked at every page fault.
#pragma once

#include "mm/address_space.h"
#include "mm/page_walk.h"

namespace kernel {

/// What became of a page fault on a user address.
enum class FaultResult : std::uint8_t {
    Handled,     ///< the access can be repeated
    NotMapped,   ///< nothing is mapped there: SIGSEGV with SEGV_MAPERR
    NotAllowed,  ///< mapped without the right: SIGSEGV with SEGV_ACCERR
    OutOfMemory, ///< the access is allowed and there is no frame for it: SIGKILL
};

class UserMemory {
public:
    /// No memory: root() is 0 and nothing may be called but destroy.
    constexpr UserMemory() = default;

    /// An empty memory under the kernel's half of `kernel_root`.  ENOMEM.
    static base::Result<UserMemory> create(FrameAllocator& frames, arch::PhysAddr kernel_root);

    /// Physical address of the PML4, what CR3 takes.
    arch::PhysAddr root() const { return space_.root(); }
    AddressSpace& space() { return space_; }

    /// Serves the page fault of `access` at `address`, which may be any address; may allocate.
    FaultResult handle_fault(arch::VirtAddr address, Access access);

    /// A copy for a child: what either writes from now on, the other does not see.  ENOMEM, and nothing has changed.
    base::Result<UserMemory> fork();

    /// Frees everything.  CR3 must point elsewhere by then.
    void destroy() { space_.destroy(); }

private:
    explicit UserMemory(AddressSpace space) : space_(std::move(space)) {}

    AddressSpace space_;
};

} // namespace kernel
