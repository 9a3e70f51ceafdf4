// SPDX-License-Identifier: MIT
// /dev: names for the devices.  A new device is an inode, and a line in the table of devfs.cpp.
#pragma once

#include "base/result.h"
#include "fs/tmp_directory.h"

namespace kernel {

/// Makes /dev, with what is in it, /tmp and /proc.  What has one of these names already stays, but for an empty /proc.
/// ENOSPC, ENOMEM.
base::Result<void> make_devices(TmpDirectory& root);

} // namespace kernel
