// SPDX-License-Identifier: MIT
// Locks of flock(2): an open file description has one on its file, whoever shares the description; they do nothing but
// exclude each other.
#pragma once

#include "fs/open_file.h"

namespace kernel::whole_file_locks {

/// Takes a lock in the place of the one that the description has, if others' locks allow it.
/// @return false: they do not; the old one is gone all the same, as on Linux
bool take(OpenFile& file, WholeFileLock wanted);
/// Gives up what the description has, if anything.
void give(OpenFile& file);

} // namespace kernel::whole_file_locks
