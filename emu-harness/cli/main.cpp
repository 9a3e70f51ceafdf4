// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck: runs a kernel on an emulated PC and watches every change of ring.
#include "cli/commands.h"

int main(int argc, char** argv)
{
    using namespace ringcheck::cli;

    CommandLine line("ringcheck runs a kernel on an emulated PC, watches every change of ring, and compares it with "
                     "rules and traces.\nIt ends with 0 when all is as it should be, with 1 when not, and with 2 when "
                     "the command line or a file is wrong.",
                     RINGCHECK_VERSION);
    add_run(line);
    add_record(line);
    add_replay(line);
    add_compare(line);
    add_import(line);
    add_export(line);
    add_trace(line);
    add_explain(line);
    add_step(line);
    add_check(line);
    add_rules(line);
    add_schema(line);
    add_completion(line);
    add_manual(line);
    add_describe(line);
    return line.run(argc, argv);
}
