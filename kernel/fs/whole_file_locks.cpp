// SPDX-License-Identifier: MIT
#include "fs/whole_file_locks.h"

#include "fs/file_effects.h"

namespace kernel::whole_file_locks {

bool take(OpenFile& file, WholeFileLock wanted)
{
    if (file.lock == wanted) {
        return true;
    }
    give(file);
    Inode& inode = *file.inode;
    const bool exclusive = wanted == WholeFileLock::Exclusive;
    if (inode.locked_exclusively || (exclusive && inode.whole_file_locks != 0)) {
        return false;
    }
    ++inode.whole_file_locks;
    inode.locked_exclusively = exclusive;
    file.lock = wanted;
    return true;
}

void give(OpenFile& file)
{
    if (file.lock == WholeFileLock::None) {
        return;
    }
    --file.inode->whole_file_locks;
    file.inode->locked_exclusively = false;
    file.lock = WholeFileLock::None;
    wake_lock_waiters();
}

} // namespace kernel::whole_file_locks
