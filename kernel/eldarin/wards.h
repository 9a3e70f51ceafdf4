// SPDX-License-Identifier: MIT
// The protections between ring 3 and the kernel: whether the CPU has each, whether it is on, and which test proves it.
#pragma once

#include "base/format.h"
#include "cpu/cpu_features.h"
#include "cpu/entropy.h"

namespace kernel {

/// One line for each ward; "on" is read back from the CPU and from the page tables, not remembered.
void print_wards(base::Writer& out, const CpuFeatures& features, EntropySource entropy);

} // namespace kernel
