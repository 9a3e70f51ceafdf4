// SPDX-License-Identifier: MIT
// One thing spoilt in guest code that is right otherwise.
#include "rule_violators.h"
#include "support/machine_guest.h"
#include "watch/guest_memory.h"
#include "watch/rules.h"

namespace violators {
namespace {

using namespace ringcheck;
using model::Gpr;
using support::MachineGuest;

/// Gives a machine's transitions to the rules, of a guest of which nothing is known.
class Watched final : public Observer {
public:
    explicit Watched(MachineGuest& guest) : guest_(guest), memory_(*guest.machine)
    {
        guest.machine->set_observer(this);
    }
    std::vector<std::string> run(const model::CpuState& state)
    {
        guest_.run(state);
        std::vector<std::string> ids;
        for (const Violation& violation : checker_.report().violations()) {
            ids.emplace_back(violation.rule->id);
        }
        return ids;
    }

    void on_event(std::uint64_t count, const model::CpuState& before, const model::Event& event) override
    {
        checker_.on_event(count, before, event);
    }
    void on_transition(const Transition& transition) override { checker_.on_transition(transition); }

private:
    MachineGuest& guest_;
    MachineMemory memory_;
    GuestDescription description_ = unknown_guest();
    Processes processes_;
    Symbols symbols_{description_, nullptr, nullptr};
    RuleChecker checker_{RuleContext{description_, memory_, processes_, symbols_}};
};

GUEST_CODE(interrupt_self, "int $0x80\n hlt");
GUEST_CODE(return_at_once, "iretq");
/// The second time it returns through the frame that lies where the first one lay.
GUEST_CODE(interrupt_and_return_again, R"(
    int   $0x80
    dec   %ecx
    jz    1f
    mov   %rbx, %rsp
    iretq
1:  hlt
)");
GUEST_CODE(remember_frame_and_return, "mov %rsp, %rbx\n iretq");
GUEST_CODE(swap_and_return, "swapgs\n iretq");
GUEST_CODE(swap_twice_and_return, "swapgs\n swapgs\n iretq");

} // namespace

std::vector<Violator> by_guests()
{
    return {
        {"populated-gates",
         [](bool spoilt) {
             MachineGuest guest;
             guest.place(MachineGuest::kKernelText, interrupt_self);
             guest.place(MachineGuest::handler(0x80), return_at_once);
             if (spoilt) {
                 guest.guest.set_gate(0x80, {});
             }
             return Watched(guest).run(guest.ring_0());
         }},
        {"iret-frame-once",
         [](bool spoilt) {
             MachineGuest guest;
             guest.place(MachineGuest::kKernelText, interrupt_and_return_again);
             guest.place(MachineGuest::handler(0x80), remember_frame_and_return);
             model::CpuState state = guest.ring_0();
             state[Gpr::Rcx] = spoilt ? 2 : 1;
             return Watched(guest).run(state);
         }},
        {"swapgs-balanced",
         [](bool spoilt) {
             MachineGuest guest;
             guest.place(MachineGuest::kKernelText, interrupt_self);
             guest.place(MachineGuest::handler(0x80), spoilt ? swap_and_return : swap_twice_and_return);
             return Watched(guest).run(guest.ring_0());
         }},
    };
}

} // namespace violators
