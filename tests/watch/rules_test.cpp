// SPDX-License-Identifier: MIT
// Each rule is silent on a crossing as it should be, and is the one that speaks when its own thing is spoilt.  Those of
// registers: register_rules_test.cpp.
#include "watch/rules_fixture.h"
#include "watch/rules_list.h"

#include <gmock/gmock.h>

namespace {

using namespace rules_test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(Rules, AreSilentOnAWholeCallAsItShouldBe)
{
    checker.on_transition(enter(user_state()));
    call_and_dispatch();
    checker.on_transition(enter(returned()));
    EXPECT_THAT(broken(), IsEmpty());
    EXPECT_GT(checker.report().checks(), 15u);
}

/// A process whose threads go one by one leaves stacks to others before it ends itself.
TEST_F(Rules, ForgetAThreadThatHasEnded)
{
    constexpr std::uint64_t kOther = 0x5000;
    checker.on_transition(enter(user_state()));
    call_and_dispatch();
    checker.on_process_started(0, processes.started(2, "other", kOther), kernel_state());
    CpuState other = user_state();
    other.cr3 = kOther;
    checker.on_thread_ended(kStackTop);
    checker.on_transition(enter(other));
    EXPECT_THAT(broken(), IsEmpty());
    checker.on_transition(enter(user_state())); // but who is there now is remembered
    EXPECT_THAT(broken(), ElementsAre("user-entry-cr3"));
}

TEST_F(Rules, HaveAnIdAStatementAndACitation)
{
    std::set<std::string> ids;
    for (const Rule* const rule : all_rules()) {
        EXPECT_TRUE(ids.insert(rule->id).second) << rule->id;
        EXPECT_GT(std::string(rule->statement).size(), 10u);
        EXPECT_EQ(rule->citation[0], '[');
        EXPECT_GT(std::string(rule->next).size(), 10u) << rule->id;
    }
}

TEST_F(Rules, NoticeWrongSelectors)
{
    CpuState state = user_state();
    state.ss.selector = 0x18; // RPL missing, as from a STAR without it
    checker.on_transition(enter(state));
    ASSERT_THAT(broken(), ElementsAre("user-entry-selectors"));
    EXPECT_EQ(checker.report().violations()[0].expected, "CPL 3, CS 0x23, SS 0x1b");
    EXPECT_EQ(checker.report().violations()[0].actual, "CPL 3, CS 0x23, SS 0x18");
}

TEST_F(Rules, NoticeWrongFlags)
{
    for (const std::uint64_t flags :
         {arch::rflags::kIopl.put(3), arch::rflags::kAlignmentCheck, arch::rflags::kNestedTask,
          arch::rflags::kInterrupt, arch::rflags::kVirtual8086}) {
        RuleChecker fresh{RuleContext{guest, memory, processes, symbols}};
        fresh.on_process_started(0, processes.all().front(), kernel_state());
        CpuState state = user_state();
        state.rflags ^= flags;
        fresh.on_transition(enter(state));
        ASSERT_EQ(fresh.report().violations().size(), 1u) << flags;
        EXPECT_STREQ(fresh.report().violations()[0].rule->id, "user-entry-flags");
    }
}

TEST_F(Rules, LetAProgramKeepItsOwnAlignmentCheckFlag)
{
    checker.on_transition(enter(user_state()));
    CpuState caller = user_state(), back = returned();
    caller.rflags |= arch::rflags::kAlignmentCheck;
    back.rflags |= arch::rflags::kAlignmentCheck;
    checker.on_transition(call(caller));
    checker.on_transition(enter(back));
    EXPECT_THAT(broken(), IsEmpty());
}

/// As fork(2) and clone(2) have it: the new thread is its maker but for its number.
TEST_F(Rules, LetANewThreadBeginWithTheFlagsOfItsMaker)
{
    checker.on_transition(enter(user_state()));
    const auto begin_thread = [this](unsigned number, std::uint64_t flags) {
        const std::uint64_t top = kStackTop + number * layout::kKernelStackStride;
        memory.put_u64(kTss + offsetof(arch::Tss, rsp), top);
        memory.put_u64(kPerCpu + offsetof(layout::PerCpu, kernel_rsp), top);
        CpuState state = user_state();
        state.rflags |= flags;
        Transition transition = enter(state);
        transition.kind = TransitionKind::Sysret;
        checker.on_transition(transition);
    };
    begin_thread(1, arch::rflags::kAlignmentCheck | arch::rflags::kNestedTask);
    EXPECT_THAT(broken(), IsEmpty());
    begin_thread(2, arch::rflags::kIopl.put(3));
    EXPECT_THAT(broken(), ElementsAre("user-entry-flags"));
}

TEST_F(Rules, NoticePageTablesOfNoProcess)
{
    CpuState state = user_state();
    state.cr3 = 0x9000; // as when the write to CR3 is left out at a switch
    checker.on_transition(enter(state));
    ASSERT_THAT(broken(), ElementsAre("user-entry-cr3"));
    EXPECT_EQ(checker.report().violations()[0].actual, "CR3 0x9000, of no live process");
}

TEST_F(Rules, NoticePageTablesOfAnotherProcess)
{
    checker.on_process_started(0, processes.started(2, "other", 0x2000), kernel_state());
    checker.on_transition(enter(user_state()));
    call_and_dispatch();
    CpuState state = returned();
    state.cr3 = 0x2000;
    checker.on_transition(enter(state));
    ASSERT_THAT(broken(), ElementsAre("user-entry-cr3"));
    EXPECT_EQ(checker.report().violations()[0].expected, "CR3 0x1000, of process hello");
    EXPECT_EQ(checker.report().violations()[0].actual, "CR3 0x2000, of process other");
}

TEST_F(Rules, LetAnotherProcessHaveTheStackOfOneThatEnded)
{
    checker.on_transition(enter(user_state()));
    call_and_dispatch();
    checker.on_process_ended(1020, *processes.ended(1, 0), kernel_state());
    checker.on_process_started(1030, processes.started(2, "other", 0x2000), kernel_state());
    CpuState state = user_state();
    state.cr3 = 0x2000;
    checker.on_transition(enter(state));
    EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Rules, NoticeAStaleRsp0)
{
    memory.put_u64(kTss + offsetof(arch::Tss, rsp), kStackTop + layout::kKernelStackStride);
    checker.on_transition(enter(user_state()));
    ASSERT_THAT(broken(), ElementsAre("user-entry-rsp0", "user-entry-running-stack"));
    EXPECT_EQ(checker.report().violations()[0].actual, "TSS.RSP0 kstack 2, per-CPU slot kstack 1");
}

TEST_F(Rules, NoticeAnRsp0ThatIsNoTopOfAStack)
{
    memory.put_u64(kTss + offsetof(arch::Tss, rsp), kStackTop - 8);
    memory.put_u64(kPerCpu + offsetof(layout::PerCpu, kernel_rsp), kStackTop - 8);
    checker.on_transition(enter(user_state()));
    EXPECT_THAT(broken(), ElementsAre("user-entry-rsp0", "user-entry-running-stack"));
}

TEST_F(Rules, NoticeADroppedSwapgsOnTheWayOut)
{
    CpuState state = user_state();
    std::swap(state.gs.base, state.kernel_gs_base);
    checker.on_transition(enter(state));
    EXPECT_THAT(broken(), ElementsAre("user-entry-gs", "first-entry-clean"));
}

TEST_F(Rules, NoticeADroppedSwapgsOnTheWayIn)
{
    checker.on_transition(enter(user_state()));
    checker.on_transition(call(user_state()));
    CpuState state = kernel_state();
    std::swap(state.gs.base, state.kernel_gs_base);
    checker.on_dispatch(1015, state);
    EXPECT_THAT(broken(), ElementsAre("kernel-gs-at-dispatch"));
}

TEST_F(Rules, NoticeAHandlerOnTheUsersStack)
{
    checker.on_transition(enter(user_state()));
    checker.on_transition(call(user_state()));
    CpuState state = kernel_state();
    state[Gpr::Rsp] = kUserRsp;
    checker.on_dispatch(1015, state);
    ASSERT_THAT(broken(), ElementsAre("kernel-stack-at-dispatch"));
    EXPECT_EQ(checker.report().violations()[0].actual, "RSP USER_STACK_TOP-0x100");
}

TEST_F(Rules, LetAHandlerRunOnAnInterruptStack)
{
    constexpr std::uint64_t kIst = 0xffff'ffff'8021'0000;
    memory.put_u64(kTss + offsetof(arch::Tss, ist), kIst);
    checker.on_transition(enter(user_state()));
    checker.on_transition(event(TransitionKind::Nmi, 2, {}, user_state()));
    CpuState state = kernel_state();
    state[Gpr::Rsp] = kIst - 0xb0;
    checker.on_dispatch(1025, state);
    EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Rules, NoticeProtectionThatIsOff)
{
    for (int bit = 0; bit < 3; ++bit) {
        RuleChecker fresh{RuleContext{guest, memory, processes, symbols}};
        CpuState state = user_state();
        state.cr0 &= bit == 0 ? ~arch::cr0::kWriteProtect : bit == 1 ? ~arch::cr0::kPaging : ~std::uint64_t{0};
        state.efer &= bit == 2 ? ~arch::efer::kNoExecuteEnable : ~std::uint64_t{0};
        fresh.on_transition(enter(state));
        ASSERT_EQ(fresh.report().violations().size(), 1u) << bit;
        EXPECT_STREQ(fresh.report().violations()[0].rule->id, "write-protect-on");
    }
}

TEST_F(Rules, NoticeEachFlagThatSyscallDoesNotClear)
{
    for (const std::uint64_t flag : {arch::rflags::kInterrupt, arch::rflags::kDirection, arch::rflags::kAlignmentCheck,
                                     arch::rflags::kTrap, arch::rflags::kNestedTask}) {
        RuleChecker fresh{RuleContext{guest, memory, processes, symbols}};
        Transition transition = call(user_state());
        transition.after.rflags |= flag;
        fresh.on_transition(transition);
        ASSERT_EQ(fresh.report().violations().size(), 1u) << flag;
        EXPECT_STREQ(fresh.report().violations()[0].rule->id, "syscall-entry-flags");
    }
}

class PageRules : public Rules {
protected:
    static constexpr std::uint64_t kAll =
        arch::PageEntry::kPresent | arch::PageEntry::kWritable | arch::PageEntry::kUser;
    /// Maps one page below the PML4 entry `top` with the rights of `leaf`.
    void map(unsigned top, std::uint64_t leaf)
    {
        memory.put_physical_u64(kTable + 8 * top, 0x2000 | kAll);
        memory.put_physical_u64(0x2000, 0x3000 | kAll);
        memory.put_physical_u64(0x3000, 0x4000 | kAll);
        memory.put_physical_u64(0x4000, 0x5000 | leaf);
    }
};

TEST_F(PageRules, NoticeAUserPageInTheKernelsHalf)
{
    map(511, arch::PageEntry::kPresent | arch::PageEntry::kUser);
    checker.on_transition(enter(user_state()));
    ASSERT_THAT(broken(), ElementsAre("kernel-pages-supervisor"));
    EXPECT_THAT(checker.report().violations()[0].actual, HasSubstr("page 0xffffff8000000000"));
}

TEST_F(PageRules, NoticeTheUserBitOfAKernelPageThatAnUpperTableStillHides)
{
    map(511, arch::PageEntry::kPresent | arch::PageEntry::kUser);
    memory.put_physical_u64(kTable + 8 * 511, 0x2000 | arch::PageEntry::kPresent);
    checker.on_transition(enter(user_state()));
    EXPECT_THAT(broken(), ElementsAre("kernel-pages-supervisor"));
}

TEST_F(PageRules, NoticeAPageThatIsWritableAndExecutable)
{
    map(0, kAll);
    checker.on_transition(enter(user_state()));
    EXPECT_THAT(broken(), ElementsAre("no-writable-executable"));
}

TEST_F(PageRules, AcceptCodeAndDataOfAProgram)
{
    map(0, arch::PageEntry::kPresent | arch::PageEntry::kUser);
    memory.put_physical_u64(0x4008, 0x6000 | kAll | arch::PageEntry::kNoExecute);
    checker.on_transition(enter(user_state()));
    EXPECT_THAT(broken(), IsEmpty());
}

TEST_F(Rules, NoticeEachFlagThatAHandlerMustNotHave)
{
    for (const std::uint64_t flag :
         {arch::rflags::kDirection, arch::rflags::kAlignmentCheck, arch::rflags::kTrap, arch::rflags::kNestedTask}) {
        RuleChecker fresh{RuleContext{guest, memory, processes, symbols}};
        CpuState state = kernel_state();
        state.rflags |= flag;
        fresh.on_dispatch(1015, state);
        ASSERT_EQ(fresh.report().violations().size(), 1u) << flag;
        EXPECT_STREQ(fresh.report().violations()[0].rule->id, "kernel-flags-at-dispatch");
    }
}

TEST_F(Rules, TellHowMuchIsLeftOnTheStack)
{
    Transition transition = enter(user_state());
    transition.before[Gpr::Rsp] -= 0x18;
    checker.on_transition(transition);
    ASSERT_THAT(broken(), ElementsAre("user-entry-stack-empty"));
    EXPECT_EQ(checker.report().violations()[0].actual, "24 bytes between the frame and kstack 1");
}

TEST_F(Rules, NoticeAStackThatTheTssDoesNotNameAlthoughItAndTheSlotAgree)
{
    const std::uint64_t other = kStackTop + layout::kKernelStackStride;
    memory.put_u64(kTss + offsetof(arch::Tss, rsp), other);
    memory.put_u64(kPerCpu + offsetof(layout::PerCpu, kernel_rsp), other);
    checker.on_transition(enter(user_state()));
    ASSERT_THAT(broken(), ElementsAre("user-entry-running-stack"));
    EXPECT_EQ(checker.report().violations()[0].expected, "TSS.RSP0 kstack 1");
    EXPECT_EQ(checker.report().violations()[0].actual, "TSS.RSP0 kstack 2");
}

TEST_F(Rules, AreNotToldOfWhatTheDescriptionIgnores)
{
    guest.ignored_rules = {"write-protect-on"};
    RuleChecker fresh{RuleContext{guest, memory, processes, symbols}};
    CpuState state = user_state();
    state.cr0 &= ~arch::cr0::kWriteProtect;
    fresh.on_transition(enter(state));
    EXPECT_EQ(fresh.report().total(), 0u);
}

TEST_F(Rules, TellEachViolationOnceAndCountTheRest)
{
    CpuState state = user_state();
    state.cr0 &= ~arch::cr0::kWriteProtect;
    for (int i = 0; i < 3; ++i) {
        checker.on_transition(enter(state));
    }
    ASSERT_THAT(broken(), ElementsAre("write-protect-on"));
    EXPECT_EQ(checker.report().total(), 3u);
    EXPECT_EQ(
        format_violation(checker.report().violations()[0]),
        "rule write-protect-on violated: paging, write protection in ring 0 and no-execute are on: CR0.PG, CR0.WP, "
        "EFER.NXE\n"
        "  expected  PG 1, WP 1, NXE 1\n"
        "  actual    PG 1, WP 0, NXE 1\n"
        "  at        instruction 1000: IRETQ 0→3 0xffffffff80100000 → 0x401000, RSP USER_STACK_TOP-0x100, CR3 "
        "0x1000\n"
        "  see       [SDM 3A \"Control Registers\"; SDM 4 \"IA32_EFER\"]\n"
        "  next      the writes of CR0 and IA32_EFER since boot\n"
        "  again     2 more times\n");
}

TEST_F(Rules, WantTheIoMapBehindTheTssOrNowhere)
{
    const auto broken_by = [&](std::uint64_t base, std::uint32_t limit) {
        set_io_map_base(base);
        CpuState state = user_state();
        state.tr.limit = limit;
        RuleChecker one{RuleContext{guest, memory, processes, symbols}};
        one.on_process_started(0, *processes.with_cr3(kTable), kernel_state());
        one.on_transition(enter(state));
        return !one.report().violations().empty();
    };
    constexpr std::uint32_t kLimit = sizeof(arch::Tss) - 1;
    EXPECT_TRUE(broken_by(kLimit, kLimit)) << "the last byte of the TSS";
    EXPECT_FALSE(broken_by(kLimit + 1, kLimit));
    EXPECT_FALSE(broken_by(kLimit + 1, kLimit + 0x2000)) << "a map";
    EXPECT_FALSE(broken_by(0, kLimit - 1)) << "a TSS without the field";
    EXPECT_FALSE(broken_by(0xffff, kLimit));
}

} // namespace
