// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck schema: prints the description of what --json prints.
#include "cli/commands.h"
#include "cli/json_lines.h"

namespace ringcheck::cli {

void add_schema(CommandLine& line)
{
    Command command = line.command("schema", "Print the JSON Schema of the lines that --json prints");
    command.example("ringcheck schema > ringcheck.schema.json");
    command.action([] {
        print_out(json_schema());
        return kPass;
    });
}

} // namespace ringcheck::cli
