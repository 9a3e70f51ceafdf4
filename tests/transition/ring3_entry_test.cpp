// SPDX-License-Identifier: MIT
// Property: whenever ring 3 runs, the CPU would come back to the right stack, and sees the right memory and nothing of
// the kernel's.  Two programs that compute are preempted against each other, so stale values have every chance.
#include "arch/control_registers.h"
#include "arch/paging.h"
#include "arch/tss.h"
#include "layout/address_map.h"
#include "layout/per_cpu.h"
#include "machine/cpu_option.h"
#include "support/booted_kernel.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace support {
namespace {

using arch::PageEntry;

/// What is to be right, at one entry to ring 3.
struct Entry {
    std::uint64_t cr3, rsp0, syscall_stack, thread, per_cpu_base;
    std::uint64_t thread_stack_top, thread_table;
};

/// Looks at the machine at every entry to ring 3, while the entry is the last thing that happened.
class EntryRecorder final : public ringcheck::Observer {
public:
    EntryRecorder(ringcheck::Machine& machine, std::uint64_t per_cpu) : machine_(machine), per_cpu_(per_cpu) {}

    void on_transition(const ringcheck::Transition& transition) override
    {
        if (transition.after.cpl != 3 || transition.before.cpl == 3) {
            return;
        }
        const model::CpuState& state = transition.after;
        entries.push_back({.cr3 = state.cr3,
                           .rsp0 = word(state, state.tr.base + offsetof(arch::Tss, rsp)),
                           .syscall_stack = word(state, per_cpu_ + offsetof(layout::PerCpu, kernel_rsp)),
                           .thread = word(state, per_cpu_ + offsetof(layout::PerCpu, current_thread)),
                           .per_cpu_base = state.kernel_gs_base,
                           .thread_stack_top = 0,
                           .thread_table = 0});
        states.push_back(state);
    }

    std::vector<Entry> entries;
    std::vector<model::CpuState> states;

private:
    std::uint64_t word(const model::CpuState& state, std::uint64_t address)
    {
        return machine_.read_virtual_u64(state, arch::VirtAddr{address}).value_or(0);
    }

    ringcheck::Machine& machine_;
    std::uint64_t per_cpu_;
};

class Ring3Entry : public testing::Test {
protected:
    Ring3Entry()
    {
        kernel.machine->set_observer(&recorder);
        end = kernel.run_to_end();
    }

    BootedKernel kernel{{"run counter &", "run counter", "run hello", "poweroff"}};
    EntryRecorder recorder{*kernel.machine, kernel.symbol("per_cpu").value};
    ringcheck::RunEnd end;
};

TEST_F(Ring3Entry, HappensInThreeProgramsThatAllEnd)
{
    EXPECT_EQ(end.kind, ringcheck::EndKind::PowerOff) << end.text << kernel.machine->console();
    std::set<std::uint64_t> tables, threads;
    unsigned switches = 0;
    for (std::size_t i = 0; i < recorder.entries.size(); ++i) {
        tables.insert(recorder.entries[i].cr3);
        threads.insert(recorder.entries[i].thread);
        switches += i > 0 && recorder.entries[i].thread != recorder.entries[i - 1].thread ? 1 : 0;
    }
    EXPECT_GE(threads.size(), 2u);
    EXPECT_GE(switches, 3u) << "the programs did not preempt each other";
}

TEST_F(Ring3Entry, FindsRsp0AndTheSyscallStackOnTheThreadsOwnStack)
{
    // A thread's stack never changes and is nobody else's.
    std::map<std::uint64_t, std::uint64_t> stack_of_thread;
    for (const Entry& entry : recorder.entries) {
        EXPECT_EQ(entry.rsp0, entry.syscall_stack);
        EXPECT_GE(entry.rsp0, layout::kKernelStacks.value);
        EXPECT_EQ((entry.rsp0 - layout::kKernelStacks.value) % layout::kKernelStackStride, 0u)
            << "RSP0 is not the top of a kernel stack";
        const auto [known, fresh] = stack_of_thread.try_emplace(entry.thread, entry.rsp0);
        EXPECT_EQ(known->second, entry.rsp0);
    }
}

TEST_F(Ring3Entry, GivesTwoThreadsAtOnceTwoStacksAndTwoAddressSpaces)
{
    std::map<std::uint64_t, std::uint64_t> thread_of_stack, thread_of_table;
    for (const Entry& entry : recorder.entries) {
        // The two counters run side by side until the first of them is collected.
        if (thread_of_stack.size() < 2) {
            thread_of_stack.try_emplace(entry.rsp0, entry.thread);
            thread_of_table.try_emplace(entry.cr3, entry.thread);
        }
    }
    EXPECT_EQ(thread_of_stack.size(), 2u);
    EXPECT_EQ(thread_of_table.size(), 2u);
}

TEST_F(Ring3Entry, RunsOnTheTablesThatHarborMadeForTheProgram)
{
    // landmark_process_started tells each program's tables; nothing else may run in ring 3.
    BootedKernel again{{"run hello", "poweroff"}};
    again.run_to("landmark_process_started");
    const std::uint64_t table = again.machine->state()[model::Gpr::Rdx];
    again.run_to_ring3();
    EXPECT_EQ(again.machine->state().cr3, table);
}

TEST_F(Ring3Entry, LeavesTheKernelsGsBaseForSwapgs)
{
    for (const Entry& entry : recorder.entries) {
        EXPECT_EQ(entry.per_cpu_base, kernel.symbol("per_cpu").value);
    }
    for (const model::CpuState& state : recorder.states) {
        EXPECT_EQ(state.gs.base, 0u);
    }
}

TEST_F(Ring3Entry, HasPagingWriteProtectionAndNoExecuteOn)
{
    for (const model::CpuState& state : recorder.states) {
        EXPECT_NE(state.cr0 & arch::cr0::kPaging, 0u);
        EXPECT_NE(state.cr0 & arch::cr0::kWriteProtect, 0u);
        EXPECT_NE(state.efer & arch::efer::kNoExecuteEnable, 0u);
    }
}

/// One leaf, with what the entries on the way down to it say.
struct Leaf {
    std::uint64_t address = 0;
    bool writable = true;       ///< W at every level
    bool executable = true;     ///< NX at no level
    bool user_bit_seen = false; ///< U at any level
    bool global = false;        ///< G at the leaf
};

void collect_leaves(const model::PhysicalMemory& memory, std::uint64_t table, unsigned level, Leaf so_far,
                    std::vector<Leaf>& leaves)
{
    for (unsigned i = 0; i < arch::kTableEntries; ++i) {
        const auto raw = memory.read_u64(arch::PhysAddr{table + 8 * i});
        ASSERT_TRUE(raw) << "a page table lies outside RAM";
        const PageEntry entry{*raw};
        if (!entry.has(PageEntry::kPresent)) {
            continue;
        }
        Leaf leaf = so_far;
        leaf.address |= std::uint64_t{i} << (12 + 9 * (level - 1));
        leaf.writable &= entry.has(PageEntry::kWritable);
        leaf.user_bit_seen |= entry.has(PageEntry::kUser);
        leaf.executable &= !entry.has(PageEntry::kNoExecute);
        if (level == 1 || entry.has(PageEntry::kPageSize)) {
            leaf.global = entry.has(PageEntry::kGlobal);
            leaves.push_back(leaf);
        } else {
            collect_leaves(memory, entry.frame().value, level - 1, leaf, leaves);
        }
    }
}

class PageTables : public testing::Test {
protected:
    PageTables()
    {
        kernel.run_to_ring3();
        collect_leaves(kernel.machine->memory(), kernel.machine->state().cr3, arch::kTopLevel, {}, leaves);
    }

    static constexpr std::uint64_t kUpperHalfBit = std::uint64_t{1} << 47;
    BootedKernel kernel{{"run hello", "poweroff"}};
    std::vector<Leaf> leaves;
};

/// One level without U keeps ring 3 out, but one careless edit of that level would let it in: no entry may have it.
TEST_F(PageTables, HaveNoUserBitOnTheWayToAKernelPage)
{
    unsigned kernel_leaves = 0;
    for (const Leaf& leaf : leaves) {
        if ((leaf.address & kUpperHalfBit) != 0) {
            ++kernel_leaves;
            EXPECT_FALSE(leaf.user_bit_seen) << std::hex << leaf.address;
        }
    }
    EXPECT_GT(kernel_leaves, 100u);
}

TEST_F(PageTables, HoldNoPageThatIsWritableAndExecutable)
{
    for (const Leaf& leaf : leaves) {
        EXPECT_FALSE(leaf.writable && leaf.executable) << std::hex << leaf.address;
    }
}

/// A global translation outlives the change of CR3: ring 3 would find another program's page.
TEST_F(PageTables, HoldNoGlobalPageForRing3)
{
    unsigned user_leaves = 0;
    for (const Leaf& leaf : leaves) {
        const bool is_user = (leaf.address & kUpperHalfBit) == 0;
        user_leaves += is_user ? 1 : 0;
        EXPECT_FALSE(is_user && leaf.global) << std::hex << leaf.address;
    }
    EXPECT_GE(user_leaves, 2u);
}

/// Without PCIDs each change of CR3 drops what the CPU holds of the previous program.
TEST(AddressSpaces, NeedNoPcidWhereTheCpuHasThem)
{
    const auto choice = value_or_throw(ringcheck::parse_cpu("intel,+pcid,+invpcid"));
    BootedKernel kernel{{"run hello", "poweroff"}, {.vendor = choice.vendor, .features = choice.features}};
    kernel.run_to_ring3();
    EXPECT_EQ(kernel.machine->state().cr4 & arch::cr4::kPcid, 0u);
    EXPECT_EQ(arch::cr3::kPcid.get(kernel.machine->state().cr3), 0u);
}

TEST_F(PageTables, HaveAllTopEntriesOfTheKernelsHalfWithoutUserBit)
{
    const model::PhysicalMemory memory = kernel.machine->memory();
    const std::uint64_t root = kernel.machine->state().cr3;
    for (unsigned i = layout::kFirstKernelTopEntry; i < arch::kTableEntries; ++i) {
        const auto entry = memory.read_u64(arch::PhysAddr{root + 8 * i});
        ASSERT_TRUE(entry);
        EXPECT_TRUE(PageEntry{*entry}.has(PageEntry::kPresent)) << "PML4[" << i << "] is not preallocated";
        EXPECT_FALSE(PageEntry{*entry}.has(PageEntry::kUser)) << "PML4[" << i << "]";
    }
}

} // namespace
} // namespace support
