// SPDX-License-Identifier: MIT
// Help, manual and completion say the same as the program accepts: what --help lists is the measure.
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>

namespace {

using cli_test::ringcheck;
using ::testing::HasSubstr;
using Names = std::set<std::string>;

const std::vector<std::string>& commands()
{
    static const std::vector<std::string> names = [] {
        std::vector<std::string> found;
        const std::string help = ringcheck("--help").out;
        std::istringstream lines(help.substr(help.find("Subcommands:")));
        const std::regex row("^  ([a-z]+) .*");
        std::smatch match;
        for (std::string line; std::getline(lines, line);) {
            if (std::regex_match(line, match, row)) {
                found.push_back(match[1]);
            }
        }
        return found;
    }();
    return names;
}

/// The options that `text` lists at the beginnings of its lines.
Names options_in(const std::string& text)
{
    Names names;
    const std::regex row("^  (-[a-zA-Z])?,?(--[a-z-]+)?.*");
    std::smatch match;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (std::regex_match(line, match, row)) {
            for (const std::string& name : {match[1].str(), match[2].str()}) {
                if (!name.empty()) {
                    names.insert(name);
                }
            }
        }
    }
    return names;
}

/// What bash offers behind `words`, of which the last is being typed.
std::vector<std::string> bash_offers(const std::vector<std::string>& words)
{
    const support::TemporaryFolder folder;
    std::ofstream script(folder.path("script"));
    script << ringcheck("completion bash").out << "COMP_WORDS=(";
    for (const std::string& word : words) {
        script << "'" << word << "' ";
    }
    script << ")\nCOMP_CWORD=" << words.size() - 1 << "\n_ringcheck\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n";
    script.close();
    const int status = std::system(("bash '" + folder.path("script") + "' >'" + folder.path("out") + "'").c_str());
    EXPECT_EQ(status, 0);
    return cli_test::Ran{0, cli_test::read_file(folder.path("out")), ""}.lines();
}

/// The part of the manual page that is about `command`, as plain text.
std::string manual_of(const std::string& command)
{
    std::string text = ringcheck("manual").out;
    const std::size_t begin = text.find(".SS ringcheck " + command + "\n");
    if (begin == std::string::npos) {
        return "";
    }
    text = text.substr(begin, std::min(text.find("\n.S", begin + 1), text.size()) - begin);
    for (std::size_t at = 0; (at = text.find("\\-", at)) != std::string::npos;) {
        text.erase(at, 1);
    }
    return text;
}

TEST(Options, AreAllInHelpManualAndCompletion)
{
    ASSERT_GE(commands().size(), 10u);
    for (const std::string& command : commands()) {
        const Names help = options_in(ringcheck(command + " --help").out);
        EXPECT_TRUE(help.contains("--help")) << command;
        const std::string manual = manual_of(command);
        const auto offers = bash_offers({"ringcheck", command, "-"});
        const std::string zsh = ringcheck("completion zsh").out, fish = ringcheck("completion fish").out;
        for (const std::string& name : help) {
            EXPECT_THAT(manual, HasSubstr("\\fB" + name + "\\fR")) << command;
            EXPECT_THAT(zsh, HasSubstr("'*" + name + "["));
            EXPECT_THAT(fish, HasSubstr(name.starts_with("--") ? "-l " + name.substr(2) : "-s " + name.substr(1)));
        }
        EXPECT_EQ(Names(offers.begin(), offers.end()), help) << command;
    }
}

TEST(Options, OfTheProgramAreInTheManual)
{
    const std::string manual = ringcheck("manual").out;
    for (const std::string& name : options_in(ringcheck("--help").out)) {
        EXPECT_THAT(manual, HasSubstr("\\fB\\-\\-" + name.substr(name.find_first_not_of('-')))) << name;
    }
}

TEST(Options, HaveAnExampleForEachCommand)
{
    for (const std::string& command : commands()) {
        const std::string help = ringcheck(command + " --help").out;
        EXPECT_THAT(help, HasSubstr("Example:\n  ")) << command;
        EXPECT_THAT(help, HasSubstr("ringcheck " + command)) << command;
        EXPECT_THAT(manual_of(command), HasSubstr("Example:")) << command;
    }
}

TEST(Completion, OffersCommandsValuesAndFiles)
{
    using Words = std::vector<std::string>;
    EXPECT_EQ(bash_offers({"ringcheck", "expl"}), (Words{"explain"}));
    EXPECT_EQ(bash_offers({"ringcheck", "completion", ""}), (Words{"bash", "zsh", "fish"}));
    EXPECT_EQ(bash_offers({"ringcheck", "run", "kernel", "--protocol", "multi"}), (Words{"multiboot2", "multiboot1"}));
    EXPECT_EQ(bash_offers({"ringcheck", "run", AETHEL_TRACES "/hello.tr"}), (Words{AETHEL_TRACES "/hello.trace"}));
    EXPECT_EQ(bash_offers({"ringcheck", "run", "kernel", "--initrd", AETHEL_TRACES "/hello.tr"}),
              (Words{AETHEL_TRACES "/hello.trace"}));
    EXPECT_EQ(bash_offers({"ringcheck", "run", "kernel", "--limit", ""}), (Words{""}));
}

bool is_installed(const std::string& program)
{
    return std::system(("command -v " + program + " >/dev/null").c_str()) == 0;
}

/// What `reader` complains of in the manual page.
std::string complaints(const std::string& reader)
{
    const support::TemporaryFolder folder;
    std::ofstream(folder.path("ringcheck.1")) << ringcheck("manual").out;
    const std::string command = reader + " '" + folder.path("ringcheck.1") + "' >'" + folder.path("out") + "' 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return cli_test::read_file(folder.path("out"));
}

TEST(Manual, GivesGroffNothingToComplainOf)
{
    if (!is_installed("groff")) {
        GTEST_SKIP() << "groff is not installed: the manual page was not rendered";
    }
    EXPECT_EQ(complaints("groff -ww -man -Tutf8 -z"), "");
}

TEST(Manual, GivesMandocNothingToComplainOf)
{
    if (!is_installed("mandoc")) {
        GTEST_SKIP() << "mandoc is not installed: the manual page was not checked by it";
    }
    EXPECT_EQ(complaints("mandoc -T lint -W error"), "");
}

/// Runs ringcheck with its output on a terminal.
std::string on_terminal(const std::string& environment, const std::string& arguments)
{
    const support::TemporaryFolder folder;
    const std::string command = environment + " script -q -e -c \"" AETHEL_RINGCHECK " " + arguments + "\" '" +
                                folder.path("typescript") + "' >/dev/null </dev/null";
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
    return cli_test::read_file(folder.path("typescript"));
}

TEST(Colour, IsForTerminalsOnlyAndCanBeRefused)
{
    if (!is_installed("script")) {
        GTEST_SKIP() << "script(1) is not installed: there is no terminal to write to";
    }
    const std::string escape = "\x1b[";
    EXPECT_THAT(on_terminal("env -u NO_COLOR", "rules"), HasSubstr(escape));
    EXPECT_THAT(on_terminal("NO_COLOR=", "rules"), HasSubstr(escape));
    EXPECT_THAT(on_terminal("NO_COLOR=1", "rules"), ::testing::Not(HasSubstr(escape)));
    EXPECT_THAT(ringcheck("rules").out, ::testing::Not(HasSubstr(escape)));
}

TEST(Progress, IsShownWhenAskedForAndNeverInAPipe)
{
    const cli_test::Ran shown = ringcheck("run $KERNEL --program hello --progress always");
    EXPECT_EQ(shown.status, 0);
    EXPECT_THAT(shown.err, HasSubstr(" M instructions, "));
    EXPECT_THAT(shown.err, HasSubstr(" M/s, guest time "));
    const cli_test::Ran automatic = ringcheck("run $KERNEL --program hello");
    EXPECT_EQ(automatic.err, "");
    EXPECT_EQ(automatic.out, shown.out);
    EXPECT_EQ(ringcheck("run $KERNEL --program hello --progress never").err, "");
}

} // namespace
