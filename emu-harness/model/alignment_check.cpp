// SPDX-License-Identifier: GPL-2.0-or-later
#include "model/alignment_check.h"

#include "arch/control_registers.h"

namespace ringcheck::model {

unsigned required_alignment(DataType type, OperandSize size)
{
    switch (type) {
    case DataType::Byte: return 1;
    case DataType::Word:
    case DataType::SegmentSelector: return 2;
    case DataType::Doubleword:
    case DataType::SinglePrecision:
    case DataType::TableRegisterImage: return 4;
    case DataType::Quadword:
    case DataType::DoublePrecision:
    case DataType::DoubleExtendedPrecision: return 8;
    case DataType::DoubleQuadword: return 16;
    case DataType::FarPointer: return static_cast<unsigned>(size);
    case DataType::FpuEnvironment:
    case DataType::BitString: return size == OperandSize::Bits16 ? 2 : 4;
    }
    __builtin_unreachable();
}

std::expected<void, Fault> check_alignment(const CpuState& state, std::uint64_t address, unsigned alignment_bytes,
                                           Access access)
{
    const bool enabled =
        (state.cr0 & arch::cr0::kAlignmentMask) != 0 && (state.rflags & arch::rflags::kAlignmentCheck) != 0;
    const bool checked = access.user && access.kind != AccessKind::Fetch;
    if (enabled && checked && (address & (alignment_bytes - 1)) != 0) {
        return std::unexpected(raise(arch::Vector::AlignmentCheck, Reason::AlignmentCheckFailed, 0));
    }
    return {};
}

std::expected<void, Fault> check_aligned_operand(std::uint64_t address)
{
    constexpr std::uint64_t kBytes = 16;
    if (address % kBytes != 0) {
        return std::unexpected(raise(arch::Vector::GeneralProtection, Reason::OperandMisaligned, 0));
    }
    return {};
}

} // namespace ringcheck::model
