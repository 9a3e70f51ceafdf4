// SPDX-License-Identifier: MIT
// Signal numbers as Linux x86-64 has them, and what they do.  [signal(7)]
#pragma once

#include <cstdint>

namespace uapi {

/// Not in capitals, because a host's <csignal> has those names as macros.
enum class Signal : std::uint8_t {
    Sighup = 1,
    Sigint = 2,
    Sigquit = 3,
    Sigill = 4,
    Sigtrap = 5,
    Sigabrt = 6,
    Sigbus = 7,
    Sigfpe = 8,
    Sigkill = 9,
    Sigusr1 = 10,
    Sigsegv = 11,
    Sigusr2 = 12,
    Sigpipe = 13,
    Sigalrm = 14,
    Sigterm = 15,
    Sigstkflt = 16,
    Sigchld = 17,
    Sigcont = 18,
    Sigstop = 19,
    Sigtstp = 20,
    Sigttin = 21,
    Sigttou = 22,
    Sigurg = 23,
    Sigxcpu = 24,
    Sigxfsz = 25,
    Sigvtalrm = 26,
    Sigprof = 27,
    Sigwinch = 28,
    Sigio = 29,
    Sigpwr = 30,
    Sigsys = 31,
};

/// sigaction(2)'s structure, as the system call has it.
struct SignalAction {
    std::uint64_t handler; ///< an address, or one of signal_handler
    std::uint64_t flags;   ///< of signal_flag
    std::uint64_t restorer;
    std::uint64_t mask; ///< bit N - 1: signal N is blocked meanwhile
};
static_assert(sizeof(SignalAction) == 32);

namespace signal_handler {
inline constexpr std::uint64_t kDefault = 0, kIgnore = 1;
} // namespace signal_handler

namespace signal_flag {
inline constexpr std::uint64_t kNoChildStop = 1, kNoChildWait = 2, kInfo = 4, kRestorer = 0x0400'0000,
                               kOnStack = 0x0800'0000, kRestart = 0x1000'0000, kNoDefer = 0x4000'0000,
                               kResetHandler = 0x8000'0000;
/// All that are known; others are not kept, so that programs can find out.
inline constexpr std::uint64_t kKnown =
    kNoChildStop | kNoChildWait | kInfo | kRestorer | kOnStack | kRestart | kNoDefer | kResetHandler;
} // namespace signal_flag

/// rt_sigprocmask(2)'s ways.
enum class MaskChange : std::uint32_t { Block, Unblock, Set };

/// Numbers go from 1 to this; those above SIGSYS are the real-time signals, which have no names.
inline constexpr std::uint64_t kLastSignal = 64, kLastNamedSignal = 31;
/// Real-time signals come as often as they were sent, and in that order.
inline constexpr std::uint64_t kFirstRealTimeSignal = 32;

/// "SIGSEGV"; "" for a number without a name.
constexpr const char* signal_name(std::uint64_t number)
{
    if (number != static_cast<std::uint8_t>(number)) {
        return ""; // the cast below would drop the upper bits
    }
    switch (static_cast<Signal>(number)) {
    case Signal::Sighup: return "SIGHUP";
    case Signal::Sigint: return "SIGINT";
    case Signal::Sigquit: return "SIGQUIT";
    case Signal::Sigill: return "SIGILL";
    case Signal::Sigtrap: return "SIGTRAP";
    case Signal::Sigabrt: return "SIGABRT";
    case Signal::Sigbus: return "SIGBUS";
    case Signal::Sigfpe: return "SIGFPE";
    case Signal::Sigkill: return "SIGKILL";
    case Signal::Sigusr1: return "SIGUSR1";
    case Signal::Sigsegv: return "SIGSEGV";
    case Signal::Sigusr2: return "SIGUSR2";
    case Signal::Sigpipe: return "SIGPIPE";
    case Signal::Sigalrm: return "SIGALRM";
    case Signal::Sigterm: return "SIGTERM";
    case Signal::Sigstkflt: return "SIGSTKFLT";
    case Signal::Sigchld: return "SIGCHLD";
    case Signal::Sigcont: return "SIGCONT";
    case Signal::Sigstop: return "SIGSTOP";
    case Signal::Sigtstp: return "SIGTSTP";
    case Signal::Sigttin: return "SIGTTIN";
    case Signal::Sigttou: return "SIGTTOU";
    case Signal::Sigurg: return "SIGURG";
    case Signal::Sigxcpu: return "SIGXCPU";
    case Signal::Sigxfsz: return "SIGXFSZ";
    case Signal::Sigvtalrm: return "SIGVTALRM";
    case Signal::Sigprof: return "SIGPROF";
    case Signal::Sigwinch: return "SIGWINCH";
    case Signal::Sigio: return "SIGIO";
    case Signal::Sigpwr: return "SIGPWR";
    case Signal::Sigsys: return "SIGSYS";
    }
    return "";
}

/// What a signal does to a process that has asked for nothing else.  [signal(7) "Standard signals"]
enum class DefaultAction : std::uint8_t { End, Ignore, Stop, Continue };

constexpr DefaultAction default_action(Signal signal)
{
    switch (signal) {
    case Signal::Sigchld:
    case Signal::Sigurg:
    case Signal::Sigwinch: return DefaultAction::Ignore;
    case Signal::Sigstop:
    case Signal::Sigtstp:
    case Signal::Sigttin:
    case Signal::Sigttou: return DefaultAction::Stop;
    case Signal::Sigcont: return DefaultAction::Continue;
    default: return DefaultAction::End;
    }
}

} // namespace uapi
