// SPDX-License-Identifier: MIT
#include "conformance/compare/comparison.h"

#include <algorithm>
#include <set>

namespace conformance {
namespace {

std::string value_of(const LogLine& line, const std::string& field)
{
    const auto found = line.fields.find(field);
    return found == line.fields.end() ? "-" : found->second;
}

const LogLine* find(const std::vector<LogLine>& lines, const std::string& name)
{
    const auto found = std::ranges::find(lines, name, &LogLine::name);
    return found == lines.end() ? nullptr : &*found;
}

class Comparer {
public:
    Comparer(std::string oracle, std::vector<Difference> known) : oracle_(std::move(oracle)), known_(std::move(known))
    {
    }

    void compare(const LogLine& ours, const LogLine& theirs)
    {
        std::set<std::string> fields;
        for (const auto* line : {&ours, &theirs}) {
            for (const auto& [field, value] : line->fields) {
                fields.insert(field);
            }
        }
        const unsigned before = result_.differences;
        for (const std::string& field : fields) {
            compare(ours.name, field, value_of(ours, field), value_of(theirs, field));
        }
        result_.agreements += before == result_.differences ? 1 : 0;
    }

    void compare(const std::string& scenario, const std::string& field, const std::string& ours,
                 const std::string& theirs)
    {
        ++result_.fields;
        if (ours == theirs) {
            return;
        }
        ++result_.differences;
        const auto explanation = std::ranges::find_if(
            known_, [&](const Difference& known) { return known.explains(scenario, field, ours, theirs); });
        if (explanation == known_.end()) {
            result_.unexplained.push_back(scenario + ": " + field + ": ringcheck " + ours + ", " + oracle_ + " " +
                                          theirs);
            return;
        }
        explanation->seen = true;
        switch (explanation->right) {
        case Right::Ringcheck: ++result_.ringcheck_right; break;
        case Right::Oracle: ++result_.oracle_right; break;
        case Right::Both: ++result_.both_right; break;
        }
    }

    Comparison finish(std::size_t scenarios)
    {
        result_.scenarios = scenarios;
        for (const Difference& known : known_) {
            if (!known.seen) {
                result_.stale.push_back("line " + std::to_string(known.line) + ": no longer occurs: " + oracle_ + " " +
                                        known.scenarios + " " + known.field + " " + known.values);
            }
        }
        return std::move(result_);
    }

private:
    std::string oracle_;
    std::vector<Difference> known_;
    Comparison result_;
};

} // namespace

Comparison compare(const std::vector<LogLine>& ours, const std::vector<LogLine>& theirs, const std::string& oracle,
                   std::vector<Difference> known)
{
    Comparer comparer(oracle, std::move(known));
    for (const LogLine& line : ours) {
        if (const LogLine* const other = find(theirs, line.name)) {
            comparer.compare(line, *other);
        } else {
            comparer.compare(line.name, "line", "there", "missing");
        }
    }
    for (const LogLine& line : theirs) {
        if (find(ours, line.name) == nullptr) {
            comparer.compare(line.name, "line", "missing", "there");
        }
    }
    return comparer.finish(ours.size());
}

} // namespace conformance
