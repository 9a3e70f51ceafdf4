// SPDX-License-Identifier: MIT
// Protection keys in the page walk: every key right, access, page and control bit, with the error code's PK bit.
// [SDM 3A "Protection Keys", "Page-Fault Exceptions"]
#include "model/page_walk.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

constexpr std::uint64_t kLinear = 0x2'1123;

struct Case {
    bool enabled, access_disabled, write_disabled, user_page, writable, wp, other_key;
    unsigned kind;     // 0 read, 1 write, 2 fetch
    unsigned accessor; // 0 user, 1 supervisor, 2 the CPU itself
};

Case unpack(unsigned number)
{
    const auto bit = [number](unsigned position) { return (number >> position & 1) != 0; };
    return {bit(0), bit(1), bit(2), bit(3), bit(4), bit(5), bit(6), number / 128 % 3, number / 384};
}

/// The error code, 0 for an access that is allowed.
std::uint32_t expected_error(const Case& c)
{
    const bool user = c.accessor == 0, write = c.kind == 1, fetch = c.kind == 2;
    const bool by_rights = (user && !c.user_page) || (write && !c.writable && (user || c.wp));
    const bool has_key = c.enabled && c.user_page && !fetch && !c.other_key;
    const bool by_key = has_key && (c.access_disabled || (write && c.write_disabled && (user || c.wp)));
    if (!by_rights && !by_key) {
        return 0;
    }
    return 1 | (write ? 2u : 0) | (user ? 4u : 0) | (fetch ? 16u : 0) | (by_key ? 32u : 0);
}

TEST(ProtectionKey, AgreesWithTheManualInEveryCombination)
{
    ModelGuest guest;
    unsigned by_key_alone = 0;
    for (unsigned number = 0; number != 128 * 3 * 3; ++number) {
        const Case c = unpack(number);
        for (unsigned key = 0; key != 16; ++key) {
            guest.set_page_entry(kLinear, (kLinear & ~0xfffull) | 1 | (c.writable ? 2 : 0) | (c.user_page ? 4 : 0) |
                                              std::uint64_t{key} << 59);
            CpuState state = guest.ring_0();
            state.cr0 = arch::cr0::kPaging | arch::cr0::kProtectionEnable | (c.wp ? arch::cr0::kWriteProtect : 0);
            state.cr4 = arch::cr4::kPhysicalAddressExtension | (c.enabled ? arch::cr4::kProtectionKeys : 0);
            const unsigned rights = (c.access_disabled ? 1u : 0) | (c.write_disabled ? 2u : 0);
            state.pkru = rights << 2 * (c.other_key ? (key + 1) % 16 : key);
            const Access access{static_cast<AccessKind>(c.kind), c.accessor == 0, c.accessor == 2};
            const auto page = walk(state, guest.memory(), kLinear, access);
            const std::uint32_t expected = expected_error(c);
            ASSERT_EQ(page.has_value(), expected == 0) << number;
            if (page) {
                ASSERT_EQ(page->protection_key, key);
                continue;
            }
            ASSERT_EQ(page.error().error_code, expected) << number;
            by_key_alone += page.error().reason == Reason::PageProtectionKey ? 1 : 0;
        }
    }
    EXPECT_GT(by_key_alone, 0u);
}

TEST(ProtectionKey, IsNamedWhenNothingElseRefuses)
{
    ModelGuest guest;
    CpuState state = guest.ring_3();
    state.cr4 |= arch::cr4::kProtectionKeys;
    guest.set_page_entry(kLinear, guest.page_entry(kLinear) | 5ull << 59);
    state.pkru = 1u << 10;
    EXPECT_EQ(fault_of(walk(state, guest.memory(), kLinear, by_program(state, AccessKind::Read))),
              page_fault_at(kLinear, Reason::PageProtectionKey, 0x25));
    EXPECT_TRUE(walk(state, guest.memory(), kLinear, by_program(state, AccessKind::Fetch)));
    guest.set_page_entry(kLinear, 5ull << 59);
    EXPECT_EQ(fault_of(walk(state, guest.memory(), kLinear, by_program(state, AccessKind::Read))),
              page_fault_at(kLinear, Reason::PageNotPresent, 4));
}

TEST(ProtectionKey, ComesFromTheLeafOfALargePage)
{
    ModelGuest guest;
    CpuState state = guest.ring_3();
    state.cr4 |= arch::cr4::kProtectionKeys;
    guest.set_word(ModelGuest::kDirectory, 0x87 | 7ull << 59);
    state.pkru = 1u << 14;
    EXPECT_EQ(fault_of(walk(state, guest.memory(), kLinear, by_program(state, AccessKind::Write))),
              page_fault_at(kLinear, Reason::PageProtectionKey, 0x27));
}

} // namespace
} // namespace ringcheck::model
