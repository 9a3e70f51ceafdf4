// SPDX-License-Identifier: MIT
#include "fs/archive_file.h"

#include "base/min_max.h"
#include "cpu/user_copy.h"

namespace kernel {

base::Result<std::uint64_t> ArchiveFile::read(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                              std::uint64_t offset)
{
    if (kind != FileKind::Regular) {
        return Inode::read(file, buffer, count, offset);
    }
    if (offset >= contents_.size()) {
        return 0;
    }
    return give_user(buffer, contents_.subspan(offset, base::min(count, contents_.size() - offset)));
}

} // namespace kernel
