// SPDX-License-Identifier: MIT
// Small objects out of frames: a frame holds objects of one size behind a header, and goes back when its last object
// does.  [J. Bonwick, "The Slab Allocator"]
// Invariant: a frame with a free object, and one in use, is in its size's list; a full one is in none.
#pragma once

#include "mm/frame_allocator.h"

#include <cstddef>

namespace kernel {

class ObjectAllocator {
public:
    /// The sizes that share frames; what is larger has a frame of its own.
    static constexpr std::size_t kSizes[] = {64, 128, 192, 256, 384, 512, 1008};
    static constexpr std::size_t kLargest = arch::kPageSize;

    constexpr ObjectAllocator() = default;
    ObjectAllocator(const ObjectAllocator&) = delete;
    ObjectAllocator& operator=(const ObjectAllocator&) = delete;

    /// From now on objects come out of these frames.
    void initialise(FrameAllocator& frames)
    {
        frames_ = &frames;
        for (Slab*& list : lists_) {
            list = nullptr;
        }
    }

    /// `size` bytes, 1..kLargest, aligned to 16, their old contents still in them.  ENOMEM.
    base::Result<void*> allocate(std::size_t size);
    /// Gives back what allocate(size) gave.
    void free(void* object, std::size_t size);

private:
    static constexpr unsigned kClasses = sizeof kSizes / sizeof kSizes[0];
    struct Slab;

    static unsigned class_of(std::size_t size);
    base::Result<Slab*> make_slab(unsigned number);
    void insert(unsigned number, Slab& slab);
    void remove(unsigned number, Slab& slab);

    FrameAllocator* frames_ = nullptr;
    Slab* lists_[kClasses] = {}; ///< slabs with free objects
};

/// The kernel's small objects.
extern ObjectAllocator objects;

} // namespace kernel
