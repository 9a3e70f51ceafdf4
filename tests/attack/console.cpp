// SPDX-License-Identifier: MIT
#include "attack/console.h"

#include <ranges>
#include <sstream>

namespace attack {
namespace {

constexpr std::string_view kPrompt = "eldarin> ";

/// The program that "[vessel 7 hello] ..." is about, and what it says; nothing for another line.
std::optional<std::pair<std::string, std::string>> vessel_line(const std::string& line)
{
    std::istringstream words(line);
    std::string vessel, id, name, rest;
    words >> vessel >> id >> name;
    if (vessel != "[vessel" || !name.ends_with(']')) {
        return std::nullopt;
    }
    std::getline(words >> std::ws, rest);
    return std::pair(name.substr(0, name.size() - 1), rest);
}

} // namespace

std::vector<Command> read_console(std::string_view text)
{
    std::vector<Command> commands;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(kPrompt)) {
            if (!commands.empty()) {
                commands.back().finished = true;
            }
            commands.push_back({line.substr(kPrompt.size()), {}, false});
        } else if (!commands.empty()) {
            commands.back().output.push_back(line);
        }
    }
    return commands;
}

std::optional<std::string> free_frames(const Command& mem)
{
    for (const std::string& line : mem.output) {
        std::istringstream words(line);
        std::string what, count;
        if (words >> what >> count && what == "free") {
            return count;
        }
    }
    return std::nullopt;
}

std::vector<std::string> names(const Command& ps)
{
    std::vector<std::string> found;
    for (const std::string& line : ps.output | std::views::drop(1)) {
        found.push_back(line.substr(line.find_last_of(' ') + 1));
    }
    return found;
}

std::string outcome_of(const Command& run, std::string_view program)
{
    for (const std::string& line : run.output | std::views::reverse) {
        if (const auto found = vessel_line(line); found && found->first == program) {
            return found->second;
        }
    }
    return "";
}

std::string refusal_of(const Command& run, std::string_view file)
{
    const std::string begin = std::string(file) + ": ";
    return run.output.size() == 1 && run.output[0].starts_with(begin) ? run.output[0].substr(begin.size()) : "";
}

std::string last_words(const Command& run)
{
    for (const std::string& line : run.output | std::views::reverse) {
        if (!line.empty() && !vessel_line(line)) {
            return line;
        }
    }
    return "";
}

} // namespace attack
