// SPDX-License-Identifier: MIT
// The comparison of two conformance logs: no difference passes unless it is explained, no explanation outlives its
// difference, and a log or a list that is wrong is refused with the place.
#include "conformance/compare/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace {

using conformance::Comparison;
using conformance::Difference;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<conformance::LogLine> log(const std::string& lines)
{
    std::istringstream text("Booting\rconformance begins\r\n" + lines + "conformance ends: 1 scenarios\n");
    return conformance::parse_log(text).value();
}

std::vector<Difference> known(const std::string& lines, const std::string& oracle = "bochs")
{
    std::istringstream text(lines);
    return conformance::parse_differences(text, oracle).value();
}

Comparison compared(const std::string& ours, const std::string& theirs, const std::string& differences = "")
{
    return conformance::compare(log(ours), log(theirs), "bochs", known(differences));
}

TEST(ConformanceComparison, PassesWhenAllFieldsAreEqual)
{
    const Comparison result = compared("int3 vector=0x3 rip=code+0x1\n", "int3 vector=0x3 rip=code+0x1\r\n");
    EXPECT_TRUE(result.passed());
    EXPECT_EQ(result.agreements, 1u);
    EXPECT_EQ(result.fields, 2u);
    EXPECT_EQ(result.differences, 0u);
}

TEST(ConformanceComparison, NamesADifferenceThatNobodyExplains)
{
    const Comparison result = compared("int3 vector=0x3\n", "int3 vector=0x6\n");
    EXPECT_THAT(result.unexplained, ElementsAre("int3: vector: ringcheck 0x3, bochs 0x6"));
    EXPECT_FALSE(result.passed());
}

TEST(ConformanceComparison, SeesAFieldAndALineThatOneLogLacks)
{
    const Comparison result = compared("a cr2=absent\nb vector=0x1\n", "a\nc vector=0x1\n");
    EXPECT_THAT(result.unexplained,
                ElementsAre("a: cr2: ringcheck absent, bochs -", "b: line: ringcheck there, bochs missing",
                            "c: line: ringcheck missing, bochs there"));
}

TEST(ConformanceComparison, ExplainsByPatternByValuesAndByBits)
{
    const std::string ours = "a-r0 rflags=0x2\na-r3 error=0x0\n", theirs = "a-r0 rflags=0x10002\na-r3 error=0x10\n";
    const std::string explanation = "right: oracle: a sentence\n continued\nbochs a-r? rflags ^0x10000\n"
                                    "bochs a-* err* 0x0/0x10\nqemu a-r0 rflags\n";
    const Comparison result = compared(ours, theirs, explanation);
    EXPECT_TRUE(result.passed()) << testing::PrintToString(result.unexplained);
    EXPECT_EQ(result.oracle_right, 2u);
}

TEST(ConformanceComparison, DoesNotExplainOtherBitsOrOtherValues)
{
    const std::string explanation = "right: both: a sentence\nbochs a rflags ^0x10000\nbochs a error 0x0/0x10\n";
    const Comparison result = compared("a rflags=0x2 error=0x0\n", "a rflags=0x10003 error=0x11\n", explanation);
    EXPECT_EQ(result.unexplained.size(), 2u);
    EXPECT_EQ(result.stale.size(), 2u);
}

TEST(ConformanceComparison, TakesTheDifferencesOfAnOracleForEitherVendorsCpuOrForOne)
{
    const std::string list = "right: both: a sentence\nbochs a *\nbochs-amd b *\nbochs-intel c *\nqemu d *\n";
    const auto differences = known(list, "bochs-amd");
    ASSERT_EQ(differences.size(), 2u);
    EXPECT_EQ(differences[0].scenarios, "a");
    EXPECT_EQ(differences[1].scenarios, "b");
}

TEST(ConformanceComparison, FailsOnAnExplanationWhoseDifferenceNoLongerOccurs)
{
    const Comparison result = compared("a error=0x0\n", "a error=0x0\n", "right: oracle: a sentence\nbochs a error\n");
    EXPECT_THAT(result.stale, ElementsAre(HasSubstr("line 2: no longer occurs: bochs a error")));
    EXPECT_FALSE(result.passed());
}

TEST(ConformanceComparison, RefusesADifferenceWithoutASentence)
{
    std::istringstream text("right: oracle: a sentence\nbochs a error\n\nbochs b error\n");
    EXPECT_EQ(conformance::parse_differences(text, "bochs").error(),
              "line 4: a difference without the sentence that says who is right");
}

TEST(ConformanceComparison, RefusesALogThatEndsEarlyOrRepeatsAName)
{
    std::istringstream early("conformance begins\na error=0x0\n"),
        twice("conformance begins\na\na\nconformance ends\n");
    EXPECT_THAT(conformance::parse_log(early).error(), HasSubstr("ends after a"));
    EXPECT_THAT(conformance::parse_log(twice).error(), HasSubstr("two scenarios are called a"));
}

} // namespace
