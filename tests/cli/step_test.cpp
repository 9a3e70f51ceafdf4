// SPDX-License-Identifier: MIT
// ringcheck step: each instruction once, in order, with what it changed, and the same transitions as a run has.
#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

namespace {

using cli_test::ringcheck;
using nlohmann::json;
using ::testing::HasSubstr;

std::vector<json> parse(const std::string& text)
{
    std::vector<json> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(json::parse(line));
    }
    return lines;
}

std::vector<json> of_type(const std::vector<json>& lines, const std::string& type)
{
    std::vector<json> found;
    for (const json& line : lines) {
        if (line.at("type") == type) {
            found.push_back(line);
        }
    }
    return found;
}

TEST(Step, ShowsAProgramFromItsFirstInstruction)
{
    const cli_test::Ran ran = ringcheck("step $KERNEL --program hello --count 4000");
    EXPECT_EQ(ran.status, 0);
    EXPECT_THAT(ran.lines().at(0), HasSubstr("ring  IADT  stack"));
    EXPECT_THAT(ran.out, HasSubstr("3  I---  USER_STACK_TOP-0x150    hello:_start"));
    EXPECT_THAT(ran.out, HasSubstr("userprogs/lib/start.S:"));
    EXPECT_THAT(ran.out, HasSubstr("==== SYSCALL, ring 3→0, hello:main+0x14 → syscall_entry"));
    EXPECT_THAT(ran.out, HasSubstr("swapgs"));
}

TEST(Step, FindsASymbolOfAProgramWhereverItStands)
{
    const cli_test::Ran first = ringcheck("step $KERNEL --program pie --append seed=1 --at pie:main --count 1"),
                        other = ringcheck("step $KERNEL --program pie --append seed=2 --at pie:main --count 1");
    EXPECT_EQ(first.status, 0) << first.err;
    EXPECT_THAT(first.out, HasSubstr("pie:main "));
    EXPECT_THAT(first.out, HasSubstr("userprogs/pie/main.cpp:"));
    EXPECT_THAT(other.out, HasSubstr("pie:main "));
    const cli_test::Ran typed =
        ringcheck("step $KERNEL --type 'run pie' --type 'run pie' --type poweroff --at pie:main --hits 2 --count 1");
    EXPECT_EQ(typed.status, 0) << typed.err;
    EXPECT_THAT(typed.out, HasSubstr("pie:main "));
    const cli_test::Ran start = ringcheck("step $KERNEL --program pie --count 2");
    EXPECT_THAT(start.out, HasSubstr("pie:_start "));
}

TEST(Step, ShowsAnInstructionThatFaultsBeforeTheException)
{
    const cli_test::Ran ran = ringcheck("step $KERNEL --program read_kernel --at read_kernel:main+0x20 --count 1");
    ASSERT_EQ(ran.status, 0) << ran.err;
    const std::size_t refused = ran.out.find("does not retire"), event = ran.out.find("==== exception #PF error 0x5"),
                      handler = ran.out.find("pushq $0xe");
    EXPECT_LT(refused, event);
    EXPECT_LT(event, handler);
    EXPECT_NE(handler, std::string::npos);
}

TEST(Step, BeginsAtACountAnAddressOrALaterTime)
{
    const auto first = [](const std::string& where) {
        return parse(ringcheck("step $KERNEL --program hello --count 1 --json " + where).out).at(0);
    };
    const json entry = first("--at syscall_entry");
    EXPECT_EQ(entry.at("symbol"), "syscall_entry");
    EXPECT_EQ(first("--at " + entry.at("rip").get<std::string>()), entry);
    EXPECT_EQ(first("--at '#" + std::to_string(entry.at("count").get<std::uint64_t>()) + "'"), entry);
    const json second = first("--at syscall_entry --hits 2");
    EXPECT_EQ(second.at("symbol"), "syscall_entry");
    EXPECT_GT(second.at("count"), entry.at("count"));
    const cli_test::Ran never = ringcheck("step $KERNEL --program hello --at syscall_entry --hits 99");
    EXPECT_EQ(never.status, 1);
    EXPECT_THAT(never.err, HasSubstr("syscall_entry was not reached 99 times; the run ended: powered off"));
}

/// The whole boot, once for all tests below.
const std::vector<json>& whole_log()
{
    static const std::vector<json> lines = [] {
        const support::TemporaryFolder folder;
        const cli_test::Ran ran =
            ringcheck("step $KERNEL --program read_kernel --at '#0' --all --json --log " + folder.path("log"));
        EXPECT_EQ(ran.status, 0) << ran.err;
        return parse(cli_test::read_file(folder.path("log")));
    }();
    return lines;
}

TEST(Step, RetiresEachCountOnce)
{
    std::uint64_t next = 0;
    for (const json& step : of_type(whole_log(), "step")) {
        ASSERT_EQ(step.at("count"), next);
        next += step.at("retired").get<bool>();
    }
    const auto run = parse(ringcheck("run $KERNEL --program read_kernel --json").out);
    EXPECT_EQ(next, run.back().at("instructions"));
}

TEST(Step, TellsTheTransitionsOfARun)
{
    const auto run = parse(ringcheck("run $KERNEL --program read_kernel --all --json").out);
    EXPECT_GT(of_type(run, "transition").size(), 20u);
    EXPECT_EQ(of_type(whole_log(), "transition"), of_type(run, "transition"));
    EXPECT_EQ(of_type(whole_log(), "exit"), of_type(run, "exit"));
}

TEST(Step, TellsEachChangeOfRspAndOfTheFlags)
{
    std::string rsp, where;
    std::map<std::string, std::uint64_t> flags;
    const std::map<std::string, unsigned> bits{{"CF", 0}, {"PF", 2}, {"AF", 4},  {"ZF", 6},  {"SF", 7},
                                               {"TF", 8}, {"IF", 9}, {"DF", 10}, {"OF", 11}, {"AC", 18}};
    for (const json& line : whole_log()) {
        if (line.at("type") != "step") { // an event changes both; a transition that is an instruction is its step's
            rsp.clear();
            flags.clear();
            continue;
        }
        where = line.dump();
        const std::uint64_t rflags = std::stoull(line.at("rflags").get<std::string>(), nullptr, 16);
        ASSERT_TRUE(rsp.empty() || line.at("rsp") == rsp) << where;
        for (const auto& [name, value] : flags) {
            ASSERT_EQ(rflags >> bits.at(name) & 1, value) << name << " " << where;
        }
        rsp = line.at("changes").value("rsp", line.at("rsp").get<std::string>());
        for (const auto& [name, bit] : bits) {
            const auto change = line.at("changes").find(name);
            flags[name] = change == line.at("changes").end() ? rflags >> bit & 1
                                                             : std::stoull(change->get<std::string>(), nullptr, 16);
        }
    }
}

/// The last of `steps`, or of those before the one at `end`, in which `count` instructions retired.
std::vector<json> last_of(const std::vector<json>& steps, std::size_t count, std::optional<std::size_t> end = {})
{
    const auto last = steps.begin() + static_cast<std::ptrdiff_t>(end.value_or(steps.size()));
    auto first = last;
    for (std::size_t retired = 0; first != steps.begin(); --first) {
        retired += std::prev(first)->at("retired").get<bool>();
        if (retired > count) {
            break;
        }
    }
    return {first, last};
}

TEST(Step, ShowsWhatCameBeforeAPlaceOrTheEnd)
{
    const auto steps = of_type(whole_log(), "step");
    const auto shown = [](const std::string& options) {
        return of_type(parse(ringcheck("step $KERNEL --program read_kernel --json " + options).out), "step");
    };
    const auto is_entry = [](const json& step) { return step.at("symbol") == "ordinary_entry"; };
    const auto first = std::ranges::find_if(steps, is_entry), second = std::find_if(first + 1, steps.end(), is_entry);
    ASSERT_NE(second, steps.end());
    const auto index = [&](auto step) { return static_cast<std::size_t>(step - steps.begin()); };
    EXPECT_EQ(shown("--before ordinary_entry --count 25"), last_of(steps, 25, index(first)));
    EXPECT_EQ(shown("--before ordinary_entry --hits 2 --count 7"), last_of(steps, 7, index(second)));
    EXPECT_EQ(shown("--before '#30' --count 100"), last_of(steps, 30, 30)); // as far as there are any
    EXPECT_EQ(shown("--before end --count 12"), last_of(steps, 12));

    const cli_test::Ran never = ringcheck("step $KERNEL --program hello --before syscall_entry --hits 99");
    EXPECT_EQ(never.status, 1);
    EXPECT_THAT(never.err, HasSubstr("syscall_entry was not reached 99 times; the run ended: powered off"));
    const cli_test::Ran unknown = ringcheck("step $KERNEL --before nowhere_at_all");
    EXPECT_EQ(unknown.status, 2);
    EXPECT_THAT(unknown.err, HasSubstr("--before: the kernel has no symbol 'nowhere_at_all'"));
}

TEST(Step, IsTheSameEveryTimeAndInBothModes)
{
    const std::string first = ringcheck("step $KERNEL --program hello --count 3000").out;
    EXPECT_EQ(ringcheck("step $KERNEL --program hello --count 3000").out, first);
    EXPECT_EQ(ringcheck("step $KERNEL --program hello --count 3000 --step").out, first);
}

} // namespace
