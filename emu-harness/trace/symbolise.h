// SPDX-License-Identifier: GPL-2.0-or-later
// Names for the addresses in a trace.  Recorder and log reader both use these, so that the same run gives the same
// words whoever saw it.
#pragma once

#include "trace/trace.h"
#include "watch/symbols.h"

#include <cstdint>
#include <string>
#include <variant>

namespace ringcheck {

/// Code: the program's symbol, else a named address, else the bare number.
Address name_code(const Symbols& symbols, const Program& program, std::uint64_t address);
/// Data that a fault touched: a named address, else the program's symbol, else the bare number.
Address name_data(const Symbols& symbols, const Program& program, std::uint64_t address);
/// A pointer among a system call's arguments: a named address or the bare number.
Argument name_pointer(const Symbols& symbols, const Program& program, std::uint64_t address);
/// An argument of a call that the guest's table does not have, of which nobody knows whether it is a pointer: a bare
/// number, unless it lies where each process has it elsewhere.
Argument name_word(const Symbols& symbols, const Program& program, std::uint64_t word);
/// A pointer that a system call returns.
SyscallResult result_pointer(const Symbols& symbols, const Program& program, std::uint64_t address);

/// The number of a process or a thread: by its distance from the traced process's number, "PID", "PID+0x1"; as it is
/// when it is 1, the first process's, or no such number, or too far away to be one of the program's.
std::variant<Integer, NamedAddress> name_process(std::int64_t number, std::uint64_t traced);

/// The word for a system call that the guest's table does not have: "syscall_999".
std::string unknown_syscall(std::uint64_t number);
/// "#PF", or "vector_9" where the manual has no mnemonic.
std::string exception_word(unsigned vector);
/// "EFAULT", or "errno_71" where the guest has no name.
std::string error_word(const GuestDescription& guest, std::uint64_t number);
/// "SIGSEGV", or "signal_40" where the guest has no name.
std::string signal_word(const GuestDescription& guest, std::uint64_t number);
/// The exit event for a wait status.  [wait(2)]
ExitEvent exit_event(const GuestDescription& guest, std::uint64_t wait_status);

/// Replaces bare addresses, and numbers of processes, by names, in place.
void symbolise(Trace& trace, const Symbols& symbols);

} // namespace ringcheck
