// SPDX-License-Identifier: MIT
// A thread: a kernel stack, a place to go on, and for a user thread the user state that moves at a switch.
#pragma once

#include "arch/address.h"
#include "cpu/user_state.h"
#include "layout/per_cpu.h"
#include "uapi/signal_info.h"

#include <cstddef>
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

/// What is to be done for a thread before it goes on in ring 3, one bit each.  Any of them makes a system call end by
/// IRETQ with every register as the frame has it; do_return_work clears them.
namespace return_work {
/// A system call wrote to its caller's frame: all of it counts, not the result alone.
inline constexpr std::uint32_t kFrameChanged = 1u << 0;
} // namespace return_work

struct Thread {
    std::uint32_t return_work = 0; ///< bits of namespace return_work; first, where assembly finds it
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
    uapi::SignalInfo fault{};        ///< the last exception of its own, as the signal that it became
    UserState user{};                ///< FPU, FS and GS base, selectors: valid while another thread runs
};

static_assert(offsetof(Thread, return_work) == layout::kReturnWorkInThread);

} // namespace kernel
