// SPDX-License-Identifier: MIT
// The page tables of one Vessel's half of virtual memory.
// Invariants: PML4[256..511] equal the kernel root's, for ever; no page is both writable and executable; every entry in
// use holds its frame, unless it is marked as borrowed; a table's frame has one holder for the entry above it and one
// for each of its own entries in use, so that a table which becomes empty is known at once, and freed.
#pragma once

#include "base/result.h"
#include "mm/frame_allocator.h"
#include "mm/page_rights.h"
#include "mm/page_walk.h"

namespace kernel {

class UnmapBatch;

class AddressSpace {
public:
    /// Marks, in bits that the CPU ignores, an entry whose frame nobody counts: it is never freed, nor written.
    static constexpr std::uint64_t kBorrowed = arch::bit<9>;

    /// No address space: root() is 0 and nothing may be called but destroy.
    constexpr AddressSpace() = default;
    AddressSpace(AddressSpace&& other) noexcept;
    /// Takes over `other`'s tables; this must own none.
    AddressSpace& operator=(AddressSpace&& other) noexcept;

    /// A space with no user page, its upper half that of `kernel_root`.  ENOMEM.
    static base::Result<AddressSpace> create(FrameAllocator& frames, arch::PhysAddr kernel_root);

    /// Physical address of the PML4, what CR3 takes.
    arch::PhysAddr root() const { return root_; }
    FrameAllocator& frames() const { return *frames_; }
    /// Pages that have an entry.
    std::uint64_t pages() const { return pages_; }
    /// Frames that the tables take, with the PML4.
    std::uint64_t tables() const { return tables_; }

    /// A page's entry and the table that it is in.
    struct Leaf {
        arch::PageEntry* entry;
        arch::PhysAddr table;
    };
    /// The entry for a user page, with the tables to it made where they are missing; `fill` or `prune` comes next when
    /// it is empty.  ENOMEM, and nothing has changed.
    base::Result<Leaf> make_leaf(arch::VirtAddr page);
    /// Puts the first contents into an empty entry.
    void fill(const Leaf& leaf, arch::PageEntry entry);
    /// Frees the tables on the way to `page` that are empty.
    void prune(arch::VirtAddr page);

    /// Puts `frame` at `page`, readable by ring 3; the space holds the frame from then on.
    /// @return EINVAL  not page-aligned, or outside [kUserBegin, kUserEnd)
    ///         EACCES  writable and executable
    ///         EEXIST  there is a page already
    ///         ENOMEM  no frame for a table, and nothing has changed
    base::Result<void> map(arch::VirtAddr page, arch::PhysAddr frame, PageRights rights);

    /// Takes out every page of [begin, end), gives its frame up and frees the tables that become empty.
    void unmap(arch::VirtAddr begin, arch::VirtAddr end);

    /// Changes what the pages of [begin, end) may be used for.  Without `access` they keep their frames, but nobody can
    /// touch them until they are accessible again.
    /// @param shared  the frames belong to others too, and may be written all the same; otherwise a page becomes
    ///                writable at its first write, when somebody has looked whether its frame is its own
    void protect(arch::VirtAddr begin, arch::VirtAddr end, bool access, PageRights rights, bool shared);

    /// Gives `child` the pages of [begin, end), on the same frames.  Unless `shared`, neither may write them from now
    /// on.  ENOMEM: a part has been copied; this space stays whole.
    base::Result<void> share_with(AddressSpace& child, arch::VirtAddr begin, arch::VirtAddr end, bool shared);

    /// Moves the pages of [from, from + size) to [to, to + size), where there are none.  ENOMEM, and nothing changes.
    base::Result<void> move(arch::VirtAddr from, arch::VirtAddr to, std::uint64_t size);

    /// Translates a user address as the CPU would.
    std::expected<Translation, WalkError> walk(arch::VirtAddr address, Access access) const;

    /// Frees the PML4.  Every page is unmapped, and CR3 points elsewhere.
    void destroy();

private:
    AddressSpace(FrameAllocator& frames, arch::PhysAddr root) : frames_(&frames), root_(root), tables_(1) {}

    void drop_entries(arch::VirtAddr page, unsigned count, UnmapBatch& batch);
    base::Result<void> reserve_tables(arch::VirtAddr from, arch::VirtAddr to, std::uint64_t size);

    FrameAllocator* frames_ = nullptr;
    arch::PhysAddr root_;
    std::uint64_t pages_ = 0;
    std::uint64_t tables_ = 0;
};

} // namespace kernel
