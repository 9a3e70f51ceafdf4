// SPDX-License-Identifier: MIT
// What is taken at an instruction boundary, in every combination of what waits and what holds it back, against a
// predicate written from the manual's list.  [SDM 3A "Priority Among Concurrent Events"]
#include "model/interrupt_window.h"
#include "support/cpu_state_matchers.h"
#include "support/model_guest.h"

namespace ringcheck::model {
namespace {

struct Case {
    bool machine_check, init, startup, debug, nmi, interrupt;
    bool mce, flag, shadow, mov_ss, nmi_blocked, low_priority;
    Activity activity;
};

constexpr unsigned kCases = 1u << 14;

Case unpack(unsigned number)
{
    const auto bit = [number](unsigned position) { return (number >> position & 1) != 0; };
    return {bit(0),
            bit(1),
            bit(2),
            bit(3),
            bit(4),
            bit(5),
            bit(6),
            bit(7),
            bit(8),
            bit(9),
            bit(10),
            bit(11),
            static_cast<Activity>(number >> 12)};
}

/// What keeps each kind of event waiting, ranked as it is reported.
Hold debug_hold(const Case& c)
{
    const bool deaf = c.activity == Activity::Shutdown || c.activity == Activity::WaitForSipi;
    return deaf ? Hold::Activity : c.mov_ss ? Hold::MovSsShadow : Hold::None;
}

Hold nmi_hold(const Case& c)
{
    return c.activity == Activity::WaitForSipi ? Hold::Activity
           : c.nmi_blocked                     ? Hold::NmiBlocked
           : c.mov_ss                          ? Hold::MovSsShadow
                                               : Hold::None;
}

Hold interrupt_hold(const Case& c)
{
    if (c.activity == Activity::Shutdown || c.activity == Activity::WaitForSipi) {
        return Hold::Activity;
    }
    if (!c.flag) {
        return Hold::InterruptFlag;
    }
    if (c.mov_ss || c.shadow) {
        return c.mov_ss ? Hold::MovSsShadow : Hold::StiShadow;
    }
    return c.low_priority ? Hold::TaskPriority : Hold::None;
}

InterruptWindow expected_window(const Case& c)
{
    InterruptWindow window;
    window.debug = c.debug ? debug_hold(c) : Hold::None;
    window.nmi = c.nmi ? nmi_hold(c) : Hold::None;
    window.interrupt = c.interrupt ? interrupt_hold(c) : Hold::None;
    // The manual's list, from the top: the first that may be taken is.
    const bool alive = c.activity == Activity::Running || c.activity == Activity::Halted;
    const bool waiting = c.activity == Activity::WaitForSipi;
    if (alive && c.machine_check) {
        window.taken = c.mce ? Taken::MachineCheck : Taken::Shutdown;
    } else if (waiting && c.startup) {
        window.taken = Taken::Startup;
    } else if (!waiting && c.init) {
        window.taken = Taken::Init;
    } else if (c.debug && window.debug == Hold::None) {
        window.taken = Taken::Debug;
    } else if (c.nmi && window.nmi == Hold::None) {
        window.taken = Taken::Nmi;
    } else if (c.interrupt && window.interrupt == Hold::None) {
        window.taken = Taken::Interrupt;
    }
    const auto outranked = [&](bool waits, Hold& hold, Taken as) {
        if (waits && hold == Hold::None && window.taken != as) {
            hold = Hold::HigherEvent;
        }
    };
    outranked(c.debug, window.debug, Taken::Debug);
    outranked(c.nmi, window.nmi, Taken::Nmi);
    outranked(c.interrupt, window.interrupt, Taken::Interrupt);
    return window;
}

TEST(InterruptWindow, TakesTheFirstOfTheManualsListThatNothingHolds)
{
    const ModelGuest guest;
    unsigned taken[8] = {};
    for (unsigned number = 0; number != kCases; ++number) {
        const Case c = unpack(number);
        CpuState state = guest.ring_0();
        state.cr4 = c.mce ? arch::cr4::kMachineCheckEnable : 0;
        state.rflags = 2 | (c.flag ? 1 << 9 : 0);
        state.pending_debug = c.debug ? 1 << 14 : 0;
        state.interrupt_shadow = c.shadow || c.mov_ss;
        state.mov_ss_shadow = c.mov_ss;
        state.nmi_blocked = c.nmi_blocked;
        state.cr8 = c.low_priority ? 4 : 3;
        PendingEvents pending{c.machine_check, c.init, c.startup, c.nmi, std::nullopt};
        if (c.interrupt) {
            pending.interrupt = ExternalInterrupt{0x41, true, 0};
        }
        const InterruptWindow window = interrupt_window(state, pending, c.activity);
        ASSERT_EQ(window, expected_window(c)) << number;
        ++taken[static_cast<unsigned>(window.taken)];
    }
    for (const unsigned count : taken) {
        EXPECT_GT(count, 0u);
    }
}

TEST(InterruptWindow, ComparesPriorityClassesOfLocalApicInterruptsOnly)
{
    const ModelGuest guest;
    CpuState state = guest.ring_0();
    for (unsigned vector = 0; vector != 256; ++vector) {
        for (unsigned task = 0; task != 16; ++task) {
            for (const unsigned in_service : {0x00u, 0x2fu, 0x80u, 0xffu}) {
                state.cr8 = task;
                const bool passes = vector / 16 > task && vector / 16 > in_service / 16;
                for (const bool local_apic : {false, true}) {
                    PendingEvents pending;
                    pending.interrupt = ExternalInterrupt{static_cast<std::uint8_t>(vector), local_apic,
                                                          static_cast<std::uint8_t>(in_service)};
                    const bool held = local_apic && !passes;
                    ASSERT_EQ(interrupt_window(state, pending, Activity::Running),
                              (InterruptWindow{held ? Taken::Nothing : Taken::Interrupt, Hold::None, Hold::None,
                                               held ? Hold::TaskPriority : Hold::None}));
                }
            }
        }
    }
}

TEST(InterruptWindow, MakesTheEventThatIsDelivered)
{
    const ModelGuest guest;
    CpuState state = guest.ring_3();
    state.pending_debug = 1 << 14;
    PendingEvents pending;
    pending.interrupt = ExternalInterrupt{0x41, true, 0};
    const auto event = [&](Event::Origin origin, std::uint8_t vector) {
        return Event{origin, vector, std::nullopt, std::nullopt, state.rip, state.rip, false};
    };
    for (const auto& [taken, expected] : {std::pair{Taken::MachineCheck, event(Event::Origin::Exception, 18)},
                                          std::pair{Taken::Nmi, event(Event::Origin::Nmi, 2)},
                                          std::pair{Taken::Interrupt, event(Event::Origin::External, 0x41)}}) {
        const Accepted accepted = accept(state, pending, taken);
        EXPECT_EQ(accepted.event, expected);
        EXPECT_TRUE(same_state(accepted.state, state));
    }
    Event trap = event(Event::Origin::Exception, 1);
    trap.dr6 = 1 << 14;
    const Accepted accepted = accept(state, pending, Taken::Debug);
    EXPECT_EQ(accepted.event, trap);
    EXPECT_EQ(accepted.state.pending_debug, 0u);
}

} // namespace
} // namespace ringcheck::model
