// SPDX-License-Identifier: GPL-2.0-or-later
// A trace as people read and keep it: in one layout with its comments, as strace would print it, as a table of its
// calls.
#pragma once

#include "trace/trace.h"

#include <string>
#include <string_view>

namespace ringcheck {

/// `text` as print_trace() lays it out, with its empty lines and comments where they were.
/// @param trace  what parse_trace() made of `text`
std::string lay_out(std::string_view text, const Trace& trace);

/// One line for each event that strace shows, "write(1, "x", 1)  = -1 EBADF (Bad file descriptor)"; faults are the
/// signal that ends the process, and children are left out, for strace would show their numbers.  [strace(1)]
std::string print_as_strace(const Trace& trace);

/// How often each call was made and failed, by name, and how the program ended.
std::string summarise(const Trace& trace);

} // namespace ringcheck
