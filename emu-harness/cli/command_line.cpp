// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <new>
#include <utility>

namespace ringcheck::cli {

Option Option::required()
{
    option_->required();
    return *this;
}

Option Option::value(const std::string& name)
{
    option_->type_name(name);
    return *this;
}

Option Option::one_of(const std::vector<std::string>& values)
{
    option_->check(CLI::IsMember(values));
    return *this;
}

Option Option::check(std::string (*refuse)(const std::string&))
{
    option_->check(refuse);
    return *this;
}

Option Option::repeatable()
{
    option_->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    return *this;
}

Option Option::one_value_each_time()
{
    option_->allow_extra_args(false);
    return *this;
}

Option Option::show_default()
{
    option_->capture_default_str();
    return *this;
}

Option Option::excludes(Option other)
{
    option_->excludes(other.option_);
    return *this;
}

Option Command::option(const std::string& names, std::string& value, const std::string& description)
{
    return Option(app_->add_option(names, value, description));
}

Option Command::option(const std::string& names, std::uint64_t& value, const std::string& description)
{
    return Option(app_->add_option(names, value, description));
}

Option Command::option(const std::string& names, std::optional<std::uint64_t>& value, const std::string& description)
{
    return Option(app_->add_option(names, value, description));
}

Option Command::option(const std::string& names, std::vector<std::string>& values, const std::string& description)
{
    return Option(app_->add_option(names, values, description));
}

Option Command::option(const std::string& names,
                       std::function<std::expected<Taken, std::string>(const std::string&)> take,
                       const std::string& description)
{
    const auto read = [names, take = std::move(take)](const std::string& text) {
        const auto taken = take(text);
        if (!taken) {
            throw CLI::ValidationError(names, taken.error());
        }
        if (*taken == Taken::ProgramEnds) {
            throw CLI::Success();
        }
    };
    return Option(app_->add_option_function<std::string>(names, read, description));
}

Option Command::flag(const std::string& name, bool& value, const std::string& description)
{
    return Option(app_->add_flag(name, value, description));
}

void Command::example(const std::string& text)
{
    app_->footer(kExampleHeading + text);
}

void Command::action(std::function<Status()> run)
{
    app_->callback([run = std::move(run), status = status_] { *status = run(); });
}

CommandLine::CommandLine(const std::string& description, const std::string& version)
    : app_(std::make_unique<CLI::App>(description, "ringcheck"))
{
    app_->set_version_flag("--version", "ringcheck " + version);
    app_->require_subcommand(1);
}

CommandLine::~CommandLine() = default;

Command CommandLine::command(const std::string& name, const std::string& description)
{
    return {*app_->add_subcommand(name, description), status_};
}

std::vector<CommandRow> CommandLine::table() const
{
    return command_table(*app_);
}

Status CommandLine::run(int argc, char** argv)
{
    try {
        app_->parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
            app_->exit(error); // --help, --version
            return finish_output(kPass);
        }
        std::string command = "ringcheck";
        for (const CLI::App* chosen : app_->get_subcommands()) {
            command += " " + chosen->get_name();
        }
        const std::vector<std::string> unknown = app_->remaining();
        const bool no_command = app_->get_subcommands().empty();
        const std::string problem = !no_command       ? error.what()
                                    : unknown.empty() ? "a command is missing"
                                                      : fmt::format("there is no command '{}'", unknown.front());
        return refuse(fmt::format("{}; see '{} --help'", problem, command));
    } catch (const std::bad_alloc&) {
        return refuse("out of memory");
    }
    return finish_output(status_);
}

} // namespace ringcheck::cli
