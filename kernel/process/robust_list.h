// SPDX-License-Identifier: MIT
// Locks that a thread may die with: a list in its memory, which the C library keeps.  [get_robust_list(2)]
#pragma once

namespace kernel {

struct Thread;

/// Marks each lock on the running thread's list that it still has as one whose owner has died, and wakes one who waits
/// for it.  The list is the program's: wherever it leads, this reads and writes a bounded number of words of that
/// program, and ends.
void give_up_robust_locks(Thread& thread);

} // namespace kernel
