// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/optional_instruction.h"

namespace ringcheck::model {

namespace {

bool offered(OptionalInstruction instruction, const Features& features)
{
    switch (instruction) {
    case OptionalInstruction::Rdrand: return features.rdrand;
    case OptionalInstruction::Rdseed: return features.rdseed;
    case OptionalInstruction::Rdtscp: return features.rdtscp;
    }
    __builtin_unreachable();
}

} // namespace

std::expected<void, Fault> check_offered(OptionalInstruction instruction, const Features& features)
{
    if (!offered(instruction, features)) {
        return std::unexpected(raise(arch::Vector::InvalidOpcode, Reason::InstructionNotOffered));
    }
    return {};
}

} // namespace ringcheck::model
