// SPDX-License-Identifier: GPL-2.0-or-later
// Reads the log that a kernel writes of its programs' events on its second serial port.  traces/README.md has its
// grammar: a trace's events with bare addresses, each behind its thread's number, and the program's name in enter and
// exit lines.
#pragma once

#include "trace/text_lines.h"
#include "trace/trace.h"

#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace ringcheck {

/// One trace for each run of a program, in the order of their starts; addresses are bare: see symbolise().
/// Behind the exit of each stand the sections of its children that have ended.
/// A run that has no exit line is an error, as is an event outside a run.
std::expected<std::vector<Trace>, ParseError> parse_syscall_log(std::string_view text);

} // namespace ringcheck
