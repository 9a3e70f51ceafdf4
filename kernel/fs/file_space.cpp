// SPDX-License-Identifier: MIT
#include "fs/file_space.h"

namespace kernel {

constinit FileSpace file_space;

} // namespace kernel
