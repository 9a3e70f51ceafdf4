// SPDX-License-Identifier: MIT
#include "fs/open_file.h"

#include "uapi/files.h"

namespace kernel {

constinit OpenFileTable open_files;

base::Result<OpenFile*> OpenFileTable::open(const FileNode& node, std::uint32_t open_flags)
{
    namespace flag = uapi::open_flag;
    const unsigned slot = slots_.take();
    if (slot == slots_.kNone) {
        return base::fail(uapi::Error::Enfile);
    }
    const std::uint32_t access = open_flags & flag::kAccess;
    OpenFile& file = files_[slot];
    file = {.node = node,
            .readable = access != flag::kWriteOnly,
            .writable = access != flag::kReadOnly,
            .status_flags = open_flags & (flag::kAppend | flag::kNonblock),
            .offset = 0,
            .holders = 1,
            .slot = static_cast<std::uint16_t>(slot)};
    return &file;
}

void OpenFileTable::release(OpenFile& file)
{
    ASSERT(file.holders > 0);
    if (--file.holders == 0) {
        slots_.give_back(file.slot);
    }
}

} // namespace kernel
