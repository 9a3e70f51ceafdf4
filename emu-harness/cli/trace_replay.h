// SPDX-License-Identifier: GPL-2.0-or-later
// One trace held against the guest: its program runs, or its calls are made, and what happens is compared with it.
#pragma once

#include "cli/session.h"
#include "trace/compare.h"
#include "trace/text_lines.h"
#include "trace/trace.h"

#include <cstdint>
#include <expected>
#include <memory>
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

/// Runs the trace's program, and follows what the trace says is followed; what comes from outside comes.
RunEnd run_program(Session& session, const Trace& trace, std::uint64_t limit);

/// @param session  made for the trace's program, and not prepared yet
/// @param limit    of instructions
Replay replay_trace(Session& session, const Trace& trace, std::uint64_t limit);

/// An inject line whose address means nothing for the trace's program, with its line; nullopt: there is none.
std::optional<ParseError> refuse_injections(const GuestFiles& files, const Trace& trace);

/// The guest's files with those that the trace brings, which has a boot of its own then; nullptr: it brings none.  The
/// error is one line.
std::expected<std::unique_ptr<GuestFiles>, std::string> own_files(const GuestOptions& options, const Trace& trace);

/// Why the trace cannot be replayed with this guest: one line that begins with its place; nullopt: it can.
/// @param from_snapshot  the guest goes on from one
std::optional<std::string> refuse_trace(const GuestFiles& files, const std::string& path, const Trace& trace,
                                        bool from_snapshot = false);

} // namespace ringcheck::cli
