// SPDX-License-Identifier: MIT
#include "trap/pipe_calls.h"

#include "cpu/user_copy.h"
#include "fs/event_file.h"
#include "fs/pipe_file.h"
#include "process/loom.h"
#include "process/vessel.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
namespace flag = uapi::open_flag;

namespace {

/// A descriptor for one end of a pipe, or for a counter.
Result<std::uint32_t> open_end(Inode& inode, std::uint32_t flags)
{
    OpenFile& file = *TRY(open_files.open(inode, flags));
    return loom.current().vessel->files.add(file, 0, (flags & flag::kCloseOnExec) != 0);
}

struct Ends {
    std::uint32_t read;
    std::uint32_t write;
};

Result<Ends> open_ends(std::uint32_t flags)
{
    DescriptorTable& table = loom.current().vessel->files;
    const InodeRef inode(*TRY(PipeFile::create())); // it goes when no end can be opened
    const std::uint32_t read_end = TRY(open_end(*inode, flags | flag::kReadOnly));
    const Result<std::uint32_t> write_end = open_end(*inode, flags | flag::kWriteOnly);
    if (!write_end) {
        static_cast<void>(table.close(read_end));
        return fail(write_end.error());
    }
    return Ends{read_end, *write_end};
}

} // namespace

Result<std::uint64_t> pipe2(VirtAddr descriptors, std::uint64_t argument)
{
    const auto flags = static_cast<std::uint32_t>(argument);
    if ((flags & ~(flag::kCloseOnExec | flag::kNonblock)) != 0) {
        return fail(uapi::Error::Einval);
    }
    const Ends ends = TRY(open_ends(flags));
    const Result<void> stored = write_user(descriptors, ends);
    if (!stored) {
        DescriptorTable& table = loom.current().vessel->files;
        static_cast<void>(table.close(ends.read));
        static_cast<void>(table.close(ends.write));
        return fail(stored.error());
    }
    return 0;
}

Result<std::uint64_t> pipe(VirtAddr descriptors)
{
    return pipe2(descriptors, 0);
}

Result<std::uint64_t> eventfd2(std::uint64_t value, std::uint64_t argument)
{
    constexpr std::uint32_t kSemaphore = 1;
    const auto flags = static_cast<std::uint32_t>(argument);
    if ((flags & ~(kSemaphore | flag::kCloseOnExec | flag::kNonblock)) != 0) {
        return fail(uapi::Error::Einval);
    }
    const InodeRef inode = TRY(EventFile::create(static_cast<std::uint32_t>(value), (flags & kSemaphore) != 0));
    return TRY(open_end(*inode, (flags & ~kSemaphore) | flag::kReadWrite));
}

} // namespace kernel
