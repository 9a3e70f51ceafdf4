// SPDX-License-Identifier: MIT
// Signal numbers as Linux x86-64 has them, and the signal that each CPU exception becomes.  [signal(7)]
#pragma once

#include <cstdint>

namespace uapi {

/// Not in capitals, because a host's <csignal> has those names as macros.
enum class Signal : std::uint8_t { Sigill = 4, Sigtrap = 5, Sigbus = 7, Sigfpe = 8, Sigkill = 9, Sigsegv = 11 };

constexpr const char* signal_name(std::uint64_t number)
{
    if (number != static_cast<std::uint8_t>(number)) {
        return ""; // the cast below would drop the upper bits
    }
    switch (static_cast<Signal>(number)) {
    case Signal::Sigill: return "SIGILL";
    case Signal::Sigtrap: return "SIGTRAP";
    case Signal::Sigbus: return "SIGBUS";
    case Signal::Sigfpe: return "SIGFPE";
    case Signal::Sigkill: return "SIGKILL";
    case Signal::Sigsegv: return "SIGSEGV";
    }
    return "";
}

/// The signal that Linux sends for exception `vector` in ring 3.  [Linux arch/x86/kernel/traps.c, mm/fault.c]
constexpr Signal signal_for_exception(unsigned vector)
{
    switch (vector) {
    case 0:  // #DE
    case 16: // #MF
    case 19: // #XM
        return Signal::Sigfpe;
    case 1: // #DB
    case 3: // #BP
        return Signal::Sigtrap;
    case 6: // #UD
        return Signal::Sigill;
    case 11: // #NP
    case 12: // #SS
    case 17: // #AC
        return Signal::Sigbus;
    default: return Signal::Sigsegv;
    }
}

} // namespace uapi
