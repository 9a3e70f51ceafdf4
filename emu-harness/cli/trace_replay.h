// SPDX-License-Identifier: GPL-2.0-or-later
// One trace held against the guest: its program runs, or its calls are made, and what happens is compared with it.
#pragma once

#include "cli/session.h"
#include "trace/compare.h"
#include "trace/trace.h"

#include <cstdint>
#include <optional>
#include <string>

namespace ringcheck::cli {

struct Replay {
    RunEnd end;
    std::string how;    ///< the machine's end, in words
    bool ended = false; ///< well
    Trace actual;       ///< what happened
    bool whole = true;  ///< all of it: an injected trace could be followed to its end
    std::optional<Difference> difference;
};

/// @param session  made for the trace's program, and not prepared yet
/// @param limit    of instructions
Replay replay_trace(Session& session, const Trace& trace, std::uint64_t limit);

/// Why the trace cannot be replayed with this guest: one line that begins with its place; nullopt: it can.
/// @param from_snapshot  the guest goes on from one
std::optional<std::string> refuse_trace(const GuestFiles& files, const std::string& path, const Trace& trace,
                                        bool from_snapshot = false);

} // namespace ringcheck::cli
