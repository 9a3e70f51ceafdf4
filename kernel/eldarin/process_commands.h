// SPDX-License-Identifier: MIT
// The shell's commands about processes.
#pragma once

#include "base/format.h"
#include "base/span.h"
#include "base/string_view.h"

namespace kernel {

/// ps: a line for each Vessel, and one for each kernel thread.
void print_processes(base::Writer& out);
/// jobs: the programs that the shell has started and that have not ended.
void print_jobs(base::Writer& out);
/// kill PID [SIGNAL]: SIGNAL is a number or a name, with or without "SIG"; SIGTERM when it is not given.  -PID: to all
/// of that process group.
void kill_process(base::Writer& out, base::Span<const base::StringView> arguments);
/// "SIGTERM", "signal 40".
void print_signal(base::Writer& out, std::uint32_t signal);

} // namespace kernel
