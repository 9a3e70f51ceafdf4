// SPDX-License-Identifier: GPL-2.0-or-later
// A trace: what one program did at the boundary to the kernel, or what the kernel answered to calls that no program
// makes, in an order and in words that an unrelated edit of either does not change.  traces/README.md is its grammar.
#pragma once

#include "guest/program.h"
#include "machine/injection.h"
#include "trace/text_lines.h"
#include "trace/value.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ringcheck {

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

/// The program's handler of a signal is about to run.
struct SignalEvent {
    std::string name; ///< "SIGSEGV"
    Address handler;
    bool operator==(const SignalEvent&) const = default;
};

/// The process goes on with another program, at its first instruction.
struct ExecuteEvent {
    std::string program; ///< is_program_name
    Address at;
    Places places{}; ///< where its memory is.  Not part of its identity.
    bool operator==(const ExecuteEvent& other) const { return program == other.program && at == other.at; }
};

/// Whether what a call of this name returns is the number of a process or a thread that it has made.
inline bool makes_a_task(std::string_view call)
{
    return call == "fork" || call == "vfork" || call == "clone" || call == "clone3";
}

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

/// Where ringcheck puts memory for the calls of an injected trace.
enum class MemoryPlace : std::uint8_t {
    Valid,     ///< in the middle of memory that may be read and written
    PageStart, ///< likewise, from the first byte of a page on; nothing is mapped before it
    PageEnd,   ///< likewise, to the last byte of a page; nothing is mapped behind it
    Across,    ///< likewise, half of it in one page and half in the next
    ReadOnly,
    NoAccess,  ///< mapped, and neither to be read nor to be written
    Unmapped,  ///< there was something once
    Untouched, ///< readable and writable, zero, and nobody has brought the pages in
    Stack,     ///< on the initial stack
};
/// By MemoryPlace, as a trace writes them.
inline constexpr std::string_view kMemoryPlaces[] = {"valid",     "page_start", "page_end",  "across", "read_only",
                                                     "no_access", "unmapped",   "untouched", "stack"};
/// What begins in the memory: so many bytes, each kUnwritten or, where nobody has been yet, 0; or these.
using MemoryContents = std::variant<Integer, Buffer, Structure>;
inline constexpr char kUnwritten = '\xaa';
inline constexpr std::size_t kMemoryLimit = 65536; ///< bytes

/// Memory is there from here on; calls name it.  In an injected trace.
struct MemoryEvent {
    std::string name; ///< is_word
    MemoryPlace place{};
    MemoryContents contents;
    bool operator==(const MemoryEvent&) const = default;
};
/// What the memory holds after a call that has changed it.
struct HoldsEvent {
    std::string name; ///< a MemoryEvent's
    std::variant<Buffer, Structure, Anything> contents;
    bool operator==(const HoldsEvent&) const = default;
};

/// What a child does follows, up to its exit.  Behind the exit of the traced program.
struct ChildEvent {
    std::int64_t number = 0; ///< less the traced program's; not 0
    // NOLINTNEXTLINE(readability-redundant-member-init): the compiler wants a value where only the number is given
    std::string program{}; ///< that it begins with, "": unknown.  Not part of its identity.
    Places places{};       ///< likewise
    bool operator==(const ChildEvent& other) const { return number == other.number; }
};

/// Something comes from outside the program before the instruction there, which its first thread reaches in ring 3.
struct InjectEvent {
    Injection injection; ///< an Interrupt, an Nmi or a MachineCheck
    Address at;
    bool operator==(const InjectEvent&) const = default;
};

/// The process loses the CPU to another one's page tables.
struct SwitchEvent {
    NamedAddress to; ///< "PID+0x1" one of the family, "other" another process, "kernel" tables of none
    bool operator==(const SwitchEvent&) const = default;
};

struct Event {
    std::variant<EnterEvent, SyscallEvent, FaultEvent, ExitEvent, MemoryEvent, HoldsEvent, ChildEvent, InjectEvent,
                 SwitchEvent, ExecuteEvent, SignalEvent>
        what;
    unsigned line = 0;       ///< where it stands in its file, from 1; 0: in none.  Not part of its identity.
    std::uint64_t count = 0; ///< when it happened: instructions retired before its transition; 0: unknown.  Likewise.
    bool operator==(const Event& other) const { return what == other.what; }
};

/// A file of the initrd that the trace brings along.
struct GivenFile {
    std::string name; ///< printable ASCII, without a '/' in front
    std::string contents;
    bool operator==(const GivenFile&) const = default;
};

/// What a program is started with beside its arguments, and what of it is followed; each entry is a line of the trace.
struct Setting {
    std::vector<std::string> environment; ///< "NAME=value"
    std::vector<GivenFile> files;
    std::vector<std::string> input; ///< what is typed for it, one after the other
    bool children = false;          ///< each of its descendants has a section behind its exit
    bool switches = false;          ///< with children: each process's switches are events too
    bool operator==(const Setting&) const = default;
};

struct Trace {
    std::string program;
    std::vector<Event> events;
    std::uint64_t process =
        0;                 ///< the number that it had in that run, 0 where that is unknown.  Not part of its identity.
    Places places{};       ///< where its memory was in that run, likewise
    bool injected = false; ///< ringcheck makes the calls, in a process of that program
    std::vector<std::string> arguments; ///< of the program; none when injected
    Setting setting;                    ///< likewise
    unsigned program_line = 0;          ///< where program and arguments stand in the file.  Not part of its identity.
    unsigned header_end = 0;            ///< the last line before the first event's, likewise
    std::optional<ParseError> broken_seal; ///< why the file's seal does not fit it, likewise
    bool operator==(const Trace& other) const
    {
        return program == other.program && injected == other.injected && arguments == other.arguments &&
               setting == other.setting && events == other.events;
    }
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

/// The trace of the program alone, without its children.
Trace without_children(Trace trace);
/// What of the trace the log of a kernel can have: nothing of what came from outside, and no switches.
Trace as_logged(Trace trace);

} // namespace ringcheck
