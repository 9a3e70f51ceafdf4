// SPDX-License-Identifier: MIT
// One line of the table: what was measured, what it has to be, and what stands beside it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

enum class Better : unsigned char { More, Less };

struct Row {
    std::string_view name;
    std::string_view unit;
    std::optional<double> must = {}, aim = {}; ///< nullopt: nothing is asked of it, it is there to compare
    Better better = Better::More;
    double value = 0;        ///< 0: it could not be measured, and `beside` says why
    std::string beside = {}; ///< other figures of the same run

    bool reaches(double wanted) const
    {
        return value > 0 && (better == Better::More ? value >= wanted : value <= wanted);
    }
};

/// Seconds of CPU time that `work` takes: other programs on the machine disturb them less than those of a clock.
double seconds(const std::function<void()>& work);

} // namespace bench
