// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck manual and ringcheck completion: what is made from the table of commands and options.
#include "cli/command_table.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/guest_options.h"
#include "cli/json_lines.h"
#include "cli/manual.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <memory>

namespace ringcheck::cli {
namespace {

void print_table(const std::vector<CommandRow>& table)
{
    for (const CommandRow& command : table) {
        Json options = Json::array();
        for (const OptionRow& option : command.options) {
            options.push_back({{"names", option.names},
                               {"value", option.value},
                               {"choices", option.choices},
                               {"description", option.description},
                               {"default", option.fallback},
                               {"required", option.required}});
        }
        print_json("command", {{"name", command.name},
                               {"description", command.description},
                               {"example", command.example},
                               {"options", options}});
    }
}

} // namespace

void add_manual(CLI::App& program, Status& status)
{
    const auto json = std::make_shared<bool>(false);
    CLI::App* const command = program.add_subcommand("manual", "Print the manual page, for 'man -l -'");
    add_json_option(*command, *json);
    add_example(*command, "ringcheck manual | man -l -");
    command->callback([json, &program, &status] {
        const std::vector<CommandRow> table = command_table(program);
        if (*json) {
            print_table(table);
        } else {
            print_out(manual_page(table, RINGCHECK_VERSION));
        }
        status = kPass;
    });
}

void add_completion(CLI::App& program, Status& status)
{
    const auto shell = std::make_shared<std::string>();
    CLI::App* const command = program.add_subcommand("completion", "Print a script that completes command lines");
    command->add_option("shell", *shell, "The shell that is to read it")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}))
        ->type_name("SHELL");
    add_example(*command, "source <(ringcheck completion bash)");
    command->callback([shell, &program, &status] {
        const std::vector<CommandRow> table = command_table(program);
        print_out(*shell == "bash"  ? bash_completion(table)
                  : *shell == "zsh" ? zsh_completion(table)
                                    : fish_completion(table));
        status = kPass;
    });
}

} // namespace ringcheck::cli
