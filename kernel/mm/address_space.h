// SPDX-License-Identifier: MIT
// One Vessel's half of virtual memory, and the kernel's own pages in the half that all share.
// Invariants: PML4[256..511] equal the kernel root's, for ever; no page is both writable and executable; no page table
// and no frame below a user entry belongs to anyone else.
#pragma once

#include "arch/paging.h"
#include "base/result.h"
#include "mm/frame_allocator.h"
#include "mm/page_walk.h"

namespace kernel {

/// What a page may be used for beyond reading; both at once is refused everywhere.
struct PageRights {
    bool write = false;
    bool execute = false;

    constexpr bool operator==(const PageRights&) const = default;
};

/// Drops the TLB's entry for `page` on this CPU (INVLPG): an effect, defined in cpu/ and faked in host tests.
void invalidate_page(arch::VirtAddr page);

class AddressSpace {
public:
    /// No address space: root() is 0 and nothing may be called but destroy.
    constexpr AddressSpace() = default;
    AddressSpace(AddressSpace&& other) noexcept;
    /// Takes over `other`'s tables; this must own none.
    AddressSpace& operator=(AddressSpace&& other) noexcept;

    /// A space with no user page, its upper half that of `kernel_root`.  ENOMEM.
    static base::Result<AddressSpace> create(FrameAllocator& frames, arch::PhysAddr kernel_root);

    /// Physical address of the PML4, what CR3 takes.
    arch::PhysAddr root() const { return root_; }

    /// Puts `frame` at `page`, readable by ring 3; the space owns the frame from then on.
    /// @return EINVAL  not page-aligned, or outside [kUserBegin, kUserEnd)
    ///         EACCES  writable and executable
    ///         EEXIST  there is a page already
    ///         ENOMEM  no frame for a table; the tables made so far stay, for destroy
    base::Result<void> map(arch::VirtAddr page, arch::PhysAddr frame, PageRights rights);

    /// Takes the page out and gives its frame back to the caller.  EINVAL as for map; EFAULT when no page is there.
    base::Result<arch::PhysAddr> unmap(arch::VirtAddr page);

    /// Translates a user address as the CPU would.
    std::expected<Translation, WalkError> walk(arch::VirtAddr address, Access access) const;

    /// A space of its own with the same contents: every user page copied.  ENOMEM, and nothing is left behind.
    base::Result<AddressSpace> copy() const;

    /// Frees every user frame, every user table and the PML4.  CR3 must point elsewhere by then.
    void destroy();

private:
    AddressSpace(FrameAllocator& frames, arch::PhysAddr root) : frames_(&frames), root_(root) {}

    FrameAllocator* frames_ = nullptr;
    arch::PhysAddr root_;
};

/// Puts `frame` at `page` in the kernel's half, for ring 0 only, in every address space at once: the tables below the
/// 256 top-level entries are shared.
/// @param kernel_root  a PML4 whose entry for `page` is there already: top-level entries are never edited
/// @return EINVAL, EACCES, EEXIST (also where a large page stands) and ENOMEM as for AddressSpace::map
base::Result<void> map_kernel_page(FrameAllocator& frames, arch::PhysAddr kernel_root, arch::VirtAddr page,
                                   arch::PhysAddr frame, PageRights rights);

/// Takes a 4 KiB kernel page out and gives its frame back to the caller.  EINVAL, EFAULT.
base::Result<arch::PhysAddr> unmap_kernel_page(FrameAllocator& frames, arch::PhysAddr kernel_root, arch::VirtAddr page);

} // namespace kernel
