// SPDX-License-Identifier: GPL-2.0-or-later
// What --json prints: one object a line, as ringcheck.schema.json describes it.
#pragma once

#include "trace/compare.h"
#include "watch/rule_report.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace ringcheck::cli {

using Json = nlohmann::ordered_json;

/// Prints `fields`, an object, as a line with "schema" and `type` before them.
void print_json(const char* type, const Json& fields);

/// The fields of type "violation".
Json to_json(const Violation& violation);
/// The value of "difference" in type "trace".
Json to_json(const Difference& difference);

/// The text of ringcheck.schema.json.
std::string json_schema();

} // namespace ringcheck::cli
