// SPDX-License-Identifier: MIT
// One thing spoilt in crossings that are right otherwise.
#include "rule_violators.h"
#include "support/crossing.h"

namespace violators {
namespace {

using namespace ringcheck;
using model::CpuState;
using model::Gpr;
namespace rflags = arch::rflags;

struct Scene : support::Crossing {
    Scene() { checker.on_process_started(0, processes.started(1, hello(), kTable), kernel_state()); }

    /// Ring 3, a call, its handler and back.
    void round_trip(bool preserve = true)
    {
        checker.on_transition(enter(user_state()));
        checker.on_transition(call(user_state()));
        checker.on_dispatch(1015, kernel_state());
        CpuState back = user_state();
        back.rip += 2;
        back[Gpr::Rbx] ^= preserve ? 0 : 1;
        checker.on_transition(enter(back));
    }
    std::vector<std::string> broken() const
    {
        std::vector<std::string> ids;
        for (const Violation& violation : checker.report().violations()) {
            ids.emplace_back(violation.rule->id);
        }
        return ids;
    }

    model::FloatState floats;
    RuleChecker checker{RuleContext{guest, memory, processes, symbols, nullptr, [this] { return floats; }}};
};

/// @param spoil  changes the state in which ring 3 is entered for the first time
Violator user_state_that(const char* rule, void (*spoil)(CpuState&))
{
    return {rule, [spoil](bool spoilt) {
                Scene scene;
                CpuState state = scene.user_state();
                if (spoilt) {
                    spoil(state);
                }
                scene.checker.on_transition(scene.enter(state));
                return scene.broken();
            }};
}

/// @param spoil  changes the state in which the handler of a call runs
Violator handler_state_that(const char* rule, void (*spoil)(CpuState&))
{
    return {rule, [spoil](bool spoilt) {
                Scene scene;
                scene.checker.on_transition(scene.enter(scene.user_state()));
                scene.checker.on_transition(scene.call(scene.user_state()));
                CpuState state = scene.kernel_state();
                if (spoilt) {
                    spoil(state);
                }
                scene.checker.on_dispatch(1015, state);
                return scene.broken();
            }};
}

/// @param spoil  changes what is in memory, or the crossings themselves
Violator scene_that(const char* rule, void (*run)(Scene&, bool spoilt))
{
    return {rule, [run](bool spoilt) {
                Scene scene;
                run(scene, spoilt);
                return scene.broken();
            }};
}

/// One page under the PML4 entry `top`.
void map(Scene& scene, unsigned top, std::uint64_t leaf)
{
    constexpr std::uint64_t kAll = arch::PageEntry::kPresent | arch::PageEntry::kWritable | arch::PageEntry::kUser;
    scene.memory.put_physical_u64(Scene::kTable + 8 * top, 0x2000 | kAll);
    scene.memory.put_physical_u64(0x2000, 0x3000 | kAll);
    scene.memory.put_physical_u64(0x3000, 0x4000 | kAll);
    scene.memory.put_physical_u64(0x4000, 0x5000 | arch::PageEntry::kPresent | leaf);
}

} // namespace

std::vector<Violator> by_crossings()
{
    return {
        user_state_that("user-entry-selectors", [](CpuState& state) { state.ss.selector = 0x18; }),
        user_state_that("user-entry-flags", [](CpuState& state) { state.rflags |= rflags::kIopl.put(3); }),
        user_state_that("user-entry-cr3", [](CpuState& state) { state.cr3 = 0x9000; }),
        user_state_that("user-entry-gs", [](CpuState& state) { std::swap(state.gs.base, state.kernel_gs_base); }),
        user_state_that("user-entry-dr7", [](CpuState& state) { state.dr7 |= 1; }),
        user_state_that("first-entry-clean", [](CpuState& state) { state[Gpr::R15] = 1; }),
        user_state_that("write-protect-on", [](CpuState& state) { state.cr0 &= ~arch::cr0::kWriteProtect; }),
        handler_state_that("kernel-gs-at-dispatch",
                           [](CpuState& state) { std::swap(state.gs.base, state.kernel_gs_base); }),
        handler_state_that("kernel-stack-at-dispatch", [](CpuState& state) { state[Gpr::Rsp] = Scene::kUserRsp; }),
        handler_state_that("kernel-flags-at-dispatch", [](CpuState& state) { state.rflags |= rflags::kDirection; }),
        scene_that("user-entry-rsp0",
                   [](Scene& scene, bool spoilt) {
                       scene.memory.put_u64(Scene::kPerCpu + offsetof(layout::PerCpu, kernel_rsp),
                                            Scene::kStackTop - (spoilt ? 8 : 0));
                       scene.checker.on_transition(scene.enter(scene.user_state()));
                   }),
        scene_that("user-entry-running-stack",
                   [](Scene& scene, bool spoilt) {
                       Transition transition = scene.enter(scene.user_state());
                       transition.before[Gpr::Rsp] -= spoilt ? layout::kKernelStackStride : 0;
                       scene.checker.on_transition(transition);
                   }),
        scene_that("user-entry-stack-empty",
                   [](Scene& scene, bool spoilt) {
                       Transition transition = scene.enter(scene.user_state());
                       transition.before[Gpr::Rsp] -= spoilt ? 8 : 0;
                       scene.checker.on_transition(transition);
                   }),
        scene_that("user-entry-io-map",
                   [](Scene& scene, bool spoilt) {
                       scene.set_io_map_base(spoilt ? 0 : sizeof(arch::Tss));
                       scene.checker.on_transition(scene.enter(scene.user_state()));
                   }),
        scene_that("syscall-preserves-registers", [](Scene& scene, bool spoilt) { scene.round_trip(!spoilt); }),
        scene_that("interrupt-preserves-registers",
                   [](Scene& scene, bool spoilt) {
                       scene.checker.on_transition(scene.enter(scene.user_state()));
                       scene.checker.on_transition(scene.event(TransitionKind::Interrupt, 32, {}, scene.user_state()));
                       CpuState back = scene.user_state();
                       back[Gpr::Rax] += spoilt ? 1 : 0;
                       scene.checker.on_transition(scene.enter(back));
                   }),
        scene_that("handler-registers",
                   [](Scene& scene, bool spoilt) {
                       scene.checker.on_transition(scene.enter(scene.user_state()));
                       scene.checker.on_transition(scene.event(TransitionKind::Interrupt, 32, {}, scene.user_state()));
                       CpuState handler = scene.user_state();
                       handler.rip = 0x402000;
                       scene.checker.on_signal_delivered({14, 0, handler.rip}, scene.kernel_state());
                       handler[Gpr::Rdi] = 14;
                       handler[Gpr::Rbx] += spoilt ? 1 : 0;
                       scene.checker.on_transition(scene.enter(handler));
                   }),
        scene_that("call-made-again",
                   [](Scene& scene, bool spoilt) {
                       scene.checker.on_transition(scene.enter(scene.user_state()));
                       scene.checker.on_transition(scene.call(scene.user_state()));
                       scene.checker.on_dispatch(1015, scene.kernel_state());
                       scene.checker.on_call_restarts(scene.kernel_state());
                       CpuState again = scene.user_state();
                       again.rip += spoilt ? 2 : 0;
                       scene.checker.on_transition(scene.enter(again));
                   }),
        scene_that("kernel-pages-supervisor",
                   [](Scene& scene, bool spoilt) {
                       map(scene, 511, spoilt ? arch::PageEntry::kUser : 0);
                       scene.checker.on_transition(scene.enter(scene.user_state()));
                   }),
        scene_that("no-writable-executable",
                   [](Scene& scene, bool spoilt) {
                       map(scene, 0, arch::PageEntry::kUser | (spoilt ? arch::PageEntry::kWritable : 0));
                       scene.checker.on_transition(scene.enter(scene.user_state()));
                   }),
        scene_that("interrupt-ended-once",
                   [](Scene& scene, bool spoilt) {
                       constexpr std::uint8_t kTimer = 32;
                       scene.checker.on_transition(scene.enter(scene.user_state()));
                       scene.checker.on_interrupt_accepted(1020, kTimer, 1);
                       scene.checker.on_transition(
                           scene.event(TransitionKind::Interrupt, kTimer, {}, scene.user_state()));
                       if (!spoilt) {
                           scene.checker.on_interrupt_ended(1030, kTimer);
                       }
                       scene.checker.on_transition(scene.enter(scene.user_state()));
                   }),
        scene_that("user-entry-floats",
                   [](Scene& scene, bool spoilt) {
                       scene.checker.on_transition(scene.enter(scene.user_state()));
                       scene.floats.xmm[3] = {1, 2};
                       scene.checker.on_transition(scene.event(TransitionKind::Interrupt, 32, {}, scene.user_state()));
                       scene.floats.xmm[3][0] += spoilt ? 1 : 0;
                       scene.checker.on_transition(scene.enter(scene.user_state()));
                   }),
        scene_that("scheduler-lock",
                   [](Scene& scene, bool spoilt) {
                       constexpr std::uint64_t kLock = 0xffff'ffff'8010'1000, kUnlock = kLock + 0x10,
                                               kAllocate = kLock + 0x20;
                       scene.guest.lock_taken = {kLock};
                       scene.guest.lock_released = {kUnlock};
                       scene.guest.not_under_lock = {kAllocate};
                       CpuState state = scene.kernel_state();
                       for (const std::uint64_t function : {kLock, spoilt ? kAllocate : kUnlock, kUnlock, kAllocate}) {
                           state.rip = function;
                           scene.checker.on_lock_function(1020, state);
                       }
                   }),
        scene_that("no-foreign-stack-store",
                   [](Scene& scene, bool spoilt) {
                       constexpr std::uint64_t kOther = Scene::kStackTop + layout::kKernelStackStride;
                       scene.checker.set_strict(true);
                       scene.checker.on_transition(scene.enter(scene.user_state()));
                       scene.checker.on_transition(scene.call(scene.user_state()));
                       scene.memory.put_u64(Scene::kTss + offsetof(arch::Tss, rsp), kOther);
                       CpuState state = scene.kernel_state();
                       scene.memory.put_u64(state.rip, 0x078948); // mov %rax, (%rdi)
                       state.cs.attributes = 1 << 21;             // 64-bit code
                       state[Gpr::Rsp] = kOther - 0x100;
                       state[Gpr::Rdi] = (spoilt ? Scene::kStackTop : kOther) - 0x200;
                       scene.checker.on_instruction(1020, state);
                   }),
        scene_that("kernel-entry-point",
                   [](Scene& scene, bool spoilt) {
                       Transition transition = scene.call(scene.user_state());
                       scene.guest.kernel_entries = {transition.after.rip};
                       transition.after.rip += spoilt ? 1 : 0;
                       scene.checker.on_transition(transition);
                   }),
        scene_that("syscall-entry-flags",
                   [](Scene& scene, bool spoilt) {
                       Transition transition = scene.call(scene.user_state());
                       transition.after.rflags |= spoilt ? rflags::kInterrupt : 0;
                       scene.checker.on_transition(transition);
                   }),
    };
}

} // namespace violators
