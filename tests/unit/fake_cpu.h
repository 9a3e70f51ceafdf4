// SPDX-License-Identifier: MIT
// A CPU that runs user code under a UserMemory.  Its TLB forgets nothing by itself: a translation that the kernel did
// not invalidate stays in use, as it may on a real one, and a frame that is freed while a translation leads to it is
// seen.
#pragma once

#include "mm/user_memory.h"

#include <cstdint>
#include <expected>
#include <map>
#include <vector>

namespace fake {

class Cpu {
public:
    /// Loads CR3 with the memory's root; user code then runs in it.
    void run(kernel::UserMemory& memory, kernel::FrameAllocator& frames);
    /// Runs nobody any more, and forgets everything.
    void stop();

    /// What ring 3 gets at `address`: the byte itself, or how its fault ended.
    std::expected<std::uint8_t*, kernel::FaultResult> touch(arch::VirtAddr address, kernel::Access access);

    /// True when every translation that is held is still granted by the tables.
    bool nothing_is_stale() const;

    void invalidate(arch::VirtAddr page);
    void reload();
    arch::PhysAddr root;
    std::vector<arch::VirtAddr> invalidated; ///< INVLPG so far, in order
    unsigned reloads = 0;                    ///< loads of CR3 by invalidate_user_pages

private:
    struct Held {
        arch::PhysAddr frame;
        bool write = false;
        bool execute = false;
    };

    std::uint8_t* through(const Held& held, arch::VirtAddr address, kernel::Access access) const;
    void expect_frames_alive() const;

    kernel::UserMemory* memory_ = nullptr;
    kernel::FrameAllocator* frames_ = nullptr;
    std::map<arch::VirtAddr, Held> held_;
};

/// The one that the effects of mm/tlb.h work on.
extern Cpu cpu;

} // namespace fake
