// SPDX-License-Identifier: MIT
// What execve(2) may execute: the one place where processes ask the file system for a program.
#pragma once

#include "base/result.h"
#include "base/string_view.h"
#include "fs/inode.h"

namespace kernel {

/// The file at `path`, which begins in `directory` when it does not begin with '/'.  It has pages.
/// @return EACCES: not a regular file, or one that nobody may execute.  ETXTBSY: somebody has it open for writing. What
/// `walk` says.
base::Result<InodeRef> find_program(Inode& directory, base::StringView path);

/// The interpreter that a program names, which is looked up as a program is; none when it names none.  Uses
/// path_buffers.
/// @return ENOEXEC, EIO: see read_interpreter.  What find_program says.
base::Result<InodeRef> find_interpreter(Inode& directory, const PageSource& program);

} // namespace kernel
