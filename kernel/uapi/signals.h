// SPDX-License-Identifier: MIT
// Signal numbers as Linux x86-64 has them, and the signal that each CPU exception becomes.  [signal(7)]
#pragma once

#include <cstdint>

namespace uapi {

enum class Signal : std::uint8_t { SIGILL = 4, SIGTRAP = 5, SIGBUS = 7, SIGFPE = 8, SIGKILL = 9, SIGSEGV = 11 };

constexpr const char* signal_name(std::uint64_t number)
{
    if (number != static_cast<std::uint8_t>(number)) {
        return ""; // the cast below would drop the upper bits
    }
    switch (static_cast<Signal>(number)) {
    case Signal::SIGILL: return "SIGILL";
    case Signal::SIGTRAP: return "SIGTRAP";
    case Signal::SIGBUS: return "SIGBUS";
    case Signal::SIGFPE: return "SIGFPE";
    case Signal::SIGKILL: return "SIGKILL";
    case Signal::SIGSEGV: return "SIGSEGV";
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
        return Signal::SIGFPE;
    case 1: // #DB
    case 3: // #BP
        return Signal::SIGTRAP;
    case 6: // #UD
        return Signal::SIGILL;
    case 11: // #NP
    case 12: // #SS
    case 17: // #AC
        return Signal::SIGBUS;
    default: return Signal::SIGSEGV;
    }
}

} // namespace uapi
