// SPDX-License-Identifier: MIT
// The flags that a fault saves are those before the instruction that faults, whatever the engine had to work out for
// it. [SDM 3A "Restarting a Program or Task After an Exception"]
#include "support/device_page.h"
#include "support/mode_pair.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using model::Gpr;
using support::GuestCode;
using support::MachineGuest;
using support::ModePair;

constexpr std::uint64_t kRounds = 300; ///< by then the engine no longer announces each instruction

// In the last of 300 rounds RDI becomes what RSI holds.  Before the instruction CF, AF and PF are set: 0x134 - 4, by an
// addition.  AFTER_BRANCH: it is the first of its block.
#define ROUNDS(name, between, instruction)                                                                             \
    GUEST_CODE(name, "mov $300, %ebp\n"                                                                                \
                     "1: dec %ebp\n"                                                                                   \
                     "cmovz %rsi, %rdi\n"                                                                              \
                     "mov $0x134, %ecx\n"                                                                              \
                     "addq $-4, %rcx\n" between "\n" instruction "\n"                                                  \
                     "jmp 1b\n")
#define BOTH_PLACES(name, instruction)                                                                                 \
    ROUNDS(name##_in_block, "", instruction);                                                                          \
    ROUNDS(name##_first, "jnz 2f; 2:", instruction)

BOTH_PLACES(stores, "movb $1, (%rdi)");
BOTH_PLACES(loads, "mov (%rdi), %al");
BOTH_PLACES(sets_if_carry, "setc (%rdi)");
BOTH_PLACES(sets_if_not_above, "setbe (%rdi)");
BOTH_PLACES(sets_if_less, "setl (%rdi)");
BOTH_PLACES(rotates_through_carry, "rclq (%rdi)");
BOTH_PLACES(rotates_right_through_carry, "rcrl $3, (%rdi)");
BOTH_PLACES(rotates, "rolq $3, (%rdi)");
BOTH_PLACES(shifts, "shlq %cl, (%rdi)");
BOTH_PLACES(shifts_double, "shld %cl, %rax, (%rdi)");
BOTH_PLACES(increments, "incq (%rdi)");
BOTH_PLACES(adds_with_carry, "adcq %rax, (%rdi)");
BOTH_PLACES(subtracts_with_borrow, "sbbq %rax, (%rdi)");
BOTH_PLACES(loads_with_carry, "adcq (%rdi), %rax");
BOTH_PLACES(exchanges, "cmpxchgq %rdx, (%rdi)");
BOTH_PLACES(exchanges_16_bytes, "cmpxchg8b (%rdi)");
BOTH_PLACES(adds_and_exchanges, "xaddq %rax, (%rdi)");
BOTH_PLACES(moves_if_not_above, "cmovbe (%rdi), %rax");
BOTH_PLACES(tests_a_bit, "btsq $5, (%rdi)");
BOTH_PLACES(scans_bits, "bsfq (%rdi), %rax");
BOTH_PLACES(moves_string, "movsb");
BOTH_PLACES(moves_strings, "mov $1, %ecx; rep stosb");

constexpr std::uint64_t kExpected = arch::rflags::kCarry | arch::rflags::kAdjust | arch::rflags::kParity;

struct Case {
    const char* name;
    GuestCode code;
    bool stores;
};
#define CASES(name, stores)                                                                                            \
    {#name "_in_block", name##_in_block, stores},                                                                      \
    {                                                                                                                  \
        #name "_first", name##_first, stores                                                                           \
    }
const Case cases[] = {CASES(stores, true),
                      CASES(loads, false),
                      CASES(sets_if_carry, true),
                      CASES(sets_if_not_above, true),
                      CASES(sets_if_less, true),
                      CASES(rotates_through_carry, true),
                      CASES(rotates_right_through_carry, true),
                      CASES(rotates, true),
                      CASES(shifts, true),
                      CASES(shifts_double, true),
                      CASES(increments, true),
                      CASES(adds_with_carry, true),
                      CASES(subtracts_with_borrow, true),
                      CASES(loads_with_carry, false),
                      CASES(exchanges, true),
                      CASES(exchanges_16_bytes, true),
                      CASES(adds_and_exchanges, true),
                      CASES(moves_if_not_above, false),
                      CASES(tests_a_bit, true),
                      CASES(scans_bits, false),
                      CASES(moves_string, true),
                      CASES(moves_strings, true)};

model::CpuState start(MachineGuest& guest, const GuestCode& code, std::uint64_t last)
{
    guest.place(MachineGuest::kKernelText, code);
    model::CpuState state = guest.ring_0();
    state[Gpr::Rax] = state[Gpr::Rbx] = 1;
    state[Gpr::Rdx] = 0;
    state[Gpr::Rdi] = MachineGuest::kData;
    state[Gpr::Rsi] = last;
    return state;
}

class FlagsAtFault : public testing::TestWithParam<Case> {};

TEST_P(FlagsAtFault, AreThoseBeforeTheInstruction)
{
    ModePair pair([](MachineGuest& guest) { return start(guest, GetParam().code, MachineGuest::kUnmapped); });
    pair.run_to(1'000'000);
    pair.expect_same_logs();
    for (const MachineGuest* const guest : {&pair.fast, &pair.step}) {
        ASSERT_EQ(guest->log.transitions.size(), 1u);
        const Transition& fault = guest->log.transitions[0];
        EXPECT_EQ(fault.vector, 14);
        EXPECT_EQ(fault.before.rflags & arch::rflags::kArithmetic, kExpected);
        const std::uint64_t pushed = guest->word(fault.after[Gpr::Rsp] + 3 * sizeof(std::uint64_t)); // code, RIP, CS
        EXPECT_EQ(pushed & arch::rflags::kArithmetic, kExpected);
    }
}

/// The page may be read, so that the engine has worked out the result when the store faults.
TEST_P(FlagsAtFault, AreThoseBeforeTheInstructionWhenItsStoreFaults)
{
    ModePair pair([](MachineGuest& guest) {
        constexpr std::uint64_t kPresent = 1;
        guest.guest.set_page_entry(MachineGuest::kUnmapped, MachineGuest::kUnmapped | kPresent);
        model::CpuState state = start(guest, GetParam().code, MachineGuest::kUnmapped);
        state.cr0 |= arch::cr0::kWriteProtect;
        return state;
    });
    pair.run_to(10'000);
    pair.expect_same_logs();
    for (const MachineGuest* const guest : {&pair.fast, &pair.step}) {
        ASSERT_EQ(guest->log.transitions.size(), GetParam().stores ? 1u : 0u);
        for (const Transition& fault : guest->log.transitions) {
            EXPECT_EQ(fault.before.rflags & arch::rflags::kArithmetic, kExpected);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Instructions, FlagsAtFault, testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

// The local APIC's page: the engine stops there before the access and executes the instruction once more.
GUEST_CODE(stores_to_device, "mov $300, %ebp\n"
                             "1: mov $0x134, %ecx\n"
                             "addq $-4, %rcx\n"
                             "movl $0, 0x80(%rdi)\n" // TPR
                             "pushfq\n"
                             "pop %rax\n"
                             "and $0x15, %eax\n"
                             "add %rax, %rbx\n"
                             "dec %ebp\n"
                             "jnz 1b\n"
                             "hlt\n");

TEST(FlagsAtDevice, SurviveTheAccess)
{
    ModePair pair([](MachineGuest& guest) {
        constexpr std::uint64_t kLocalApic = 0xfee0'0000;
        support::map_device(guest, support::kFirstDevicePage, kLocalApic);
        guest.place(MachineGuest::kKernelText, stores_to_device);
        return support::with_device_pages(guest);
    });
    pair.run_to(1'000'000);
    for (MachineGuest* const guest : {&pair.fast, &pair.step}) {
        EXPECT_EQ(guest->machine->state()[Gpr::Rbx], kRounds * kExpected);
    }
}

} // namespace
