// SPDX-License-Identifier: MIT
// The protections between ring 3 and the kernel: whether the CPU has each, and whether it is on.
#pragma once

#include "base/format.h"
#include "cpu/cpu_features.h"

namespace kernel {

/// One line for each ward; "on" is read back from the CPU, not remembered.
void print_wards(base::Writer& out, const CpuFeatures& features);

} // namespace kernel
