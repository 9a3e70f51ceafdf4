// SPDX-License-Identifier: MIT
#include "fs/initrd.h"

#include "base/sealed.h"

namespace kernel {

SEALED constinit base::Bytes initrd;

} // namespace kernel
