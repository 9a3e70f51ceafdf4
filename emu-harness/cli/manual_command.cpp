// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck manual and ringcheck completion: what is made from the table of commands and options.
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/guest_options.h"
#include "cli/json_lines.h"
#include "cli/manual.h"

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

void add_manual(CommandLine& line)
{
    const auto json = std::make_shared<bool>(false);
    Command command = line.command("manual", "Print the manual page, for 'man -l -'");
    add_json_option(command, *json);
    command.example("ringcheck manual | man -l -");
    command.action([json, &line] {
        const std::vector<CommandRow> table = line.table();
        if (*json) {
            print_table(table);
        } else {
            print_out(manual_page(table, RINGCHECK_VERSION));
        }
        return kPass;
    });
}

void add_completion(CommandLine& line)
{
    const auto shell = std::make_shared<std::string>();
    Command command = line.command("completion", "Print a script that completes command lines");
    command.option("shell", *shell, "The shell that is to read it")
        .required()
        .one_of({"bash", "zsh", "fish"})
        .value("SHELL");
    command.example("source <(ringcheck completion bash)");
    command.action([shell, &line] {
        const std::vector<CommandRow> table = line.table();
        print_out(*shell == "bash"  ? bash_completion(table)
                  : *shell == "zsh" ? zsh_completion(table)
                                    : fish_completion(table));
        return kPass;
    });
}

} // namespace ringcheck::cli
