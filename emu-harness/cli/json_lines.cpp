// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/json_lines.h"

#include "cli/diagnostic.h"
#include "watch/transition_format.h"

#include <nlohmann/json.hpp>

namespace ringcheck::cli {

void print_json(const char* type, const Json& fields)
{
    Json line{{"schema", kJsonSchema}, {"type", type}};
    line.update(fields);
    print_out(line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Json to_json(const Violation& violation)
{
    return {{"rule", violation.rule->id},
            {"statement", violation.rule->statement},
            {"citation", violation.rule->citation},
            {"count", violation.count},
            {"where", violation.where},
            {"expected", violation.expected},
            {"actual", violation.actual},
            {"next", violation.rule->next},
            {"repeated", violation.repeated}};
}

Json to_json(const Difference& difference)
{
    return {{"line", difference.line},
            {"summary", difference.summary},
            {"after", difference.before},
            {"expected", difference.expected},
            {"actual", difference.actual},
            {"part", difference.part},
            {"expected_then", difference.expected_then},
            {"actual_then", difference.actual_then},
            {"count", difference.count ? Json(*difference.count) : Json(nullptr)}};
}

} // namespace ringcheck::cli
