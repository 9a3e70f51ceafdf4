// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck: runs a kernel on an emulated PC and watches every change of ring.
#include "cli/commands.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <new>
#include <string>
#include <vector>

int main(int argc, char** argv)
{
    using namespace ringcheck::cli;

    CLI::App program("ringcheck runs a kernel on an emulated PC, watches every change of ring, and compares it with "
                     "rules and traces.\nIt ends with 0 when all is as it should be, with 1 when not, and with 2 when "
                     "the command line or a file is wrong.",
                     "ringcheck");
    program.set_version_flag("--version", std::string("ringcheck ") + RINGCHECK_VERSION);
    program.require_subcommand(1);
    Status status = kPass;
    add_run(program, status);
    add_record(program, status);
    add_replay(program, status);
    add_compare(program, status);
    add_explain(program, status);
    add_step(program, status);
    add_check(program, status);
    add_rules(program, status);
    add_schema(program, status);
    add_completion(program, status);
    add_manual(program, status);
    add_describe(program, status);

    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
            program.exit(error); // --help, --version
            return finish_output(kPass);
        }
        std::string command = "ringcheck";
        for (const CLI::App* chosen : program.get_subcommands()) {
            command += " " + chosen->get_name();
        }
        const std::vector<std::string> unknown = program.remaining();
        const bool no_command = program.get_subcommands().empty();
        const std::string problem = !no_command       ? error.what()
                                    : unknown.empty() ? "a command is missing"
                                                      : fmt::format("there is no command '{}'", unknown.front());
        return refuse(fmt::format("{}; see '{} --help'", problem, command));
    } catch (const std::bad_alloc&) {
        return refuse("out of memory");
    }
    return finish_output(status);
}
