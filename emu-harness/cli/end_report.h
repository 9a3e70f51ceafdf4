// SPDX-License-Identifier: GPL-2.0-or-later
// How a run ended, in words, and what a person needs when it did not end as asked.
#pragma once

#include "cli/session.h"
#include "explain/explanation.h"
#include "machine/machine.h"

#include <string>
#include <vector>

namespace ringcheck::cli {

/// "powered off", "triple fault", "panic: MESSAGE" ...
std::string describe_end(const RunEnd& end, Session& session);

/// Says what became of a value that the kernel should have kept, by a second run.
void follow_kept_value(Explanation& explanation, const Session& session);

/// It powered off, or wrote to the isa-debug-exit port what its description calls a good end; and no panic before it.
bool ended_well(const RunEnd& end, Session& session);

/// What brought the guest to its end: each exception that it never returned from, and the event of a shutdown.  Empty
/// when there was none.
std::vector<Explanation> explain_end(const RunEnd& end, Session& session);

/// Several lines: where the machine stands, what explains its end, for a hang where it loops and what it waits for, and
/// the last transitions.  Runs a hanging machine a little further.
std::string report_end(const RunEnd& end, Session& session);

/// Where a machine stands that was stopped on purpose, and its last transitions.
std::string report_stop(Session& session);

} // namespace ringcheck::cli
