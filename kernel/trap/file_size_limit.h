// SPDX-License-Identifier: MIT
// RLIMIT_FSIZE: how large the calling process may make a regular file.  [setrlimit(2)]
#pragma once

#include "base/result.h"
#include "fs/inode.h"

namespace kernel {

/// How many of `count` bytes may be written from `offset` on.  EFBIG: none; SIGXFSZ has been sent.
base::Result<std::uint64_t> writable_bytes(const Inode& inode, std::uint64_t offset, std::uint64_t count);
/// EFBIG: the file would grow to a size beyond the limit; SIGXFSZ has been sent.
base::Result<void> check_new_size(const Inode& inode, std::uint64_t size);

} // namespace kernel
