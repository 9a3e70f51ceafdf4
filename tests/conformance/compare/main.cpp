// SPDX-License-Identifier: MIT
// conformance_compare RINGCHECK_LOG ORACLE_LOG ORACLE DIFFERENCES: compares two logs field by field.
// Exit status 0 when each difference is a known one and each known one occurs, 1 when not, 2 when a file is wrong.
#include "differences.h"
#include "log.h"

#include <algorithm>
#include <cstdio>
#include <set>

namespace {

using conformance::Difference;
using conformance::LogLine;
using conformance::Right;

class Comparison {
public:
    Comparison(std::string oracle, std::vector<Difference> known) : oracle_(std::move(oracle)), known_(std::move(known))
    {
    }

    void compare(const LogLine& ours, const LogLine& theirs)
    {
        const unsigned before = differences_;
        std::set<std::string> names;
        for (const auto* line : {&ours, &theirs}) {
            for (const auto& [name, value] : line->fields) {
                names.insert(name);
            }
        }
        for (const std::string& name : names) {
            differ_unless_equal(ours.name, name, value_of(ours, name), value_of(theirs, name));
        }
        agreements_ += before == differences_;
    }

    void missing(const LogLine& line, bool in_ours)
    {
        differ_unless_equal(line.name, "line", in_ours ? "missing" : "there", in_ours ? "there" : "missing");
    }

    /// Prints the summary and what no longer occurs; true when all is explained.
    bool finish(std::size_t scenarios)
    {
        for (const Difference& difference : known_) {
            if (difference.seen == 0) {
                std::printf("differences.txt:%u: no longer occurs: %s %s %s %s\n", difference.line, oracle_.c_str(),
                            difference.scenarios.c_str(), difference.field.c_str(), difference.values.c_str());
                ++stale_;
            }
        }
        const auto count = [this](Right right) {
            unsigned total = 0;
            for (const Difference& difference : known_) {
                total += difference.right == right ? difference.seen : 0;
            }
            return total;
        };
        std::printf("conformance with %s: %zu scenarios, %u agree in every field; %u field differences: %u where the "
                    "manual is with ringcheck, %u with %s, %u with both; %u unexplained, %u stale\n",
                    oracle_.c_str(), scenarios, agreements_, differences_, count(Right::Ringcheck),
                    count(Right::Oracle), oracle_.c_str(), count(Right::Both), unexplained_, stale_);
        return unexplained_ == 0 && stale_ == 0;
    }

private:
    static std::string value_of(const LogLine& line, const std::string& name)
    {
        const auto found = line.fields.find(name);
        return found == line.fields.end() ? "-" : found->second;
    }

    void differ_unless_equal(const std::string& scenario, const std::string& field, const std::string& ours,
                             const std::string& theirs)
    {
        if (ours == theirs) {
            return;
        }
        ++differences_;
        for (Difference& difference : known_) {
            if (difference.explains(scenario, field, ours, theirs)) {
                ++difference.seen;
                return;
            }
        }
        ++unexplained_;
        std::printf("%s: %s: ringcheck %s, %s %s\n", scenario.c_str(), field.c_str(), ours.c_str(), oracle_.c_str(),
                    theirs.c_str());
    }

    std::string oracle_;
    std::vector<Difference> known_;
    unsigned agreements_ = 0, differences_ = 0, unexplained_ = 0, stale_ = 0;
};

const LogLine* find(const std::vector<LogLine>& lines, const std::string& name)
{
    const auto found = std::ranges::find(lines, name, &LogLine::name);
    return found == lines.end() ? nullptr : &*found;
}

int refuse(const std::string& text)
{
    std::fprintf(stderr, "conformance_compare: %s\n", text.c_str());
    return 2;
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 5) {
        return refuse("usage: conformance_compare RINGCHECK_LOG ORACLE_LOG ORACLE DIFFERENCES");
    }
    const auto ours = conformance::read_log(arguments[1]);
    const auto theirs = conformance::read_log(arguments[2]);
    auto known = conformance::read_differences(arguments[4], arguments[3]);
    for (const std::string& problem :
         {ours ? "" : ours.error(), theirs ? "" : theirs.error(), known ? "" : known.error()}) {
        if (!problem.empty()) {
            return refuse(problem);
        }
    }
    Comparison comparison(arguments[3], std::move(*known));
    for (const LogLine& line : *ours) {
        if (const LogLine* const other = find(*theirs, line.name)) {
            comparison.compare(line, *other);
        } else {
            comparison.missing(line, false);
        }
    }
    for (const LogLine& line : *theirs) {
        if (find(*ours, line.name) == nullptr) {
            comparison.missing(line, true);
        }
    }
    return comparison.finish(ours->size()) ? 0 : 1;
}
