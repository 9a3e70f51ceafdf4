// SPDX-License-Identifier: MIT
// What is the same for each file of tmpfs that is made.
#pragma once

#include "fs/file_effects.h"
#include "fs/inode.h"
#include "mm/object_allocator.h"

#include <new>

namespace kernel {

/// A new file without a name and with a holder, whose times are now.  ENOMEM.
template <typename File, typename... Arguments> base::Result<InodeRef> make_inode(Arguments... arguments)
{
    static_assert(sizeof(File) <= 256);
    void* const memory = TRY(objects.allocate(sizeof(File)));
    auto* const file = new (memory) File(arguments...);
    file->accessed = file_time();
    file->modified = file->accessed;
    file->changed = file->accessed;
    file->links = 0; // until it gets a name
    return InodeRef(*file);
}

} // namespace kernel
