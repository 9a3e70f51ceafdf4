// SPDX-License-Identifier: MIT
#include "random/attacked_kernel.h"

#include "arch/paging.h"
#include "guest/built_in.h"
#include "model/page_walk.h"
#include "support/booted_kernel.h"
#include "watch/cpio_archive.h"
#include "watch/rules.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

namespace random_attack {

using namespace ringcheck;

namespace {

constexpr const char* kProgram = "random_code";
/// The shell waits for a line.
constexpr const char* kPrompt = "kernel::LineEditor::read";
/// What a case may execute before it is ended, and what the kernel needs at most to end it.
constexpr std::uint64_t kInstructions = 120'000, kMoreInstructions = 100'000'000;
/// So often is looked whether the case is in ring 3 and can be ended.
constexpr std::uint64_t kSlice = 100'000;
/// How often for children and threads of a case that outlive the shell's waiting for it.
constexpr unsigned kStragglerRounds = 1000;
/// Who sleeps longer is woken by his end.
constexpr std::uint64_t kIdle = 100'000'000;
/// What the console's keyboard sends for Ctrl-C.
constexpr const char* kCtrlC = "\x03";
constexpr std::array<std::uint8_t, 2> kUd2{0x0f, 0x0b};

/// Passes everything on to the watch, and counts what concerns a case.
class CaseObserver final : public Observer {
public:
    CaseObserver(GuestWatch& watch, std::uint64_t allocated, std::uint64_t freed)
        : watch_(watch), allocated_(allocated), freed_(freed)
    {
    }

    void on_event(std::uint64_t count, const model::CpuState& before, const model::Event& event) override
    {
        faults += before.cpl == 3;
        watch_.on_event(count, before, event);
    }
    void on_transition(const Transition& transition) override
    {
        calls += transition.kind == TransitionKind::Syscall;
        watch_.on_transition(transition);
    }
    void on_address(std::uint64_t count, const model::CpuState& state) override
    {
        frames += state.rip == allocated_;
        frames -= state.rip == freed_;
        watch_.on_address(count, state);
    }
    void on_interrupt_accepted(std::uint64_t count, std::uint8_t vector, unsigned ends) override
    {
        watch_.on_interrupt_accepted(count, vector, ends);
    }
    void on_interrupt_ended(std::uint64_t count, std::optional<std::uint8_t> vector) override
    {
        watch_.on_interrupt_ended(count, vector);
    }

    std::uint64_t calls = 0, faults = 0;
    std::int64_t frames = 0; ///< allocated and not freed

private:
    GuestWatch& watch_;
    std::uint64_t allocated_, freed_;
};

void require(const std::expected<void, std::string>& done)
{
    if (!done) {
        throw std::runtime_error(done.error());
    }
}

std::uint64_t required(std::optional<std::uint64_t> address, const char* name)
{
    if (!address) {
        throw std::runtime_error(fmt::format("there is no symbol {}", name));
    }
    return *address;
}

} // namespace

struct AttackedKernel::Parts {
    Parts(const std::string& kernel_path, const std::string& initrd_path, model::Vendor vendor)
        : kernel(support::value_or_throw(ElfImage::load(kernel_path))), initrd_bytes(support::read_file(initrd_path)),
          initrd(support::value_or_throw(CpioArchive::parse(initrd_bytes))),
          machine(support::value_or_throw(Machine::create({.vendor = vendor}))), memory(*machine),
          guest(support::value_or_throw(describe_guest(kernel))), symbols(guest, &kernel, nullptr),
          booted(guest, memory), prompt(required(kernel.symbol(kPrompt), kPrompt))
    {
        if (!guest.frame_allocated || !guest.frame_freed) {
            throw std::runtime_error("the kernel's description names no landmarks for frames");
        }
    }

    ElfImage kernel;
    std::vector<std::byte> initrd_bytes;
    CpioArchive initrd;
    std::unique_ptr<Machine> machine;
    MachineMemory memory;
    GuestDescription guest;
    Symbols symbols;
    GuestWatch booted;    ///< as it was when the program had begun
    std::uint64_t prompt; ///< in the kernel's file
    std::optional<Snapshot> snapshot;
};

AttackedKernel::AttackedKernel(const std::string& kernel, const std::string& initrd, model::Vendor vendor)
    : parts_(std::make_unique<Parts>(kernel, initrd, vendor))
{
    Parts& parts = *parts_;
    Machine& machine = *parts.machine;
    const auto* const file = parts.initrd.find(kProgram);
    if (file == nullptr) {
        throw std::runtime_error("the initrd has no random_code");
    }
    const auto program = support::value_or_throw(ElfImage::parse(*file));
    places_.text = required(program.symbol("random_text"), "random_text");
    places_.text_end = required(program.symbol("random_text_end"), "random_text_end");
    places_.data = required(program.symbol("random_data"), "random_data");
    places_.data_end = required(program.symbol("random_data_end"), "random_data_end");

    require(machine.load_pvh(parts.kernel, parts.initrd_bytes, ""));
    parts.booted.attach(machine);
    machine.set_console_script({parts.guest.prompt, {parts.guest.run_line(kProgram)}});
    machine.stop_at(arch::VirtAddr{places_.text});
    constexpr std::uint64_t kBoot = 100'000'000;
    if (const RunEnd end = machine.run({.instructions = kBoot}); end.kind != EndKind::WatchedAddress) {
        throw std::runtime_error("random_code did not begin: " + end.text);
    }
    machine.clear_stops();
    places_.stack = machine.state()[model::Gpr::Rsp];

    // What a case that does nothing takes and frees is what every case must.
    place({}, kCodeBytes);
    if (const CaseEnd end = run({}, 0); !end.failure.empty()) {
        throw std::runtime_error("a case that does nothing fails: " + end.failure);
    }
}

AttackedKernel::~AttackedKernel() = default;

void AttackedKernel::place(const std::vector<Case>& cases, std::size_t slot)
{
    Machine& machine = *parts_->machine;
    if (parts_->snapshot) {
        require(machine.restore(*parts_->snapshot));
    }
    slot_ = slot;
    std::vector<std::uint8_t> text(places_.text_end - places_.text);
    for (std::size_t i = 0; i != text.size(); ++i) {
        text[i] = kUd2[i % 2];
    }
    for (std::size_t i = 0; i != cases.size(); ++i) {
        std::ranges::copy(cases[i].code, text.begin() + static_cast<std::ptrdiff_t>(i * slot));
    }
    model::CpuState looking = machine.state();
    for (std::uint64_t done = 0; done != text.size(); done += arch::kPageSize) {
        const auto page =
            model::walk(looking, machine.memory(), places_.text + done, {model::AccessKind::Read, true, false});
        std::byte* const host = page ? machine.memory().at(page->address, arch::kPageSize) : nullptr;
        if (host == nullptr) {
            throw std::runtime_error("a page of random_text is not there");
        }
        std::memcpy(host, text.data() + done, arch::kPageSize);
        machine.forget_code(page->address, arch::kPageSize);
    }
    parts_->snapshot = support::value_or_throw(machine.snapshot());
}

CaseEnd AttackedKernel::run(const Case& one, std::size_t index)
{
    Parts& parts = *parts_;
    Machine& machine = *parts.machine;
    require(machine.restore(*parts.snapshot));
    GuestWatch watch = parts.booted;
    RuleChecker rules({parts.guest, parts.memory, watch.processes(), parts.symbols, &parts.kernel,
                       [&machine] { return machine.floats(); }});
    watch.add(rules);
    watch.attach(machine);
    CaseObserver observer(watch, parts.guest.frame_allocated->address, parts.guest.frame_freed->address);
    machine.set_observer(&observer);

    const std::uint64_t begin = machine.instruction_count();
    begin_case(one, places_.text + index * slot_);
    CaseEnd end;
    end.failure = run_to_prompt(end);
    if (end.failure.empty() && !end.not_modelled && !end.held) {
        end.failure = wait_for_frames(observer.frames, watch.processes());
    }
    if (watch.panic()) {
        end.failure = "the kernel panicked: " + *watch.panic();
    } else if (rules.report().total() != 0) {
        end.failure = format_violation(rules.report().violations()[0]);
    }
    machine.set_observer(nullptr);
    end.calls = observer.calls;
    end.faults = observer.faults;
    end.instructions = machine.instruction_count() - begin;
    return end;
}

void AttackedKernel::begin_case(const Case& one, std::uint64_t rip)
{
    Machine& machine = *parts_->machine;
    machine.clear_stops();
    machine.stop_at(arch::VirtAddr{parts_->guest.here(parts_->prompt)});
    model::CpuState state = machine.state();
    std::ranges::copy(one.gpr, state.gpr.begin());
    state.rip = rip;
    state.rflags |= one.flags;
    machine.set_state(state);
}

std::string AttackedKernel::run_to_prompt(CaseEnd& result)
{
    Machine& machine = *parts_->machine;
    const std::uint64_t begin = machine.instruction_count();
    for (std::uint64_t limit = begin + kInstructions; limit < begin + kMoreInstructions; limit += kSlice) {
        const RunEnd end = machine.run({.instructions = limit, .idle_nanoseconds = kIdle});
        if (end.kind == EndKind::WatchedAddress) {
            return "";
        }
        if (end.kind == EndKind::Unmodelled) {
            result.not_modelled = true;
            return "";
        }
        if (waits_for_nothing(end) && !result.asleep) {
            machine.set_console_script({"", {kCtrlC}});
            result.asleep = true;
            continue;
        }
        if (waits_for_nothing(end)) {
            result.held = true;
            return "";
        }
        if (end.kind != EndKind::InstructionLimit) {
            return end.text;
        }
        if (machine.state().cpl == 3) {
            end_from_outside();
            result.stopped = true;
        }
    }
    return fmt::format("the shell does not answer; {} runs", parts_->symbols.code(machine.state().rip, 0, ""));
}

/// The kernel idles, with interrupts on, and nothing has come for long.
bool AttackedKernel::waits_for_nothing(const RunEnd& end) const
{
    return end.kind == EndKind::Halted && (parts_->machine->state().rflags & arch::rflags::kInterrupt) != 0;
}

/// What runs in ring 3 goes on at an UD2.
void AttackedKernel::end_from_outside()
{
    Machine& machine = *parts_->machine;
    model::CpuState state = machine.state();
    state.rip = places_.text_end - kUd2.size();
    state.rflags &= ~arch::rflags::kTrap;
    state.pending_debug = 0;
    machine.set_state(state);
}

/// Has the shell kill every process that there is.
void AttackedKernel::kill_all(const Processes& processes)
{
    std::vector<std::string> lines;
    for (const Process& process : processes.all()) {
        if (!process.ended) {
            lines.push_back(fmt::format("kill {} SIGKILL", process.id));
        }
    }
    parts_->machine->set_console_script({"", std::move(lines)});
}

/// A case's children may live on when the shell has seen the end of their parent.
std::string AttackedKernel::wait_for_frames(const std::int64_t& taken, const Processes& processes)
{
    Machine& machine = *parts_->machine;
    if (!expected_frames_) {
        expected_frames_ = taken;
    }
    machine.clear_stops();
    bool killed = false;
    for (unsigned round = 0; taken != *expected_frames_; ++round) {
        const RunEnd end =
            machine.run({.instructions = machine.instruction_count() + kSlice, .idle_nanoseconds = kIdle});
        if (waits_for_nothing(end) && !killed) {
            kill_all(processes);
            killed = true;
        } else if (end.kind != EndKind::InstructionLimit || round == kStragglerRounds) {
            return fmt::format("frames: {} more are taken than after a case that does nothing ({})",
                               taken - *expected_frames_, end.text);
        } else if (machine.state().cpl == 3) {
            end_from_outside();
        }
    }
    return "";
}

} // namespace random_attack
