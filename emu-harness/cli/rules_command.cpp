// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck rules: lists what is checked at every crossing.
#include "cli/commands.h"
#include "cli/guest_options.h"
#include "cli/json_lines.h"
#include "watch/rule.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>

namespace ringcheck::cli {
namespace {

void print_rules(bool json)
{
    for (const Rule* const rule : all_rules()) {
        if (json) {
            print_json("rule", {{"rule", rule->id},
                                {"statement", rule->statement},
                                {"citation", rule->citation},
                                {"cost", to_string(rule->cost)},
                                {"needs", rule->needs},
                                {"next", rule->next}});
        } else {
            const bool strict = rule->cost == RuleCost::Strict, needs = *rule->needs != '\0';
            print_out(fmt::format("{}{}\n  {}\n  {}\n", on_stdout(Colour::Heading, rule->id),
                                  strict ? " (with --strict)" : "", rule->statement, rule->citation));
            print_out(needs ? fmt::format("  needs {}\n", rule->needs) : "");
        }
    }
}

} // namespace

void add_rules(CLI::App& program, Status& status)
{
    const auto json = std::make_shared<bool>(false);
    CLI::App* const command = program.add_subcommand("rules", "List the rules that are checked at every crossing");
    add_json_option(*command, *json);
    add_example(*command, "ringcheck rules --json");
    command->callback([json, &status] {
        print_rules(*json);
        status = kPass;
    });
}

} // namespace ringcheck::cli
