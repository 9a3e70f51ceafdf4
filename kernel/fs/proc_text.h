// SPDX-License-Identifier: MIT
// The texts of /proc.  [proc(5)]
#pragma once

#include "base/format.h"
#include "base/span.h"
#include "process/vessel.h"

namespace kernel {

struct ProcText {
    const char* name;
    void (*print)(base::Writer& out, const Vessel& vessel); ///< the Vessel means nothing for those of the machine
};

/// /proc/NAME.
base::Span<const ProcText> machine_texts();
/// /proc/PID/NAME.
base::Span<const ProcText> process_texts();

} // namespace kernel
