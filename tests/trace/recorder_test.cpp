// SPDX-License-Identifier: MIT
// Transitions and landmarks become the trace that the grammar promises.
#include "support/crossing.h"
#include "trace/recorder.h"
#include "trace/trace_print.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace {

using namespace ringcheck;
using model::CpuState;
using model::Gpr;

class RecorderTest : public support::CrossingTest {
protected:
    RecorderTest() { recorder.on_process_started(0, processes.started(1, hello(), kTable), kernel_state()); }

    void make_call(std::uint64_t number, std::initializer_list<std::uint64_t> arguments, std::uint64_t result)
    {
        CpuState caller = user_state();
        caller[Gpr::Rax] = number;
        std::size_t i = 0;
        for (const std::uint64_t argument : arguments) {
            caller[guest.syscalls.arguments.at(i++)] = argument;
        }
        recorder.on_transition(call(caller));
        CpuState back = caller;
        back[Gpr::Rax] = result;
        recorder.on_transition(enter(back));
    }
    void end(std::uint64_t wait_status)
    {
        recorder.on_process_ended(0, *processes.ended(1, wait_status), kernel_state());
    }
    std::vector<std::string> lines() const
    {
        std::vector<std::string> result;
        for (const Event& event : recorder.trace().events) {
            result.push_back(print_event(event));
        }
        return result;
    }

    Recorder recorder{"hello", memory, symbols};
};

TEST_F(RecorderTest, WritesTheExampleOfTheGrammar)
{
    memory.put_text(0x40'2000, "Hello from user space! (Ring 3)\n");
    recorder.on_transition(enter(user_state()));
    make_call(1, {1, 0x40'2000, 32}, 32);
    CpuState caller = user_state();
    caller[Gpr::Rax] = 60;
    recorder.on_transition(call(caller));
    EXPECT_FALSE(recorder.complete());
    end(0);
    EXPECT_TRUE(recorder.complete());
    EXPECT_EQ(print_trace(recorder.trace()), "# ringcheck trace 1\n"
                                             "program hello\n"
                                             "enter    0x401000\n"
                                             "syscall  write(1, \"Hello from user space! (Ring 3)\\n\", 32) = 32\n"
                                             "syscall  exit(0)\n"
                                             "exit     status 0\n");
}

TEST_F(RecorderTest, ShowsAPointerThatTheProgramCannotReadAsAnAddress)
{
    memory.put_u64(layout::kKernelImage.value, 0);
    memory.put_text(0x40'2000, "abc");
    recorder.on_transition(enter(user_state()));
    make_call(1, {1, layout::kKernelImage.value, 8}, static_cast<std::uint64_t>(-14));
    make_call(1, {1, 0x40'2000, 4}, static_cast<std::uint64_t>(-14));
    make_call(1, {1, 0, 4}, static_cast<std::uint64_t>(-14));
    make_call(1, {1, 0, 0}, 0);
    make_call(1, {0xffff'ffff, layout::kUserEnd.value - 1, ~std::uint64_t{0}}, static_cast<std::uint64_t>(-9));
    EXPECT_THAT(lines(),
                testing::ElementsAre("enter    0x401000", "syscall  write(1, KERNEL_BASE, 8) = -1 EFAULT",
                                     "syscall  write(1, 0x402000, 4) = -1 EFAULT",
                                     "syscall  write(1, NULL, 4) = -1 EFAULT", "syscall  write(1, \"\", 0) = 0",
                                     "syscall  write(-1, 0x7fffffffdfff, 18446744073709551615) = -1 EBADF"));
}

TEST_F(RecorderTest, CutsLongBuffers)
{
    memory.put_text(0x40'2000, std::string(300, 'a'));
    recorder.on_transition(enter(user_state()));
    make_call(1, {1, 0x40'2000, 300}, 300);
    make_call(1, {1, 0x40'2000, 256}, 256);
    const std::string shown(256, 'a');
    EXPECT_THAT(lines(), testing::ElementsAre("enter    0x401000", "syscall  write(1, \"" + shown + "\"..., 300) = 300",
                                              "syscall  write(1, \"" + shown + "\", 256) = 256"));
}

TEST_F(RecorderTest, NamesUnknownCallsAndErrors)
{
    recorder.on_transition(enter(user_state()));
    make_call(999, {1, 2, 0, 0, 0, layout::kKernelImage.value}, static_cast<std::uint64_t>(-38));
    make_call(~std::uint64_t{0}, {}, static_cast<std::uint64_t>(-4095));
    EXPECT_THAT(lines(), testing::ElementsAre(
                             "enter    0x401000",
                             "syscall  syscall_999(0x1, 0x2, 0x0, 0x0, 0x0, 0xffffffff80000000) = -1 ENOSYS",
                             "syscall  syscall_18446744073709551615(0x0, 0x0, 0x0, 0x0, 0x0, 0x0) = -1 errno_4095"));
}

TEST_F(RecorderTest, WritesAFaultThatEndsTheProgram)
{
    recorder.on_transition(enter(user_state()));
    Transition fault = event(TransitionKind::Exception, 14, 5, user_state());
    fault.after.cr2 = layout::kKernelImage.value;
    recorder.on_transition(fault);
    end(11);
    EXPECT_THAT(lines(), testing::ElementsAre("enter    0x401000", "fault    #PF read KERNEL_BASE at 0x401000",
                                              "exit     killed by SIGSEGV"));
}

TEST_F(RecorderTest, TellsWhatAPageFaultTried)
{
    for (const auto& [error, word] : {std::pair{4u, "read"}, std::pair{6u, "write"}, std::pair{0x14u, "execute"}}) {
        Recorder fresh{"hello", memory, symbols};
        fresh.on_process_started(0, processes.all()[0], kernel_state());
        fresh.on_transition(event(TransitionKind::Exception, 14, error, user_state()));
        fresh.on_process_ended(0, {1, "hello", kTable, true, 11}, kernel_state());
        EXPECT_EQ(print_event(fresh.trace().events.at(0)), fmt::format("fault    #PF {} NULL at 0x401000", word));
    }
}

TEST_F(RecorderTest, ForgetsAFaultThatTheKernelRepairs)
{
    recorder.on_transition(enter(user_state()));
    recorder.on_transition(event(TransitionKind::Exception, 14, 4, user_state()));
    recorder.on_transition(enter(user_state()));
    end(0);
    EXPECT_THAT(lines(), testing::ElementsAre("enter    0x401000", "exit     status 0"));
}

TEST_F(RecorderTest, SaysSoWhenACallNeverCameBack)
{
    recorder.on_transition(enter(user_state()));
    CpuState caller = user_state();
    caller[Gpr::Rax] = 1;
    recorder.on_transition(call(caller));
    end(9);
    EXPECT_THAT(lines(), testing::ElementsAre("enter    0x401000", "syscall  write(0, \"\", 0) = ?",
                                              "exit     killed by SIGKILL"));
}

TEST_F(RecorderTest, LeavesInterruptsAndOtherProcessesOut)
{
    recorder.on_transition(enter(user_state()));
    recorder.on_transition(event(TransitionKind::Interrupt, 32, {}, user_state()));
    CpuState other = user_state();
    other.cr3 = 0x7000;
    recorder.on_transition(enter(other));
    recorder.on_transition(call(other));
    recorder.on_transition(enter(user_state()));
    EXPECT_THAT(lines(), testing::ElementsAre("enter    0x401000"));
}

TEST_F(RecorderTest, RecordsTheFirstThreadOnly)
{
    constexpr std::uint64_t kThreadWord = kPerCpu + 24;
    const auto run = [this](std::uint64_t thread) { memory.put_u64(kThreadWord, thread); };
    CpuState one = user_state(), other = user_state();
    one[Gpr::Rax] = 1;
    one[Gpr::Rdi] = 1;
    other[Gpr::Rax] = 99;
    run(1);
    recorder.on_transition(enter(user_state()));
    recorder.on_transition(call(one));
    run(2);
    recorder.on_transition(enter(user_state())); // it has made no call yet
    recorder.on_transition(call(other));
    run(1);
    one[Gpr::Rax] = 5;
    recorder.on_transition(enter(one));
    one[Gpr::Rax] = 60;
    one[Gpr::Rdi] = 0;
    recorder.on_transition(call(one));
    recorder.on_transition(enter(other)); // a third thread, in the place of the first
    recorder.on_transition(call(other));
    end(0);
    EXPECT_THAT(lines(), testing::ElementsAre("enter    0x401000", "syscall  write(1, \"\", 0) = 5", "syscall  exit(0)",
                                              "exit     status 0"));
}

TEST_F(RecorderTest, NamesProcessesByTheirDistance)
{
    recorder.on_transition(enter(user_state()));
    make_call(57, {}, 3);
    make_call(62, {3, 9}, 0);
    make_call(61, {~std::uint64_t{0}, 0, 1, 0}, 0);
    make_call(39, {}, 1);
    EXPECT_THAT(lines(),
                testing::ElementsAre("enter    0x401000", "syscall  fork() = PID+0x2", "syscall  kill(PID+0x2, 9) = 0",
                                     "syscall  wait4(-1, NULL, 1, NULL) = 0", "syscall  getpid() = 1"));
}

TEST_F(RecorderTest, TakesTheInterruptOfTheConventionForACall)
{
    guest.syscalls.vector = 0x80;
    recorder.on_transition(enter(user_state()));
    CpuState state = user_state();
    state[Gpr::Rax] = 1;
    state[Gpr::Rdi] = 2;
    recorder.on_transition(call(state)); // SYSCALL is none of its calls
    recorder.on_transition(event(TransitionKind::SoftwareInterrupt, 0x80, {}, state));
    state[Gpr::Rax] = 0;
    recorder.on_transition(enter(state));
    EXPECT_THAT(lines(), testing::ElementsAre("enter    0x401000", "syscall  write(2, \"\", 0) = 0"));
}

/// A child that is killed, its child, and somebody else's.
TEST_F(RecorderTest, WritesASectionForEachDescendant)
{
    constexpr std::uint64_t kChild = 0x2000, kGrandchild = 0x3000, kStranger = 0x4000;
    const auto state_in = [this](std::uint64_t table, bool user) {
        CpuState state = user ? user_state() : kernel_state();
        state.cr3 = table;
        return state;
    };
    const auto make_call_in = [&](std::uint64_t table, std::uint64_t number) {
        CpuState caller = state_in(table, true);
        caller[Gpr::Rax] = number;
        recorder.on_transition(call(caller));
    };
    recorder.follow_children(true);
    recorder.on_transition(enter(user_state()));
    recorder.on_process_forked(0, processes.started(9, hello(), kGrandchild), state_in(kChild, false)); // not yet
    EXPECT_EQ(recorder.whole_trace().events.size(), 1u);
    recorder.on_process_forked(0, processes.started(4, hello(), kChild), kernel_state());
    recorder.on_process_forked(0, processes.started(3, hello(), kGrandchild), state_in(kChild, false));
    recorder.on_process_forked(0, processes.started(5, hello(), kStranger), state_in(0x9000, false));
    for (const std::uint64_t table : {kChild, kGrandchild, kStranger}) {
        recorder.on_transition(enter(state_in(table, true)));
        make_call_in(table, 39);
    }
    recorder.on_process_ended(0, *processes.ended(4, 15), kernel_state());
    end(0);
    EXPECT_FALSE(recorder.complete()) << "the grandchild lives";
    CpuState back = state_in(kGrandchild, true);
    back[Gpr::Rax] = 3;
    recorder.on_transition(enter(back));
    recorder.on_process_ended(0, *processes.ended(3, 0x700), kernel_state());
    EXPECT_TRUE(recorder.complete());
    EXPECT_EQ(print_trace(recorder.whole_trace()), "# ringcheck trace 1\nprogram hello\nfollow children\n"
                                                   "enter    0x401000\nexit     status 0\n"
                                                   "child    PID+0x2\nsyscall  getpid() = PID+0x2\nexit     status 7\n"
                                                   "child    PID+0x3\nsyscall  getpid() = ?\n"
                                                   "exit     killed by SIGTERM\n");
    EXPECT_EQ(lines(), (std::vector<std::string>{"enter    0x401000", "exit     status 0"}));
}

TEST_F(RecorderTest, WritesWhoGetsTheCpu)
{
    constexpr std::uint64_t kChild = 0x2000, kOther = 0x3000, kNobody = 0x9000;
    const auto move = [this](std::uint64_t from, std::uint64_t to) {
        Transition transition = enter(kernel_state());
        transition.kind = TransitionKind::AddressSpace;
        transition.before.cr3 = from;
        transition.after.cr3 = to;
        recorder.on_transition(transition);
    };
    recorder.follow_children(true);
    recorder.follow_switches(processes);
    processes.started(2, "other", kOther);
    recorder.on_transition(enter(user_state()));
    recorder.on_process_forked(0, processes.started(3, hello(), kChild), kernel_state());
    move(kTable, kChild);
    move(kChild, kTable);
    move(kTable, kOther);
    move(kOther, kChild); // nobody's of the family
    move(kChild, kNobody);
    recorder.on_process_ended(0, *processes.ended(3, 0), kernel_state());
    move(kChild, kTable); // it is no more
    end(0);
    EXPECT_EQ(print_trace(recorder.whole_trace()),
              "# ringcheck trace 1\nprogram hello\nfollow children switches\nenter    0x401000\n"
              "switch   PID+0x2\nswitch   other\nexit     status 0\n"
              "child    PID+0x2\nswitch   PID\nswitch   kernel\nexit     status 0\n");
}

TEST_F(RecorderTest, FollowsNoChildrenUnasked)
{
    recorder.on_transition(enter(user_state()));
    recorder.on_process_forked(0, processes.started(4, hello(), 0x2000), kernel_state());
    end(0);
    EXPECT_TRUE(recorder.complete());
    EXPECT_EQ(recorder.whole_trace(), recorder.trace());
}

TEST_F(RecorderTest, KnowsWhenItsThreadIsInTheProgram)
{
    EXPECT_FALSE(recorder.is_in_program(user_state())) << "it has not entered";
    recorder.on_transition(enter(user_state()));
    EXPECT_TRUE(recorder.is_in_program(user_state()));
    EXPECT_FALSE(recorder.is_in_program(kernel_state()));
    CpuState other = user_state();
    other.cr3 = 0x2000;
    EXPECT_FALSE(recorder.is_in_program(other));
    end(0);
    EXPECT_FALSE(recorder.is_in_program(user_state()));
}

} // namespace
