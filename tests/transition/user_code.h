// SPDX-License-Identifier: MIT
// Ring-3 code of a test's own, put in the place of a program's first instructions.
#pragma once

#include "model/page_walk.h"
#include "support/booted_kernel.h"

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace support {

/// A distinct word for every general register, so that no two can change places unseen; a canonical user address with
/// nothing there.
constexpr std::uint64_t distinct_word(unsigned index)
{
    return 0x0000'1122'3344'0000 + 0x0101 * (index + 1);
}

/// A kernel that stands before the first instruction of the first program of `lines`, which `code` replaces; every
/// general register but RSP holds its distinct word.
class UserCode : public BootedKernel {
public:
    explicit UserCode(const std::vector<std::uint8_t>& code, const ringcheck::MachineConfig& config = {},
                      const std::string& command_line = "", std::vector<std::string> lines = {"run hello", "poweroff"})
        : BootedKernel(std::move(lines), config, command_line)
    {
        run_to_ring3();
        model::CpuState state = machine->state();
        plant(code);
        for (unsigned i = 0; i < state.gpr.size(); ++i) {
            if (static_cast<model::Gpr>(i) != model::Gpr::Rsp) {
                state.gpr[i] = distinct_word(i);
            }
        }
        machine->set_state(state);
        recorder.all.clear();
    }

    model::CpuState state() const { return machine->state(); }
    void set(const model::CpuState& state) { machine->set_state(state); }

    /// Puts `code` in the place of the program's next instructions, which have not been executed yet.  Through physical
    /// memory: the page is not writable for anybody.
    void plant(const std::vector<std::uint8_t>& code)
    {
        const model::CpuState state = machine->state();
        const auto place =
            model::walk(state, machine->memory(), state.rip, {.kind = model::AccessKind::Fetch, .user = true});
        if (!place) {
            throw std::runtime_error("the program's first instruction is not mapped");
        }
        std::byte* const host = machine->memory().at(place->address, code.size());
        std::memcpy(host, code.data(), code.size());
    }
};

/// The frame that an entry from `state` must build, by the manual alone.
inline layout::TrapFrame frame_of(const model::CpuState& state, std::uint64_t vector, std::uint64_t error_code)
{
    using model::Gpr;
    layout::TrapFrame frame{};
    frame.r15 = state[Gpr::R15];
    frame.r14 = state[Gpr::R14];
    frame.r13 = state[Gpr::R13];
    frame.r12 = state[Gpr::R12];
    frame.r11 = state[Gpr::R11];
    frame.r10 = state[Gpr::R10];
    frame.r9 = state[Gpr::R9];
    frame.r8 = state[Gpr::R8];
    frame.rbp = state[Gpr::Rbp];
    frame.rdi = state[Gpr::Rdi];
    frame.rsi = state[Gpr::Rsi];
    frame.rdx = state[Gpr::Rdx];
    frame.rcx = state[Gpr::Rcx];
    frame.rbx = state[Gpr::Rbx];
    frame.rax = state[Gpr::Rax];
    frame.vector = vector;
    frame.error_code = error_code;
    frame.rip = state.rip;
    frame.cs = state.cs.selector;
    frame.rflags = state.rflags;
    frame.rsp = state[Gpr::Rsp];
    frame.ss = state.ss.selector;
    return frame;
}

} // namespace support
