// SPDX-License-Identifier: MIT
// System calls on the calling process.
#pragma once

#include "arch/address.h"

#include <cstdint>

namespace kernel {

/// exit(2): ends the calling thread, and its Vessel with `status & 0xff` when it is the last one.
[[noreturn]] void exit(std::uint64_t status);
/// exit_group(2): ends the Vessel with `status & 0xff`.
[[noreturn]] void exit_group(std::uint64_t status);

/// getpid(2), gettid(2), getppid(2): numbers of the calling Vessel, thread, and parent Vessel.
std::uint64_t getpid();
std::uint64_t gettid();
std::uint64_t getppid();
/// set_tid_address(2): names the word that becomes 0, with a futex wake, when the thread ends.
/// @return  the thread's number
std::uint64_t set_tid_address(arch::VirtAddr word);
/// sched_yield(2); always 0.
std::uint64_t sched_yield();

} // namespace kernel
