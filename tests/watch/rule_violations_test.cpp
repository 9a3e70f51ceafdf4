// SPDX-License-Identifier: MIT
// Property: every rule of the list can be violated, and says so; the same run without the one fault violates nothing.
#include "rule_violators.h"
#include "watch/rule.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace {

using testing::Contains;
using testing::IsEmpty;

std::vector<violators::Violator> all_violators()
{
    std::vector<violators::Violator> all = violators::by_crossings();
    std::ranges::move(violators::by_guests(), std::back_inserter(all));
    return all;
}

class RuleViolations : public testing::TestWithParam<const ringcheck::Rule*> {};

TEST_P(RuleViolations, AreSeenAndNothingElseIs)
{
    const auto all = all_violators();
    const auto violator = std::ranges::find(all, GetParam()->id, &violators::Violator::rule);
    ASSERT_NE(violator, all.end()) << "no run violates this rule on purpose";
    EXPECT_THAT(violator->run(true), Contains(std::string(GetParam()->id)));
    EXPECT_THAT(violator->run(false), IsEmpty());
}

std::string name_of(const testing::TestParamInfo<const ringcheck::Rule*>& info)
{
    std::string name = info.param->id;
    bool start = true;
    std::string camel;
    for (const char c : name) {
        if (c != '-') {
            camel += start ? static_cast<char>(c - 'a' + 'A') : c;
        }
        start = c == '-';
    }
    return camel;
}

INSTANTIATE_TEST_SUITE_P(Of, RuleViolations,
                         testing::ValuesIn(ringcheck::all_rules().begin(), ringcheck::all_rules().end()), name_of);

TEST(RuleViolators, BelongToRulesThatExist)
{
    for (const violators::Violator& violator : all_violators()) {
        const auto rules = ringcheck::all_rules();
        EXPECT_TRUE(std::ranges::any_of(rules, [&](const auto* rule) { return rule->id == violator.rule; }))
            << violator.rule;
    }
}

} // namespace
