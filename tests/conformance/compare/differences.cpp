// SPDX-License-Identifier: MIT
#include "conformance/compare/differences.h"

#include <cstdint>
#include <cstdlib>
#include <fnmatch.h>
#include <optional>
#include <sstream>

namespace conformance {
namespace {

std::optional<Right> right_by_name(const std::string& name)
{
    if (name == "ringcheck:") {
        return Right::Ringcheck;
    }
    if (name == "oracle:") {
        return Right::Oracle;
    }
    if (name == "both:") {
        return Right::Both;
    }
    return std::nullopt;
}

std::optional<std::uint64_t> number(const std::string& text)
{
    char* end = nullptr;
    const std::uint64_t value = std::strtoull(text.c_str(), &end, 16);
    return text.empty() || *end != '\0' ? std::nullopt : std::optional(value);
}

} // namespace

bool Difference::explains(const std::string& scenario, const std::string& name, const std::string& ours,
                          const std::string& theirs) const
{
    if (fnmatch(field.c_str(), name.c_str(), 0) != 0 || fnmatch(scenarios.c_str(), scenario.c_str(), 0) != 0) {
        return false;
    }
    if (values.starts_with('^')) {
        const auto left = number(ours), right_number = number(theirs), bits = number(values.substr(1));
        return left && right_number && bits && (*left ^ *right_number) == *bits;
    }
    return values.empty() || values == ours + "/" + theirs;
}

std::expected<std::vector<Difference>, std::string> parse_differences(std::istream& file, const std::string& oracle)
{
    if (!file) {
        return std::unexpected("cannot be read");
    }
    std::vector<Difference> all;
    std::optional<Right> right;
    unsigned count = 0;
    const auto mistake = [&](const std::string& what) {
        return std::unexpected("line " + std::to_string(count) + ": " + what);
    };
    for (std::string text; std::getline(file, text);) {
        ++count;
        std::istringstream words(text);
        std::string first, scenarios, field, values, rest;
        if (!(words >> first)) {
            right.reset(); // an empty line ends a paragraph
            continue;
        }
        if (first.starts_with('#') || (text.starts_with(' ') && right)) {
            continue;
        }
        if (first == "right:") {
            words >> first;
            right = right_by_name(first);
            if (!right) {
                return mistake("who is right: ringcheck:, oracle: or both:, not " + first);
            }
            continue;
        }
        if (!right) {
            return mistake("a difference without the sentence that says who is right");
        }
        if (!(words >> scenarios >> field) || (words >> values >> rest)) {
            return mistake("expected ORACLE SCENARIOS FIELD [VALUES]");
        }
        if (oracle == first || oracle.starts_with(first + "-")) {
            all.push_back({scenarios, field, values, *right, count, false});
        }
    }
    return all;
}

} // namespace conformance
