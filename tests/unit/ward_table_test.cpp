// SPDX-License-Identifier: MIT
// Property: each test that `wards` names exists, so that the column says something.
#include "eldarin/ward_table.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace {

/// "Suite.Name" of every TEST, TEST_F and TEST_P below tests/transition.
std::set<std::string> transition_tests()
{
    const std::regex head(R"(\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\))");
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(AETHEL_TRANSITION_TESTS)) {
        std::ifstream file(entry.path());
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        for (std::sregex_iterator match(text.begin(), text.end(), head); match != std::sregex_iterator(); ++match) {
            names.insert((*match)[1].str() + "." + (*match)[2].str());
        }
    }
    return names;
}

TEST(WardTable, NamesATestForEachWardThatExists)
{
    const std::set<std::string> tests = transition_tests();
    ASSERT_GT(tests.size(), 50u) << "the tests were not found";
    for (const kernel::WardText& ward : kernel::kWards) {
        EXPECT_TRUE(tests.contains(ward.test)) << ward.name << " is said to be proven by " << ward.test;
    }
}

TEST(WardTable, HasEachWardOnceInOrder)
{
    unsigned next = 0;
    for (const kernel::WardText& ward : kernel::kWards) {
        EXPECT_EQ(static_cast<unsigned>(ward.ward), next++) << ward.name;
    }
    EXPECT_EQ(next, static_cast<unsigned>(kernel::Ward::ImagePlace) + 1);
}

} // namespace
