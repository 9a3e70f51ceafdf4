// SPDX-License-Identifier: MIT
// The shell's commands about memory and tables: how much is taken, and what happens when there is none.
#pragma once

#include "base/format.h"
#include "base/span.h"
#include "base/string_view.h"

namespace kernel {

/// `mem`: frames of physical memory, by what they are used for.
void print_memory(base::Writer& out);

/// `slots`: how many entries of each table of a fixed size are taken.
void print_slots(base::Writer& out);

/// `fail-frame N [COUNT]`: the N-th allocation of a frame from now on fails, and COUNT - 1 behind it.  Says how many
/// have failed because of the last such command.
void fail_frames(base::Writer& out, base::Span<const base::StringView> arguments);

} // namespace kernel
