// SPDX-License-Identifier: MIT
// The user state that no trap frame holds: FPU registers, segment selectors, FS and GS base, debug control.
// It stays in the CPU while the kernel runs for a thread (the kernel uses none of it) and moves at the switch only.
#pragma once

#include "arch/address.h"
#include "cpu/float_state.h"

#include <cstdint>

namespace kernel {

struct UserState {
    FloatState floats;
    std::uint64_t fs_base, gs_base;
    std::uint16_t ds, es, fs, gs;

    /// What a program finds at its first instruction: FloatState::initial(), and everything else zero.
    static UserState initial();

    /// Takes the CPU's state into this object.
    void save();
    /// Gives this object's state to the CPU, clears the debug control register, and makes SS the kernel's.
    void load() const;
};

/// FS and GS base of the running thread, which are in the CPU.  Setting one makes the selector null, as Linux does.
/// @param base  an address of user space: the CPU refuses one that is not canonical
arch::VirtAddr user_fs_base();
arch::VirtAddr user_gs_base();
void set_user_fs_base(arch::VirtAddr base);
void set_user_gs_base(arch::VirtAddr base);

} // namespace kernel
