// SPDX-License-Identifier: MIT
// Property: a translation is stale from the moment its entry grants less until it is invalidated, and only then.
// [SDM 3A "Invalidation of TLBs and Paging-Structure Caches"]
#include "support/machine_guest.h"
#include "watch/guest_memory.h"
#include "watch/rules.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using support::MachineGuest;

/// Uses the page at 0x3a000, takes the right to write away, does what is tested, and writes to the page again.
#define PROTECT_AND(what) "mov %eax, 0x3a000\n andq $~2, 0x41d0\n" what "\n mov %eax, 0x3a000\n hlt"

GUEST_CODE(nothing, PROTECT_AND(""));
GUEST_CODE(write_cr3, PROTECT_AND("mov %cr3, %rbx\n mov %rbx, %cr3"));
GUEST_CODE(invalidate_it, PROTECT_AND("mov $0x3a123, %ebx\n invlpg (%rbx)"));
GUEST_CODE(invalidate_its_neighbour, PROTECT_AND("invlpg 0x3b000"));
GUEST_CODE(read_it, "mov %eax, 0x3a000\n andq $~2, 0x41d0\n mov 0x3a000, %eax\n hlt");
GUEST_CODE(move_it, "mov 0x3a000, %eax\n addq $0x1000, 0x41d0\n mov 0x3a000, %eax\n hlt");
GUEST_CODE(use_it_for_the_first_time, "andq $~2, 0x41d0\n mov %eax, 0x3a000\n hlt");
GUEST_CODE(grant_more, "mov 0x3b000, %eax\n orq $2, 0x41d8\n mov %eax, 0x3b000\n hlt");

std::uint64_t violations(const support::GuestCode& code, std::uint64_t more_flags = 0)
{
    MachineGuest guest;
    guest.place(MachineGuest::kKernelText, code);
    guest.guest.set_page_entry(0x3a000, guest.guest.page_entry(0x3a000) | more_flags);
    guest.guest.set_page_entry(0x3b000, guest.guest.page_entry(0x3b000) & ~arch::PageEntry::kWritable);
    class Watched final : public Observer {
    public:
        explicit Watched(MachineGuest& watched) : memory_(*watched.machine) { watched.machine->set_observer(this); }
        bool wants_instructions() const override { return true; }
        void on_instruction(std::uint64_t count, const model::CpuState& state) override
        {
            checker.on_instruction(count, state);
        }

    private:
        MachineMemory memory_;
        GuestDescription description_ = unknown_guest();
        Processes processes_;
        Symbols symbols_{description_, nullptr, nullptr};

    public:
        RuleChecker checker{RuleContext{description_, memory_, processes_, symbols_}, true};
    } watched(guest);
    model::CpuState state = guest.ring_0();
    state.cr4 |= arch::cr4::kPageGlobalEnable;
    guest.run(state);
    return watched.checker.report().total();
}

TEST(TranslationRules, NoticeAWriteByARightThatWasTakenAway)
{
    EXPECT_EQ(violations(nothing), 1u);
}
TEST(TranslationRules, KnowWhatInvalidates)
{
    EXPECT_EQ(violations(write_cr3), 0u);
    EXPECT_EQ(violations(invalidate_it), 0u);
    EXPECT_EQ(violations(invalidate_its_neighbour), 1u);
}
TEST(TranslationRules, KnowThatCr3KeepsGlobalPages)
{
    EXPECT_EQ(violations(write_cr3, arch::PageEntry::kGlobal), 1u);
    EXPECT_EQ(violations(invalidate_it, arch::PageEntry::kGlobal), 0u);
}
TEST(TranslationRules, NoticeAPageThatIsElsewhereNow)
{
    EXPECT_EQ(violations(move_it), 1u);
}
TEST(TranslationRules, AcceptWhatTheTablesStillGrant)
{
    EXPECT_EQ(violations(read_it), 0u);
    EXPECT_EQ(violations(use_it_for_the_first_time), 0u);
    EXPECT_EQ(violations(grant_more), 0u);
}

} // namespace
