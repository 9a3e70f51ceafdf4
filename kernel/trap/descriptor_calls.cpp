// SPDX-License-Identifier: MIT
#include "trap/descriptor_calls.h"

#include "fs/pipe.h"
#include "trap/lock_calls.h"
#include "trap/path_argument.h"
#include "uapi/files.h"

namespace kernel {

using base::fail;
using base::Result;
using uapi::Error;
namespace flag = uapi::open_flag;

namespace {

DescriptorTable& descriptors()
{
    return caller().files;
}

Result<std::uint64_t> duplicate(std::uint32_t descriptor, std::uint32_t lowest, bool close_on_exec)
{
    const HeldFile file = TRY(descriptors().find(descriptor));
    OpenFileTable::hold(*file);
    return descriptors().add(*file, lowest, close_on_exec);
}

Result<std::uint64_t> duplicate_to(std::uint32_t from, std::uint32_t to, bool close_on_exec)
{
    if (to >= descriptors().limit()) {
        return fail(Error::Ebadf);
    }
    const HeldFile file = TRY(descriptors().find(from));
    descriptors().replace(to, *file, close_on_exec);
    return to;
}

} // namespace

Result<std::uint64_t> close(std::uint64_t descriptor)
{
    TRY(descriptors().close(as_int(descriptor)));
    return 0;
}

Result<std::uint64_t> dup(std::uint64_t descriptor)
{
    return duplicate(as_int(descriptor), 0, false);
}

Result<std::uint64_t> dup2(std::uint64_t from, std::uint64_t to)
{
    if (as_int(from) == as_int(to)) {
        TRY(descriptors().find(as_int(from)));
        return as_int(to);
    }
    return duplicate_to(as_int(from), as_int(to), false);
}

Result<std::uint64_t> dup3(std::uint64_t from, std::uint64_t to, std::uint64_t flags)
{
    if ((as_int(flags) & ~flag::kCloseOnExec) != 0 || as_int(from) == as_int(to)) {
        return fail(Error::Einval);
    }
    return duplicate_to(as_int(from), as_int(to), as_int(flags) != 0);
}

Result<std::uint64_t> fcntl(std::uint64_t descriptor, std::uint64_t command, std::uint64_t argument)
{
    constexpr std::uint32_t kChangeable = flag::kAppend | flag::kNonblock;
    DescriptorTable& table = descriptors();
    const HeldFile file = TRY(table.find(as_int(descriptor)));
    switch (static_cast<uapi::FileControl>(as_int(command))) {
    case uapi::FileControl::Duplicate: return duplicate(as_int(descriptor), as_int(argument), false);
    case uapi::FileControl::DuplicateCloseOnExec: return duplicate(as_int(descriptor), as_int(argument), true);
    case uapi::FileControl::GetDescriptorFlags:
        return TRY(table.closes_on_exec(as_int(descriptor))) ? uapi::kDescriptorCloseOnExec : 0;
    case uapi::FileControl::SetDescriptorFlags:
        TRY(table.set_close_on_exec(as_int(descriptor), (argument & uapi::kDescriptorCloseOnExec) != 0));
        return 0;
    case uapi::FileControl::GetStatusFlags: {
        const std::uint32_t access = !file->writable   ? flag::kReadOnly
                                     : !file->readable ? flag::kWriteOnly
                                                       : flag::kReadWrite;
        return access | file->status_flags | flag::kLargeFile;
    }
    case uapi::FileControl::SetStatusFlags:
        if (file->path_only) {
            return fail(Error::Ebadf);
        }
        file->status_flags = (file->status_flags & ~kChangeable) | (as_int(argument) & kChangeable);
        return 0;
    case uapi::FileControl::GetLock:
        return file->path_only ? fail(Error::Ebadf) : get_lock(*file, arch::VirtAddr{argument});
    case uapi::FileControl::SetLock:
    case uapi::FileControl::SetLockWait:
        return file->path_only
                   ? fail(Error::Ebadf)
                   : set_lock(*file, arch::VirtAddr{argument},
                              static_cast<uapi::FileControl>(as_int(command)) == uapi::FileControl::SetLockWait);
    case uapi::FileControl::SetPipeSize:
    case uapi::FileControl::GetPipeSize: {
        Pipe* const pipe = file->path_only ? nullptr : file->inode->pipe();
        if (pipe == nullptr) {
            return fail(Error::Ebadf);
        }
        return static_cast<uapi::FileControl>(as_int(command)) == uapi::FileControl::GetPipeSize
                   ? Result<std::uint64_t>(pipe->capacity())
                   : pipe->set_capacity(as_int(argument));
    }
    }
    return fail(Error::Einval);
}

} // namespace kernel
