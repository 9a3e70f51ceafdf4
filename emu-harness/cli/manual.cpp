// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/manual.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string_view>

namespace ringcheck::cli {
namespace {

/// `text` so that roff prints it as it is, wherever it stands in a line.
std::string roff(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        switch (c) {
        case '\\': result += "\\e"; break;
        case '-': result += "\\-"; break;
        case '\'': result += "\\(aq"; break;
        case '\n': result += "\n.br\n"; break;
        default: result += c; break;
        }
    }
    return result.starts_with('.') ? "\\&" + result : result;
}

std::string option_text(const OptionRow& option)
{
    std::string head;
    for (const std::string& name : option.names) {
        head += fmt::format("{}\\fB{}\\fR", head.empty() ? "" : ", ", roff(name));
    }
    if (!option.value.empty()) {
        head += fmt::format("{}\\fI{}\\fR", head.empty() ? "" : " ", roff(option.value));
    }
    std::string text = fmt::format(".TP\n{}\n{}", head, roff(option.description));
    if (!option.choices.empty()) {
        text += fmt::format("; one of {}", roff(fmt::format("{}", fmt::join(option.choices, ", "))));
    }
    if (!option.fallback.empty()) {
        text += fmt::format(" [{}]", roff(option.fallback));
    }
    return text + (option.required ? "; required\n" : "\n");
}

std::string command_text(const CommandRow& command)
{
    std::string text = fmt::format(".SS ringcheck {}\n{}.\n", roff(command.name), roff(command.description));
    for (const OptionRow& option : command.options) {
        text += option_text(option);
    }
    if (!command.example.empty()) {
        text += fmt::format(".PP\nExample:\n.PP\n.RS 4\n.EX\n{}\n.EE\n.RE\n", roff(command.example));
    }
    return text;
}

} // namespace

std::string manual_page(const std::vector<CommandRow>& table, const std::string& version)
{
    std::string commands;
    for (const CommandRow& command : table) {
        commands += command.name.empty() ? "" : command_text(command);
    }
    std::string general;
    for (const OptionRow& option : table.front().options) {
        general += option_text(option);
    }
    return fmt::format(R"(.\" SPDX-License-Identifier: GPL-2.0-or-later
.\" Made by 'ringcheck manual' from the options that the program accepts.
.TH RINGCHECK 1 "" "ringcheck {}" "User Commands"
.SH NAME
ringcheck \- run a kernel on an emulated PC and watch every change of ring
.SH SYNOPSIS
.B ringcheck
.I COMMAND
.RI [ OPTION ]...
.SH DESCRIPTION
{}
.SH OPTIONS
{}.SH COMMANDS
{}.SH EXIT STATUS
.TP
.B 0
All is as it should be.
.TP
.B 1
It ran, and something is not as it should be.
.TP
.B 2
The command line or a file is wrong; one line on the standard error says what.
.SH ENVIRONMENT
.TP
.B NO_COLOR
When set, nothing is coloured, not even on a terminal.
)",
                       roff(version), roff(table.front().description), general, commands);
}

} // namespace ringcheck::cli
