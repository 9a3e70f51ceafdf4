// SPDX-License-Identifier: MIT
// Property: of each rule of paging, the explanation names the level and the bit that refused, and the single bits that
// would have let the access pass, as the model says.  [SDM 3A "Determination of Access Rights"]
#include "support/explained_guest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace {

using namespace ringcheck;
using arch::PageEntry;
using support::ExplainedGuest;
using testing::ElementsAre;
using testing::HasSubstr;
using Guest = ExplainedGuest::Guest;
using model::Reason;

GUEST_CODE(read_data, "mov 0x38000, %eax");
GUEST_CODE(write_data, "movl $1, 0x38000");
GUEST_CODE(read_user_data, "mov 0x28000, %eax");
GUEST_CODE(write_user_data, "movl $1, 0x28000");
GUEST_CODE(jump_to_user_data, R"(
    mov   $0x28000, %eax
    jmp   *%rax
)");
GUEST_CODE(nothing_to_see, "nop");

constexpr std::uint64_t kUserData = 0x28000;           // in the middle of the user pages: PT[40]
constexpr std::uint64_t kData = ExplainedGuest::kData; // a supervisor page: PT[56]

struct Case {
    const char* name;
    const support::GuestCode& code;
    unsigned ring;
    std::function<void(ExplainedGuest&, model::CpuState&)> arrange;
    Reason reason;
    std::vector<std::string> decisive, remedies;
};

void clear(ExplainedGuest& guest, std::uint64_t entry_address, std::uint64_t bits)
{
    guest.guest.set_word(entry_address, guest.guest.word(entry_address) & ~bits);
}
void set(ExplainedGuest& guest, std::uint64_t entry_address, std::uint64_t bits)
{
    guest.guest.set_word(entry_address, guest.guest.word(entry_address) | bits);
}
constexpr std::uint64_t leaf(std::uint64_t address)
{
    return Guest::kTable + address / arch::kPageSize * 8;
}

const Case kCases[] = {
    {"P of the leaf",
     read_data,
     0,
     [](ExplainedGuest& g, model::CpuState&) { clear(g, leaf(kData), PageEntry::kPresent); },
     Reason::PageNotPresent,
     {"PT[56].P"},
     {"PT[56].P 0 -> 1"}},
    {"an empty entry, which no bit can help",
     read_data,
     0,
     [](ExplainedGuest& g, model::CpuState&) { g.guest.unmap(kData); },
     Reason::PageNotPresent,
     {"PT[56].P"},
     {}},
    {"P of the directory",
     nothing_to_see,
     3,
     [](ExplainedGuest& g, model::CpuState&) { clear(g, Guest::kDirectory, PageEntry::kPresent); },
     Reason::PageNotPresent,
     {"PD[0].P"},
     {"PD[0].P 0 -> 1"}},
    {"W of the leaf, ring 3",
     write_user_data,
     3,
     [](ExplainedGuest& g, model::CpuState&) { clear(g, leaf(kUserData), PageEntry::kWritable); },
     Reason::PageUserWriteToReadOnly,
     {"PT[40].W"},
     {"PT[40].W 0 -> 1"}},
    {"W of an upper level, ring 3",
     write_user_data,
     3,
     [](ExplainedGuest& g, model::CpuState&) { clear(g, Guest::kPdpt, PageEntry::kWritable); },
     Reason::PageUserWriteToReadOnly,
     {"PDPT[0].W"},
     {"PDPT[0].W 0 -> 1"}},
    {"W of two levels, which no single bit can help",
     write_user_data,
     3,
     [](ExplainedGuest& g, model::CpuState&) {
         clear(g, Guest::kPdpt, PageEntry::kWritable);
         clear(g, leaf(kUserData), PageEntry::kWritable);
     },
     Reason::PageUserWriteToReadOnly,
     {"PDPT[0].W", "PT[40].W"},
     {}},
    {"W of the leaf, ring 0",
     write_data,
     0,
     [](ExplainedGuest& g, model::CpuState&) { clear(g, leaf(kData), PageEntry::kWritable); },
     Reason::PageSupervisorWriteToReadOnly,
     {"PT[56].W", "CR0.WP"},
     {"PT[56].W 0 -> 1", "CR0.WP 1 -> 0"}},
    {"U of the leaf",
     read_data,
     3,
     [](ExplainedGuest&, model::CpuState&) {},
     Reason::PageSupervisorOnly,
     {"PT[56].U"},
     {"PT[56].U 0 -> 1"}},
    {"U of an upper level",
     nothing_to_see,
     3,
     [](ExplainedGuest& g, model::CpuState&) { clear(g, Guest::kDirectory, PageEntry::kUser); },
     Reason::PageSupervisorOnly,
     {"PD[0].U"},
     {"PD[0].U 0 -> 1"}},
    {"NX of the leaf",
     jump_to_user_data,
     3,
     [](ExplainedGuest& g, model::CpuState&) { set(g, leaf(kUserData), PageEntry::kNoExecute); },
     Reason::PageNoExecute,
     {"PT[40].NX", "EFER.NXE"},
     {"PT[40].NX 1 -> 0"}},
    {"SMEP",
     jump_to_user_data,
     0,
     [](ExplainedGuest&, model::CpuState& s) { s.cr4 |= arch::cr4::kSmep; },
     Reason::PageSmep,
     {"PT[40].U", "CR4.SMEP"},
     {"PT[40].U 1 -> 0", "CR4.SMEP 1 -> 0", "PML4[0].U 1 -> 0", "PDPT[0].U 1 -> 0"}},
    {"SMAP",
     read_user_data,
     0,
     [](ExplainedGuest&, model::CpuState& s) { s.cr4 |= arch::cr4::kSmap; },
     Reason::PageSmap,
     {"PT[40].U", "CR4.SMAP", "RFLAGS.AC"},
     {"PT[40].U 1 -> 0", "CR4.SMAP 1 -> 0", "RFLAGS.AC 0 -> 1", "PML4[0].U 1 -> 0"}},
    {"a reserved bit",
     read_data,
     0,
     [](ExplainedGuest& g, model::CpuState&) { set(g, leaf(kData), std::uint64_t{1} << 45); },
     Reason::PageReservedBit,
     {"PT[56].bit45"},
     {"PT[56].bit45 1 -> 0"}},
};

TEST(PageFaultExplanation, NamesLevelBitAndRemedyOfEachRule)
{
    for (const Case& test : kCases) {
        SCOPED_TRACE(test.name);
        ExplainedGuest guest;
        guest.place(test.ring == 3 ? ExplainedGuest::kUserText : ExplainedGuest::kKernelText, test.code);
        model::CpuState state = test.ring == 3 ? guest.ring_3() : guest.ring_0();
        state.cr4 &= ~arch::cr4::kSmap;
        test.arrange(guest, state);
        const Explanation explanation = guest.explain(state);
        ASSERT_FALSE(explanation.chain.empty());
        const Cause& cause = explanation.chain.front();
        EXPECT_STREQ(model::describe(cause.fault.reason).id, model::describe(test.reason).id);
        EXPECT_EQ(support::decisive_fields(cause), test.decisive);
        EXPECT_EQ(support::remedy_texts(cause), test.remedies);
    }
}

GUEST_CODE(read_gs, "mov %gs:0x10, %rax");
GUEST_CODE(increment_read_only, "incl 0x38000");
GUEST_CODE(read_null, "mov 0x8, %eax");

TEST(PageFaultExplanation, SuspectsAMissingSwapgsWhenGsIsTheUsers)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kKernelText, read_gs);
    model::CpuState state = guest.ring_0();
    state.gs.base = ExplainedGuest::kUnmapped;
    const Explanation explanation = guest.explain(state);
    ASSERT_FALSE(explanation.chain.empty());
    EXPECT_THAT(explanation.chain.front().likely, HasSubstr("SWAPGS was left out"));
    EXPECT_EQ(explanation.instruction, "movq %gs:0x10, %rax");
}

TEST(PageFaultExplanation, FindsTheWriteOfAReadModifyWrite)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kKernelText, increment_read_only);
    clear(guest, leaf(kData), PageEntry::kWritable);
    const Explanation explanation = guest.explain(guest.ring_0());
    ASSERT_FALSE(explanation.chain.empty());
    EXPECT_EQ(explanation.chain.front().fault.reason, Reason::PageSupervisorWriteToReadOnly);
    EXPECT_THAT(explanation.chain.front().access, HasSubstr("write to 0x38000"));
}

TEST(PageFaultExplanation, KnowsANullPointer)
{
    ExplainedGuest guest;
    guest.place(ExplainedGuest::kKernelText, read_null);
    guest.guest.unmap(0);
    const Explanation explanation = guest.explain(guest.ring_0());
    ASSERT_FALSE(explanation.chain.empty());
    EXPECT_THAT(explanation.chain.front().likely, HasSubstr("null pointer"));
}

} // namespace
