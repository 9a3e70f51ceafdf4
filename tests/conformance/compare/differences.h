// SPDX-License-Identifier: MIT
// The known differences: differences.txt says how it is written.
#pragma once

#include <expected>
#include <istream>
#include <string>
#include <vector>

namespace conformance {

/// Who does what the manual says.
enum class Right { Ringcheck, Oracle, Both };

struct Difference {
    std::string scenarios; ///< a shell pattern
    std::string field;     ///< a shell pattern; "line": the scenario is missing in one of the logs
    /// "" any two values; "^<bits>" numbers that differ in just these bits; "<ringcheck's>/<oracle's>" just these two.
    std::string values;
    Right right{};
    unsigned line = 0; ///< in the file
    bool seen = false; ///< it occurred

    bool explains(const std::string& scenario, const std::string& name, const std::string& ours,
                  const std::string& theirs) const;
};

/// The differences from `oracle`: "bochs-amd" has those of "bochs" and its own.  Fails with one line that names the
/// place of a mistake.
std::expected<std::vector<Difference>, std::string> parse_differences(std::istream& text, const std::string& oracle);

} // namespace conformance
