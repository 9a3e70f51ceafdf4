// SPDX-License-Identifier: MIT
// What execve(2) may execute: the one place where processes ask the file system for a program.
#pragma once

#include "base/result.h"
#include "base/span.h"
#include "base/string_view.h"

namespace kernel {

/// The contents of the file at `path`, which stay where they are.
/// @return EACCES: not a regular file, or one that nobody may execute.  ENOENT, ENOTDIR, ENAMETOOLONG, EIO.
base::Result<base::Bytes> find_program(base::StringView path);

} // namespace kernel
