// SPDX-License-Identifier: MIT
// A conformance log as it came out of a serial line: one scenario a line, `name field=value ...`.
#pragma once

#include <expected>
#include <istream>
#include <map>
#include <string>
#include <vector>

namespace conformance {

struct LogLine {
    std::string name;
    std::map<std::string, std::string> fields;
};

/// The lines between "conformance begins" and "conformance ends".
/// Fails with one line: the log has no beginning, it ends early, or a name stands there twice.
std::expected<std::vector<LogLine>, std::string> parse_log(std::istream& text);
/// The same of a file; the error starts with its path.
std::expected<std::vector<LogLine>, std::string> read_log(const std::string& path);

} // namespace conformance
