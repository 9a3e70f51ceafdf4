// SPDX-License-Identifier: MIT
#include "trap/lock_calls.h"

#include "cpu/user_copy.h"
#include "fs/file_locks.h"
#include "fs/whole_file_locks.h"
#include "process/loom.h"
#include "trap/path_argument.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;
using uapi::FileLockRequest;

namespace {

constexpr std::int64_t kLargestOffset = INT64_MAX;

/// Where a range begins that is told from `origin` on.
Result<std::int64_t> begin_of(const OpenFile& file, const FileLockRequest& request)
{
    std::int64_t begin = 0;
    switch (static_cast<uapi::Seek>(request.origin)) {
    case uapi::Seek::Set: break;
    case uapi::Seek::Current: begin = static_cast<std::int64_t>(file.offset); break;
    case uapi::Seek::End: begin = static_cast<std::int64_t>(file.inode->size()); break;
    default: return fail(Error::Einval);
    }
    if (request.start > kLargestOffset - begin) {
        return fail(Error::Eoverflow);
    }
    return begin + request.start;
}

/// The range of a request: a negative length is before its beginning.
Result<FileLock> lock_of(const OpenFile& file, const FileLockRequest& request)
{
    if (request.type < uapi::lock_type::kRead || request.type > uapi::lock_type::kNone) {
        return fail(Error::Einval);
    }
    std::int64_t begin = TRY(begin_of(file, request));
    std::int64_t last = kLargestOffset;
    if (request.length > 0) {
        if (begin >= 0 && request.length - 1 > kLargestOffset - begin) {
            return fail(Error::Eoverflow);
        }
        last = begin + (request.length - 1);
    } else if (request.length < 0) {
        last = begin - 1;
        begin = begin < 0 ? begin : begin + request.length;
    }
    if (begin < 0) {
        return fail(Error::Einval);
    }
    return FileLock{.next = nullptr,
                    .owner = &caller().files,
                    .process = static_cast<std::uint64_t>(caller().id),
                    .begin = static_cast<std::uint64_t>(begin),
                    .last = static_cast<std::uint64_t>(last),
                    .exclusive = request.type == uapi::lock_type::kWrite};
}

} // namespace

Result<std::uint64_t> get_lock(OpenFile& file, VirtAddr address)
{
    FileLockRequest request = TRY(read_user<FileLockRequest>(address));
    if (request.type == uapi::lock_type::kNone) {
        return fail(Error::Einval);
    }
    const FileLock wanted = TRY(lock_of(file, request));
    if (const FileLock* const other = file_locks::conflict(*file.inode, wanted)) {
        request.type = other->exclusive ? uapi::lock_type::kWrite : uapi::lock_type::kRead;
        request.origin = static_cast<std::int16_t>(uapi::Seek::Set);
        request.start = static_cast<std::int64_t>(other->begin);
        request.length = other->last == kLargestOffset ? 0 : static_cast<std::int64_t>(other->last - other->begin + 1);
        request.process = static_cast<std::int32_t>(other->process);
    } else {
        request.type = uapi::lock_type::kNone;
    }
    TRY(write_user(address, request));
    return 0;
}

Result<std::uint64_t> set_lock(OpenFile& file, VirtAddr address, bool wait)
{
    const FileLockRequest request = TRY(read_user<FileLockRequest>(address));
    const FileLock wanted = TRY(lock_of(file, request));
    if (request.type == uapi::lock_type::kNone) {
        TRY(file_locks::give(*file.inode, caller().files, wanted.begin, wanted.last));
        return 0;
    }
    if (wanted.exclusive ? !file.writable : !file.readable) {
        return fail(Error::Ebadf);
    }
    while (file_locks::conflict(*file.inode, wanted) != nullptr) {
        if (!wait) {
            return fail(Error::Eagain);
        }
        if (ends_call(loom.block(file_locks::waiters))) {
            return fail(Error::Erestart);
        }
    }
    if (!caller().files.refers_to(*file.inode)) {
        return fail(Error::Ebadf); // closed while this waited: nobody would give the lock up
    }
    TRY(file_locks::take(*file.inode, wanted));
    return 0;
}

Result<std::uint64_t> flock(std::uint64_t descriptor, std::uint64_t argument)
{
    namespace operation = uapi::flock_operation;
    const auto asked = static_cast<std::uint32_t>(argument);
    const std::uint32_t what = asked & ~operation::kNonblock;
    if (what != operation::kShared && what != operation::kExclusive && what != operation::kUnlock) {
        return fail(Error::Einval);
    }
    const HeldFile file = TRY(find_usable(descriptor));
    if (what == operation::kUnlock) {
        whole_file_locks::give(*file);
        return 0;
    }
    const WholeFileLock wanted = what == operation::kShared ? WholeFileLock::Shared : WholeFileLock::Exclusive;
    while (!whole_file_locks::take(*file, wanted)) {
        if ((asked & operation::kNonblock) != 0) {
            return fail(Error::Eagain);
        }
        if (ends_call(loom.block(file_locks::waiters))) {
            return fail(Error::Erestart);
        }
    }
    return 0;
}

} // namespace kernel
