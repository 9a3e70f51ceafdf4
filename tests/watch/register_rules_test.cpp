// SPDX-License-Identifier: MIT
// The rules of what ring 3 finds in its registers: at first, behind a call or an interrupt, in a signal's handler, at a
// call that is made again.
#include "watch/rules_fixture.h"

#include <gmock/gmock.h>

#include <functional>

namespace {

using namespace rules_test;
using testing::ElementsAre;
using testing::IsEmpty;

class RegisterRules : public Rules {};

TEST_F(RegisterRules, NoticeEachRegisterThatIsNotCleanAtFirst)
{
    for (unsigned i = 0; i < 16; ++i) {
        if (static_cast<Gpr>(i) == Gpr::Rsp) {
            continue;
        }
        RuleChecker fresh{RuleContext{guest, memory, processes, symbols}};
        fresh.on_process_started(0, processes.all()[0], kernel_state());
        CpuState state = user_state();
        state.gpr[i] = 7;
        fresh.on_transition(enter(state));
        ASSERT_EQ(fresh.report().violations().size(), 1u) << i;
        EXPECT_STREQ(fresh.report().violations()[0].rule->id, "first-entry-clean");
    }
}

TEST_F(RegisterRules, NoticeEachRegisterThatACallDoesNotKeep)
{
    for (unsigned i = 0; i < 16; ++i) {
        RuleChecker fresh{RuleContext{guest, memory, processes, symbols}};
        fresh.on_process_started(0, processes.all()[0], kernel_state());
        fresh.on_transition(enter(user_state()));
        fresh.on_transition(call(user_state()));
        CpuState state = returned();
        state.gpr[i] ^= 0x10;
        fresh.on_transition(enter(state));
        const Gpr reg = static_cast<Gpr>(i);
        const bool may_change = reg == Gpr::Rax || reg == Gpr::Rcx || reg == Gpr::R11;
        EXPECT_EQ(fresh.report().violations().size(), may_change ? 0u : 1u) << i;
    }
}

TEST_F(RegisterRules, JudgeACallByTheGuestsOwnConvention)
{
    guest.syscalls.vector = 0x80;
    guest.syscalls.result = Gpr::Rbx;
    guest.syscalls.changes = {};
    checker.on_transition(enter(user_state()));
    checker.on_transition(event(TransitionKind::SoftwareInterrupt, 0x80, {}, user_state()));
    CpuState state = user_state();
    state.rip += 2;
    state[Gpr::Rbx] = 7;
    checker.on_transition(enter(state));
    EXPECT_THAT(broken(), IsEmpty());
    checker.on_transition(event(TransitionKind::SoftwareInterrupt, 0x80, {}, state));
    state.rip += 2;
    state[Gpr::Rcx] ^= 1;
    checker.on_transition(enter(state));
    EXPECT_THAT(broken(), ElementsAre("syscall-preserves-registers"));
}

TEST_F(RegisterRules, LetOnlyACallThatSetsBasesSetThem)
{
    constexpr std::uint64_t kSetsThem = 158, kDoesNot = 39;
    guest.syscalls.vector = 0x80;
    guest.syscalls.calls = {{kSetsThem, "arch_prctl", {}, true, true}, {kDoesNot, "getpid", {}, true, false}};
    CpuState state = user_state();
    checker.on_transition(enter(state));
    for (const std::uint64_t number : {kSetsThem, kDoesNot}) {
        state[Gpr::Rax] = number;
        checker.on_transition(event(TransitionKind::SoftwareInterrupt, 0x80, {}, state));
        state.rip += 2;
        state.fs.base += 0x1000;
        checker.on_transition(enter(state));
        if (number == kSetsThem) {
            EXPECT_THAT(broken(), IsEmpty());
        }
    }
    ASSERT_THAT(broken(), ElementsAre("syscall-preserves-registers"));
    EXPECT_EQ(checker.report().violations()[0].expected, "fs base 0x1000");
}

TEST_F(RegisterRules, NoticeACallThatReturnsSomewhereElse)
{
    checker.on_transition(enter(user_state()));
    call_and_dispatch();
    CpuState state = returned();
    state.rip += 0x10;
    checker.on_transition(enter(state));
    ASSERT_THAT(broken(), ElementsAre("syscall-preserves-registers"));
    EXPECT_EQ(checker.report().violations()[0].expected, "rip 0x401002");
}

TEST_F(RegisterRules, NoticeAnInterruptThatChangesARegister)
{
    checker.on_transition(enter(user_state()));
    checker.on_transition(event(TransitionKind::Interrupt, 32, {}, user_state()));
    CpuState state = user_state();
    state[Gpr::Rax] = 1;
    checker.on_transition(enter(state));
    EXPECT_THAT(broken(), ElementsAre("interrupt-preserves-registers"));
}

class SignalRules : public Rules {
protected:
    static constexpr std::uint64_t kHandler = 0x40'2000, kRead = 0, kSigreturn = 15, kRestart = 219;

    /// The program calls `number`, and a signal comes meanwhile.
    void call_and(const std::function<void()>& interrupt, std::uint64_t number = kRead)
    {
        guest.syscalls.calls = {{.number = kRead, .name = "read", .arguments = {}},
                                {.number = kSigreturn, .name = "rt_sigreturn", .arguments = {}, .restores = true},
                                {.number = kRestart, .name = "restart_syscall", .arguments = {}}};
        caller[Gpr::Rax] = number;
        checker.on_transition(enter(user_state()));
        checker.on_transition(call(caller));
        checker.on_dispatch(1015, kernel_state());
        interrupt();
    }
    void deliver() { checker.on_signal_delivered({10, 0, kHandler}, kernel_state()); }
    void restart() { checker.on_call_restarts(kernel_state()); }

    /// As a handler finds it.
    CpuState in_handler() const
    {
        CpuState state = caller;
        state.rip = kHandler;
        state[Gpr::Rsp] -= 0x400;
        state[Gpr::Rdi] = 10;
        state[Gpr::Rsi] = state[Gpr::Rsp] + 0x100;
        state[Gpr::Rdx] = state[Gpr::Rsp] + 8;
        state[Gpr::Rax] = 0;
        return state;
    }

    CpuState caller = user_state();
};

TEST_F(SignalRules, AreSilentOnAHandlerAndOnACallThatIsMadeAgain)
{
    call_and([this] { deliver(); });
    checker.on_transition(enter(in_handler()));
    call_and([this] { restart(); });
    checker.on_transition(enter(caller));
    call_and([this] { restart(); });
    CpuState goes_on = caller;
    goes_on[Gpr::Rax] = kRestart;
    checker.on_transition(enter(goes_on));
    call_and([this] { // with SA_RESTART
        restart();
        deliver();
    });
    checker.on_transition(enter(in_handler()));
    EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(SignalRules, NoticeEachRegisterThatAHandlerFindsChanged)
{
    for (const Gpr reg : {Gpr::Rbx, Gpr::Rbp, Gpr::R8, Gpr::R9, Gpr::R10, Gpr::R12, Gpr::R13, Gpr::R14, Gpr::R15}) {
        call_and([this] { deliver(); });
        CpuState state = in_handler();
        state[reg] ^= 1;
        checker.on_transition(enter(state));
    }
    EXPECT_THAT(broken(), ElementsAre("handler-registers"));
    EXPECT_EQ(checker.report().total(), 9U);
}

TEST_F(SignalRules, NoticeAHandlerElsewhereOrWithAnotherBase)
{
    call_and([this] { deliver(); });
    CpuState state = in_handler();
    state.rip += 0x10;
    state.fs.base += 0x10;
    checker.on_transition(enter(state));
    ASSERT_THAT(broken(), ElementsAre("handler-registers"));
    EXPECT_EQ(checker.report().violations()[0].expected, "rip 0x402000, fs base 0x0");
}

// What no call has changed is R11 too.
TEST_F(SignalRules, KnowThatAnInterruptChangesNoRegister)
{
    for (const bool changed : {false, true}) {
        checker.on_transition(enter(caller));
        checker.on_transition(event(TransitionKind::Interrupt, 32, {}, caller));
        deliver();
        CpuState state = in_handler();
        state[Gpr::R11] ^= changed;
        checker.on_transition(enter(state));
        EXPECT_EQ(broken().size(), changed);
    }
}

TEST_F(SignalRules, NoticeACallThatIsMadeAgainOtherwise)
{
    const std::function<void(CpuState&)> mistakes[] = {
        [](CpuState& state) { state.rip += 2; },       [](CpuState& state) { state[Gpr::Rax] = 39; },
        [](CpuState& state) { state[Gpr::Rdi] ^= 1; }, [](CpuState& state) { state[Gpr::R10] ^= 1; },
        [](CpuState& state) { state[Gpr::Rsp] -= 8; }, [](CpuState& state) { state.gs.base += 8; },
    };
    for (const auto& mistake : mistakes) {
        call_and([this] { restart(); });
        CpuState state = caller;
        mistake(state);
        checker.on_transition(enter(state));
    }
    EXPECT_THAT(broken(), ElementsAre("call-made-again"));
    EXPECT_EQ(checker.report().total(), 6U);
}

TEST_F(SignalRules, NoticeThatWhatWasNoCallIsMadeAgain)
{
    checker.on_transition(enter(caller));
    checker.on_transition(event(TransitionKind::Interrupt, 32, {}, caller));
    restart();
    CpuState state = caller;
    state.rip -= 2;
    checker.on_transition(enter(state));
    ASSERT_THAT(broken(), ElementsAre("call-made-again"));
    EXPECT_EQ(checker.report().violations()[0].actual, "it left by none");
}

// sigreturn gives what the program's memory says, and a handler that begins then finds that.
TEST_F(SignalRules, KnowNothingOfWhatComesFromTheProgramsMemory)
{
    for (const bool signal : {false, true}) {
        call_and([] {}, kSigreturn);
        CpuState state = in_handler();
        state[Gpr::Rbx] ^= 1;
        if (signal) {
            deliver();
        }
        checker.on_transition(enter(state));
    }
    EXPECT_THAT(broken(), IsEmpty());
}

} // namespace
