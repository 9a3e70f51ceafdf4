// SPDX-License-Identifier: MIT
// ModelGuest with what far transfers need: an inner stack for each ring, a place for a gate, a frame to return through.
#pragma once

#include "arch/call_gate.h"
#include "model/far_return.h"
#include "model/far_transfer.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <expected>

namespace ringcheck::model {

class FarTransferGuest : public testing::Test {
protected:
    using Guest = ModelGuest;
    static constexpr std::uint64_t kEntry = 0xffff'ffff'8000'4000;
    static constexpr std::uint64_t kHole = 1ull << 47;

    FarTransferGuest()
    {
        for (unsigned ring = 0; ring != 3; ++ring) {
            guest.set_tss_stack(offsetof(arch::Tss, rsp) + 8ull * ring, Guest::kRsp0 + 0x800ull * ring);
        }
    }
    void set_gate(arch::CallGate gate)
    {
        guest.set_descriptor(Guest::kSpare, gate.low);
        guest.set_descriptor(Guest::kSpare2, gate.high);
    }
    std::expected<CpuState, Fault> call(FarPointer target, OperandSize size = OperandSize::Bits64)
    {
        return far_call(before, guest.memory(), target, size);
    }
    std::expected<CpuState, Fault> jump(FarPointer target) { return far_jump(before, guest.memory(), target); }
    std::expected<CpuState, Fault> ret(OperandSize size = OperandSize::Bits64, std::uint16_t released = 0,
                                       Vendor vendor = Vendor::Intel)
    {
        return far_return(before, guest.memory(), size, released, vendor);
    }
    /// RIP and CS at RSP, and RSP and SS `gap` bytes behind them, as words of `word_bytes`.
    void push_return(std::uint64_t rip, std::uint64_t cs, std::uint64_t rsp = 0, std::uint64_t ss = 0,
                     unsigned word_bytes = 8, unsigned gap = 0)
    {
        std::uint64_t address = before[Gpr::Rsp];
        const std::uint64_t words[] = {rip, cs, rsp, ss};
        for (unsigned i = 0; i != 4; ++i) {
            address += i == 2 ? gap : 0;
            std::memcpy(guest.memory().at(arch::PhysAddr{address}, word_bytes), &words[i], word_bytes);
            address += word_bytes;
        }
    }

    Guest guest;
    CpuState before = guest.ring_0();
};

} // namespace ringcheck::model
