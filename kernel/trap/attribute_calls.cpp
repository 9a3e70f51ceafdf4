// SPDX-License-Identifier: MIT
#include "trap/attribute_calls.h"

#include "cpu/user_copy.h"
#include "fs/file_effects.h"
#include "trap/file_size_limit.h"
#include "trap/path_argument.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;
using uapi::TimeSpec;
namespace at = uapi::at_flag;
namespace mode_bit = uapi::file_mode;

namespace {

constexpr std::uint64_t kLargestOffset = ~std::uint64_t{0} >> 1; ///< off_t is signed

Result<std::uint64_t> set_mode(Inode& inode, std::uint64_t mode)
{
    inode.permissions = as_int(mode) & mode_bit::kPermissions;
    inode.changed = file_time();
    return 0;
}

Result<std::uint64_t> set_owner(Inode& inode, std::uint64_t user, std::uint64_t group)
{
    constexpr std::uint32_t kUnchanged = ~std::uint32_t{0};
    inode.user = as_int(user) != kUnchanged ? as_int(user) : inode.user;
    inode.group = as_int(group) != kUnchanged ? as_int(group) : inode.group;
    if (inode.kind != FileKind::Directory) { // who owns a program now did not decide whose rights it has
        const bool group_executes = (inode.permissions & 010) != 0;
        inode.permissions &= ~(mode_bit::kSetUser | (group_executes ? mode_bit::kSetGroup : 0));
    }
    inode.changed = file_time();
    return 0;
}

/// The last access, and the last change.
struct Times {
    TimeSpec of[2];
};

bool is_time(const TimeSpec& time)
{
    return time.nanoseconds == uapi::kTimeNow || time.nanoseconds == uapi::kTimeOmit ||
           (time.nanoseconds >= 0 && time.nanoseconds < uapi::kNanosecondsPerSecond);
}

/// Both times; a null address is the time now.
Result<Times> read_times(VirtAddr address)
{
    if (address == VirtAddr{}) {
        constexpr TimeSpec kNow{0, uapi::kTimeNow};
        return Times{{kNow, kNow}};
    }
    const Times times = TRY(read_user<Times>(address));
    return is_time(times.of[0]) && is_time(times.of[1]) ? Result<Times>(times) : fail(Error::Einval);
}

void set_time(TimeSpec& time, const TimeSpec& wanted)
{
    if (wanted.nanoseconds == uapi::kTimeNow) {
        time = file_time();
    } else if (wanted.nanoseconds != uapi::kTimeOmit) {
        time = wanted;
    }
}

Result<std::uint64_t> set_times(Inode& inode, const Times& times)
{
    const auto stays = [](const TimeSpec& time) { return time.nanoseconds == uapi::kTimeOmit; };
    if (!stays(times.of[0]) || !stays(times.of[1])) {
        set_time(inode.accessed, times.of[0]);
        set_time(inode.modified, times.of[1]);
        inode.changed = file_time();
    }
    return 0;
}

} // namespace

Result<std::uint64_t> fchmodat(std::uint64_t directory, VirtAddr path, std::uint64_t mode)
{
    const InodeRef inode = TRY(find_inode(directory, path));
    return set_mode(*inode, mode);
}

Result<std::uint64_t> fchmod(std::uint64_t descriptor, std::uint64_t mode)
{
    const HeldFile file = TRY(find_usable(descriptor));
    return set_mode(*file->inode, mode);
}

Result<std::uint64_t> fchownat(std::uint64_t directory, VirtAddr path, std::uint64_t user, std::uint64_t group,
                               std::uint64_t flags)
{
    if ((as_int(flags) & ~(at::kNoFollow | at::kEmptyPath)) != 0) {
        return fail(Error::Einval);
    }
    const InodeRef inode = TRY(find_inode(directory, path, as_int(flags)));
    return set_owner(*inode, user, group);
}

Result<std::uint64_t> fchown(std::uint64_t descriptor, std::uint64_t user, std::uint64_t group)
{
    const HeldFile file = TRY(find_usable(descriptor));
    return set_owner(*file->inode, user, group);
}

Result<std::uint64_t> utimensat(std::uint64_t directory, VirtAddr path, VirtAddr address, std::uint64_t flags)
{
    if ((as_int(flags) & ~(at::kNoFollow | at::kEmptyPath)) != 0) {
        return fail(Error::Einval);
    }
    const Times times = TRY(read_times(address));
    if (path == VirtAddr{} && as_int(directory) != kHere) {
        if (as_int(flags) != 0) {
            return fail(Error::Einval);
        }
        const HeldFile file = TRY(find_usable(directory));
        return set_times(*file->inode, times);
    }
    const InodeRef inode = TRY(find_inode(directory, path, as_int(flags)));
    return set_times(*inode, times);
}

Result<std::uint64_t> futimesat(std::uint64_t directory, VirtAddr path, VirtAddr address)
{
    struct Pair {
        uapi::TimeValue of[2];
    };
    constexpr std::int64_t kNanoseconds = 1'000, kMicroseconds = 1'000'000;
    Times times = TRY(read_times(VirtAddr{}));
    if (address != VirtAddr{}) {
        const Pair pair = TRY(read_user<Pair>(address));
        for (unsigned i = 0; i < 2; ++i) {
            if (pair.of[i].microseconds < 0 || pair.of[i].microseconds >= kMicroseconds) {
                return fail(Error::Einval);
            }
            times.of[i] = {pair.of[i].seconds, pair.of[i].microseconds * kNanoseconds};
        }
    }
    const InodeRef inode = TRY(find_inode(directory, path));
    return set_times(*inode, times);
}

Result<std::uint64_t> utime(VirtAddr path, VirtAddr address)
{
    struct Pair {
        std::int64_t accessed, modified; ///< seconds
    };
    Times times = TRY(read_times(VirtAddr{}));
    if (address != VirtAddr{}) {
        const Pair pair = TRY(read_user<Pair>(address));
        times = {{{pair.accessed, 0}, {pair.modified, 0}}};
    }
    const InodeRef inode = TRY(find_inode(kHere, path));
    return set_times(*inode, times);
}

Result<std::uint64_t> truncate(VirtAddr path, std::uint64_t size)
{
    if (size > kLargestOffset) {
        return fail(Error::Einval);
    }
    const InodeRef inode = TRY(find_inode(kHere, path));
    if (inode->runs != 0) {
        return fail(Error::Etxtbsy);
    }
    TRY(check_new_size(*inode, size));
    TRY(inode->truncate(size));
    return 0;
}

Result<std::uint64_t> ftruncate(std::uint64_t descriptor, std::uint64_t size)
{
    if (size > kLargestOffset) {
        return fail(Error::Einval);
    }
    const HeldFile file = TRY(find_usable(descriptor));
    if (!file->writable || file->inode->kind != FileKind::Regular) {
        return fail(Error::Einval);
    }
    TRY(check_new_size(*file->inode, size));
    TRY(file->inode->truncate(size));
    return 0;
}

Result<std::uint64_t> fallocate(std::uint64_t descriptor, std::uint64_t mode, std::uint64_t offset, std::uint64_t count)
{
    const HeldFile file = TRY(find_usable(descriptor));
    if (offset > kLargestOffset || count == 0 || count > kLargestOffset) {
        return fail(Error::Einval);
    }
    if ((as_int(mode) & ~uapi::kAllocateKeepSize) != 0) {
        return fail(Error::Eopnotsupp);
    }
    if (!file->writable) {
        return fail(Error::Ebadf);
    }
    if (as_int(mode) == 0) {
        TRY(check_new_size(*file->inode, offset + count));
    }
    TRY(file->inode->reserve(offset, count, as_int(mode) != 0));
    return 0;
}

std::uint64_t umask(std::uint64_t mask)
{
    return std::exchange(caller().umask, as_int(mask) & 0777);
}

} // namespace kernel
