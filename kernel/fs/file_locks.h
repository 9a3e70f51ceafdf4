// SPDX-License-Identifier: MIT
// Locks that processes have on ranges of a file: one process's exclude each other's, and do nothing else.  They go when
// the process closes any descriptor of the file.  [fcntl(2) "Advisory record locking"]
#pragma once

#include "base/result.h"
#include "fs/inode.h"
#include "process/thread_queue.h"

#include <cstdint>

namespace kernel {

class DescriptorTable;

struct FileLock {
    FileLock* next;
    const DescriptorTable* owner; ///< which stands for its process
    std::uint64_t process;        ///< the process's number
    std::uint64_t begin, last;    ///< bytes, both inclusive
    bool exclusive;
};

namespace file_locks {

/// All that there can be in the machine.
inline constexpr unsigned kMaximum = 8192;

/// The first lock of another process that `wanted` cannot be beside; nullptr: none.
const FileLock* conflict(const Inode& inode, const FileLock& wanted);
/// Takes `wanted`, which conflicts with none, in the place of whatever its owner has in that range.
/// ENOLCK: there are too many locks, or no memory; nothing has changed.
base::Result<void> take(Inode& inode, const FileLock& wanted);
/// Gives up what `owner` has in the range.  ENOLCK: a lock would become two, and there are too many.
base::Result<void> give(Inode& inode, const DescriptorTable& owner, std::uint64_t begin, std::uint64_t last);
/// Gives up all that `owner` has.
void give_all(Inode& inode, const DescriptorTable& owner);

/// Threads that wait until some lock is given up.
extern WaitQueue waiters;

} // namespace file_locks
} // namespace kernel
