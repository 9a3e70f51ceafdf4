// SPDX-License-Identifier: MIT
// What a signal tells beside its number: why it was sent, and the address that it is about.
// Codes as Linux x86-64 has them.  [sigaction(2) "The si_code field"; Linux uapi asm-generic/siginfo.h]
#pragma once

#include "uapi/signals.h"

#include <cstdint>

namespace uapi {

/// si_code.  A code's meaning depends on the signal, except for those of signal_code itself.
namespace signal_code {
inline constexpr std::int32_t kKernel = 0x80; ///< SI_KERNEL: sent by the kernel, which says no more
inline constexpr std::int32_t kUser = 0, kQueue = -1, kTimer = -2, kThread = -6; ///< SI_USER, ..., SI_TKILL

namespace ill {
inline constexpr std::int32_t kIllegalOperand = 2;
}
namespace fpe {
inline constexpr std::int32_t kIntegerDivide = 1, kFloatDivide = 3, kFloatOverflow = 4, kFloatUnderflow = 5,
                              kFloatInexact = 6, kFloatInvalid = 7;
}
namespace segv {
inline constexpr std::int32_t kNotMapped = 1, kAccess = 2, kControlProtection = 10;
}
namespace bus {
inline constexpr std::int32_t kAlignment = 1, kAddress = 2;
}
namespace child {
inline constexpr std::int32_t kExited = 1, kKilled = 2, kStopped = 5, kContinued = 6;
}
namespace trap {
inline constexpr std::int32_t kBreakpoint = 1, kTrace = 2, kHardwareBreakpoint = 4;
}
} // namespace signal_code

/// What the kernel keeps of a siginfo_t.
struct SignalInfo {
    Signal number{};
    std::int32_t code = 0;     ///< si_code
    std::uint64_t address = 0; ///< si_addr of a fault, si_value of what was queued
    std::uint32_t sender = 0;  ///< si_pid: who has sent it, or the child
    std::int32_t status = 0;   ///< si_status of a child
    std::int64_t time = 0;     ///< si_utime of a child, in clock ticks

    constexpr bool operator==(const SignalInfo&) const = default;
};

/// Sent because a child has ended, stopped or gone on.
constexpr bool tells_of_child(const SignalInfo& info)
{
    return info.number == Signal::Sigchld && info.code > 0 && info.code != signal_code::kKernel;
}

/// The code's name in the manual page, "SEGV_MAPERR"; "" for a code that no fault has.
constexpr const char* signal_code_name(Signal signal, std::int32_t code)
{
    struct Name {
        Signal signal;
        std::int32_t code;
        const char* name;
    };
    constexpr Name kNames[] = {
        {Signal::Sigill, signal_code::ill::kIllegalOperand, "ILL_ILLOPN"},
        {Signal::Sigfpe, signal_code::fpe::kIntegerDivide, "FPE_INTDIV"},
        {Signal::Sigfpe, signal_code::fpe::kFloatDivide, "FPE_FLTDIV"},
        {Signal::Sigfpe, signal_code::fpe::kFloatOverflow, "FPE_FLTOVF"},
        {Signal::Sigfpe, signal_code::fpe::kFloatUnderflow, "FPE_FLTUND"},
        {Signal::Sigfpe, signal_code::fpe::kFloatInexact, "FPE_FLTRES"},
        {Signal::Sigfpe, signal_code::fpe::kFloatInvalid, "FPE_FLTINV"},
        {Signal::Sigsegv, signal_code::segv::kNotMapped, "SEGV_MAPERR"},
        {Signal::Sigsegv, signal_code::segv::kAccess, "SEGV_ACCERR"},
        {Signal::Sigsegv, signal_code::segv::kControlProtection, "SEGV_CPERR"},
        {Signal::Sigbus, signal_code::bus::kAlignment, "BUS_ADRALN"},
        {Signal::Sigbus, signal_code::bus::kAddress, "BUS_ADRERR"},
        {Signal::Sigtrap, signal_code::trap::kBreakpoint, "TRAP_BRKPT"},
        {Signal::Sigtrap, signal_code::trap::kTrace, "TRAP_TRACE"},
        {Signal::Sigtrap, signal_code::trap::kHardwareBreakpoint, "TRAP_HWBKPT"},
    };
    if (code == signal_code::kKernel) {
        return "SI_KERNEL";
    }
    for (const Name& known : kNames) {
        if (known.signal == signal && known.code == code) {
            return known.name;
        }
    }
    return "";
}

} // namespace uapi
