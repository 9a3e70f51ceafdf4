// SPDX-License-Identifier: MIT
// Makes the files of tmpfs, each of them without a name and with a holder: what gets no name is gone again.
#pragma once

#include "base/string_view.h"
#include "fs/tmp_directory.h"
#include "fs/tmp_file.h"
#include "fs/tmp_link.h"

namespace kernel::tmpfs {

/// A regular file with `lent` in it, which stays where it is for ever.  ENOMEM.
base::Result<InodeRef> make_file(std::uint32_t mode, base::Bytes lent = {});
/// ENOMEM.
base::Result<InodeRef> make_directory(std::uint32_t mode, TmpDirectory& parent);
/// @param target  1..SymbolicLink::kLongestTarget bytes
/// @return ENOMEM.  ENOSPC: the text takes a page, and there is none.
base::Result<InodeRef> make_link(base::StringView target);

/// Makes an empty root.  ENOMEM.
base::Result<void> initialise(FrameAllocator& frames, std::uint64_t secret);
TmpDirectory& root();

} // namespace kernel::tmpfs
