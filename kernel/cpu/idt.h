// SPDX-License-Identifier: MIT
// The interrupt descriptor table: all 256 gates present, interrupt gates all.  [SDM 3A "64-Bit Mode IDT"]
#pragma once

namespace kernel {

/// Fills and loads the IDT.  The GDT is loaded already.
void load_idt();

} // namespace kernel
