// SPDX-License-Identifier: MIT
// Signal handlers for programs without a C library.
#pragma once

#include "lib/process.h"
#include "uapi/signal_frame.h"
#include "uapi/signal_info.h"

namespace user {

using Handler = void (*)(int signal, uapi::SigInfo* info, uapi::UserContext* context);

/// Where handlers return to.
[[gnu::naked]] inline void restorer()
{
    asm("mov $15, %eax\n"
        "syscall\n"
        "ud2\n");
}

constexpr std::uint64_t bit_of(uapi::Signal signal)
{
    return std::uint64_t{1} << (static_cast<unsigned>(signal) - 1);
}

inline std::int64_t set_action(uapi::Signal signal, const uapi::SignalAction& action, uapi::SignalAction* old = nullptr)
{
    return system_call(uapi::Syscall::RtSigaction, static_cast<std::uint64_t>(signal),
                       reinterpret_cast<std::uint64_t>(&action), reinterpret_cast<std::uint64_t>(old),
                       std::uint64_t{8});
}

/// @param flags  of uapi::signal_flag; SA_SIGINFO and SA_RESTORER are added
inline std::int64_t handle(uapi::Signal signal, Handler handler, std::uint64_t flags = 0, std::uint64_t mask = 0)
{
    return set_action(signal, {reinterpret_cast<std::uint64_t>(handler),
                               flags | uapi::signal_flag::kInfo | uapi::signal_flag::kRestorer,
                               reinterpret_cast<std::uint64_t>(&restorer), mask});
}

inline std::int64_t ignore(uapi::Signal signal)
{
    return set_action(signal, {uapi::signal_handler::kIgnore, 0, 0, 0});
}

inline std::int64_t by_default(uapi::Signal signal)
{
    return set_action(signal, {uapi::signal_handler::kDefault, 0, 0, 0});
}

inline std::int64_t change_mask(uapi::MaskChange how, std::uint64_t set, std::uint64_t* old = nullptr)
{
    return system_call(uapi::Syscall::RtSigprocmask, static_cast<std::uint64_t>(how),
                       reinterpret_cast<std::uint64_t>(&set), reinterpret_cast<std::uint64_t>(old), std::uint64_t{8});
}

inline std::int64_t own_id()
{
    return system_call(uapi::Syscall::Getpid);
}

/// To the calling process; the handler has run when it comes back.
inline std::int64_t raise(uapi::Signal signal)
{
    return kill(own_id(), signal);
}

} // namespace user
