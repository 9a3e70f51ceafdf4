// SPDX-License-Identifier: GPL-2.0-or-later
// The commands of ringcheck, one file each.  Each adds itself to the program's command line; when it is the one that
// was asked for, its result goes to `status`.
#pragma once

#include "cli/diagnostic.h"

#include <string>

namespace CLI {
class App;
}

namespace ringcheck::cli {

/// Puts a command line that works under the command's help, and into the manual.
void add_example(CLI::App& command, const std::string& example);
inline constexpr const char* kExampleHeading = "Example:\n  ";

void add_run(CLI::App& program, Status& status);
void add_record(CLI::App& program, Status& status);
void add_replay(CLI::App& program, Status& status);
void add_compare(CLI::App& program, Status& status);
void add_explain(CLI::App& program, Status& status);
void add_step(CLI::App& program, Status& status);
void add_check(CLI::App& program, Status& status);
void add_rules(CLI::App& program, Status& status);
void add_schema(CLI::App& program, Status& status);
void add_completion(CLI::App& program, Status& status);
void add_manual(CLI::App& program, Status& status);
void add_describe(CLI::App& program, Status& status);

} // namespace ringcheck::cli
