// SPDX-License-Identifier: MIT
// Strings in user memory.
#pragma once

#include "arch/address.h"
#include "base/result.h"
#include "base/span.h"
#include "base/string_view.h"

namespace kernel {

/// The string at `from`, copied once into `buffer`.
/// @return the string without its NUL.  EFAULT: memory ends before its NUL.  ENAMETOOLONG: it and its NUL do not fit.
base::Result<base::StringView> read_user_string(base::Span<char> buffer, arch::VirtAddr from);

} // namespace kernel
