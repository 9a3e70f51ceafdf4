// SPDX-License-Identifier: MIT
#include "layout/landmarks.h"

// Empty on purpose, but never optimised away: the call itself is the message.
extern "C" {
[[gnu::noinline]] void landmark_kernel_moves(std::uint64_t)
{
    asm volatile("");
}
[[gnu::noinline]] void landmark_process_started(std::uint64_t, const char*, std::uint64_t, const layout::ProcessPlaces*)
{
    asm volatile("");
}
[[gnu::noinline]] void landmark_process_forked(std::uint64_t, const char*, std::uint64_t, const layout::ProcessPlaces*,
                                               std::uint64_t)
{
    asm volatile("");
}
[[gnu::noinline]] void landmark_process_executed(std::uint64_t, const char*, std::uint64_t,
                                                 const layout::ProcessPlaces*)
{
    asm volatile("");
}
[[gnu::noinline]] void landmark_call_restarts()
{
    asm volatile("");
}
[[gnu::noinline]] void landmark_signal_delivered(std::uint64_t, std::uint64_t, std::uint64_t)
{
    asm volatile("");
}
[[gnu::noinline]] void landmark_process_ended(std::uint64_t, std::uint64_t)
{
    asm volatile("");
}
[[gnu::noinline]] void landmark_thread_ended(std::uint64_t)
{
    asm volatile("");
}
[[gnu::noinline]] void landmark_frame_allocated(std::uint64_t)
{
    asm volatile("");
}
[[gnu::noinline]] void landmark_frame_freed(std::uint64_t)
{
    asm volatile("");
}
[[gnu::noinline]] void landmark_panic()
{
    asm volatile("");
}
}
