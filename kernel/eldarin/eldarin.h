// SPDX-License-Identifier: MIT
// `Eldarin`, the in-kernel shell on the serial console.
#pragma once

#include "base/format.h"
#include "base/string_view.h"
#include "cpu/cpu_features.h"
#include "cpu/entropy.h"

namespace kernel {

/// What the commands work on.
struct EldarinContext {
    CpuFeatures features;
    EntropySource entropy;
    base::Writer* log = nullptr; ///< where `trace on` writes; nullptr when there is no second serial port
    base::StringView program;    ///< to run instead of what is typed, its arguments behind commas; "": none
};

/// Reads lines and carries them out, for ever; or runs the one program and switches the machine off.  Runs as a kernel
/// thread.
[[noreturn]] void run_eldarin(const EldarinContext& context);

} // namespace kernel
