// SPDX-License-Identifier: GPL-2.0-or-later
// What a test says of a run.  Each failure is a text that needs no other.  For GoogleTest.
#pragma once

#include "testing/guest.h"
#include "testing/pattern.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace ringcheck::testing {

inline ::testing::AssertionResult unless(const std::optional<std::string>& reason)
{
    return reason ? ::testing::AssertionFailure() << *reason : ::testing::AssertionSuccess();
}

/// No rule is broken, and one at least was checked.
inline ::testing::AssertionResult rules_hold(const Guest& guest)
{
    const RuleReport& report = guest.rules();
    if (report.checks() == 0) {
        return ::testing::AssertionFailure() << "no rule was checked: the run crossed no rings";
    }
    if (report.violations().empty()) {
        return ::testing::AssertionSuccess();
    }
    ::testing::AssertionResult failure = ::testing::AssertionFailure();
    failure << report.violations().size() << " rules are broken\n";
    for (const Violation& violation : report.violations()) {
        failure << format_violation(violation);
    }
    return failure;
}

} // namespace ringcheck::testing

/// A transition of `log` is like `pattern`.
#define EXPECT_TRANSITION(log, pattern)                                                                                \
    EXPECT_TRUE(::ringcheck::testing::unless(::ringcheck::testing::why_none(log, pattern)))
/// None is.
#define EXPECT_NEVER(log, pattern)                                                                                     \
    EXPECT_TRUE(::ringcheck::testing::unless(::ringcheck::testing::why_some(log, pattern)))
/// There are such as `when`, and each of them is like `pattern`.
#define EXPECT_ALWAYS(log, when, pattern)                                                                              \
    EXPECT_TRUE(::ringcheck::testing::unless(::ringcheck::testing::why_not_all(log, when, pattern)))
/// One like `first` comes, before any that is like `later`.
#define EXPECT_BEFORE(log, first, later)                                                                               \
    EXPECT_TRUE(::ringcheck::testing::unless(::ringcheck::testing::why_not_before(log, first, later)))
/// Every rule holds that `ringcheck rules` lists and that the kernel's description does not ignore.
#define EXPECT_RULES_HOLD(guest) EXPECT_TRUE(::ringcheck::testing::rules_hold(guest))
