// SPDX-License-Identifier: MIT
#include "trap/file_size_limit.h"

#include "base/min_max.h"
#include "process/harbor.h"
#include "trap/path_argument.h"

namespace kernel {
namespace {

std::uint64_t limit()
{
    return caller().limits[uapi::Resource::FileSize].soft;
}

base::Result<void> exceed()
{
    harbor.send_to_current(uapi::Signal::Sigxfsz);
    return base::fail(uapi::Error::Efbig);
}

} // namespace

base::Result<std::uint64_t> writable_bytes(const Inode& inode, std::uint64_t offset, std::uint64_t count)
{
    if (inode.kind != FileKind::Regular || count == 0) {
        return count;
    }
    if (offset >= limit()) {
        TRY(exceed());
    }
    return base::min(count, limit() - offset);
}

base::Result<void> check_new_size(const Inode& inode, std::uint64_t size)
{
    return inode.kind == FileKind::Regular && size > inode.size() && size > limit() ? exceed() : base::Result<void>{};
}

} // namespace kernel
