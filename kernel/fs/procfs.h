// SPDX-License-Identifier: MIT
// /proc: what the kernel tells of processes and of itself, made up when it is read.  Nothing in it can be changed.
// [proc(5)]
#pragma once

#include "fs/directory.h"

namespace kernel {

Directory& procfs_root();

} // namespace kernel
