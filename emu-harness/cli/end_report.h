// SPDX-License-Identifier: GPL-2.0-or-later
// How a run ended, in words, and what a person needs when it did not end as asked.
#pragma once

#include "cli/session.h"
#include "machine/machine.h"

#include <string>

namespace ringcheck::cli {

/// "powered off", "triple fault", "panic: MESSAGE" ...
std::string describe_end(const RunEnd& end, Session& session);

/// Several lines: where the machine stands, the chain of faults of a triple fault with the rule that each broke, for a
/// hang where it loops and what it waits for, and the last transitions.  Runs a hanging machine a little further.
std::string report_end(const RunEnd& end, Session& session);

/// Where a machine stands that was stopped on purpose, and its last transitions.
std::string report_stop(Session& session);

} // namespace ringcheck::cli
