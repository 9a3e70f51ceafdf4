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
    explicit Watched(MachineGuest& guest) : guest_(guest), memory_(*guest.machine) {}
    std::vector<std::string> run(const model::CpuState& state, bool strict = false)
    {
        checker_.set_strict(strict);
        guest_.machine->set_observer(this);
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
    bool wants_instructions() const override { return checker_.wants_instructions(); }
    void on_instruction(std::uint64_t count, const model::CpuState& state) override
    {
        checker_.on_instruction(count, state);
    }
    GuestDescription& description() { return description_; }

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
GUEST_CODE(call_kernel, "syscall");
GUEST_CODE(push_at_once, "push %rax\n hlt");
GUEST_CODE(load_stack_and_push, "mov $0x16000, %esp\n push %rax\n hlt");
GUEST_CODE(use_gs, "mov %gs:0, %rax\n hlt");
GUEST_CODE(swap_and_use_gs, "swapgs\n mov %gs:0, %rax\n hlt");
GUEST_CODE(touch_unmapped, "mov 0x3c000, %eax\n hlt");
GUEST_CODE(read_cr2, "mov %cr2, %rax\n sti\n hlt");
GUEST_CODE(enable_interrupts, "sti\n hlt");
GUEST_CODE(load_user_page, "mov 0x25000, %eax\n hlt");
GUEST_CODE(load_kernel_page, "mov 0x38000, %eax\n hlt");
/// Takes the right to write away from the page at 0x3a000 and writes to it.
GUEST_CODE(write_after_protecting, R"(
    mov   %eax, 0x3a000
    andq  $~2, 0x41d0
    mov   %eax, 0x3a000
    hlt
)");
GUEST_CODE(invalidate_after_protecting, R"(
    mov   %eax, 0x3a000
    andq  $~2, 0x41d0
    invlpg 0x3a000
    mov   %eax, 0x3a000
    hlt
)");
GUEST_CODE(store_data, "mov %eax, 0x38000\n hlt");

/// Ring 3 makes a system call, which the kernel answers with one of two codes.
Violator answer_of(const char* rule, const support::GuestCode& right, const support::GuestCode& wrong)
{
    return {rule, [right, wrong](bool spoilt) {
                MachineGuest guest;
                guest.place(MachineGuest::kUserText, call_kernel);
                guest.place(MachineGuest::kSyscallText, spoilt ? wrong : right);
                model::CpuState state = guest.ring_3();
                state.kernel_gs_base = MachineGuest::kData;
                state.cr4 &= ~arch::cr4::kSmap;
                Watched watched(guest);
                watched.description().user_copy = {{1, 2}}; // none of this code
                return watched.run(state, true);
            }};
}

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
        answer_of("kernel-stack-before-store", load_stack_and_push, push_at_once),
        answer_of("kernel-gs-before-use", swap_and_use_gs, use_gs),
        answer_of("no-user-access", load_kernel_page, load_user_page),
        {"interrupts-off-on-user-stack",
         [](bool spoilt) {
             MachineGuest guest;
             guest.place(MachineGuest::kUserText, call_kernel);
             guest.place(MachineGuest::kSyscallText, load_stack_and_push);
             model::CpuState state = guest.ring_3();
             state.rflags |= arch::rflags::kInterrupt;
             state.fmask &= ~(spoilt ? arch::rflags::kInterrupt : 0);
             return Watched(guest).run(state, true);
         }},
        {"cr2-read-first",
         [](bool spoilt) {
             MachineGuest guest;
             guest.place(MachineGuest::kKernelText, touch_unmapped);
             guest.place(MachineGuest::handler(14), spoilt ? enable_interrupts : read_cr2);
             return Watched(guest).run(guest.ring_0(), true);
         }},
        {"no-stale-translation",
         [](bool spoilt) {
             MachineGuest guest;
             guest.place(MachineGuest::kKernelText, spoilt ? write_after_protecting : invalidate_after_protecting);
             return Watched(guest).run(guest.ring_0(), true);
         }},
        {"no-freed-frame-store",
         [](bool spoilt) {
             MachineGuest guest;
             guest.place(MachineGuest::kKernelText, store_data);
             model::CpuState state = guest.ring_0();
             state[Gpr::Rdi] = MachineGuest::kData + (spoilt ? 0 : 0x1000);
             Watched watched(guest);
             watched.description().frame_freed = FrameLandmark{.address = MachineGuest::kKernelText};
             watched.description().frame_allocated = FrameLandmark{.address = MachineGuest::kUserText};
             return watched.run(state, true);
         }},
        {"no-read-only-store",
         [](bool spoilt) {
             MachineGuest guest;
             guest.place(MachineGuest::kKernelText, store_data);
             Watched watched(guest);
             const std::uint64_t begin = MachineGuest::kData + (spoilt ? 0 : 0x1000);
             watched.description().read_only = {{begin, begin + 0xfff}};
             return watched.run(guest.ring_0(), true);
         }},
    };
}

} // namespace violators
