// SPDX-License-Identifier: MIT
#include "fs/file_locks.h"

#include "fs/file_effects.h"
#include "mm/object_allocator.h"

namespace kernel::file_locks {

using base::fail;
using base::Result;

constinit WaitQueue waiters;

namespace {

constinit unsigned count = 0;

Result<FileLock*> allocate()
{
    const Result<void*> memory =
        count < kMaximum ? objects.allocate(sizeof(FileLock)) : Result<void*>(fail(uapi::Error::Enolck));
    if (!memory) {
        return fail(uapi::Error::Enolck);
    }
    ++count;
    return static_cast<FileLock*>(*memory);
}

void free(FileLock* lock)
{
    if (lock != nullptr) {
        --count;
        objects.free(lock, sizeof(FileLock));
    }
}

bool overlap(const FileLock& lock, std::uint64_t begin, std::uint64_t last)
{
    return lock.begin <= last && begin <= lock.last;
}

/// Some lock of the owner reaches over both ends of the range.
bool splits(const Inode& inode, const DescriptorTable& owner, std::uint64_t begin, std::uint64_t last)
{
    for (const FileLock* lock = inode.locks; lock != nullptr; lock = lock->next) {
        if (lock->owner == &owner && lock->begin < begin && lock->last > last) {
            return true;
        }
    }
    return false;
}

/// Takes the range out of the owner's locks.  `spare` becomes the upper part of the one that is split, if any is.
void cut(Inode& inode, const DescriptorTable& owner, std::uint64_t begin, std::uint64_t last, FileLock* spare)
{
    for (FileLock** link = &inode.locks; *link != nullptr;) {
        FileLock& lock = **link;
        if (lock.owner != &owner || !overlap(lock, begin, last)) {
            link = &lock.next;
            continue;
        }
        if (lock.begin >= begin && lock.last <= last) {
            *link = lock.next;
            free(&lock);
            continue;
        }
        if (lock.begin < begin && lock.last > last) {
            *spare = lock;
            spare->begin = last + 1;
            lock.next = spare;
            lock.last = begin - 1;
            return; // the owner's locks do not overlap: no other is in the range
        }
        if (lock.begin < begin) {
            lock.last = begin - 1;
        } else {
            lock.begin = last + 1;
        }
        link = &lock.next;
    }
}

} // namespace

const FileLock* conflict(const Inode& inode, const FileLock& wanted)
{
    for (const FileLock* lock = inode.locks; lock != nullptr; lock = lock->next) {
        if (lock->owner != wanted.owner && overlap(*lock, wanted.begin, wanted.last) &&
            (lock->exclusive || wanted.exclusive)) {
            return lock;
        }
    }
    return nullptr;
}

Result<void> take(Inode& inode, const FileLock& wanted)
{
    FileLock* const lock = TRY(allocate());
    FileLock* spare = nullptr;
    if (splits(inode, *wanted.owner, wanted.begin, wanted.last)) {
        const Result<FileLock*> second = allocate();
        if (!second) {
            free(lock);
            return fail(second.error());
        }
        spare = *second;
    }
    cut(inode, *wanted.owner, wanted.begin, wanted.last, spare);
    *lock = wanted;
    lock->next = inode.locks;
    inode.locks = lock;
    wake_lock_waiters(); // an exclusive lock may have become a shared one
    return {};
}

Result<void> give(Inode& inode, const DescriptorTable& owner, std::uint64_t begin, std::uint64_t last)
{
    FileLock* const spare = splits(inode, owner, begin, last) ? TRY(allocate()) : nullptr;
    cut(inode, owner, begin, last, spare);
    wake_lock_waiters();
    return {};
}

void give_all(Inode& inode, const DescriptorTable& owner)
{
    cut(inode, owner, 0, ~std::uint64_t{0}, nullptr);
    wake_lock_waiters();
}

} // namespace kernel::file_locks
