// SPDX-License-Identifier: GPL-2.0-or-later
// Capstone, for one code size, asked once about the same bytes: who looks at each instruction meets the same ones again
// and again, and decoding one costs as much as executing a hundred.
#pragma once

#include "engine/instruction_class.h"
#include "model/cpu_state.h"

#include <capstone/capstone.h>

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace ringcheck {

/// What it says of an instruction does not depend on where that is: `address`, and operands relative to it, are those
/// of an instruction at 0.
class Decoder {
public:
    explicit Decoder(cs_mode mode);
    ~Decoder();
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    /// The thread's own, for the code that `state` executes.
    static Decoder& of(const model::CpuState& state);

    /// @param code  the instruction's bytes and perhaps more
    /// @return      nullptr: there is no such instruction; else valid until the next call
    const cs_insn* decode(std::span<const std::byte> code);

private:
    struct Free {
        void operator()(cs_insn* instruction) const { cs_free(instruction, 1); }
    };
    using Code = std::array<std::byte, kLongestInstruction + 1>; ///< the last one is how many there are
    struct Known {
        Code code{}; ///< of no bytes: nothing is known here
        bool decoded = false;
        std::unique_ptr<cs_insn, Free> instruction;
    };
    static std::size_t place_of(const Code& code);

    csh handle_ = 0;
    std::vector<Known> known_;
};

} // namespace ringcheck
