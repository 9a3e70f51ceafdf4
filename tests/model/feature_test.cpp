// SPDX-License-Identifier: MIT
// Instructions that exist only where CPUID offers them: XSETBV, INVPCID, MONITOR, RDPKRU, WRPKRU, RDRAND and its kin.
#include "model/extended_control.h"
#include "model/invpcid.h"
#include "model/monitor.h"
#include "model/optional_instruction.h"
#include "model/protection_key.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

class FeatureInstruction : public testing::Test {
protected:
    ModelGuest guest;
    CpuState before = guest.ring_0();
};

TEST_F(FeatureInstruction, XsetbvTakesTheStatesThatExistInAllowedCombinations)
{
    before.cr4 |= arch::cr4::kOsXsave;
    const Features features{.xsave = true, .extended_state = 7};
    for (std::uint64_t value = 0; value != 16; ++value) {
        Reason expected = Reason::None;
        if (value >= 8) {
            expected = Reason::Xcr0ReservedBits;
        } else if (value % 2 == 0) {
            expected = Reason::Xcr0WithoutX87;
        } else if (value == 5) {
            expected = Reason::Xcr0AvxWithoutSse;
        }
        const auto after = xsetbv(before, 0, value, features);
        EXPECT_EQ(fault_of(after), expected == Reason::None ? Fault{} : exception(13, expected, 0)) << value;
        if (after) {
            CpuState changed = before;
            changed.xcr0 = value;
            EXPECT_TRUE(same_state(*after, changed));
            EXPECT_EQ(xgetbv(*after, 0).value_or(0), value);
        }
    }
    for (unsigned position = 3; position != 64; ++position) {
        EXPECT_EQ(fault_of(xsetbv(before, 0, 1 | 1ull << position, features)).reason, Reason::Xcr0ReservedBits);
    }
    EXPECT_EQ(fault_of(xsetbv(before, 0, 7, {.xsave = true})).reason, Reason::Xcr0ReservedBits) << "no AVX by default";
}

TEST_F(FeatureInstruction, XsetbvIsRefusedByFeatureThenRingThenIndex)
{
    const Features features{.xsave = true};
    for (unsigned number = 0; number != 8; ++number) {
        const bool on = (number & 1) != 0, ring_3 = (number & 2) != 0, other = (number & 4) != 0;
        before.cr4 = on ? arch::cr4::kOsXsave : 0;
        before.cpl = ring_3 ? 3 : 0;
        const Fault disabled = exception(6, Reason::XcrNotEnabled);
        const Fault unknown = other ? exception(13, Reason::XcrUnknown, 0) : Fault{};
        EXPECT_EQ(fault_of(xsetbv(before, other ? 1 : 0, 3, features)),
                  !on      ? disabled
                  : ring_3 ? exception(13, Reason::InstructionNotRing0, 0)
                           : unknown);
        EXPECT_EQ(fault_of(xgetbv(before, other ? 1 : 0)), !on ? disabled : unknown) << "at any CPL";
    }
}

TEST_F(FeatureInstruction, InvpcidChecksItsTypeAndDescriptor)
{
    constexpr std::uint64_t kHole = 1ull << 47;
    const Features features{.pcid = true, .invpcid = true};
    const auto refused = [&](std::uint64_t type, InvpcidDescriptor descriptor) {
        return fault_of(check_invpcid(before, type, descriptor, features));
    };
    const auto general_protection = [](Reason reason) { return exception(13, reason, 0); };
    for (std::uint64_t type = 0; type != 5; ++type) {
        for (unsigned position = 0; position != 64; ++position) {
            for (const bool pcide : {false, true}) {
                before.cr4 = pcide ? arch::cr4::kPcid : 0;
                Fault expected;
                if (type == 4) {
                    expected = general_protection(Reason::InvpcidType);
                } else if (position >= 12) {
                    expected = general_protection(Reason::InvpcidReservedBits);
                } else if (type < 2 && !pcide) {
                    expected = general_protection(Reason::InvpcidPcidWithoutPcide);
                }
                EXPECT_EQ(refused(type, {1ull << position, 0}), expected) << type << ' ' << position;
            }
        }
        const Fault of_address = type == 0   ? general_protection(Reason::InvpcidNonCanonical)
                                 : type == 4 ? general_protection(Reason::InvpcidType)
                                             : Fault{};
        EXPECT_EQ(refused(type, {0, kHole}), of_address) << type;
    }
    before.cr4 = 0;
    EXPECT_EQ(refused(0, {}), Fault{}) << "PCID 0 needs no PCIDE";
    before.cpl = 3;
    EXPECT_EQ(refused(0, {}), general_protection(Reason::InstructionNotRing0));
    EXPECT_EQ(fault_of(check_invpcid(before, 0, {}, {})), exception(6, Reason::InvpcidNotOffered));
}

TEST_F(FeatureInstruction, MonitorIsUndefinedOutsideRing0)
{
    for (std::uint8_t cpl = 0; cpl != 4; ++cpl) {
        before.cpl = cpl;
        for (const std::uint64_t extensions : {0ull, 1ull, 1ull << 63}) {
            EXPECT_EQ(fault_of(check_monitor(before, extensions, {})), exception(6, Reason::MonitorNotOffered));
            EXPECT_EQ(fault_of(check_monitor(before, extensions, {.monitor = true})),
                      cpl != 0          ? exception(6, Reason::MonitorNotRing0)
                      : extensions != 0 ? exception(13, Reason::MonitorExtensions, 0)
                                        : Fault{});
        }
    }
}

TEST_F(FeatureInstruction, IsUndefinedWhereCpuidDoesNotOfferIt)
{
    const std::pair<OptionalInstruction, bool Features::*> rows[] = {{OptionalInstruction::Rdrand, &Features::rdrand},
                                                                     {OptionalInstruction::Rdseed, &Features::rdseed},
                                                                     {OptionalInstruction::Rdtscp, &Features::rdtscp}};
    for (const auto& [instruction, feature] : rows) {
        for (const auto& [other, other_feature] : rows) {
            Features features{.rdtscp = false, .rdrand = false, .rdseed = false};
            features.*other_feature = true;
            EXPECT_EQ(fault_of(check_offered(instruction, features)),
                      instruction == other ? Fault{} : exception(6, Reason::InstructionNotOffered));
        }
    }
}

TEST_F(FeatureInstruction, PkruIsReadAndWrittenInAnyRing)
{
    EXPECT_EQ(fault_of(rdpkru(before, 0)), exception(6, Reason::PkruNotEnabled));
    EXPECT_EQ(fault_of(wrpkru(before, 0, 0, 0)), exception(6, Reason::PkruNotEnabled));
    before = guest.ring_3();
    before.cr4 |= arch::cr4::kProtectionKeys;
    CpuState expected = before;
    expected.pkru = 0x5555'5554;
    const auto after = wrpkru(before, 0, 0, expected.pkru);
    ASSERT_TRUE(after);
    EXPECT_TRUE(same_state(*after, expected));
    EXPECT_EQ(rdpkru(*after, 0).value_or(0), expected.pkru);
    EXPECT_EQ(fault_of(rdpkru(before, 1)), exception(13, Reason::PkruEcx, 0));
    EXPECT_EQ(fault_of(wrpkru(before, 1, 1, 0)), exception(13, Reason::PkruEcx, 0));
    EXPECT_EQ(fault_of(wrpkru(before, 0, 1, 0)), exception(13, Reason::PkruEdx, 0));
}

} // namespace
} // namespace ringcheck::model
