// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

namespace ringcheck::cli {
namespace {

/// In single quotes, as each of the shells reads it.
std::string quoted(std::string_view text)
{
    std::string result = "'";
    for (const char c : text) {
        result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return result + "'";
}

std::vector<std::string> names_of(const CommandRow& command)
{
    std::vector<std::string> names;
    for (const OptionRow& option : command.options) {
        names.insert(names.end(), option.names.begin(), option.names.end());
    }
    return names;
}

std::vector<std::string> commands_of(const std::vector<CommandRow>& table)
{
    std::vector<std::string> names;
    for (const CommandRow& command : table) {
        if (!command.name.empty()) {
            names.push_back(command.name);
        }
    }
    return names;
}

/// What may stand where no option does: the choices of a positional, or files.
const OptionRow* positional(const CommandRow& command)
{
    const auto found = std::ranges::find_if(command.options, &OptionRow::positional);
    return found == command.options.end() ? nullptr : &*found;
}

/// Escapes what a specification of zsh's _arguments gives a meaning to.
std::string zsh_text(std::string_view text)
{
    std::string result;
    for (const char c : text) {
        result +=
            std::string_view("[]:\\").find(c) == std::string_view::npos ? std::string(1, c) : std::string("\\") + c;
    }
    return result;
}

std::string zsh_action(const OptionRow& option)
{
    return !option.choices.empty() ? fmt::format("({})", fmt::join(option.choices, " "))
           : option.takes_file()   ? "_files"
                                   : " ";
}

} // namespace

std::string bash_completion(const std::vector<CommandRow>& table)
{
    std::string values, words;
    for (const CommandRow& command : table) {
        for (const OptionRow& option : command.options) {
            if (option.positional() || option.value.empty()) {
                continue;
            }
            std::vector<std::string> cases;
            cases.reserve(option.names.size());
            for (const std::string& name : option.names) {
                cases.push_back(fmt::format("{}:{}", command.name, name));
            }
            const std::string reply =
                !option.choices.empty()
                    ? fmt::format("-W {}", quoted(fmt::format("{}", fmt::join(option.choices, " "))))
                : option.takes_file() ? "-f"
                                      : "";
            values += fmt::format(
                "    {})\n        {}return ;;\n", fmt::join(cases, " | "),
                reply.empty() ? ""
                              : fmt::format("mapfile -t COMPREPLY < <(compgen {} -- \"$current\")\n        ", reply));
        }
        const OptionRow* const free = positional(command);
        const std::string rest = command.name.empty() ? quoted(fmt::format("{}", fmt::join(commands_of(table), " ")))
                                 : free != nullptr && !free->choices.empty()
                                     ? quoted(fmt::format("{}", fmt::join(free->choices, " ")))
                                     : "";
        words += fmt::format("    {})\n        options={}\n        {}", command.name.empty() ? "''" : command.name,
                             quoted(fmt::format("{}", fmt::join(names_of(command), " "))),
                             rest.empty() ? (free != nullptr ? "files=yes ;;\n" : ";;\n")
                                          : fmt::format("free={} ;;\n", rest));
    }
    return fmt::format(R"(# bash completion for ringcheck, made by 'ringcheck completion bash'
_ringcheck() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}}
    local command='' options='' free='' files='' i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${{COMP_WORDS[i]}} != -* ]]; then
            command=${{COMP_WORDS[i]}}
            break
        fi
    done
    case $command:$previous in
{}    esac
    case $command in
{}    esac
    if [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    elif [[ -n $files ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$free" -- "$current")
    fi
}}
complete -o filenames -F _ringcheck ringcheck
)",
                       values, words);
}

std::string zsh_completion(const std::vector<CommandRow>& table)
{
    std::string commands, cases;
    for (const CommandRow& command : table) {
        std::string arguments;
        for (const OptionRow& option : command.options) {
            for (const std::string& name : option.names) {
                arguments +=
                    fmt::format(" \\\n            {}",
                                quoted(fmt::format("*{}[{}]{}", name, zsh_text(option.description),
                                                   option.value.empty() ? ""
                                                                        : fmt::format(":{}:{}", zsh_text(option.value),
                                                                                      zsh_action(option)))));
            }
        }
        if (command.name.empty()) {
            continue;
        }
        if (const OptionRow* const free = positional(command)) {
            arguments += fmt::format(" \\\n            {}",
                                     quoted(fmt::format("*:{}:{}", zsh_text(free->value), zsh_action(*free))));
        }
        commands += fmt::format("        {}\n", quoted(command.name + ":" + zsh_text(command.description)));
        cases += fmt::format("    {})\n        _arguments{} ;;\n", command.name, arguments);
    }
    std::string general;
    for (const std::string& name : names_of(table.front())) {
        general += " " + name;
    }
    return fmt::format(R"(#compdef ringcheck
# zsh completion for ringcheck, made by 'ringcheck completion zsh': as a file _ringcheck in $fpath, or sourced
_ringcheck() {{
    local -a commands=(
{}    )
    if ((CURRENT == 2)); then
        _describe command commands
        compadd --{}
        return
    fi
    local command=$words[2]
    shift words
    ((CURRENT--))
    case $command in
{}    esac
}}
if [[ $funcstack[1] == _ringcheck ]]; then
    _ringcheck "$@"
else
    compdef _ringcheck ringcheck
fi
)",
                       commands, general, cases);
}

std::string fish_completion(const std::vector<CommandRow>& table)
{
    std::string text = "# fish completion for ringcheck, made by 'ringcheck completion fish'\n";
    const auto add = [&text](const std::string& condition, const OptionRow& option) {
        std::string names;
        for (const std::string& name : option.names) {
            names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
        }
        const std::string value = option.value.empty() ? ""
                                  : !option.choices.empty()
                                      ? " -x -a " + quoted(fmt::format("{}", fmt::join(option.choices, " ")))
                                  : option.takes_file() ? " -r -F"
                                                        : " -x";
        text += fmt::format("complete -c ringcheck -n {}{}{} -d {}\n", quoted(condition), names, value,
                            quoted(option.description));
    };
    for (const CommandRow& command : table) {
        const std::string condition =
            command.name.empty() ? "__fish_use_subcommand" : "__fish_seen_subcommand_from " + command.name;
        if (!command.name.empty()) {
            text += fmt::format("complete -c ringcheck -n __fish_use_subcommand -f -a {} -d {}\n", command.name,
                                quoted(command.description));
        }
        if (!command.name.empty() && positional(command) == nullptr) {
            text += fmt::format("complete -c ringcheck -n {} -f\n", quoted(condition)); // no files there
        }
        for (const OptionRow& option : command.options) {
            if (!option.positional() || !option.choices.empty()) {
                add(condition, option);
            }
        }
    }
    return text;
}

} // namespace ringcheck::cli
