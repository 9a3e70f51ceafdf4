// SPDX-License-Identifier: MIT
// `UserMemory`, what one Vessel can address: the areas that it has asked for, and below them the page tables, which
// hold only what has been touched.  Shared by the Vessel's threads, copied by fork, asked at every page fault.
// Invariants: a page has an entry in the tables only inside an area, and never with more rights than the area's; a
// private page that others hold too is not writable.
#pragma once

#include "layout/address_map.h"
#include "mm/address_space.h"
#include "mm/vma_set.h"

namespace kernel {

/// What became of a page fault on a user address.
enum class FaultResult : std::uint8_t {
    Handled,     ///< the access can be repeated
    NotMapped,   ///< nothing is mapped there: SIGSEGV with SEGV_MAPERR
    NotAllowed,  ///< mapped without the right: SIGSEGV with SEGV_ACCERR
    BehindFile,  ///< mapped, and the file does not reach there: SIGBUS with BUS_ADRERR
    OutOfMemory, ///< the access is allowed and there is no frame for it: SIGKILL
};

class UserMemory {
public:
    /// No memory: root() is 0 and nothing may be called but destroy.
    constexpr UserMemory() = default;

    /// An empty memory under the kernel's half of `kernel_root`.
    /// @param zero_page  a frame of zeros that nobody ever writes; read faults share it
    /// @return ENOMEM
    static base::Result<UserMemory> create(FrameAllocator& frames, arch::PhysAddr kernel_root,
                                           arch::PhysAddr zero_page);

    /// Physical address of the PML4, what CR3 takes.
    arch::PhysAddr root() const { return space_.root(); }
    /// Pages that are in the tables, shared ones among them.
    std::uint64_t resident_pages() const { return space_.pages(); }
    /// Frames of its page tables.
    std::uint64_t table_frames() const { return space_.tables(); }
    /// Page faults served.
    std::uint64_t faults() const { return faults_; }
    const VmaSet& areas() const { return areas_; }
    /// The page tables, for those who look: tests and listings.
    const AddressSpace& space() const { return space_; }

    /// Serves the page fault of `access` at `address`, which may be any address; may allocate.
    FaultResult handle_fault(arch::VirtAddr address, Access access);

    /// A copy for a child: what either writes to private pages from now on, the other does not see.
    /// ENOMEM, and nothing has changed.
    base::Result<UserMemory> fork();

    /// Frees everything.  CR3 must point elsewhere by then.
    void destroy();

    /// Where `map` begins to look for places, downwards; children look there too.
    void set_map_top(arch::VirtAddr top) { map_top_ = top; }

    /// What the program may have.  [setrlimit(2) "RLIMIT_AS", "RLIMIT_STACK"]
    struct Limits {
        std::uint64_t bytes = ~std::uint64_t{0}; ///< of all areas together
        std::uint64_t stack = layout::kUserStackLimit;
    };
    /// From now on nothing grows beyond; what is there stays.
    void set_limits(Limits limits) { limits_ = limits; }

    enum class Placement : std::uint8_t {
        Anywhere,       ///< at the address when it is free, else somewhere
        Fixed,          ///< at the address, instead of what is there
        FixedNoReplace, ///< at the address, or not at all
    };
    struct Request {
        arch::VirtAddr address;
        std::uint64_t length = 0; ///< bytes, rounded up to whole pages
        Protection protection;
        Placement placement = Placement::Anywhere;
        VmaKind kind = VmaKind::Private; ///< not Stack
        PageSource* file = nullptr;      ///< of the kinds that show one
        std::uint64_t file_offset = 0;   ///< page-aligned
        bool never_written = false;      ///< of kind SharedFile: mprotect cannot make it writable
    };
    /// mmap(2).
    /// @return where they are, or, and nothing has changed but that Fixed shared pages without frames leave a hole,
    ///         EINVAL  no length; a fixed address not on a page border
    ///         EPERM   a fixed address below kUserBegin
    ///         EACCES  writable and executable
    ///         EEXIST  FixedNoReplace, and something is there
    ///         ENOMEM  beyond kUserEnd; no gap; larger than the machine's memory; beyond the limit; no frame; too many
    ///         areas
    base::Result<arch::VirtAddr> map(const Request& request);

    /// Adds an area with contents of its own, as a program file asks for it.
    /// @return EEXIST when it overlaps another, EINVAL outside user space, EACCES, ENOMEM
    base::Result<void> add_area(const Vma& area);

    /// munmap(2).  EINVAL: not on a page border, no length, or outside user space.  ENOMEM: too many areas.
    base::Result<void> unmap(arch::VirtAddr begin, std::uint64_t length);

    /// mprotect(2).  EINVAL: not on a page border.  ENOMEM: a hole in the range, outside user space, too many areas.
    /// EACCES: writable and executable, or what the area never is.  Nothing has changed on an error.
    base::Result<void> protect(arch::VirtAddr begin, std::uint64_t length, Protection protection);

    struct Remap {
        arch::VirtAddr address;
        std::uint64_t old_length = 0; ///< bytes, rounded up to whole pages, like new_length
        std::uint64_t new_length = 0;
        bool may_move = false;
        bool fixed = false;           ///< at new_address, instead of what is there
        arch::VirtAddr new_address{}; // NOLINT(readability-redundant-member-init): the compiler asks for it
    };
    /// mremap(2).  EINVAL: an address not on a page border, no new or old length, the two ranges overlap, a shared area
    /// would grow.  EFAULT: the old range is not all in one area, or one of the kernel's would grow.  ENOMEM: no room,
    /// or may_move would be needed.
    base::Result<arch::VirtAddr> remap(const Remap& request);

    /// madvise(2) with MADV_DONTNEED: private pages read as at the beginning from now on.
    /// EINVAL: not on a page border, outside user space.  ENOMEM: a hole in the range; what is mapped has been dropped.
    base::Result<void> discard(arch::VirtAddr begin, std::uint64_t length);

    /// The checks of `discard` for advice that needs nothing done.
    base::Result<void> check_advised(arch::VirtAddr begin, std::uint64_t length) const;

    /// Takes out the pages that show `file` from its page `first` on, with what was written to private ones.
    void forget_file(const PageSource& file, std::uint64_t first);

    /// Says where the heap begins, a page border; brk(2) moves its end.
    void start_break(arch::VirtAddr begin);
    /// @return the heap's end: `end`, or the old one when it cannot be moved there
    arch::VirtAddr set_break(arch::VirtAddr end);

    /// Makes `page` present for `access` ahead of a fault.
    /// @return its frame in the physical window, or EFAULT, EACCES, ENOMEM
    base::Result<std::uint8_t*> populate(arch::VirtAddr page, Access access);

private:
    static base::Result<UserMemory> with_areas(VmaSet areas, FrameAllocator& frames, arch::PhysAddr kernel_root,
                                               arch::PhysAddr zero_page);
    FaultResult touch(const Vma& area, arch::VirtAddr page, Access access);
    FaultResult bring_in(const Vma& area, arch::VirtAddr page, Access access, const AddressSpace::Leaf& leaf);
    FaultResult own(const Vma& area, arch::VirtAddr page, arch::PageEntry& entry);
    FaultResult show(const Vma& area, arch::VirtAddr page, bool write, const AddressSpace::Leaf& leaf);
    FaultResult copy_in(const Vma& area, arch::VirtAddr page, const AddressSpace::Leaf& leaf);
    std::uint64_t bytes_in(arch::VirtAddr begin, arch::VirtAddr end) const;
    bool may_have(std::uint64_t more) const;
    Vma* find_area(arch::VirtAddr address);
    Vma* grow_stack(std::size_t index, arch::VirtAddr page);
    void remove(arch::VirtAddr begin, arch::VirtAddr end);
    base::Result<arch::VirtAddr> choose_place(arch::VirtAddr address, std::uint64_t size, Placement placement);
    base::Result<void> fill_shared(arch::VirtAddr begin, arch::VirtAddr end);
    base::Result<bool> grow_in_place(const Vma& area, arch::VirtAddr old_end, std::uint64_t more);
    base::Result<arch::VirtAddr> move_area(const Remap& request, std::uint64_t old_size, std::uint64_t new_size);

    AddressSpace space_;
    VmaSet areas_;
    arch::PhysAddr zero_page_;
    arch::VirtAddr map_top_ = layout::kUserMapTop;
    arch::VirtAddr break_begin_;
    arch::VirtAddr break_end_;
    std::uint64_t faults_ = 0;
    Limits limits_;
};

} // namespace kernel
