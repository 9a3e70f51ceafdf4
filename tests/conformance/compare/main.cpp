// SPDX-License-Identifier: MIT
// conformance_compare RINGCHECK_LOG ORACLE_LOG ORACLE DIFFERENCES: compares two logs field by field.
// Exit status 0 when each difference is a known one and each known one occurs, 1 when not, 2 when a file is wrong.
#include "conformance/compare/comparison.h"

#include <fmt/format.h>

#include <fstream>

namespace {

int refuse(const std::string& text)
{
    fmt::print(stderr, "conformance_compare: {}\n", text);
    return 2;
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 5) {
        return refuse("usage: conformance_compare RINGCHECK_LOG ORACLE_LOG ORACLE DIFFERENCES");
    }
    const std::string oracle = arguments[3], differences = arguments[4];
    const auto ours = conformance::read_log(arguments[1]);
    const auto theirs = conformance::read_log(arguments[2]);
    std::ifstream file(differences);
    auto known = conformance::parse_differences(file, oracle);
    if (!ours || !theirs || !known) {
        return refuse(!ours ? ours.error() : !theirs ? theirs.error() : differences + ": " + known.error());
    }
    const conformance::Comparison result = conformance::compare(*ours, *theirs, oracle, std::move(*known));
    for (const std::string& line : result.unexplained) {
        fmt::print("{}\n", line);
    }
    for (const std::string& line : result.stale) {
        fmt::print("{}: {}\n", differences, line);
    }
    fmt::print("conformance with {}: {} scenarios, {} agree in every field\n", oracle, result.scenarios,
               result.agreements);
    fmt::print("  {} fields compared, {} equal, {} differ\n", result.fields, result.fields - result.differences,
               result.differences);
    fmt::print("  of these the manual is with ringcheck in {}, with the oracle in {}, with both in {}\n",
               result.ringcheck_right, result.oracle_right, result.both_right);
    fmt::print("  unexplained {}, explained but not seen {}\n", result.unexplained.size(), result.stale.size());
    return result.passed() ? 0 : 1;
}
