// SPDX-License-Identifier: MIT
// [Linux kernel/futex/core.c exit_robust_list, handle_futex_death]
#include "process/robust_list.h"

#include "cpu/user_copy.h"
#include "process/futex.h"
#include "uapi/process.h"

#include <utility>

namespace kernel {

using arch::VirtAddr;
using base::Result;
namespace futex = uapi::futex;

namespace {

/// A ring has no other end.  [Linux uapi linux/futex.h ROBUST_LIST_LIMIT]
constexpr unsigned kMostLocks = 2048;

/// An entry is at a multiple of two: its lowest bit tells of another kind of lock, which there is none of.
constexpr std::uint64_t kKind = 1;

VirtAddr entry_at(std::uint64_t word)
{
    return VirtAddr{word & ~kKind};
}

/// @param unfinished  it may have been given up already, and nobody woken
/// @return false: no more of this list
bool give_up(const Thread& thread, VirtAddr word, bool unfinished)
{
    if (word.value % sizeof(std::uint32_t) != 0) {
        return false;
    }
    const Result<std::uint32_t> value = read_user<std::uint32_t>(word);
    if (!value) {
        return false;
    }
    bool wakes = unfinished && *value == 0;
    if ((*value & futex::kOwner) == static_cast<std::uint32_t>(thread.id)) {
        // Nobody runs between the look and the write: interrupts are off.
        if (!write_user(word, (*value & futex::kWaiters) | futex::kOwnerDied)) {
            return false;
        }
        wakes = wakes || (*value & futex::kWaiters) != 0;
    }
    if (wakes) {
        [[maybe_unused]] const Result<unsigned> woken = futex_wake(*thread.vessel, word, futex::kAnyBit, 1);
    }
    return true;
}

} // namespace

void give_up_robust_locks(Thread& thread)
{
    const VirtAddr head{std::exchange(thread.robust_list, 0)};
    if (head == VirtAddr{}) {
        return;
    }
    const Result<uapi::RobustList> list = read_user<uapi::RobustList>(head);
    if (!list) {
        return;
    }
    const VirtAddr unfinished = entry_at(list->unfinished);
    VirtAddr entry = entry_at(list->next);
    for (unsigned i = 0; i < kMostLocks && entry != head; ++i) {
        const Result<std::uint64_t> next = read_user<std::uint64_t>(entry); // before the lock is somebody else's
        if (entry != unfinished && !give_up(thread, entry + list->word, false)) {
            return;
        }
        if (!next) {
            break;
        }
        entry = entry_at(*next);
    }
    if (unfinished != VirtAddr{}) {
        static_cast<void>(give_up(thread, unfinished + list->word, true));
    }
}

} // namespace kernel
