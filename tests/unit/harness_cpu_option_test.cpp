// SPDX-License-Identifier: MIT
// --cpu: what is asked for is what comes, and what cannot be had is refused in one line.
#include "machine/cpu_feature.h"
#include "machine/cpu_option.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using model::Features;
using model::Vendor;

constexpr Vendor kVendors[] = {Vendor::Intel, Vendor::Amd};

Features features_of(const std::string& text)
{
    const auto choice = parse_cpu(text);
    EXPECT_TRUE(choice) << text << ": " << (choice ? "" : choice.error());
    return choice ? choice->features : Features{};
}

std::string refusal(const std::string& text)
{
    const auto choice = parse_cpu(text);
    EXPECT_FALSE(choice) << text;
    return choice ? "" : choice.error();
}

TEST(CpuOption, AVendorAloneHasItsUsualFeatures)
{
    EXPECT_EQ(parse_cpu("intel")->vendor, Vendor::Intel);
    EXPECT_EQ(parse_cpu("amd")->vendor, Vendor::Amd);
    for (const Vendor vendor : kVendors) {
        EXPECT_EQ(features_of(cpu_option(vendor, default_features(vendor))), default_features(vendor));
    }
    EXPECT_TRUE(features_of("intel").x2apic);
    EXPECT_FALSE(features_of("amd").x2apic);
}

TEST(CpuOption, EachFeatureComesAndGoesAloneInEachSpelling)
{
    for (const CpuFeature& feature : cpu_features()) {
        const std::string name = feature.name;
        if (name == "apic") {
            continue; // two others need it
        }
        Features with, without;
        with.*feature.offered = true;
        without.*feature.offered = false;
        EXPECT_EQ(features_of("intel,+" + name), with);
        EXPECT_EQ(features_of("intel," + name + "=on"), with);
        EXPECT_EQ(features_of("intel,-" + name), without);
        EXPECT_EQ(features_of("intel," + name + "=off"), without);
        EXPECT_EQ(features_of("intel,-" + name + ",+" + name), with) << "the last one wins";
        for (const Features& features : {with, without}) {
            EXPECT_EQ(features_of(cpu_option(Vendor::Intel, features)), features);
        }
    }
}

TEST(CpuOption, IsWrittenAsBrieflyAsItCanBe)
{
    EXPECT_EQ(cpu_option(Vendor::Intel, features_of("intel,+smep,-smap,rdseed=on")), "intel,+rdseed,-smap");
    EXPECT_EQ(cpu_option(Vendor::Amd, features_of("amd,-apic,tsc_deadline=off")), "amd,-apic");
}

TEST(CpuOption, RefusesWhatCannotBeHadWithItsReason)
{
    using testing::HasSubstr;
    EXPECT_EQ(refusal("via"), "there is no CPU 'via'; there are intel and amd");
    EXPECT_EQ(refusal(""), "there is no CPU ''; there are intel and amd");
    EXPECT_THAT(refusal("intel,+warp"), HasSubstr("there is no CPU feature 'warp'; there are de pse"));
    EXPECT_EQ(refusal("intel,+avx2"), "the engine has no 'avx2'");
    EXPECT_EQ(refusal("intel,-pdpe1gb"), "the engine cannot do without 'pdpe1gb'");
    EXPECT_EQ(features_of("intel,-avx2,+sse2"), Features{}) << "that is so in any case";
    for (const char* const text : {"intel,smap", "intel,", "intel,,+smap", "intel,smap=maybe"}) {
        EXPECT_THAT(refusal(text), HasSubstr("a feature is asked for as +NAME, -NAME, NAME=on or NAME=off"));
    }
    EXPECT_THAT(refusal("intel,-apic"), HasSubstr("take these away with it"));
    EXPECT_FALSE(features_of("intel,-apic,-x2apic,-tsc-deadline").apic);
}

TEST(CpuOption, HelpHasALineForEachFeature)
{
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(cpu_help(), '\n')), cpu_features().size() + 1);
    EXPECT_THAT(cpu_help(), testing::HasSubstr("\nx2apic        yes    -    the local APIC's MSRs\n"));
}

} // namespace
