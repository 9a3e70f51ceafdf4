// SPDX-License-Identifier: MIT
// RDMSR and WRMSR: each MSR lands in its own register, and what the CPU refuses is refused.  [SDM 2D WRMSR]
#include "model/msr.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

constexpr std::uint64_t kHole = std::uint64_t{1} << 47;

struct Known {
    std::uint32_t index;
    std::uint64_t& (*place)(CpuState&);
    bool address;
    bool low_half; ///< the upper half is reserved
};

constexpr Known kKnown[] = {
    {0xc000'0081, [](CpuState& s) -> std::uint64_t& { return s.star; }, false, false},
    {0xc000'0082, [](CpuState& s) -> std::uint64_t& { return s.lstar; }, true, false},
    {0xc000'0083, [](CpuState& s) -> std::uint64_t& { return s.cstar; }, true, false},
    {0xc000'0084, [](CpuState& s) -> std::uint64_t& { return s.fmask; }, false, true},
    {0xc000'0100, [](CpuState& s) -> std::uint64_t& { return s.fs.base; }, true, false},
    {0xc000'0101, [](CpuState& s) -> std::uint64_t& { return s.gs.base; }, true, false},
    {0xc000'0102, [](CpuState& s) -> std::uint64_t& { return s.kernel_gs_base; }, true, false},
    {0xc000'0103, [](CpuState& s) -> std::uint64_t& { return s.tsc_aux; }, false, true},
    {0x175, [](CpuState& s) -> std::uint64_t& { return s.sysenter_esp; }, true, false},
    {0x176, [](CpuState& s) -> std::uint64_t& { return s.sysenter_eip; }, true, false},
    {0x8b, [](CpuState& s) -> std::uint64_t& { return s.bios_sign_id; }, false, false},
};

class MsrFile : public testing::Test {
protected:
    ModelGuest guest;
    CpuState before = guest.ring_0();
};

TEST_F(MsrFile, WritesEachMsrToItsOwnRegisterAndReadsItBack)
{
    for (const Known& known : kKnown) {
        const std::uint64_t value = 0x1234'5678 + known.index;
        CpuState expected = before;
        known.place(expected) = value & (known.low_half ? 0xffff'ffff : ~0ull);
        const auto after = wrmsr(before, known.index, known.place(expected));
        ASSERT_TRUE(after) << hex(known.index);
        EXPECT_TRUE(same_state(*after, expected)) << hex(known.index);
        EXPECT_EQ(rdmsr(*after, known.index).value_or(0), known.place(expected));
    }
}

TEST_F(MsrFile, RefusesNonCanonicalAddressesAndReservedUpperHalves)
{
    for (const Known& known : kKnown) {
        const auto after = wrmsr(before, known.index, kHole);
        if (known.address) {
            EXPECT_EQ(fault_of(after), exception(13, Reason::MsrNonCanonical, 0)) << hex(known.index);
            EXPECT_TRUE(wrmsr(before, known.index, kHole - 1) && wrmsr(before, known.index, ~(kHole - 1)));
        } else if (known.low_half) {
            EXPECT_EQ(fault_of(after), exception(13, Reason::MsrReservedBits, 0)) << hex(known.index);
        } else {
            EXPECT_TRUE(after) << hex(known.index);
        }
    }
}

TEST_F(MsrFile, IsForRing0Only)
{
    before.cpl = 3;
    EXPECT_EQ(fault_of(wrmsr(before, 0xc000'0082, 0)), exception(13, Reason::MsrNotRing0, 0));
    EXPECT_EQ(fault_of(rdmsr(before, 0xc000'0082)), exception(13, Reason::MsrNotRing0, 0));
}

TEST_F(MsrFile, NeverReadsAnUnknownMsrAsZero)
{
    for (const std::uint32_t index : {0u, 0xc000'0085u, 0xc000'0104u, 0x1234'5678u}) {
        EXPECT_EQ(fault_of(rdmsr(before, index)), exception(13, Reason::MsrUnknown, 0)) << hex(index);
        EXPECT_EQ(fault_of(wrmsr(before, index, 0)), exception(13, Reason::MsrUnknown, 0)) << hex(index);
    }
    for (const std::uint32_t index : {0x10u, 0x1bu, 0x2ffu}) {
        EXPECT_TRUE(outside_the_model(fault_of(rdmsr(before, index)).reason)) << hex(index);
        EXPECT_TRUE(outside_the_model(fault_of(wrmsr(before, index, 0)).reason)) << hex(index);
    }
}

TEST_F(MsrFile, KeepsTheLowHalfOfSysentersSelector)
{
    CpuState expected = before;
    expected.sysenter_cs = 0x5555'0010;
    const auto after = wrmsr(before, 0x174, 0x7777'7777'5555'0010);
    ASSERT_TRUE(after);
    EXPECT_TRUE(same_state(*after, expected));
    EXPECT_EQ(rdmsr(*after, 0x174).value_or(0), 0x5555'0010u);
}

TEST_F(MsrFile, HasSysentersAddressesOf32BitsByAmdsManual)
{
    CpuState expected = before;
    expected.sysenter_esp = 0x8765'4321;
    const auto stack = wrmsr(before, 0x175, kHole | 0x8765'4321, {}, Vendor::Amd);
    ASSERT_TRUE(stack);
    EXPECT_TRUE(same_state(*stack, expected));
    expected = before;
    expected.sysenter_eip = 0x8765'4321;
    const auto entry = wrmsr(before, 0x176, kHole | 0x8765'4321, {}, Vendor::Amd);
    ASSERT_TRUE(entry);
    EXPECT_TRUE(same_state(*entry, expected));
}

TEST_F(MsrFile, HasEightMemoryTypesInPat)
{
    constexpr std::uint32_t kPat = 0x277;
    EXPECT_EQ(rdmsr(CpuState{}, kPat).value_or(0), 0x0007'0406'0007'0406u) << "after reset";
    for (unsigned entry = 0; entry != 8; ++entry) {
        for (std::uint64_t type = 0; type != 256; ++type) {
            const bool exists = type == 0 || type == 1 || (type >= 4 && type <= 7);
            const std::uint64_t value =
                type << 8 * entry | (0x0606'0606'0606'0606 & ~(std::uint64_t{0xff} << 8 * entry));
            const auto after = wrmsr(before, kPat, value);
            ASSERT_EQ(after.has_value(), exists) << "PA" << entry << " " << type;
            if (exists) {
                EXPECT_EQ(rdmsr(*after, kPat).value_or(0), value);
            } else {
                EXPECT_EQ(fault_of(after), exception(13, Reason::PatMemoryType, 0));
            }
        }
    }
}

TEST_F(MsrFile, HasIntelsMiscEnableWithWhatThisCpuHas)
{
    constexpr std::uint32_t kMiscEnable = 0x1a0;
    constexpr std::uint64_t kAfterReset = 0x1801, kMonitor = 1 << 18;
    const Features with_monitor{.monitor = true};
    EXPECT_EQ(rdmsr(before, kMiscEnable).value_or(0), kAfterReset);
    EXPECT_EQ(rdmsr(before, kMiscEnable, with_monitor).value_or(0), kAfterReset | kMonitor);
    for (unsigned position = 0; position != 64; ++position) {
        const auto after = wrmsr(before, kMiscEnable, kAfterReset ^ std::uint64_t{1} << position);
        const bool read_only = position == 11 || position == 12;
        const bool changes_cpuid = position == 18 || position == 22 || position == 34;
        if (position == 0 || read_only) {
            ASSERT_TRUE(after) << position;
            EXPECT_EQ(rdmsr(*after, kMiscEnable).value_or(0), position == 0 ? 0x1800 : kAfterReset);
        } else {
            EXPECT_EQ(fault_of(after),
                      changes_cpuid ? no_answer(Reason::MsrUnmodelled) : exception(13, Reason::MsrReservedBits, 0))
                << position;
        }
    }
    EXPECT_TRUE(wrmsr(before, kMiscEnable, kAfterReset | kMonitor, with_monitor)) << "as it was";
    EXPECT_EQ(fault_of(wrmsr(before, kMiscEnable, kAfterReset, with_monitor)), no_answer(Reason::MsrUnmodelled));
}

TEST_F(MsrFile, HasWhatOneVendorHasByThatManualAlone)
{
    constexpr std::uint32_t kPlatformId = 0x17, kSignature = 0x8b, kMiscEnable = 0x1a0;
    EXPECT_EQ(rdmsr(before, kPlatformId), 0u);
    EXPECT_EQ(fault_of(wrmsr(before, kPlatformId, 0)), exception(13, Reason::MsrReadOnly, 0));
    for (const std::uint32_t index : {kPlatformId, kMiscEnable}) {
        EXPECT_EQ(fault_of(rdmsr(before, index, {}, Vendor::Amd)), exception(13, Reason::MsrUnknown, 0));
        EXPECT_EQ(fault_of(wrmsr(before, index, 0, {}, Vendor::Amd)), exception(13, Reason::MsrUnknown, 0));
    }
    EXPECT_EQ(rdmsr(before, kSignature, {}, Vendor::Amd), 0u) << "PATCH_LEVEL";
    EXPECT_EQ(fault_of(wrmsr(before, kSignature, 0, {}, Vendor::Amd)), exception(13, Reason::MsrReadOnly, 0));
}

TEST_F(MsrFile, KnowsWhichBitsEferHas)
{
    before.cr0 &= ~arch::cr0::kPaging;
    before.efer = 0;
    for (unsigned position = 0; position != 64; ++position) {
        const std::uint64_t bit = std::uint64_t{1} << position;
        const auto after = wrmsr(before, 0xc000'0080, bit);
        const bool exists = position == 0 || position == 8 || position == 10 || position == 11;
        ASSERT_EQ(after.has_value(), exists) << "EFER bit " << position;
        if (exists) {
            EXPECT_EQ(after->efer, position == 10 ? 0 : bit) << "LMA is the CPU's";
        } else {
            EXPECT_EQ(fault_of(after), exception(13, Reason::MsrReservedBits, 0));
        }
    }
}

TEST_F(MsrFile, HasTheEferBitsOfWhatTheCpuOffers)
{
    before.cr0 &= ~arch::cr0::kPaging;
    before.efer = 0;
    const Fault reserved = exception(13, Reason::MsrReservedBits, 0);
    EXPECT_EQ(fault_of(wrmsr(before, 0xc000'0080, 0x001, {.syscall = false})), reserved);
    EXPECT_EQ(fault_of(wrmsr(before, 0xc000'0080, 0x800, {.no_execute = false})), reserved);
    EXPECT_TRUE(wrmsr(before, 0xc000'0080, 0x800, {.syscall = false}));
    EXPECT_TRUE(wrmsr(before, 0xc000'0080, 0x001, {.no_execute = false}));
}

TEST_F(MsrFile, HasTscAuxWithRdtscpAlone)
{
    constexpr std::uint32_t kTscAux = 0xc000'0103;
    const Features without{.rdtscp = false};
    EXPECT_EQ(fault_of(rdmsr(before, kTscAux, without)), exception(13, Reason::MsrUnknown, 0));
    EXPECT_EQ(fault_of(wrmsr(before, kTscAux, 1, without)), exception(13, Reason::MsrUnknown, 0));
    EXPECT_TRUE(rdmsr(before, 0xc000'0081, without)) << "STAR";
}

TEST_F(MsrFile, HasTheApicsBaseWithAnApicAlone)
{
    constexpr std::uint32_t kApicBase = 0x1b, kTsc = 0x10;
    const Features without{.apic = false};
    EXPECT_EQ(fault_of(rdmsr(before, kApicBase, without)), exception(13, Reason::MsrUnknown, 0));
    EXPECT_EQ(fault_of(wrmsr(before, kApicBase, 1, without)), exception(13, Reason::MsrUnknown, 0));
    EXPECT_EQ(fault_of(rdmsr(before, kTsc, without)).reason, Reason::MsrUnmodelled);
}

TEST_F(MsrFile, KeepsLongModeAsItIsWhilePaging)
{
    EXPECT_EQ(fault_of(wrmsr(before, 0xc000'0080, 0x801)), exception(13, Reason::EferLmeWhilePaging, 0));
    const auto after = wrmsr(before, 0xc000'0080, 0x100); // SCE, NXE and LMA written as 0
    ASSERT_TRUE(after);
    EXPECT_EQ(after->efer, 0x500u);
    EXPECT_EQ(rdmsr(*after, 0xc000'0080).value_or(0), 0x500u);
}

} // namespace
} // namespace ringcheck::model
