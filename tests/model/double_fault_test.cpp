// SPDX-License-Identifier: MIT
// Two exceptions at once: one after the other, #DF, or shutdown.  Every pair of vectors against the manual's table.
// [SDM 3A "Interrupt 8—Double Fault Exception (#DF)"]
#include "model/event_delivery.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

#include <string_view>

namespace ringcheck::model {
namespace {

using Guest = ModelGuest;
using Origin = Event::Origin;

// b benign, c contributory, p page fault, d double fault.       0         1         2         3
//                                                               01234567890123456789012345678901
constexpr std::string_view kClasses = "cbbbbbbbdbccccpbbbbbpcbbbbbbbbbb";
static_assert(kClasses.size() == 32);

/// The manual's table, by the classes of first and second; and its sentence on a fault in the #DF handler's call.
Combination expected_combination(char first, char second)
{
    const std::string_view pair_kinds[] = {"cc", "pc", "pp"};
    for (const std::string_view kinds : pair_kinds) {
        if (kinds[0] == first && kinds[1] == second) {
            return Combination::DoubleFault;
        }
    }
    const bool fault_in_double_fault = first == 'd' && (second == 'c' || second == 'p');
    return fault_in_double_fault ? Combination::Shutdown : Combination::Serial;
}

Event event_of(Origin origin, unsigned vector)
{
    Event event;
    event.origin = origin;
    event.vector = static_cast<std::uint8_t>(vector);
    event.return_rip = 0x20777;
    return event;
}

TEST(DoubleFault, FollowsTheManualsTableForEveryPairOfVectors)
{
    for (unsigned first = 0; first != 32; ++first) {
        for (unsigned second = 0; second != 32; ++second) {
            const auto combination = combine(event_of(Origin::Exception, first), static_cast<std::uint8_t>(second));
            EXPECT_EQ(combination, expected_combination(kClasses[first], kClasses[second]))
                << "first " << first << ", second " << second;
        }
    }
}

TEST(DoubleFault, NeedsAFirstExceptionThatTheCpuRaised)
{
    for (const Origin origin : {Origin::Software, Origin::PrivilegedSoftware, Origin::External, Origin::Nmi}) {
        for (unsigned first = 0; first != 256; ++first) {
            EXPECT_EQ(combine(event_of(origin, first), 13), Combination::Serial) << first;
        }
    }
}

/// Every exception as the first one, its delivery failing by #NP (the gate is not present) or #PF (its stack is not
/// mapped); the handlers of the second one and of #DF are good unless they are the first.
TEST(DoubleFault, IsDeliveredWhereTheTableSaysSo)
{
    for (unsigned first = 0; first != 32; ++first) {
        for (const unsigned second : {11u, 14u}) {
            SCOPED_TRACE("first " + std::to_string(first) + ", second " + std::to_string(second));
            Guest guest;
            arch::IdtGate gate = Guest::interrupt_gate(first, 7);
            if (second == 11) {
                gate.low &= ~arch::IdtGate::kPresent;
            } else {
                guest.unmap(Guest::kIst7 - 8);
            }
            guest.set_gate(first, gate);
            const Delivery delivery = deliver(guest.ring_3(), guest.memory(), event_of(Origin::Exception, first));
            const auto attempts = delivery.attempts();
            ASSERT_TRUE(attempts[0].failed);
            EXPECT_EQ(attempts[0].failed->vector, second);

            const Combination combination = expected_combination(kClasses[first], kClasses[second]);
            if (combination == Combination::Shutdown) {
                EXPECT_TRUE(delivery.shutdown());
                EXPECT_EQ(attempts.size(), 1u);
                continue;
            }
            ASSERT_EQ(attempts.size(), 2u);
            ASSERT_TRUE(delivery.state);
            const unsigned delivered = combination == Combination::DoubleFault ? 8 : second;
            EXPECT_EQ(attempts[1].event.vector, delivered);
            EXPECT_EQ(delivery.state->rip, Guest::kHandlers + 16ull * delivered);
            EXPECT_EQ(guest.word((*delivery.state)[Gpr::Rsp] + 8), 0x20777u);
            if (delivered == 8) {
                EXPECT_EQ(guest.word((*delivery.state)[Gpr::Rsp]), 0u) << "the error code of #DF";
            }
            EXPECT_EQ(delivery.state->cr2, second == 14 ? Guest::kIst7 - 8 : 0xc2c2);
        }
    }
}

class FaultChain : public testing::Test {
protected:
    void remove_gate(unsigned vector) { guest.set_gate(vector, {}); }
    void spoil_stack(unsigned vector)
    {
        guest.set_gate(vector, Guest::interrupt_gate(vector, 7));
        guest.unmap(Guest::kIst7 - 8);
    }
    std::string chain(const Delivery& delivery)
    {
        std::string text;
        for (const DeliveryAttempt& attempt : delivery.attempts()) {
            text += std::to_string(attempt.event.vector) + ' ';
        }
        return text + (delivery.state ? "delivered" : delivery.shutdown() ? "shutdown" : "unmodelled");
    }
    std::string run(const Event& event) { return chain(deliver(guest.ring_3(), guest.memory(), event)); }

    Guest guest;
};

TEST_F(FaultChain, IsAtMostFourEventsLong)
{
    remove_gate(40);
    spoil_stack(13);
    remove_gate(14);
    EXPECT_EQ(run(event_of(Origin::External, 40)), "40 13 14 8 delivered");
    remove_gate(8);
    EXPECT_EQ(run(event_of(Origin::External, 40)), "40 13 14 8 shutdown");
}

TEST_F(FaultChain, EndsInShutdownWithoutAnyGate)
{
    CpuState before = guest.ring_3();
    before.idtr.limit = 0;
    EXPECT_EQ(chain(deliver(before, guest.memory(), event_of(Origin::Exception, 6))), "6 13 8 shutdown");
    EXPECT_EQ(chain(deliver(before, guest.memory(), event_of(Origin::Exception, 13))), "13 8 shutdown");
}

TEST_F(FaultChain, EndsInShutdownOnABadKernelStackWithoutAnIst)
{
    guest.unmap(Guest::kRsp0 - 8);
    EXPECT_EQ(run(event_of(Origin::Exception, 14)), "14 8 shutdown");
    guest.set_gate(8, Guest::interrupt_gate(8, 1));
    EXPECT_EQ(run(event_of(Origin::Exception, 14)), "14 8 delivered");
}

TEST_F(FaultChain, KeepsNmisBlockedWhenTheNmisDeliveryFaults)
{
    remove_gate(2);
    const Delivery delivery = deliver(guest.ring_3(), guest.memory(), event_of(Origin::Nmi, 2));
    EXPECT_EQ(chain(delivery), "2 13 delivered");
    EXPECT_TRUE(delivery.state->nmi_blocked);
}

TEST_F(FaultChain, TakesASoftwareInterruptOnAnExceptionVectorAsBenign)
{
    // INT 14 whose gate is absent is not a page fault, so that its #GP is no double fault.
    remove_gate(14);
    EXPECT_EQ(run(event_of(Origin::Software, 14)), "14 13 delivered");
    EXPECT_EQ(run(event_of(Origin::Exception, 14)), "14 8 delivered");
}

} // namespace
} // namespace ringcheck::model
