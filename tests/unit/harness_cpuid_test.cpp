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

using ringcheck::cpuid;
using ringcheck::model::Vendor;
namespace leaf = arch::cpuid::leaf;
namespace cr4 = arch::cr4;

constexpr Vendor kVendors[] = {Vendor::Intel, Vendor::Amd};

TEST(CpuidTable, ReportsAFeatureExactlyWhenItsCr4BitCanBeSet)
{
    for (const Vendor vendor : kVendors) {
        const auto features = cpuid(vendor, leaf::kFeatures, 0);
        const auto structured = cpuid(vendor, leaf::kStructuredFeatures, 0);
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
            EXPECT_EQ(row.reported, (ringcheck::model::kSupportedCr4 & row.bit) != 0) << std::hex << row.bit;
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
