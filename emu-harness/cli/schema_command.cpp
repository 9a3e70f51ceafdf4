// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck schema: prints the description of what --json prints.
#include "cli/commands.h"
#include "cli/json_lines.h"

#include <CLI/CLI.hpp>

namespace ringcheck::cli {

void add_schema(CLI::App& program, Status& status)
{
    CLI::App* const command = program.add_subcommand("schema", "Print the JSON Schema of the lines that --json prints");
    add_example(*command, "ringcheck schema > ringcheck.schema.json");
    command->callback([&status] {
        print_out(json_schema());
        status = kPass;
    });
}

} // namespace ringcheck::cli
