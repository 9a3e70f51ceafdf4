// SPDX-License-Identifier: MIT
// CPUID promises what the model keeps, and nothing that it refuses.
#include "arch/control_registers.h"
#include "arch/cpuid.h"
#include "machine/cpuid_table.h"
#include "model/control_register.h"
#include "model/msr.h"
#include "model/page_walk.h"

#include <gtest/gtest.h>

namespace {

using ringcheck::CpuidResult;
using ringcheck::model::default_features;
using ringcheck::model::Features;
using ringcheck::model::supported_cr4;
using ringcheck::model::Vendor;
namespace leaf = arch::cpuid::leaf;
namespace cr4 = arch::cr4;

constexpr Vendor kVendors[] = {Vendor::Intel, Vendor::Amd};

CpuidResult cpuid(Vendor vendor, std::uint32_t leaf_number, std::uint32_t subleaf)
{
    return ringcheck::cpuid(vendor, default_features(vendor), leaf_number, subleaf);
}

void expect_cr4_bits_as_reported(Vendor vendor, const Features& offered)
{
    const auto features = ringcheck::cpuid(vendor, offered, leaf::kFeatures, 0);
    const auto structured = ringcheck::cpuid(vendor, offered, leaf::kStructuredFeatures, 0);
    const struct {
        std::uint64_t bit;
        bool reported;
    } rows[] = {
        {cr4::kDebuggingExtensions, (features.edx & 1u << 2) != 0},
        {cr4::kPageSizeExtensions, (features.edx & 1u << 3) != 0},
        {cr4::kTimeStampDisable, (features.edx & 1u << 4) != 0},
        {cr4::kPhysicalAddressExtension, (features.edx & 1u << 6) != 0},
        {cr4::kMachineCheckEnable, (features.edx & 1u << 7) != 0},
        {cr4::kPageGlobalEnable, (features.edx & arch::cpuid::kPgeEdx) != 0},
        {cr4::kOsFxsr, (features.edx & arch::cpuid::kFxsrEdx) != 0},
        {cr4::kPcid, (features.ecx & 1u << 17) != 0},
        {cr4::kOsXsave, (features.ecx & arch::cpuid::kXsaveEcx) != 0},
        {cr4::kFsGsBase, (structured.ebx & arch::cpuid::kFsGsBaseEbx) != 0},
        {cr4::kSmep, (structured.ebx & arch::cpuid::kSmepEbx) != 0},
        {cr4::kSmap, (structured.ebx & arch::cpuid::kSmapEbx) != 0},
        {cr4::kUserModeInstructionPrevention, (structured.ecx & arch::cpuid::kUmipEcx) != 0},
        {cr4::kProtectionKeys, (structured.ecx & 1u << 3) != 0},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(row.reported, (supported_cr4(offered) & row.bit) != 0) << std::hex << row.bit;
    }
}

TEST(CpuidTable, ReportsAFeatureExactlyWhenItsCr4BitCanBeSet)
{
    for (const Vendor vendor : kVendors) {
        expect_cr4_bits_as_reported(vendor, default_features(vendor));
        for (const ringcheck::CpuFeature& feature : ringcheck::cpu_features()) {
            SCOPED_TRACE(feature.name);
            Features other = default_features(vendor);
            other.*feature.offered ^= true;
            expect_cr4_bits_as_reported(vendor, other);
        }
    }
}

TEST(CpuidTable, ChangesOneBitWithEachFeatureAndItsCopyForAmd)
{
    for (const Vendor vendor : kVendors) {
        for (const ringcheck::CpuFeature& feature : ringcheck::cpu_features()) {
            Features with = default_features(vendor), without = with;
            with.*feature.offered = true;
            without.*feature.offered = false;
            for (const std::uint32_t number :
                 {leaf::kFeatures, leaf::kStructuredFeatures, leaf::kExtendedFeatures, leaf::kAddressSizes}) {
                auto expected = ringcheck::cpuid(vendor, without, number, 0);
                EXPECT_EQ(expected.*feature.output & (feature.leaf == number ? feature.bit : 0), 0u) << feature.name;
                expected.*feature.output |= feature.leaf == number ? feature.bit : 0;
                constexpr std::uint32_t kRepeated = 0x0183'f3ff; // leaf 1's EDX bits in 0x80000001's  [APM 3 "CPUID"]
                const bool copied = vendor == Vendor::Amd && number == leaf::kExtendedFeatures &&
                                    feature.leaf == leaf::kFeatures && feature.output == &CpuidResult::edx;
                expected.edx |= copied ? feature.bit & kRepeated : 0;
                EXPECT_EQ(ringcheck::cpuid(vendor, with, number, 0), expected) << feature.name;
            }
        }
    }
}

TEST(CpuidTable, ReportsLongModeWithTheModelsAddressSizes)
{
    for (const Vendor vendor : kVendors) {
        const auto extended = cpuid(vendor, leaf::kExtendedFeatures, 0);
        constexpr std::uint32_t kNeeded =
            arch::cpuid::kSyscallEdx | arch::cpuid::kNoExecuteEdx | arch::cpuid::kLongModeEdx;
        EXPECT_EQ(extended.edx & kNeeded, kNeeded);
        EXPECT_EQ(cpuid(vendor, leaf::kAddressSizes, 0).eax, ringcheck::model::kPhysicalAddressBits | 48u << 8);
        EXPECT_EQ(cpuid(vendor, leaf::kExtendedMaximum, 0).eax, leaf::kAddressSizes);
    }
}

TEST(CpuidTable, AnUnknownLeafIsZero)
{
    for (const Vendor vendor : kVendors) {
        for (const std::uint32_t unknown : {0x6u, 0x4000'0000u, 0x8000'0009u, 0xffff'ffffu}) {
            EXPECT_EQ(cpuid(vendor, unknown, 0), ringcheck::CpuidResult{});
        }
        EXPECT_EQ(cpuid(vendor, leaf::kStructuredFeatures, 1), ringcheck::CpuidResult{});
    }
}

} // namespace
