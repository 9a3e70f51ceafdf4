// SPDX-License-Identifier: MIT
// Registers that are filled with a pattern, left alone while something happens, and looked at afterwards.
#pragma once

#include <cstdint>

namespace user {

/// Everything of the CPU that an ordinary program uses, but RSP and R15.
struct alignas(16) Registers {
    static constexpr unsigned kGeneral = 14, kVector = 16;
    enum : std::uint8_t { Rax, Rbx, Rcx, Rdx, Rsi, Rdi, Rbp, R8, R9, R10, R11, R12, R13, R14 };

    std::uint64_t general[kGeneral];
    std::uint64_t vector[kVector][2]; ///< XMM0..15
    std::uint32_t mxcsr;
    std::uint16_t control_word; ///< of the x87
    std::uint16_t padding;

    /// Every word another one.
    static Registers pattern(std::uint64_t seed)
    {
        Registers state{};
        for (std::uint64_t& word : state.general) {
            word = seed += kStep;
        }
        for (auto& vector_register : state.vector) {
            vector_register[0] = seed += kStep;
            vector_register[1] = seed += kStep;
        }
        state.mxcsr = kRoundUp;
        state.control_word = kControlWord;
        return state;
    }

    bool operator==(const Registers&) const = default;

private:
    static constexpr std::uint64_t kStep = 0x9e37'79b9'7f4a'7c15;
    static constexpr std::uint32_t kRoundUp = 0x5f80;     ///< the default but for rounding
    static constexpr std::uint16_t kControlWord = 0x0b7f; ///< the same
};

/// Loads `in`, counts `steps` down in R15, stores what the registers hold then.
extern "C" void hold_registers(const Registers* in, Registers* out, std::uint64_t steps);
/// Loads `in`, executes SYSCALL, stores what the registers hold then.
extern "C" void hold_registers_over_syscall(const Registers* in, Registers* out);

/// As many steps as need some ticks of the timer.
inline constexpr std::uint64_t kSomeTicks = 1'500'000;

} // namespace user
