// SPDX-License-Identifier: MIT
// Where the parts of one process's memory begin that are somewhere else in each.  landmark_process_started points to
// it, and the kernel's log says the same words in this order.
#pragma once

#include <cstddef>
#include <cstdint>

namespace layout {

struct ProcessPlaces {
    std::uint64_t stack_top = 0; ///< first address above the first thread's stack
    std::uint64_t map_top = 0;   ///< mmap(2) chooses places downwards from here
    std::uint64_t heap = 0;      ///< where brk(2) begins
    /// What was added to each address in the program's file; 0 for one that stands where its file says (ET_EXEC).
    std::uint64_t program_base = 0;
    std::uint64_t vdso = 0; ///< the page of code that the kernel gives to each program; the page below is what it reads
};
static_assert(offsetof(ProcessPlaces, program_base) == 3 * sizeof(std::uint64_t) &&
              offsetof(ProcessPlaces, vdso) == 4 * sizeof(std::uint64_t) &&
              sizeof(ProcessPlaces) == 5 * sizeof(std::uint64_t));

} // namespace layout
