// SPDX-License-Identifier: MIT
// What the log keeps, what it shows of a program, and how a row is printed.
#include "support/crossing.h"
#include "watch/transition_format.h"

#include <gmock/gmock.h>

namespace {

using namespace ringcheck;

class Log : public support::CrossingTest {
protected:
    Log() { processes.started(1, hello(), kTable); }

    /// Swaps, first entry, a call, the end, and a swap after it.
    void run(TransitionLog& log)
    {
        Transition swap = enter(kernel_state(), 990);
        swap.kind = TransitionKind::GsSwap;
        log.on_transition(swap);
        log.on_transition(enter(user_state(), 1000));
        log.on_transition(call(user_state(), 1010));
        Process process = *processes.ended(1, 11);
        log.on_process_ended(1020, process, kernel_state());
        swap.count = 1030;
        swap.kind = TransitionKind::AddressSpace;
        log.on_transition(swap);
    }
    static std::vector<std::uint64_t> counts(std::span<const LogRow> rows)
    {
        std::vector<std::uint64_t> result;
        for (const LogRow& row : rows) {
            result.push_back(row.count);
        }
        return result;
    }
};

TEST_F(Log, LeavesSwapsOutUnlessAllIsAskedFor)
{
    TransitionLog normal(LogFilter::Normal, processes);
    run(normal);
    EXPECT_THAT(counts(normal.rows()), testing::ElementsAre(1000, 1010, 1020, 1030));
    EXPECT_EQ(normal.total(TransitionKind::GsSwap), 1u);
    EXPECT_EQ(normal.crossings(), 2u);
}

TEST_F(Log, KeepsSwapsWhenAllIsAskedFor)
{
    TransitionLog all(LogFilter::All, processes);
    run(all);
    EXPECT_THAT(counts(all.rows()), testing::ElementsAre(990, 1000, 1010, 1020, 1030));
}

TEST_F(Log, ShowsAProgramFromItsFirstEntryToItsEnd)
{
    TransitionLog log(LogFilter::All, processes);
    run(log);
    EXPECT_THAT(counts(log.of_program("hello")), testing::ElementsAre(1000, 1010, 1020));
    EXPECT_THAT(counts(log.of_program("other")), testing::IsEmpty());
}

TEST_F(Log, PrintsATable)
{
    TransitionLog log(LogFilter::Normal, processes);
    run(log);
    EXPECT_EQ(format_table(log.of_program("hello"), symbols),
              "count  kind     ring  rip                            stack                                 cr3     "
              "gs                           event\n"
              " 1000  IRETQ    0→3   0xffffffff80100000 → 0x401000  kstack 1-0x28 → USER_STACK_TOP-0x100  0x1000  "
              "user 0x0\n"
              " 1010  SYSCALL  3→0   0x401000 → 0xffffffff80102000  USER_STACK_TOP-0x100                  0x1000  "
              "user 0x0\n"
              " 1020  exit     0     0xffffffff80100000             kstack 1-0x28                         0x1000  "
              "kernel KERNEL_BASE+0x201000  hello[1] killed by SIGSEGV\n");
}

TEST_F(Log, FoldsRowsThatComeAgain)
{
    TransitionLog log(LogFilter::Normal, processes);
    for (std::uint64_t i = 0; i < 10; ++i) {
        log.on_transition(event(TransitionKind::Interrupt, 32, {}, user_state()));
        log.on_transition(enter(user_state(), 1000 + i));
    }
    const std::string table = format_table(log.rows(), symbols);
    EXPECT_EQ(std::ranges::count(table, '\n'), 4) << table;
    EXPECT_THAT(table, testing::HasSubstr("\n... the last 2 rows 9 times more\n"));
}

TEST_F(Log, PrintsJsonWithItsFieldsInOrder)
{
    TransitionLog log(LogFilter::Normal, processes);
    Transition fault = event(TransitionKind::Exception, 14, 5, user_state());
    fault.after.cr2 = layout::kKernelImage.value;
    log.on_transition(fault);
    EXPECT_EQ(
        format_json(log.rows()[0], symbols),
        R"({"schema":"ringcheck/1","type":"transition","count":1020,"program":"hello","kind":"exception","vector":14,)"
        R"("error_code":5,"cr2":"0xffffffff80000000",)"
        R"("from":{"cpl":3,"rip":"0x401000","symbol":"0x401000","rsp":"0x7ffffffeff00",)"
        R"("stack":"USER_STACK_TOP-0x100","cr3":"0x1000","gs_base":"0x0","gs":"user"},)"
        R"("to":{"cpl":0,"rip":"0xffffffff80103000","symbol":"0xffffffff80103000",)"
        R"("rsp":"0xffffc00000009fd0","stack":"kstack 1-0x30","cr3":"0x1000","gs_base":"0x0","gs":"user"}})");
}

TEST_F(Log, DescribesEventsByTheManualsNames)
{
    TransitionLog log(LogFilter::Normal, processes);
    Transition fault = event(TransitionKind::Exception, 14, 5, user_state());
    fault.after.cr2 = layout::kKernelImage.value;
    log.on_transition(fault);
    log.on_transition(event(TransitionKind::Interrupt, 32, {}, user_state()));
    log.on_transition(event(TransitionKind::Exception, 6, {}, user_state()));
    log.on_transition(enter(user_state()));
    EXPECT_EQ(describe_event(log.rows()[0], symbols), "#PF error 0x5 cr2 KERNEL_BASE");
    EXPECT_EQ(describe_event(log.rows()[1], symbols), "vector 32");
    EXPECT_EQ(describe_event(log.rows()[2], symbols), "#UD");
    EXPECT_EQ(describe_event(log.rows()[3], symbols), "");
    TransitionLog software(LogFilter::Normal, processes);
    software.on_transition(event(TransitionKind::SoftwareInterrupt, 21, {}, user_state()));
    software.on_transition(event(TransitionKind::SoftwareInterrupt, 3, {}, user_state()));
    EXPECT_EQ(describe_event(software.rows()[0], symbols), "vector 21") << "INT 0x15 is no #CP";
    EXPECT_EQ(describe_event(software.rows()[1], symbols), "#BP");
}

TEST_F(Log, DescribesExitsAsWaitDoes)
{
    EXPECT_EQ(describe_exit(0, guest), "status 0");
    EXPECT_EQ(describe_exit(0x2a00, guest), "status 42");
    EXPECT_EQ(describe_exit(11, guest), "killed by SIGSEGV");
    EXPECT_EQ(describe_exit(99, guest), "killed by signal_99");
}

TEST_F(Log, NamesStacks)
{
    EXPECT_EQ(symbols.stack(kStackTop), "kstack 1");
    EXPECT_EQ(symbols.stack(kStackTop - 0x40), "kstack 1-0x40");
    EXPECT_EQ(symbols.stack(kStackTop - layout::kKernelStackSize), "kstack 1-0x4000");
    EXPECT_EQ(symbols.stack(kStackTop - layout::kKernelStackSize - 8), "kstack 1 guard");
    EXPECT_EQ(symbols.stack(kStackTop + 8), "kstack 2 guard");
    EXPECT_EQ(symbols.stack(layout::kUserStackTop.value - 0x10, hello()), "USER_STACK_TOP-0x10");
    EXPECT_EQ(symbols.stack(layout::kUserStackTop.value - 0x10), "0x7ffffffefff0") << "nobody's stack";
    EXPECT_EQ(symbols.stack(0x1234'5678), "0x12345678");
}

} // namespace
