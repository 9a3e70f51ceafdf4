// SPDX-License-Identifier: GPL-2.0-or-later
// The loop, and what is not about one instruction or one event.
#include "machine/executor.h"

#include "machine/float_check.h"
#include "model/breakpoint.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {

using model::CpuState;

Executor::Executor(model::PhysicalMemory memory, const MachineConfig& config, Interception& interception, Cpu& cpu,
                   Board& board)
    : memory_(memory), interception_(interception), cpu_(cpu), board_(board),
      processor_(
          memory, config.vendor, config.offered(), board.ports(), [&board] { return board.now(); }, &board.local_apic())
{
}

void Executor::watch(arch::VirtAddr rip)
{
    watched_.insert(rip.value);
    interception_.watch(rip);
}

void Executor::stop_at(arch::VirtAddr rip)
{
    stops_.insert(rip.value);
    interception_.watch(rip);
}

void Executor::clear_stops()
{
    stops_.clear();
    interception_.unwatch_all();
    for (const std::uint64_t rip : watched_) {
        interception_.watch(arch::VirtAddr{rip});
    }
}

RunEnd Executor::run(const RunLimits& limits)
{
    idle_limit_ = limits.idle_nanoseconds;
    board_.disturbed(); // by whoever had the machine between two runs
    for (;;) {
        const Board::Outlook& devices = board_.advance();
        if (interception_.count() >= limits.instructions) {
            return {EndKind::InstructionLimit, 0, "", {}}; // without a text: who steps comes by here each time
        }
        if (auto end = run_once(devices, limits.instructions)) {
            return *end;
        }
    }
}

/// Takes one event, or lets the engine run to the next stop.
std::optional<RunEnd> Executor::run_once(const Board::Outlook& devices, std::uint64_t instruction_limit)
{
    std::uint64_t stop_count = std::min(instruction_limit, devices.next_event_count);
    bool interrupt_waits = false;
    if (devices.event_pending || cpu_.state().pending_debug != 0 || activity_ != model::Activity::Running) {
        const auto window = model::interrupt_window(cpu_.state(), board_.pending_events(), activity_);
        if (window.taken != model::Taken::Nothing) {
            return take(window.taken);
        }
        if (activity_ != model::Activity::Running) {
            return wait();
        }
        const auto in_shadow = [](model::Hold hold) {
            return hold == model::Hold::StiShadow || hold == model::Hold::MovSsShadow;
        };
        if (in_shadow(window.debug) || in_shadow(window.nmi) || in_shadow(window.interrupt)) {
            stop_count = interception_.count() + 1; // look again behind the shadow
        }
        interrupt_waits = window.interrupt != model::Hold::None;
    }
    // POPF may set RFLAGS.AC.
    interception_.set_interrupt_waiting(interrupt_waits || (cpu_.state().cr0 & arch::cr0::kAlignmentMask) != 0);
    if (observer_ != nullptr && observer_->wants_instructions()) {
        tell_instruction();
        stop_count = std::min(stop_count, interception_.count() + 1);
    }
    if (cpu_.looks_at_data() || sse_exceptions_unmasked(cpu_.engine())) {
        return step_looking_at_data();
    }
    interception_.stop_at_count(stop_count);
    return handle(cpu_.engine().run());
}

std::optional<RunEnd> Executor::handle(const EngineStop& stop)
{
    switch (stop.cause) {
    case EngineStop::Cause::Intercepted:
        switch (interception_.stop()) {
        case Interception::Stop::Count: return std::nullopt;
        case Interception::Stop::Watched: return at_watched_address();
        case Interception::Stop::Instruction: return execute(interception_.instruction());
        case Interception::Stop::Unreadable:
            return unmodelled(cpu_.state(), "code that the page tables no longer grant (a stale TLB entry?) runs");
        }
        break;
    case EngineStop::Cause::Exception: return exception(stop);
    case EngineStop::Cause::OutsideMemory: return outside_memory(stop);
    case EngineStop::Cause::Device: return access_device(stop);
    case EngineStop::Cause::Failed: return unmodelled(cpu_.state(), fmt::format("the engine gave up ({})", stop.text));
    }
    return std::nullopt;
}

void Executor::tell_instruction()
{
    if (told_at_ != interception_.count()) {
        told_at_ = interception_.count();
        observer_->on_instruction(told_at_, cpu_.state());
    }
}

std::optional<RunEnd> Executor::at_watched_address()
{
    const std::uint64_t rip = interception_.rip();
    if (announced_at_ != interception_.count()) {
        announced_at_ = interception_.count();
        if (observer_ != nullptr && watched_.contains(rip)) {
            observer_->on_address(interception_.count(), cpu_.state());
        }
        if (stops_.contains(rip)) {
            return RunEnd{EndKind::WatchedAddress, 0, fmt::format("stopped before {:#x}", rip), {}};
        }
    }
    // An instruction that goes on with its iterations has passed its breakpoint.
    if (const auto fault = model::instruction_breakpoint(cpu_.state());
        fault && !interception_.between_iterations(rip)) {
        const CpuState before = cpu_.state();
        return deliver(before, to_event(*fault, before.rip), TransitionKind::Exception);
    }
    interception_.pass_watched();
    return std::nullopt;
}

/// The engine stands before an instruction that touches a device: executes it alone, so that the device sees it at its
/// time and what comes of it is seen before the next one.
std::optional<RunEnd> Executor::access_device(const EngineStop& before_it)
{
    board_.disturbed();
    interception_.take_back_fault(before_it.rip);
    const CpuState before = cpu_.state();
    interception_.pass_one();
    cpu_.engine().open_devices();
    const EngineStop stop = cpu_.engine().run();
    cpu_.engine().close_devices();
    CpuState after = cpu_.state();
    if (after.cr8 != board_.local_apic().cr8()) {
        after.cr8 = board_.local_apic().cr8();
        cpu_.engine().set_state(after);
    }
    if (stop.cause != EngineStop::Cause::Intercepted) {
        return handle(stop);
    }
    completed_by_engine(before, after);
    return std::nullopt;
}

std::optional<RunEnd> Executor::outside_memory(const EngineStop& stop)
{
    const std::string what = fmt::format("{} of physical address {:#x}, where nothing is,", stop.access, stop.address);
    board_.report_unmodelled(what);
    return unmodelled(cpu_.state(), what);
}

} // namespace ringcheck
