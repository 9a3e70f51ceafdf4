// SPDX-License-Identifier: MIT
// The library for other people's tests: what it finds, what it says when it does not, and that a test leaves nothing to
// the next.
#include "arch/rflags.h"
#include "support/crossing.h"
#include "testing/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

using namespace ringcheck;
using namespace ringcheck::testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

const Boot kHello{.kernel = AETHEL_DEFAULT_KERNEL,
                  .description = "",
                  .initrd = "",
                  .command_line = "",
                  .cpu = "intel",
                  .ram_mib = 64,
                  .typed = {"run hello", "poweroff"},
                  .until = "kernel::run_eldarin"};

class Library : public KernelTest {
protected:
    Library() : KernelTest(kHello) {}
    std::string why_none(const Pattern& pattern) const
    {
        return ringcheck::testing::why_none(log(), pattern).value_or("it is there");
    }
};

class PatternOfACrossing : public support::CrossingTest {
protected:
    PatternOfACrossing()
    {
        processes.started(1, "hello", kTable);
        log.on_transition(enter(user_state()));
    }
    /// Two programs whose files begin at the same address, as most do.
    RunLog log{memory, processes, symbols, [](const std::string& symbol) -> std::optional<RunLog::Place> {
                   if (symbol == "hello:_start" || symbol == "other:_start") {
                       return RunLog::Place{kEntry, symbol.substr(0, symbol.find(':'))};
                   }
                   return symbol == "kernel_entry" ? std::optional(RunLog::Place{kEntry, ""}) : std::nullopt;
               }};
};

TEST_F(PatternOfACrossing, TellsProgramsApartByTheirPageTables)
{
    EXPECT_EQ(why_none(log, Return().at("hello:_start")), std::nullopt);
    EXPECT_THAT(why_none(log, Return().at("other:_start")).value_or("it is there"), HasSubstr("it goes on at"));
    EXPECT_EQ(why_none(log, Return().at("kernel_entry")), std::nullopt);
}

TEST_F(Library, FindsWhatTheManualSaysOfACall)
{
    EXPECT_EQ(run_to_end().kind, EndKind::PowerOff);
    EXPECT_TRANSITION(log(), Syscall().from_ring(3).to_ring(0).at("syscall_entry").in("hello:main").saves({rcx, r11}));
    EXPECT_ALWAYS(log(), Syscall(), Syscall().changes_only({rip, rcx, r11, rflags, cs, ss}));
    EXPECT_ALWAYS(log(), Syscall(), Syscall().clears_flags(arch::rflags::kInterrupt | arch::rflags::kDirection));
    EXPECT_TRANSITION(log(), Return().from_ring(0).to_ring(3).at("hello:_start").program("hello").finds(rax, 0));
    EXPECT_BEFORE(log(), Return().to_ring(3).at("hello:_start"), Syscall().from_ring(3));
    EXPECT_NEVER(log(), Exception(13));
    EXPECT_NEVER(log(), Syscall().from_ring(0));
    EXPECT_RULES_HOLD(guest());
}

TEST_F(Library, ReadsTheFrameOfAnEvent)
{
    run_to_end();
    EXPECT_TRANSITION(log(), PageFault().from_ring(3).saves({rip, cs, rflags, rsp, ss}).program("hello"));
    EXPECT_THAT(why_none(PageFault().from_ring(3).saves({rbx})), HasSubstr("rbx is not saved by exception"));
}

TEST_F(Library, NamesTheNearestTransitionAndWhatDiffers)
{
    run_to_end();
    EXPECT_THAT(why_none(Syscall().from_ring(3).at("kernel::run_eldarin").finds(rax, 77)),
                AllOf(HasSubstr("there is no SYSCALL, from ring 3, at kernel::run_eldarin, with rax 0x4d"),
                      HasSubstr("it goes on at syscall_entry"), HasSubstr("rax is 0x1"),
                      HasSubstr("switched itself off")));
    EXPECT_THAT(why_none(Nmi()), HasSubstr("there is no NMI"));
    EXPECT_THAT(why_none(Syscall().changes_only({rip})), HasSubstr("it changes rcx from 0x"));
    EXPECT_THAT(why_none(Syscall().vector(3)), HasSubstr("it has no vector"));
    EXPECT_THAT(why_none(PageFault().error_code(0x1ff)), HasSubstr("its error code is 0x"));
    EXPECT_THAT(why_none(PageFault().address(1)), HasSubstr("CR2 is 0x"));
    EXPECT_THAT(why_none(Syscall().program("other")), HasSubstr("the page tables are those of hello"));
    EXPECT_THAT(why_none(Syscall().clears_flags(arch::rflags::kAlwaysOne)), HasSubstr("RFLAGS is 0x2"));
    EXPECT_THAT(why_none(Syscall().where("it is Tuesday", [](const LoggedTransition&) { return false; })),
                HasSubstr("not: it is Tuesday"));
}

/// A sentence about nothing is no sentence: neither of these may pass.
TEST_F(Library, IsNotContentWithNothing)
{
    EXPECT_THAT(why_none(Syscall()), HasSubstr("nothing has run"));
    EXPECT_TRUE(why_not_all(log(), Syscall(), Syscall()).has_value());
    EXPECT_FALSE(rules_hold(guest()));
    EXPECT_THAT(why_some(log(), Syscall().at("no_such_function")).value_or("it passes"),
                HasSubstr("nobody knows the symbol no_such_function"));
    EXPECT_TRUE(why_not_before(log(), Syscall().at("no_such_function"), Nmi()).has_value());
}

TEST_F(Library, SaysWhichTransitionMustNotBe)
{
    run_to_end();
    EXPECT_THAT(why_some(log(), Syscall().from_ring(3)).value_or("it passes"),
                AllOf(HasSubstr("that must not be: SYSCALL, from ring 3"), HasSubstr("hello:main")));
    EXPECT_THAT(why_not_all(log(), Syscall(), Syscall().finds(rax, 1)).value_or("it passes"),
                AllOf(HasSubstr("not each SYSCALL is"), HasSubstr("rax is 0x3c")));
    EXPECT_THAT(why_not_before(log(), Syscall().finds(rax, 60), Syscall().finds(rax, 1)).value_or("it passes"),
                HasSubstr("comes before"));
}

TEST_F(Library, RunsToPlacesAndRings)
{
    run_to("hello:main");
    EXPECT_EQ(state().rip, guest().address_of("hello:main"));
    EXPECT_EQ(state().cpl, 3);
    run_to_ring(0);
    EXPECT_EQ(state().cpl, 0);
    EXPECT_NONFATAL_FAILURE(run_to("kernel::panic_that_nobody_wrote"), "has no symbol");
}

using Restart = Library;

TEST_F(Restart, ForgetsRegisters)
{
    const model::CpuState first = state();
    model::CpuState changed = first;
    changed[model::Gpr::R15] += 5;
    machine().set_state(changed);
    ASSERT_NE(state(), first);
    ASSERT_TRUE(guest().restart());
    EXPECT_EQ(state(), first);
}

TEST_F(Restart, ForgetsARun)
{
    const std::uint64_t count = machine().instruction_count();
    run_to("hello:main");
    ASSERT_FALSE(log().entries().empty());
    ASSERT_TRUE(guest().restart());
    EXPECT_EQ(state().rip, guest().address_of("kernel::run_eldarin"));
    EXPECT_EQ(machine().instruction_count(), count);
    EXPECT_TRUE(log().entries().empty());
    EXPECT_EQ(guest().rules().checks(), 0u);
}

TEST_F(Restart, GivesTheSameRunAgain)
{
    const auto counts = [this] {
        run_to_end();
        std::vector<std::uint64_t> all;
        for (const LoggedTransition& entry : log().entries()) {
            all.push_back(entry.transition.count);
        }
        return all;
    };
    const auto first = counts();
    ASSERT_TRUE(guest().restart());
    EXPECT_EQ(counts(), first);
    EXPECT_GT(first.size(), 10u);
}

TEST_F(Library, KeepsTheLastGoodPointAndTheStepsFromThere)
{
    const std::string folder = ::testing::TempDir() + "ringcheck-kept-" + std::to_string(getpid());
    run_to("hello:main");
    guest().mark();
    const std::uint64_t begin = machine().instruction_count();
    run_to_ring(0);
    const std::uint64_t end = machine().instruction_count();
    const auto commands = guest().keep(folder);
    ASSERT_TRUE(commands) << commands.error();
    EXPECT_THAT(*commands, HasSubstr("--from " + folder + "/snapshot --all"));
    std::ifstream file(folder + "/steps.txt");
    const std::string steps{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    EXPECT_THAT(steps,
                AllOf(HasSubstr(std::to_string(begin) + "     3"), HasSubstr("hello:main"), HasSubstr("SYSCALL")));
    EXPECT_EQ(machine().instruction_count(), end);
    EXPECT_TRUE(std::filesystem::exists(folder + "/snapshot"));
    std::filesystem::remove_all(folder);
}

TEST(GuestBoot, SaysInOneLineWhyItDoesNotStart)
{
    const auto error = [](Boot boot) {
        const auto guest = Guest::boot(boot);
        return guest ? std::string("it starts") : guest.error();
    };
    Boot boot = kHello;
    boot.kernel = "/no/such/kernel";
    EXPECT_THAT(error(boot), HasSubstr("/no/such/kernel"));
    boot = kHello;
    boot.until = "no_such_function";
    EXPECT_THAT(error(boot), HasSubstr("has no symbol 'no_such_function'"));
    boot = kHello;
    boot.cpu = "z80";
    EXPECT_THAT(error(boot), HasSubstr("z80"));
    boot = kHello;
    boot.typed = {"poweroff"};
    boot.until = "hello:main";
    EXPECT_THAT(error(boot), HasSubstr("hello:main was not reached"));
}

} // namespace
