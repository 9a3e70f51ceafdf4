// SPDX-License-Identifier: GPL-2.0-or-later
// The commands and their options as plain data, read from the parser itself: completion and manual are made from what
// the program accepts.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ringcheck::cli {

struct OptionRow {
    std::vector<std::string> names;   ///< "--output", "-o"; empty for a positional
    std::string value;                ///< what it takes: "FILE"; "" for a flag
    std::vector<std::string> choices; ///< the only values that it takes; empty: any
    std::string description;
    std::string fallback; ///< the value without it; "" when the description says it
    bool required = false;

    bool positional() const { return names.empty(); }
    bool takes_file() const { return value.starts_with("FILE") || value == "TRACE"; }
};

struct CommandRow {
    std::string name; ///< "" for the program itself
    std::string description;
    std::string example; ///< a command line, or ""
    std::vector<OptionRow> options;
};

/// The program first, then each command in its order.
std::vector<CommandRow> command_table(const CLI::App& program);
/// Stands before the example at the end of a command's help.
inline constexpr const char* kExampleHeading = "Example:\n  ";

} // namespace ringcheck::cli
