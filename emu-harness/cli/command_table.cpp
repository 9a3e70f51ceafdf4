// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command_table.h"

#include <CLI/CLI.hpp>

#include <sstream>
#include <string_view>

namespace ringcheck::cli {
namespace {

/// CLI11 puts what a check accepts behind the name of the value: "VENDOR:{intel,amd}".
void split_value(const std::string& text, OptionRow& row)
{
    const std::size_t open = text.find(":{");
    row.value = text.substr(0, open);
    if (open == std::string::npos) {
        return;
    }
    std::istringstream choices(text.substr(open + 2, text.size() - open - 3));
    for (std::string choice; std::getline(choices, choice, ',');) {
        row.choices.push_back(choice);
    }
}

OptionRow row_of(const CLI::Option& option)
{
    OptionRow row;
    for (const std::string& name : option.get_lnames()) {
        row.names.push_back("--" + name);
    }
    for (const std::string& name : option.get_snames()) {
        row.names.push_back("-" + name);
    }
    if (option.get_items_expected_max() != 0) {
        split_value(option.get_type_name(), row);
    }
    row.description = option.get_description();
    row.fallback = option.get_default_str();
    row.required = option.get_required();
    return row;
}

CommandRow row_of(const CLI::App& command)
{
    CommandRow row{command.get_name(), command.get_description(), "", {}};
    if (const std::string footer = command.get_footer(); footer.starts_with(kExampleHeading)) {
        row.example = footer.substr(std::string_view(kExampleHeading).size());
    }
    for (const CLI::Option* const option : command.get_options()) {
        row.options.push_back(row_of(*option));
    }
    return row;
}

} // namespace

std::vector<CommandRow> command_table(const CLI::App& program)
{
    std::vector<CommandRow> table{row_of(program)};
    table.front().name.clear();
    for (const CLI::App* const command : program.get_subcommands([](const CLI::App*) { return true; })) {
        table.push_back(row_of(*command));
    }
    return table;
}

} // namespace ringcheck::cli
