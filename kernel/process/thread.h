// SPDX-License-Identifier: MIT
// A thread: a kernel stack, a place to go on, and for a user thread the user state that moves at a switch.
#pragma once

#include "arch/address.h"
#include "cpu/user_state.h"

#include <cstdint>

namespace kernel {

struct Vessel;

enum class ThreadId : std::uint64_t {};

enum class ThreadState : std::uint8_t {
    Free,    ///< the slot is nobody's
    Ready,   ///< in the ready queue
    Running, ///< on the CPU
    Blocked, ///< waits for a wake on its channel
    Zombie,  ///< will never run again; its stack waits for the reaper
};

struct Thread {
    ThreadId id{};
    ThreadState state = ThreadState::Free;
    Vessel* vessel = nullptr;        ///< whose address space it runs in; nullptr for a kernel thread
    std::uint64_t saved_rsp = 0;     ///< written by switch_stacks while another thread runs
    arch::VirtAddr kernel_stack_top; ///< what set_kernel_stack gets when this thread is switched to
    arch::PhysAddr table;            ///< physical address of the PML4 it runs under
    const void* channel = nullptr;   ///< what a blocked thread waits for
    std::uint64_t ticks = 0;         ///< timer ticks that found it running
    std::uint64_t switches = 0;      ///< times it was given the CPU
    Thread* next_ready = nullptr;    ///< ready queue link
    UserState user{};                ///< FPU, FS and GS base, selectors: valid while another thread runs
};

} // namespace kernel
