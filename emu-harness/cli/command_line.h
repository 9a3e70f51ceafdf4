// SPDX-License-Identifier: GPL-2.0-or-later
// The command line as the commands see it.  CLI11, whose headers take a compiler ten seconds, reads it behind
// command_line.cpp.
#pragma once

#include "cli/command_table.h"
#include "cli/diagnostic.h"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace ringcheck::cli {

/// An option that a command takes; what more there is to say of it follows: option(...).required().value("FILE").
class Option {
public:
    Option required();
    /// What the help calls its value: "FILE".
    Option value(const std::string& name);
    Option one_of(const std::vector<std::string>& values);
    /// @param refuse  why a text is no value, or ""
    Option check(std::string (*refuse)(const std::string&));
    /// It may be given several times, with one value each, and the help does not say so by dots.
    Option repeatable();
    /// The same, and the help does.
    Option one_value_each_time();
    /// The help says what it is without it.
    Option show_default();
    /// Not both in one command line.
    Option excludes(Option other);

private:
    friend class Command;
    explicit Option(CLI::Option* option) : option_(option) {}
    CLI::Option* option_;
};

/// What reading a value comes to when it is no mistake.
enum class Taken : std::uint8_t { Yes, ProgramEnds };

class Command {
public:
    /// `names`: "--output", "-o,--output", or "kernel" for what has no name in the command line.
    Option option(const std::string& names, std::string& value, const std::string& description);
    Option option(const std::string& names, std::uint64_t& value, const std::string& description);
    Option option(const std::string& names, std::optional<std::uint64_t>& value, const std::string& description);
    Option option(const std::string& names, std::vector<std::string>& values, const std::string& description);
    /// Its value goes to `take`, whose error says what is wrong with it.
    Option option(const std::string& names, std::function<std::expected<Taken, std::string>(const std::string&)> take,
                  const std::string& description);
    Option flag(const std::string& name, bool& value, const std::string& description);
    /// A command line that works, for the help and the manual.
    void example(const std::string& text);
    void action(std::function<Status()> run);

private:
    friend class CommandLine;
    Command(CLI::App& app, Status& status) : app_(&app), status_(&status) {}
    CLI::App* app_;
    Status* status_;
};

class CommandLine {
public:
    CommandLine(const std::string& description, const std::string& version);
    ~CommandLine();
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    Command command(const std::string& name, const std::string& description);
    /// Does what is asked for, or says in one line what is wrong with it.
    Status run(int argc, char** argv);
    /// What it accepts.
    std::vector<CommandRow> table() const;

private:
    std::unique_ptr<CLI::App> app_;
    Status status_ = kPass;
};

} // namespace ringcheck::cli
