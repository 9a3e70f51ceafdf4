// SPDX-License-Identifier: MIT
// The page walk, by enumeration: every combination of the bits that decide about rights, in the last two levels,
// against a predicate written from the manual's prose.  [SDM 3A "Access Rights", "Page-Fault Exceptions"]
#include "model/page_walk.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

using arch::PageEntry;

constexpr std::uint64_t kLinear = 0x5123; ///< in the first 2 MiB
constexpr std::uint64_t kReservedBit = std::uint64_t{1} << kPhysicalAddressBits;

/// One case of the enumeration, unpacked from a counter.
struct Case {
    bool pde_p, pde_w, pde_u, pde_nx, pte_p, pte_w, pte_u, pte_nx, large;
    bool wp, nxe, smep, smap, ac;
    unsigned kind;     // 0 read, 1 write, 2 fetch
    unsigned accessor; // 0 user, 1 supervisor, 2 the CPU itself
    unsigned reserved; // 0 none, 1 in the PDE, 2 in the PTE
};

constexpr unsigned kBitFields = 14;
constexpr unsigned kCases = (1u << kBitFields) * 3 * 3 * 3;

Case unpack(unsigned number)
{
    const auto take_bit = [&number] {
        const bool value = (number & 1) != 0;
        number >>= 1;
        return value;
    };
    Case c{};
    for (bool* const field : {&c.pde_p, &c.pde_w, &c.pde_u, &c.pde_nx, &c.pte_p, &c.pte_w, &c.pte_u, &c.pte_nx,
                              &c.large, &c.wp, &c.nxe, &c.smep, &c.smap, &c.ac}) {
        *field = take_bit();
    }
    c.kind = number % 3;
    c.accessor = number / 3 % 3;
    c.reserved = number / 9;
    return c;
}

/// The #PF error code, or nothing when the access is allowed.
std::optional<std::uint32_t> expected_error(const Case& c)
{
    const std::uint32_t who =
        (c.kind == 1 ? 2u : 0u) | (c.accessor == 0 ? 4u : 0u) | (c.kind == 2 && (c.nxe || c.smep) ? 16u : 0u);
    // The tables, from the top: the first entry that is absent or malformed ends the walk.
    if (!c.pde_p) {
        return who;
    }
    if (c.reserved == 1 || (c.pde_nx && !c.nxe)) {
        return who | 1 | 8;
    }
    if (!c.large) {
        if (!c.pte_p) {
            return who;
        }
        if (c.reserved == 2 || (c.pte_nx && !c.nxe)) {
            return who | 1 | 8;
        }
    }
    // The rights, as the manual's list: who, to what kind of address, doing what.
    const bool user_address = c.large ? c.pde_u : c.pde_u && c.pte_u;
    const bool read_only = c.large ? !c.pde_w : !c.pde_w || !c.pte_w;
    const bool no_execute = c.large ? c.pde_nx : c.pde_nx || c.pte_nx;
    bool allowed = false;
    if (c.accessor == 0) {
        allowed = user_address && (c.kind == 0 || (c.kind == 1 && !read_only) || (c.kind == 2 && !no_execute));
    } else if (c.kind == 2) {
        allowed = !no_execute && !(user_address && c.smep);
    } else {
        const bool data_reachable = !user_address || !c.smap || (c.ac && c.accessor == 1);
        allowed = data_reachable && (c.kind == 0 || !c.wp || !read_only);
    }
    return allowed ? std::nullopt : std::optional{who | 1};
}

std::uint64_t entry(std::uint64_t frame, bool p, bool w, bool u, bool nx)
{
    return frame | (p ? PageEntry::kPresent : 0) | (w ? PageEntry::kWritable : 0) | (u ? PageEntry::kUser : 0) |
           (nx ? PageEntry::kNoExecute : 0);
}

TEST(PageWalk, AgreesWithTheManualInEveryCombinationOfRights)
{
    ModelGuest guest;
    const PhysicalMemory memory = guest.memory();
    CpuState state = guest.ring_0();
    unsigned failures = 0, allowed = 0;
    for (unsigned number = 0; number != kCases && failures < 10; ++number) {
        const Case c = unpack(number);
        const std::uint64_t directory_frame = c.large ? 0 : ModelGuest::kTable;
        guest.set_word(ModelGuest::kDirectory, entry(directory_frame, c.pde_p, c.pde_w, c.pde_u, c.pde_nx) |
                                                   (c.large ? PageEntry::kPageSize : 0) |
                                                   (c.reserved == 1 ? kReservedBit : 0));
        guest.set_page_entry(kLinear,
                             entry(0x9000, c.pte_p, c.pte_w, c.pte_u, c.pte_nx) | (c.reserved == 2 ? kReservedBit : 0));
        state.cr0 = arch::cr0::kPaging | arch::cr0::kProtectionEnable | (c.wp ? arch::cr0::kWriteProtect : 0);
        state.cr4 =
            arch::cr4::kPhysicalAddressExtension | (c.smep ? arch::cr4::kSmep : 0) | (c.smap ? arch::cr4::kSmap : 0);
        state.efer =
            arch::efer::kLongModeEnable | arch::efer::kLongModeActive | (c.nxe ? arch::efer::kNoExecuteEnable : 0);
        state.rflags = 2 | (c.ac ? arch::rflags::kAlignmentCheck : 0);
        const Access access{static_cast<AccessKind>(c.kind), c.accessor == 0, c.accessor == 2};

        const auto page = walk(state, memory, kLinear, access);
        const auto expected = expected_error(c);
        allowed += expected ? 0 : 1;
        bool agrees = page.has_value() == !expected.has_value();
        if (agrees && expected) {
            agrees = page.error().vector == 14 && page.error().error_code == *expected && page.error().cr2 == kLinear;
        } else if (agrees) {
            agrees =
                page->address.value == (c.large ? kLinear : 0x9123) && page->page_size == (c.large ? 2u << 20 : 4096);
        }
        if (!agrees) {
            ++failures;
            ADD_FAILURE() << "case " << number << ": expected "
                          << (expected ? "#PF error " + hex(*expected) : std::string{"no fault"}) << ", got "
                          << (page ? "no fault, address " + hex(page->address.value) : to_string(page.error()));
        }
    }
    EXPECT_GT(allowed, kCases / 20) << "both answers must occur often";
}

class PageWalkRule : public testing::Test {
protected:
    Fault refused(std::uint64_t address, Access access)
    {
        const auto page = walk(state, guest.memory(), address, access);
        EXPECT_FALSE(page) << "not refused";
        return page ? Fault{} : page.error();
    }

    ModelGuest guest;
    CpuState state = guest.ring_0();
    static constexpr std::uint64_t kKernelPage = 0x9000, kUserPage = 0x24000;
    static constexpr Access kUserRead{AccessKind::Read, true}, kUserWrite{AccessKind::Write, true},
        kUserFetch{AccessKind::Fetch, true}, kRead{AccessKind::Read}, kWrite{AccessKind::Write},
        kFetch{AccessKind::Fetch};
};

TEST_F(PageWalkRule, IsNamedByItsReason)
{
    EXPECT_EQ(refused(kKernelPage, kUserRead), page_fault_at(kKernelPage, Reason::PageSupervisorOnly, 5));
    EXPECT_EQ(refused(kUserPage, kRead), page_fault_at(kUserPage, Reason::PageSmap, 1));
    EXPECT_EQ(refused(kUserPage, kFetch), page_fault_at(kUserPage, Reason::PageSmep, 0x11));
    guest.set_page_entry(kUserPage, guest.page_entry(kUserPage) & ~PageEntry::kWritable);
    guest.set_page_entry(kKernelPage, guest.page_entry(kKernelPage) & ~PageEntry::kWritable);
    EXPECT_EQ(refused(kUserPage, kUserWrite), page_fault_at(kUserPage, Reason::PageUserWriteToReadOnly, 7));
    EXPECT_EQ(refused(kKernelPage, kWrite), page_fault_at(kKernelPage, Reason::PageSupervisorWriteToReadOnly, 3));
    guest.set_page_entry(kUserPage, guest.page_entry(kUserPage) | PageEntry::kNoExecute);
    EXPECT_EQ(refused(kUserPage, kUserFetch), page_fault_at(kUserPage, Reason::PageNoExecute, 0x15));
    guest.unmap(kUserPage);
    EXPECT_EQ(refused(kUserPage, kUserRead), page_fault_at(kUserPage, Reason::PageNotPresent, 4));
    guest.set_page_entry(kUserPage, kUserPage | kReservedBit | PageEntry::kPresent);
    EXPECT_EQ(refused(kUserPage, kUserRead), page_fault_at(kUserPage, Reason::PageReservedBit, 0xd));
}

TEST_F(PageWalkRule, AndsTheRightsOfAllFourLevels)
{
    for (const std::uint64_t table : {ModelGuest::kPml4, ModelGuest::kPdpt, ModelGuest::kDirectory}) {
        ModelGuest fresh;
        const std::uint64_t original = fresh.word(table);
        const auto result = [&](std::uint64_t value, Access access) {
            fresh.set_word(table, value);
            const auto page = walk(state, fresh.memory(), kUserPage, access);
            return page ? Reason::None : page.error().reason;
        };
        EXPECT_EQ(result(original, kUserWrite), Reason::None);
        EXPECT_EQ(result(original & ~PageEntry::kUser, kUserRead), Reason::PageSupervisorOnly) << hex(table);
        EXPECT_EQ(result(original & ~PageEntry::kWritable, kUserWrite), Reason::PageUserWriteToReadOnly) << hex(table);
        EXPECT_EQ(result(original | PageEntry::kNoExecute, kUserFetch), Reason::PageNoExecute) << hex(table);
        EXPECT_EQ(result(original & ~PageEntry::kPresent, kUserRead), Reason::PageNotPresent) << hex(table);
    }
}

TEST_F(PageWalkRule, KnowsEachReservedBitOfEachLevel)
{
    struct Level {
        std::uint64_t table;
        std::uint64_t entry;    // a valid one for this level
        std::uint64_t reserved; // written out from the manual's tables
    };
    constexpr std::uint64_t kHigh = 0x000f'ff00'0000'0000; // bits 51:40
    const Level levels[] = {
        {ModelGuest::kPml4, ModelGuest::kPdpt | 7, kHigh | 0x80},
        {ModelGuest::kPdpt, ModelGuest::kDirectory | 7, kHigh},
        {ModelGuest::kPdpt, 0x87, kHigh | 0x3fff'e000},
        {ModelGuest::kDirectory, ModelGuest::kTable | 7, kHigh},
        {ModelGuest::kDirectory, 0x87, kHigh | 0x001f'e000},
        {ModelGuest::kTable + kUserPage / 4096 * 8, kUserPage | 0x87, kHigh},
    };
    for (const Level& level : levels) {
        for (unsigned position = 0; position != 64; ++position) {
            const std::uint64_t bit = std::uint64_t{1} << position;
            const bool sets_a_bit_anew = (level.entry & bit) == 0;
            if (!sets_a_bit_anew) {
                continue;
            }
            // PS of a middle level makes it another kind of entry, with its own row above.
            const bool other_kind =
                position == 7 && (level.table == ModelGuest::kPdpt || level.table == ModelGuest::kDirectory);
            if (other_kind) {
                continue;
            }
            ModelGuest fresh;
            fresh.set_word(level.table, level.entry | bit);
            const auto page = walk(state, fresh.memory(), kUserPage, kUserRead);
            const bool reserved = !page && page.error().reason == Reason::PageReservedBit;
            EXPECT_EQ(reserved, (level.reserved & bit) != 0)
                << "table " << hex(level.table) << " entry " << hex(level.entry) << " bit " << position;
        }
    }
}

TEST_F(PageWalkRule, TranslatesLargePages)
{
    guest.set_word(ModelGuest::kDirectory + 8, 0x4020'0000 | 0x87 | 1 << 12); // 2 MiB, with its PAT bit
    const auto two_megabytes = walk(state, guest.memory(), 0x34'5678, kUserRead);
    ASSERT_TRUE(two_megabytes);
    EXPECT_EQ(*two_megabytes, (Translation{arch::PhysAddr{0x4034'5678}, 2u << 20, true, true, true}));
    guest.set_word(ModelGuest::kPdpt + 8, 0x8000'0000 | 0x87);
    const auto one_gigabyte = walk(state, guest.memory(), 0x5234'5678, kUserRead);
    ASSERT_TRUE(one_gigabyte);
    EXPECT_EQ(*one_gigabyte, (Translation{arch::PhysAddr{0x9234'5678}, 1u << 30, true, true, true}));
}

TEST_F(PageWalkRule, RefusesANonCanonicalAddressBeforeAnyTable)
{
    WalkTrace trace;
    const auto page = walk(state, guest.memory(), 0x0000'8000'0000'0000, kRead, &trace);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error(), exception(13, Reason::AddressNonCanonical, 0));
    EXPECT_TRUE(trace.steps().empty());
}

TEST_F(PageWalkRule, IsTheIdentityWithoutPaging)
{
    state.cr0 &= ~arch::cr0::kPaging;
    state.efer = 0;
    const auto page = walk(state, guest.memory(), 0xffff'ffff'0000'1234, kUserWrite);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->address.value, 0x1234u);
}

TEST_F(PageWalkRule, HasNoAnswerForOtherPagingModesAndForTablesOutsideRam)
{
    state.efer &= ~arch::efer::kLongModeActive;
    EXPECT_EQ(refused(kKernelPage, kRead).reason, Reason::PagingModeUnmodelled);
    state = guest.ring_0();
    state.cr3 = ModelGuest::kRamBytes;
    EXPECT_EQ(refused(kKernelPage, kRead).reason, Reason::PageTableOutsideRam);
}

TEST_F(PageWalkRule, TracesEveryEntryItReads)
{
    WalkTrace trace;
    ASSERT_TRUE(walk(state, guest.memory(), kKernelPage, kRead, &trace));
    ASSERT_EQ(trace.steps().size(), 4u);
    EXPECT_EQ(trace.steps()[0].entry_address.value, ModelGuest::kPml4);
    EXPECT_EQ(trace.steps()[3].entry_address.value, ModelGuest::kTable + kKernelPage / 4096 * 8);
    EXPECT_EQ(trace.steps()[3].level, 1u);
    EXPECT_EQ(trace.steps()[3].entry.raw(), guest.page_entry(kKernelPage));
    guest.set_word(ModelGuest::kPdpt, 0);
    ASSERT_FALSE(walk(state, guest.memory(), kKernelPage, kRead, &trace));
    EXPECT_EQ(trace.steps().size(), 2u);
}

TEST_F(PageWalkRule, MarksEveryLevelAccessedAndTheLeafDirtyAfterAWrite)
{
    constexpr std::uint64_t kUsed = PageEntry::kAccessed | PageEntry::kDirty;
    const std::uint64_t tables[] = {ModelGuest::kPml4, ModelGuest::kPdpt, ModelGuest::kDirectory,
                                    ModelGuest::kTable + kKernelPage / 4096 * 8};
    for (const std::uint64_t entry_address : tables) {
        guest.set_word(entry_address, guest.word(entry_address) & ~kUsed);
    }
    WalkTrace trace;
    ASSERT_TRUE(walk(state, guest.memory(), kKernelPage, kWrite, &trace));
    mark_used(guest.memory(), trace, AccessKind::Read);
    for (const std::uint64_t entry_address : tables) {
        EXPECT_EQ(guest.word(entry_address) & kUsed, PageEntry::kAccessed) << hex(entry_address);
    }
    mark_used(guest.memory(), trace, AccessKind::Write);
    EXPECT_EQ(guest.word(tables[2]) & kUsed, PageEntry::kAccessed);
    EXPECT_EQ(guest.word(tables[3]) & kUsed, kUsed);
}

} // namespace
} // namespace ringcheck::model
