// SPDX-License-Identifier: MIT
#include "fs/open_file.h"

#include "uapi/files.h"

namespace kernel {

constinit OpenFileTable open_files;

base::Result<OpenFile*> OpenFileTable::open(Inode& inode, std::uint32_t open_flags)
{
    namespace flag = uapi::open_flag;
    const unsigned slot = slots_.take();
    if (slot == slots_.kNone) {
        return base::fail(uapi::Error::Enfile);
    }
    const std::uint32_t access = open_flags & flag::kAccess;
    OpenFile& file = files_[slot];
    file = {.inode = &inode,
            .readable = access != flag::kWriteOnly,
            .writable = access != flag::kReadOnly,
            .status_flags = open_flags & (flag::kAppend | flag::kNonblock),
            .offset = 0,
            .holders = 1,
            .slot = static_cast<std::uint16_t>(slot)};
    inode.hold();
    const base::Result<void> opened = inode.opened(file);
    if (!opened) {
        file.inode->release();
        slots_.give_back(slot);
        return base::fail(opened.error());
    }
    return &file;
}

void OpenFileTable::close(OpenFile& file)
{
    file.inode->closed(file);
    file.inode->release();
    slots_.give_back(file.slot);
}

} // namespace kernel
