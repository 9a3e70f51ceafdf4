// SPDX-License-Identifier: GPL-2.0-or-later
// The x87 FPU and SSE registers: what FXSAVE and FSAVE write, without their layout.
// [SDM 1 "x87 FPU Execution Environment", "FXSAVE Area"]
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>

namespace ringcheck {

struct FpuState {
    // At first as after INIT.  [SDM 3A "Processor State After Reset"]
    std::uint16_t control = 0x37f, status = 0;
    std::uint16_t tags = 0xffff; ///< two bits a register, as FSAVE writes them
    std::uint16_t opcode = 0;
    std::uint64_t instruction = 0, data = 0; ///< offsets of the last instruction and of its operand
    std::uint16_t instruction_selector = 0, data_selector = 0;
    std::uint32_t mxcsr = 0x1f80;
    std::array<std::array<std::byte, 10>, 8> registers{}; ///< R0 to R7, which are not ST(0) to ST(7)
    std::array<std::array<std::byte, 16>, 16> xmm{};

    bool operator==(const FpuState&) const = default;
    auto saved_fields(this auto& self)
    {
        return std::tie(self.control, self.status, self.tags, self.opcode, self.instruction, self.data,
                        self.instruction_selector, self.data_selector, self.mxcsr, self.registers, self.xmm);
    }
};

} // namespace ringcheck
