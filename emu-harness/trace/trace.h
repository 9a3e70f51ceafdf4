// SPDX-License-Identifier: GPL-2.0-or-later
// A trace: what one program did at the boundary to the kernel, in an order and in words that an unrelated edit of
// program or kernel does not change.  traces/README.md is its grammar.
#pragma once

#include "guest/program.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ringcheck {

/// A whole number, written in decimal.
struct Integer {
    bool negative = false; ///< never with magnitude 0
    std::uint64_t magnitude = 0;
    bool operator==(const Integer&) const = default;
};

/// An address without a name, written in hexadecimal.
struct RawAddress {
    std::uint64_t value = 0;
    bool operator==(const RawAddress&) const = default;
};

/// A symbol or a named address, "main", "main+0x12", "USER_STACK_TOP-0x8".
struct NamedAddress {
    std::string name;        ///< is_symbol_name; is_word where it is an argument
    std::int64_t offset = 0; ///< bytes
    bool operator==(const NamedAddress&) const = default;
};

/// The bytes that a pointer points to.
struct Buffer {
    std::string bytes; ///< at most kBufferLimit
    bool cut = false;  ///< there were more
    bool operator==(const Buffer&) const = default;
};
inline constexpr std::size_t kBufferLimit = 256;

/// What may be anything, "*".  In what is written by hand; nothing is recorded so.
struct Anything {
    bool operator==(const Anything&) const = default;
};
/// A number or an address of which only this is known: wherever the name stands in a trace, it is the same one; "$map",
/// "$map+0x1000".  By hand, likewise.
struct Captured {
    std::string name;        ///< is_word
    std::int64_t offset = 0; ///< from the captured one
    bool operator==(const Captured&) const = default;
};

using Address = std::variant<RawAddress, NamedAddress>;
using Argument = std::variant<Integer, RawAddress, NamedAddress, Buffer, Anything, Captured>;

/// The call never comes back: nothing is written.
struct NoResult {
    bool operator==(const NoResult&) const = default;
};
/// The process ended inside the call: "= ?".
struct UnknownResult {
    bool operator==(const UnknownResult&) const = default;
};
/// "= -1 EFAULT"
struct ErrorResult {
    std::string name;
    bool operator==(const ErrorResult&) const = default;
};
/// A number of a process is named by the traced one: "= PID+0x1".
using SyscallResult =
    std::variant<NoResult, UnknownResult, ErrorResult, Integer, RawAddress, NamedAddress, Anything, Captured>;

/// The program's first instruction.
struct EnterEvent {
    Address at;
    bool operator==(const EnterEvent&) const = default;
};

struct SyscallEvent {
    std::string name;
    std::vector<Argument> arguments;
    SyscallResult result;
    bool operator==(const SyscallEvent&) const = default;
};

enum class FaultAccess : std::uint8_t { Read, Write, Execute };

/// An exception in ring 3 that the kernel did not repair.
struct FaultEvent {
    struct Access {
        FaultAccess kind{};
        Address address;
        bool operator==(const Access&) const = default;
    };
    /// "#PF", or "vector_9" where the manual has no mnemonic; "*": any fault, of which nothing else is said
    std::string exception;
    std::optional<Access> access; ///< what the program tried; with #PF only
    Address at;                   ///< the instruction pointer that the CPU saved
    bool is_any() const { return exception == "*"; }
    bool operator==(const FaultEvent&) const = default;
};

/// The process ended: by itself, or by a signal.
struct ExitEvent {
    std::string signal;       ///< "SIGSEGV", or "" when it ended by itself
    std::uint64_t status = 0; ///< 0 when a signal killed it
    bool operator==(const ExitEvent&) const = default;
};

struct Event {
    std::variant<EnterEvent, SyscallEvent, FaultEvent, ExitEvent> what;
    unsigned line = 0; ///< where it stands in its file, from 1; 0: in none.  Not part of its identity.
    bool operator==(const Event& other) const { return what == other.what; }
};

struct Trace {
    std::string program;
    std::vector<Event> events;
    std::uint64_t process =
        0;           ///< the number that it had in that run, 0 where that is unknown.  Not part of its identity.
    Places places{}; ///< where its memory was in that run, likewise
    bool operator==(const Trace& other) const { return program == other.program && events == other.events; }
};

/// The version that this program writes and reads.
inline constexpr unsigned kTraceVersion = 1;

// What the parts of a trace are made of; recorder, printer and parser agree on them here.

/// A program's name: printable ASCII without blanks.
bool is_program_name(std::string_view name);
/// The name of an error, a signal, a system call or a named address: letters, digits and '_', no digit first.
bool is_word(std::string_view name);
/// A symbol of code: printable ASCII without blanks, beginning with no digit, quote or '-', and not ending as an offset
/// does ("+0x12").
bool is_symbol_name(std::string_view name);
/// Takes "main+0x12" apart; a text without offset is all name.
NamedAddress split_offset(std::string_view text);

} // namespace ringcheck
