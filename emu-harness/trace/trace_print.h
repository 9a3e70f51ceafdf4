// SPDX-License-Identifier: GPL-2.0-or-later
// Writes traces; the inverse of trace_parse.h.
#pragma once

#include "trace/trace.h"

#include <string>
#include <string_view>
#include <vector>

namespace ringcheck {

/// The whole file, version line included.
std::string print_trace(const Trace& trace);
/// The second line without its end: "program hello", "program stress "5"", "injected hello".
std::string print_program_line(const Trace& trace);
/// That line, and those behind it that come before the first event: "environment "HOME=/"", in their order.
std::vector<std::string> print_header(const Trace& trace);
/// One line without its end: "syscall  exit(0)".
std::string print_event(const Event& event);
/// The line without its first word: "exit(0)".
std::string print_event_body(const Event& event);
/// Its first word: "syscall".
std::string_view event_word(const Event& event);
/// Of an InjectEvent, its second word: "interrupt", "nmi", "machine_check".
std::string_view injection_word(Injection::Kind kind);
std::string print_argument(const Argument& argument);
std::string print_address(const Address& address);
/// " = 6", " = -1 EFAULT", " = ?" or "".
std::string print_result(const SyscallResult& result);

/// `bytes` between quotes: \n \t \r \\ \" by name, other bytes outside printable ASCII as \xHH.
std::string escape_bytes(std::string_view bytes);

} // namespace ringcheck
