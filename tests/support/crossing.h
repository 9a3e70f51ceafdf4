// SPDX-License-Identifier: MIT
// A process of AethelOS that crosses between the rings as it should; a test spoils one thing and looks who notices.
#pragma once

#include "arch/paging.h"
#include "arch/tss.h"
#include "layout/address_map.h"
#include "layout/per_cpu.h"
#include "layout/selectors.h"
#include "support/aethelos_description.h"
#include "support/fake_guest_memory.h"
#include "watch/rules.h"

#include <gtest/gtest.h>

namespace support {

class Crossing {
public:
    static constexpr std::uint64_t kTss = 0xffff'ffff'8020'0000, kPerCpu = 0xffff'ffff'8020'1000;
    static constexpr std::uint64_t kTable = 0x1000, kEntry = 0x40'1000;
    static constexpr std::uint64_t kStackTop = layout::kKernelStacks.value + 2 * layout::kKernelStackStride;
    static constexpr std::uint64_t kUserRsp = layout::kUserStackTop.value - 0x100;

    Crossing()
    {
        memory.put_u64(kTss + offsetof(arch::Tss, rsp), kStackTop);
        for (unsigned i = 0; i < 7; ++i) {
            memory.put_u64(kTss + offsetof(arch::Tss, ist) + i * 8, 0);
        }
        set_io_map_base(sizeof(arch::Tss));
        memory.put_u64(kPerCpu + offsetof(layout::PerCpu, self), kPerCpu);
        memory.put_u64(kPerCpu + offsetof(layout::PerCpu, kernel_rsp), kStackTop);
    }

    void set_io_map_base(std::uint64_t base)
    {
        memory.put_u64(kTss + offsetof(arch::Tss, io_map_base) - 6, base << 48);
    }
    /// The process's program, with its stack where kUserRsp is.
    static ringcheck::Program hello() { return {"hello", {{layout::kUserStackTop.value}}, 0}; }

    /// In ring 0 on the kernel stack.
    ringcheck::model::CpuState kernel_state() const
    {
        ringcheck::model::CpuState state;
        state.cpl = 0;
        state.rip = 0xffff'ffff'8010'0000;
        state[ringcheck::model::Gpr::Rsp] = kStackTop - 0x28;
        state.cs.selector = layout::kKernelCode;
        state.ss.selector = layout::kKernelData;
        state.tr.base = kTss;
        state.tr.limit = sizeof(arch::Tss) - 1;
        state.cr0 = arch::cr0::kPaging | arch::cr0::kWriteProtect | arch::cr0::kProtectionEnable;
        state.cr3 = kTable;
        state.efer = arch::efer::kNoExecuteEnable | arch::efer::kLongModeActive | arch::efer::kSyscallEnable;
        state.gs.base = kPerCpu;
        return state;
    }
    /// At the first instruction in ring 3.
    ringcheck::model::CpuState user_state() const
    {
        ringcheck::model::CpuState state = kernel_state();
        state.cpl = 3;
        state.rip = kEntry;
        state[ringcheck::model::Gpr::Rsp] = kUserRsp;
        state.cs.selector = layout::kUserCode;
        state.ss.selector = layout::kUserData;
        state.rflags |= arch::rflags::kInterrupt;
        state.gs.base = 0;
        state.kernel_gs_base = kPerCpu;
        return state;
    }
    ringcheck::Transition enter(ringcheck::model::CpuState user, std::uint64_t count = 1000) const
    {
        ringcheck::model::CpuState kernel = kernel_state();
        kernel.gs.base = 0;
        kernel.kernel_gs_base = kPerCpu;
        return {.count = count,
                .kind = ringcheck::TransitionKind::Iret,
                .vector = {},
                .error_code = {},
                .before = kernel,
                .after = user};
    }
    /// SYSCALL by a program in `user`.  [SDM 2B SYSCALL "Operation"]
    ringcheck::Transition call(const ringcheck::model::CpuState& user, std::uint64_t count = 1010) const
    {
        ringcheck::model::CpuState after = user;
        after.cpl = 0;
        after.cs.selector = layout::kKernelCode;
        after.ss.selector = layout::kKernelData;
        after[ringcheck::model::Gpr::Rcx] = user.rip + 2;
        after[ringcheck::model::Gpr::R11] = user.rflags;
        after.rip = 0xffff'ffff'8010'2000;
        after.rflags = arch::rflags::kAlwaysOne;
        return {.count = count,
                .kind = ringcheck::TransitionKind::Syscall,
                .vector = {},
                .error_code = {},
                .before = user,
                .after = after};
    }
    /// An event in ring 3, delivered on the kernel stack; the saved RIP is readable there.
    ringcheck::Transition event(ringcheck::TransitionKind kind, std::uint8_t vector,
                                std::optional<std::uint32_t> error_code, const ringcheck::model::CpuState& user)
    {
        ringcheck::model::CpuState after = user;
        after.cpl = 0;
        after.rip = 0xffff'ffff'8010'3000;
        after[ringcheck::model::Gpr::Rsp] = kStackTop - (error_code ? 0x30 : 0x28);
        memory.put_u64(kStackTop - 0x28, user.rip);
        return {
            .count = 1020, .kind = kind, .vector = vector, .error_code = error_code, .before = user, .after = after};
    }

    ringcheck::GuestDescription guest = aethelos();
    FakeGuestMemory memory;
    ringcheck::Processes processes;
    ringcheck::Symbols symbols{guest, nullptr, nullptr};
};

class CrossingTest : public testing::Test, protected Crossing {};

} // namespace support
