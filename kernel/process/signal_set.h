// SPDX-License-Identifier: MIT
// A set of signals: bit N - 1 is signal N, as in Linux's sigset_t.
#pragma once

#include "uapi/signals.h"

#include <cstdint>

namespace kernel {

struct SignalSet {
    std::uint64_t bits = 0;

    static constexpr SignalSet of(uapi::Signal signal)
    {
        return {std::uint64_t{1} << (static_cast<unsigned>(signal) - 1)};
    }
    template <typename... Signals> static constexpr SignalSet of(uapi::Signal first, Signals... others)
    {
        return of(first) | of(others...);
    }

    constexpr bool empty() const { return bits == 0; }
    constexpr bool has(uapi::Signal signal) const { return (bits & of(signal).bits) != 0; }
    /// The lowest number; not of an empty set.
    constexpr uapi::Signal first() const { return static_cast<uapi::Signal>(__builtin_ctzll(bits) + 1); }
    constexpr void add(uapi::Signal signal) { bits |= of(signal).bits; }
    constexpr void remove(SignalSet other) { bits &= ~other.bits; }
    constexpr SignalSet without(SignalSet other) const { return {bits & ~other.bits}; }
    constexpr SignalSet operator|(SignalSet other) const { return {bits | other.bits}; }
    constexpr SignalSet operator&(SignalSet other) const { return {bits & other.bits}; }
    constexpr bool operator==(const SignalSet&) const = default;
};

/// Nobody can block, ignore or handle these.
inline constexpr SignalSet kUnstoppable = SignalSet::of(uapi::Signal::Sigkill, uapi::Signal::Sigstop);
/// These stop a process unless it asks for something else.
inline constexpr SignalSet kStopSignals =
    SignalSet::of(uapi::Signal::Sigstop, uapi::Signal::Sigtstp, uapi::Signal::Sigttin, uapi::Signal::Sigttou);
/// These tell of what the thread itself has done, and come first.
inline constexpr SignalSet kFaultSignals =
    SignalSet::of(uapi::Signal::Sigsegv, uapi::Signal::Sigbus, uapi::Signal::Sigill, uapi::Signal::Sigtrap,
                  uapi::Signal::Sigfpe, uapi::Signal::Sigsys);

} // namespace kernel
