// SPDX-License-Identifier: MIT
// The words that the CPU reads, against words written by hand from the manuals' figures.
// [SDM 3A "Segment Descriptors", "64-Bit Mode IDT", "TSS Descriptor in 64-bit mode", "4-Level Paging"; SDM 2B SYSCALL,
// SYSRET; APM 3 SYSRET]
#include "arch/exception.h"
#include "arch/idt_gate.h"
#include "arch/paging.h"
#include "arch/rflags.h"
#include "arch/tss.h"
#include "layout/address_map.h"
#include "layout/selectors.h"

#include <gtest/gtest.h>

namespace {

using arch::PageEntry;
using arch::PhysAddr;
using arch::Ring;
using arch::SegmentDescriptor;

TEST(Selectors, StarGivesSyscallSelectorsOfRing0)
{
    const std::uint64_t base = layout::kStar >> 32 & 0xffff;
    EXPECT_EQ(base, 0x08u);
    EXPECT_EQ(base, layout::kKernelCode);
    EXPECT_EQ(base + 8, layout::kKernelData);
    EXPECT_EQ(layout::kStar & 0xffff'ffff, 0u); // the 32-bit SYSCALL target of AMD's legacy mode
}

TEST(Selectors, StarGivesSysretSelectorsWithRpl3)
{
    const std::uint64_t base = layout::kStar >> 48;
    EXPECT_EQ(base, 0x13u);
    EXPECT_EQ(base & 3, 3u) << "AMD copies the base's RPL into SS as it is";
    EXPECT_EQ(base + 8, layout::kUserData);
    EXPECT_EQ(base + 16, layout::kUserCode);
    EXPECT_EQ(layout::kStar, 0x0013'0008'0000'0000u);
}

TEST(Selectors, PutUserDataBeforeUserCodeAndEachInItsPlace)
{
    EXPECT_EQ(layout::kKernelCode, 0x08);
    EXPECT_EQ(layout::kKernelData, 0x10);
    EXPECT_EQ(layout::kUserData, 0x1b);
    EXPECT_EQ(layout::kUserCode, 0x23);
    EXPECT_EQ(layout::kTssSelector, 0x28);
    EXPECT_EQ(layout::kGdtWords, layout::kTssSelector / 8u + 2);
}

TEST(SegmentDescriptor, HasTheKnownFlatWords)
{
    EXPECT_EQ(SegmentDescriptor::code(Ring::Kernel).raw(), 0x00af'9b00'0000'ffffu);
    EXPECT_EQ(SegmentDescriptor::data(Ring::Kernel).raw(), 0x00cf'9300'0000'ffffu);
    EXPECT_EQ(SegmentDescriptor::code(Ring::User).raw(), 0x00af'fb00'0000'ffffu);
    EXPECT_EQ(SegmentDescriptor::data(Ring::User).raw(), 0x00cf'f300'0000'ffffu);
}

TEST(SegmentDescriptor, ReadsBackWhatTheWordSays)
{
    const SegmentDescriptor user_code{0x00af'fb00'0000'ffff}; // as Linux has it: accessed, with base and limit
    EXPECT_TRUE(user_code.present());
    EXPECT_TRUE(user_code.is_code());
    EXPECT_TRUE(user_code.long_code());
    EXPECT_FALSE(user_code.conforming());
    EXPECT_FALSE(user_code.default_size());
    EXPECT_EQ(user_code.dpl(), 3u);

    const SegmentDescriptor compatibility_code{0x00cf'fb00'0000'ffff};
    EXPECT_FALSE(compatibility_code.long_code());
    EXPECT_TRUE(compatibility_code.default_size());

    const SegmentDescriptor kernel_data{0x00cf'9300'0000'ffff};
    EXPECT_TRUE(kernel_data.writable_data());
    EXPECT_EQ(kernel_data.dpl(), 0u);
    EXPECT_FALSE(SegmentDescriptor{}.present());
}

TEST(Tss, PutsEachStackAtItsManualOffset)
{
    arch::Tss tss;
    tss.rsp[0] = 0x1111'1111'1111'1111;
    tss.ist[0] = 0x2222'2222'2222'2222;
    tss.ist[6] = 0x3333'3333'3333'3333;
    tss.io_map_base = 0x4444;
    const auto* const bytes = reinterpret_cast<const unsigned char*>(&tss);
    EXPECT_EQ(sizeof tss, 104u);
    EXPECT_EQ(bytes[3], 0u);
    EXPECT_EQ(bytes[4], 0x11);
    EXPECT_EQ(bytes[11], 0x11);
    EXPECT_EQ(bytes[36], 0x22);
    EXPECT_EQ(bytes[84], 0x33);
    EXPECT_EQ(bytes[91], 0x33);
    EXPECT_EQ(bytes[102], 0x44);
}

TEST(TssDescriptor, SpreadsBaseAndLimitOverBothWords)
{
    const auto descriptor = arch::TssDescriptor::available(0x1234'5678'9abc'def0, 0x67);
    EXPECT_EQ(descriptor.low, 0x9a00'89bc'def0'0067u);
    EXPECT_EQ(descriptor.high, 0x1234'5678u);
    EXPECT_EQ(descriptor.base(), 0x1234'5678'9abc'def0u);
    EXPECT_EQ(descriptor.limit(), 0x67u);
    EXPECT_EQ((arch::TssDescriptor{0x0080'8b00'0000'0001, 0}.limit()), 0x1fffu); // granularity: 4 KiB
}

TEST(IdtGate, SpreadsTheHandlerOverBothWords)
{
    const auto gate = arch::IdtGate::interrupt(0x1234'5678'9abc'def0, 0x08, 3, Ring::User);
    EXPECT_EQ(gate.low, 0x9abc'ee03'0008'def0u);
    EXPECT_EQ(gate.high, 0x1234'5678u);
    EXPECT_EQ(gate.handler(), 0x1234'5678'9abc'def0u);
    EXPECT_EQ(gate.selector(), 0x08);
    EXPECT_EQ(gate.ist(), 3u);
    EXPECT_EQ(gate.type(), 14u);
    EXPECT_EQ(gate.dpl(), 3u);
    EXPECT_TRUE(gate.present());
    EXPECT_FALSE(arch::IdtGate{}.present());
}

TEST(PageEntry, HasTheManualsBits)
{
    EXPECT_EQ(PageEntry::kPresent, 0x1u);
    EXPECT_EQ(PageEntry::kWritable, 0x2u);
    EXPECT_EQ(PageEntry::kUser, 0x4u);
    EXPECT_EQ(PageEntry::kAccessed, 0x20u);
    EXPECT_EQ(PageEntry::kDirty, 0x40u);
    EXPECT_EQ(PageEntry::kPageSize, 0x80u);
    EXPECT_EQ(PageEntry::kGlobal, 0x100u);
    EXPECT_EQ(PageEntry::kNoExecute, 0x8000'0000'0000'0000u);
    const PageEntry entry(PhysAddr{0xf'ffff'ffff'f000}, PageEntry::kPresent | PageEntry::kUser | PageEntry::kNoExecute);
    EXPECT_EQ(entry.raw(), 0x800f'ffff'ffff'f005u);
    EXPECT_EQ(entry.frame(), PhysAddr{0xf'ffff'ffff'f000});
}

TEST(PageEntry, TakesOnlyBits51To12AsItsFrame)
{
    EXPECT_EQ(PageEntry{~std::uint64_t{0}}.frame(), PhysAddr{0x000f'ffff'ffff'f000});
    EXPECT_EQ(PageEntry(PhysAddr{~std::uint64_t{0}}, 0).raw(), 0x000f'ffff'ffff'f000u);
}

TEST(PageTables, TakeNineBitsOfTheAddressALevel)
{
    const std::uint64_t address = 0xffff'8000'0000'0000 | std::uint64_t{0x101} << 39 | std::uint64_t{0x1fe} << 30 |
                                  std::uint64_t{0x0aa} << 21 | std::uint64_t{0x155} << 12 | 0xabc;
    EXPECT_EQ(arch::table_index(address, 4), 0x101u);
    EXPECT_EQ(arch::table_index(address, 3), 0x1feu);
    EXPECT_EQ(arch::table_index(address, 2), 0x0aau);
    EXPECT_EQ(arch::table_index(address, 1), 0x155u);
    EXPECT_EQ(arch::leaf_size(1), 0x1000u);
    EXPECT_EQ(arch::leaf_size(2), 0x20'0000u);
    EXPECT_EQ(arch::leaf_size(3), 0x4000'0000u);
}

TEST(Exceptions, PushAnErrorCodeWhereTheManualSaysSo)
{
    for (unsigned vector = 0; vector < arch::kVectors; ++vector) {
        const bool expected = vector == 8 || vector == 10 || vector == 11 || vector == 12 || vector == 13 ||
                              vector == 14 || vector == 17 || vector == 21;
        EXPECT_EQ(arch::pushes_error_code(vector), expected) << vector;
    }
}

TEST(AddressMap, LeavesTheLastPageBelow2To47Empty)
{
    EXPECT_LE(layout::kUserEnd.value, 0x7fff'ffff'f000u);
    EXPECT_LT(layout::kUserStackTop, layout::kUserEnd);
    EXPECT_EQ(layout::kUserStackTop.value % 16, 0u);
    EXPECT_EQ(layout::kUserBegin.value, 0x1'0000u);
    EXPECT_EQ(arch::table_index(layout::kKernelHalf.value, 4), layout::kFirstKernelTopEntry);
}

} // namespace
