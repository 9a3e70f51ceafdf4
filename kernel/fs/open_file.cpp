// SPDX-License-Identifier: MIT
#include "fs/open_file.h"

#include "fs/whole_file_locks.h"
#include "uapi/files.h"

namespace kernel {

constinit OpenFileTable open_files;

namespace {

bool counts_as_writer(const OpenFile& file)
{
    return file.writable && file.inode->kind == FileKind::Regular;
}

} // namespace

base::Result<OpenFile*> OpenFileTable::open(Inode& inode, std::uint32_t open_flags)
{
    namespace flag = uapi::open_flag;
    const std::uint32_t access = open_flags & flag::kAccess;
    const bool path_only = (open_flags & flag::kPath) != 0;
    const bool writable = access != flag::kReadOnly && !path_only;
    if (writable && inode.runs != 0) {
        return base::fail(uapi::Error::Etxtbsy);
    }
    const unsigned slot = slots_.take();
    if (slot == slots_.kNone) {
        return base::fail(uapi::Error::Enfile);
    }
    constexpr std::uint32_t kStatusFlags =
        flag::kAppend | flag::kNonblock | flag::kSync | flag::kAsync | flag::kDirect | flag::kNoAccessTime;
    OpenFile& file = files_[slot];
    file = {.inode = &inode,
            .readable = access != flag::kWriteOnly && !path_only,
            .writable = writable,
            .path_only = path_only,
            .status_flags = path_only ? flag::kPath : open_flags & kStatusFlags,
            .offset = 0,
            .holders = 1,
            .slot = static_cast<std::uint16_t>(slot)};
    inode.hold();
    const base::Result<void> opened = path_only ? base::Result<void>{} : inode.opened(file);
    if (!opened) {
        file.inode->release();
        slots_.give_back(slot);
        return base::fail(opened.error());
    }
    inode.writers += counts_as_writer(file) ? 1 : 0;
    return &file;
}

void OpenFileTable::close(OpenFile& file)
{
    whole_file_locks::give(file);
    file.inode->writers -= counts_as_writer(file) ? 1 : 0;
    if (!file.path_only) {
        file.inode->closed(file);
    }
    file.inode->release();
    slots_.give_back(file.slot);
}

} // namespace kernel
