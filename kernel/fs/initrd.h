// SPDX-License-Identifier: MIT
// The archive that the boot loader has placed in memory: what every path leads into.
#pragma once

#include "base/span.h"

namespace kernel {

/// Empty when there is none.  Set at boot, sealed.
extern base::Bytes initrd;

} // namespace kernel
