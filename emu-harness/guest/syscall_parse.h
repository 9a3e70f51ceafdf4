// SPDX-License-Identifier: GPL-2.0-or-later
// The [syscall] table of a guest description.
#pragma once

#include "guest/syscall_convention.h"

namespace ringcheck {

class TomlTable;

void read_syscalls(TomlTable& table, SyscallConvention& convention);

} // namespace ringcheck
