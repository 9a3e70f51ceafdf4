// SPDX-License-Identifier: MIT
// From a directory to the path that leads to it.
#pragma once

#include "base/span.h"
#include "fs/directory.h"
#include "fs/path_walk.h"

namespace kernel {

/// @param buffer  where the path is put together, at its end
/// @return the path from the root, with the NUL behind it.  ENOENT: it was removed.  ENAMETOOLONG.
base::Result<base::StringView> path_of(Directory& directory, char (&buffer)[kPathMax]);

} // namespace kernel
