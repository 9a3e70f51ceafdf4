// SPDX-License-Identifier: GPL-2.0-or-later
// The cases of a check and the forms in which they are told: to people, to TAP and to JUnit readers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ringcheck::cli {

struct CheckCase {
    enum class Outcome : std::uint8_t { Passed, Failed, Skipped };

    std::string suite; ///< "runs" or "rules"
    std::string name;  ///< a trace's path, "boot", a program, or a rule's id
    Outcome outcome = Outcome::Passed;
    std::string message; ///< one line: what was wrong, or why it was skipped; "" when it passed
    std::string details; ///< several lines, of a failure
    double seconds = 0;  ///< that it took on this machine
};

struct CheckTotals {
    std::size_t passed = 0, failed = 0, skipped = 0;
};

const char* to_string(CheckCase::Outcome outcome);
CheckTotals count_cases(const std::vector<CheckCase>& cases);

/// One line a case, aligned, and a last line with the totals.  Colours as diagnostic.h says.
std::string check_text(const std::vector<CheckCase>& cases);
/// [Test Anything Protocol, version 13]
std::string check_tap(const std::vector<CheckCase>& cases);
/// One <testsuite> for each suite in <testsuites>, as Jenkins, GitLab and GitHub's reporters read them.
std::string check_junit(const std::vector<CheckCase>& cases);

/// `text` without what XML 1.0 cannot hold, not even escaped: control characters and bytes that are no UTF-8 become
/// "\x1b".  [XML 1.0 "Characters"]
std::string xml_characters(std::string_view text);

} // namespace ringcheck::cli
