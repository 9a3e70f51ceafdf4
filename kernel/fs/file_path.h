// SPDX-License-Identifier: MIT
// What /proc says of a file that somebody has open: a path of it, or what it is.
#pragma once

#include "base/span.h"
#include "base/string_view.h"
#include "fs/inode.h"

namespace kernel {

/// @param buffer  where the text is put together; longer than a path can be, it is cut
/// @return "/a/path", "/a/path (deleted)" of what has none any more, "pipe:[NUMBER]"
base::StringView describe(Inode& inode, base::Span<char> buffer);

} // namespace kernel
