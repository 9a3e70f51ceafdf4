// SPDX-License-Identifier: GPL-2.0-or-later
// Reads traces; the inverse of trace_print.h.
#pragma once

#include "trace/line_cursor.h"
#include "trace/text_lines.h"
#include "trace/trace.h"

#include <expected>
#include <string>
#include <string_view>

namespace ringcheck {

/// A whole trace: version line, program, events, the last of them its exit.
std::expected<Trace, ParseError> parse_trace(std::string_view text);

/// Reads and parses a file.  The error is one line that begins with its place: "traces/hello.trace:4:10: error: ..."
std::expected<Trace, std::string> load_trace(const std::string& path);
/// The bytes of a file, at most kTextLimit; the error is the reason alone: "cannot be opened: ..."
std::expected<std::string, std::string> read_text_file(const std::string& path);
inline constexpr std::size_t kTextLimit = 64u << 20;
/// What stands behind the word of an inject line: "nmi at main+0x12".
std::expected<InjectEvent, ParseError> parse_injection(std::string_view text);
std::string format_parse_error(const std::string& path, const ParseError& error);
/// That the file is not the one that was sealed, and how to accept it: two lines with their ends; "" when it is.
std::string format_broken_seal(const std::string& path, const Trace& trace);

// Parts that the kernel's own log has too.  A cursor stands behind the event's first word.
FaultEvent parse_fault(LineCursor& cursor, LineCursor::Patterns patterns = LineCursor::Patterns::Refused);
ExitEvent parse_exit(LineCursor& cursor);
ExecuteEvent parse_execute(LineCursor& cursor);
SignalEvent parse_signal(LineCursor& cursor);
/// Fails when `event`, the line that was read, could not be read again once it is printed.
void check_length(LineCursor& cursor, const Event& event);

} // namespace ringcheck
