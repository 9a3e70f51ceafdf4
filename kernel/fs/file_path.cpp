// SPDX-License-Identifier: MIT
#include "fs/file_path.h"

#include "base/format.h"
#include "fs/directory_path.h"
#include "fs/tmp_directory.h"

namespace kernel {
namespace {

/// The path of a directory, without a '/' behind it but for the root's own; empty when it has none.
base::StringView without_nul(const base::Result<base::StringView>& path)
{
    return path ? base::StringView(path->data(), path->size() - 1) : base::StringView();
}

} // namespace

base::StringView describe(Inode& inode, base::Span<char> buffer)
{
    static constinit char directory_buffer[kPathMax] = {}; // no call waits while it is used
    base::BufferWriter out(buffer.data(), buffer.size());
    if (inode.kind == FileKind::Directory) {
        base::print(out, without_nul(path_of(static_cast<Directory&>(inode), directory_buffer)));
    } else if (const Entry* const entry = name_table.name_of(inode)) {
        const base::StringView above = without_nul(path_of(*entry->directory, directory_buffer));
        base::print(out, above == "/" ? base::StringView("") : above, "/", entry->name());
    } else if (inode.kind == FileKind::Fifo) {
        base::print(out, "pipe:[", inode.number, "]");
    } else {
        base::print(out, "/", inode.number);
    }
    if (inode.links == 0 && inode.kind != FileKind::Fifo) {
        base::print(out, " (deleted)");
    }
    return out.text();
}

} // namespace kernel
