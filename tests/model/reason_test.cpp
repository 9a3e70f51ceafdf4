// SPDX-License-Identifier: MIT
// The texts of the rules: complete, distinct, and fit for a report.
#include "model/reason.h"

#include <gmock/gmock.h>

#include <set>
#include <string>

namespace ringcheck::model {
namespace {

constexpr unsigned kReasons = static_cast<unsigned>(Reason::MsrUnmodelled) + 1;

TEST(ReasonTexts, AreDistinctSentencesWithACitation)
{
    std::set<std::string> ids;
    std::set<std::string> statements;
    for (unsigned i = 0; i != kReasons; ++i) {
        const auto reason = static_cast<Reason>(i);
        const ReasonText& text = describe(reason);
        EXPECT_THAT(text.id, testing::MatchesRegex("[a-z0-9]+(-[a-z0-9]+)*"));
        EXPECT_THAT(text.statement, testing::MatchesRegex("[A-Z].*\\."));
        EXPECT_TRUE(ids.insert(text.id).second) << text.id;
        EXPECT_TRUE(statements.insert(text.statement).second) << text.id;
        const bool from_a_manual =
            reason != Reason::None && reason != Reason::InstructionRule && !outside_the_model(reason);
        EXPECT_EQ(std::string{text.citation}.starts_with("SDM "), from_a_manual) << text.id;
    }
}

TEST(ReasonTexts, TellRulesFromGapsInTheModel)
{
    EXPECT_STREQ(describe(Reason::SysretRcxNonCanonical).id, "sysret-rcx-non-canonical");
    EXPECT_FALSE(outside_the_model(Reason::None));
    EXPECT_FALSE(outside_the_model(Reason::InstructionPce));
    EXPECT_TRUE(outside_the_model(Reason::PageTableOutsideRam));
    EXPECT_TRUE(outside_the_model(Reason::MsrUnmodelled));
}

} // namespace
} // namespace ringcheck::model
