// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/cpuid_table.h"

#include "arch/cpuid.h"
#include "machine/clock.h"
#include "model/page_walk.h"

#include <string_view>

namespace ringcheck {
namespace {

namespace leaf = arch::cpuid::leaf;

constexpr std::uint32_t kTscLeaf = 0x15, kBrandFirst = 0x8000'0002, kBrandLast = 0x8000'0004,
                        kPowerManagement = 0x8000'0007;

// Leaf 1, EDX.
constexpr std::uint32_t kFpu = 1u << 0, kTsc = 1u << 4, kMsr = 1u << 5, kPae = 1u << 6, kCmpxchg8b = 1u << 8,
                        kCmov = 1u << 15, kClflush = 1u << 19, kMmx = 1u << 23, kSse = 1u << 25, kSse2 = 1u << 26;
constexpr std::uint32_t kFeaturesEdx =
    kFpu | kTsc | kMsr | kPae | kCmpxchg8b | kCmov | kClflush | kMmx | arch::cpuid::kFxsrEdx | kSse | kSse2;
// Leaf 1, ECX.
constexpr std::uint32_t kSse3 = 1u << 0, kSsse3 = 1u << 9, kCmpxchg16b = 1u << 13, kSse41 = 1u << 19, kSse42 = 1u << 20,
                        kPopcnt = 1u << 23;
constexpr std::uint32_t kFeaturesEcx = kSse3 | kSsse3 | kCmpxchg16b | kSse41 | kSse42 | kPopcnt;
constexpr std::uint32_t kClflushLine = 8u << 8; ///< leaf 1, EBX: in 8-byte units
// Leaf 0x80000001.
constexpr std::uint32_t kLahfEcx = 1u << 0, kGigabytePagesEdx = 1u << 26;
/// AMD repeats these of leaf 1's EDX bits there.
constexpr std::uint32_t kRepeatedEdx = 0x0183'f3ff;
constexpr std::uint32_t kInvariantTscEdx = 1u << 8;
constexpr std::uint32_t kLinearAddressBits = 48;

/// Family 6 model 61 (Broadwell); family 23 model 1 (Zen).
constexpr std::uint32_t kIntelSignature = 0x0003'06d4, kAmdSignature = 0x0080'0f12;

constexpr std::uint32_t word(std::string_view text, std::size_t at)
{
    std::uint32_t value = 0;
    for (std::size_t index = 0; index < 4 && at + index < text.size(); ++index) {
        value |= std::uint32_t{static_cast<std::uint8_t>(text[at + index])} << (8 * index);
    }
    return value;
}

constexpr std::string_view kBrand = "ringcheck modelled x86-64 CPU";

/// What every modelled CPU answers.
CpuidResult common(model::Vendor vendor, std::uint32_t leaf_number)
{
    const bool amd = vendor == model::Vendor::Amd;
    const std::string_view name = amd ? "AuthenticAMD" : "GenuineIntel";
    const CpuidResult named{0, word(name, 0), word(name, 8), word(name, 4)};
    switch (leaf_number) {
    case leaf::kVendor: {
        CpuidResult result = named;
        result.eax = amd ? leaf::kStructuredFeatures : kTscLeaf;
        return result;
    }
    case leaf::kFeatures: return {amd ? kAmdSignature : kIntelSignature, kClflushLine, kFeaturesEcx, kFeaturesEdx};
    case kTscLeaf: // TSC = ECX * EBX / EAX
        return amd ? CpuidResult{} : CpuidResult{1, 1, static_cast<std::uint32_t>(Clock::kHz), 0};
    case leaf::kExtendedMaximum: {
        CpuidResult result = amd ? named : CpuidResult{};
        result.eax = leaf::kAddressSizes;
        return result;
    }
    case leaf::kExtendedFeatures:
        return {amd ? kAmdSignature : 0, 0, kLahfEcx, arch::cpuid::kLongModeEdx | kGigabytePagesEdx};
    case kPowerManagement: return {0, 0, 0, kInvariantTscEdx};
    case leaf::kAddressSizes: return {model::kPhysicalAddressBits | kLinearAddressBits << 8, 0, 0, 0};
    default: break;
    }
    if (leaf_number >= kBrandFirst && leaf_number <= kBrandLast) {
        const std::size_t at = std::size_t{leaf_number - kBrandFirst} * 16;
        return {word(kBrand, at), word(kBrand, at + 4), word(kBrand, at + 8), word(kBrand, at + 12)};
    }
    return {};
}

} // namespace

CpuidResult cpuid(model::Vendor vendor, const model::Features& features, std::uint32_t leaf_number,
                  std::uint32_t subleaf)
{
    if (leaf_number == leaf::kStructuredFeatures && subleaf != 0) {
        return {};
    }
    CpuidResult result = common(vendor, leaf_number);
    for (const CpuFeature& feature : cpu_features()) {
        if (feature.leaf == leaf_number && features.*feature.offered) {
            result.*feature.output |= feature.bit;
        }
    }
    if (leaf_number == leaf::kExtendedFeatures && vendor == model::Vendor::Amd) {
        result.edx |= cpuid(vendor, features, leaf::kFeatures, 0).edx & kRepeatedEdx;
    }
    return result;
}

} // namespace ringcheck
