// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/float_check.h"

#include "engine/instruction_class.h"
#include "model/float_control.h"

namespace ringcheck {
namespace {

namespace mxcsr = model::mxcsr;

/// What the engine meets and the instruction does not raise.  [SDM 2B RCPPS, RSQRTPS, ROUNDPS]
std::uint32_t not_raised(std::span<const std::byte> code, bool long_code)
{
    constexpr std::uint8_t kRsqrt = 0x52, kRcp = 0x53, kFirstRound = 0x08, kLastRound = 0x0b;
    constexpr std::byte kSuppressPrecision{8};
    const Instruction instruction = classify(code, long_code);
    if (!instruction.two_byte) {
        return 0;
    }
    if (instruction.opcode == kRsqrt || instruction.opcode == kRcp) {
        return mxcsr::kFlags;
    }
    const bool rounds = instruction.opcode >= kFirstRound && instruction.opcode <= kLastRound;
    return rounds && (code.back() & kSuppressPrecision) != std::byte{0} ? mxcsr::kPrecision : 0;
}

} // namespace

bool sse_exceptions_unmasked(const Engine& engine)
{
    return model::unmasked_exceptions(engine.mxcsr()) != 0;
}

FloatCheck::FloatCheck(Engine& engine) : engine_(engine), floats_(engine.floats())
{
    engine_.take_sse_exceptions();
}

std::optional<model::Fault> FloatCheck::look(const model::CpuState& before, std::span<const std::byte> code)
{
    const std::uint32_t met = engine_.take_sse_exceptions() & ~not_raised(code, before.in_64_bit_mode());
    if (met == 0) {
        return std::nullopt;
    }
    const model::SseOutcome outcome = model::sse_exceptions(before, floats_.mxcsr, met);
    model::FloatState after = outcome.fault ? floats_ : engine_.floats();
    after.mxcsr = outcome.mxcsr;
    engine_.set_floats(after);
    return outcome.fault;
}

} // namespace ringcheck
