// SPDX-License-Identifier: GPL-2.0-or-later
// ringcheck rules: lists what is checked at every crossing.
#include "cli/commands.h"
#include "cli/guest_options.h"
#include "cli/json_lines.h"
#include "watch/rule.h"

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

void add_rules(CommandLine& line)
{
    const auto json = std::make_shared<bool>(false);
    Command command = line.command("rules", "List the rules that are checked at every crossing");
    add_json_option(command, *json);
    command.example("ringcheck rules --json");
    command.action([json] {
        print_rules(*json);
        return kPass;
    });
}

} // namespace ringcheck::cli
