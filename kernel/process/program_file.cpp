// SPDX-License-Identifier: MIT
#include "process/program_file.h"

#include "fs/path_walk.h"
#include "fs/tmpfs.h"
#include "process/elf_loader.h"

namespace kernel {

base::Result<InodeRef> find_program(Inode& directory, base::StringView path)
{
    Place place = TRY(walk(tmpfs::root(), directory, path, {}, path_buffers[0]));
    if (!may_execute(*place.inode) || place.inode->pages() == nullptr) {
        return base::fail(uapi::Error::Eacces);
    }
    if (place.inode->writers != 0) {
        return base::fail(uapi::Error::Etxtbsy);
    }
    return std::move(place.inode);
}

base::Result<InodeRef> find_interpreter(Inode& directory, const PageSource& program)
{
    char(&path)[kPathMax] = path_buffers[1].text;
    const bool has_one = TRY(read_interpreter(program, path));
    return has_one ? find_program(directory, path) : InodeRef{};
}

} // namespace kernel
