// SPDX-License-Identifier: MIT
// #AC in every combination of what it needs, for every alignment.
// [SDM 3A "Interrupt 17—Alignment Check Exception (#AC)"]
#include "model/alignment_check.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

TEST(AlignmentCheck, NeedsAmAcRing3DataAndAMisalignedAddress)
{
    const ModelGuest guest;
    unsigned raised = 0;
    for (unsigned number = 0; number != 2u * 2 * 4 * 3 * 2 * 5 * 16; ++number) {
        const bool am = (number & 1) != 0, ac = (number & 2) != 0, system_table = (number & 4) != 0;
        const unsigned cpl = number / 8 % 4, kind = number / 32 % 3, alignment = 1u << number / 96 % 5,
                       address = number / 480;
        CpuState state = guest.ring_3();
        state.cpl = static_cast<std::uint8_t>(cpl);
        state.cr0 = am ? arch::cr0::kAlignmentMask : 0;
        state.rflags = 2 | (ac ? arch::rflags::kAlignmentCheck : 0);
        const auto access_kind = static_cast<AccessKind>(kind);
        const Access access = system_table ? by_cpu(access_kind) : by_program(state, access_kind);
        const bool expected = am && ac && cpl == 3 && !system_table && kind != 2 && address % alignment != 0;
        ASSERT_EQ(fault_of(check_alignment(state, 0x2'0000 + address, alignment, access)),
                  expected ? exception(17, Reason::AlignmentCheckFailed, 0) : Fault{})
            << number;
        raised += expected ? 1 : 0;
    }
    EXPECT_EQ(raised, 2u * (8 + 12 + 14 + 15)) << "reads and writes, by 2, 4, 8 and 16";
}

TEST(AlignmentCheck, AsksOfEachTypeWhatTheManualsTableSays)
{
    const struct {
        DataType type;
        unsigned bits16, bits32;
    } rows[] = {
        {DataType::Byte, 1, 1},
        {DataType::Word, 2, 2},
        {DataType::Doubleword, 4, 4},
        {DataType::Quadword, 8, 8},
        {DataType::SinglePrecision, 4, 4},
        {DataType::DoublePrecision, 8, 8},
        {DataType::DoubleExtendedPrecision, 8, 8},
        {DataType::DoubleQuadword, 16, 16},
        {DataType::SegmentSelector, 2, 2},
        {DataType::FarPointer, 2, 4},
        {DataType::TableRegisterImage, 4, 4},
        {DataType::FpuEnvironment, 2, 4},
        {DataType::BitString, 2, 4},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(required_alignment(row.type, OperandSize::Bits16), row.bits16);
        EXPECT_EQ(required_alignment(row.type, OperandSize::Bits32), row.bits32);
    }
    EXPECT_EQ(required_alignment(DataType::FarPointer, OperandSize::Bits64), 8u);
}

TEST(AlignmentCheck, RefusesAMisalignedSseOperandInAnyRing)
{
    for (unsigned offset = 0; offset != 33; ++offset) {
        EXPECT_EQ(fault_of(check_aligned_operand(0x2'0000 + offset)),
                  offset % 16 == 0 ? Fault{} : exception(13, Reason::OperandMisaligned, 0));
    }
}

} // namespace
} // namespace ringcheck::model
