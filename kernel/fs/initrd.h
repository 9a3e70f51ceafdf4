// SPDX-License-Identifier: MIT
// Fills the root from the initrd: names and inodes are made, contents stay in the archive until somebody changes them.
#pragma once

#include "base/result.h"
#include "base/span.h"
#include "fs/tmp_directory.h"

namespace kernel {

/// Makes what the archive names below `root`, up to its end or its damage; directories that only stand before a '/' in
/// some name, too.  Of several entries with one name the first counts; devices and names with ".." in them do not.
/// @return EIO: it is damaged; ENOSPC, ENOMEM.  What stands before is there.
base::Result<void> fill_from_archive(TmpDirectory& root, base::Bytes archive);

} // namespace kernel
