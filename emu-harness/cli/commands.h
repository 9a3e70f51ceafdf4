// SPDX-License-Identifier: GPL-2.0-or-later
// The commands of ringcheck, one file each.  Each adds itself to the command line.
#pragma once

#include "cli/command_line.h"

namespace ringcheck::cli {

void add_run(CommandLine& line);
void add_record(CommandLine& line);
void add_replay(CommandLine& line);
void add_compare(CommandLine& line);
void add_import(CommandLine& line);
void add_export(CommandLine& line);
void add_explain(CommandLine& line);
void add_step(CommandLine& line);
void add_trace(CommandLine& line);
void add_check(CommandLine& line);
void add_rules(CommandLine& line);
void add_schema(CommandLine& line);
void add_completion(CommandLine& line);
void add_manual(CommandLine& line);
void add_describe(CommandLine& line);

} // namespace ringcheck::cli
