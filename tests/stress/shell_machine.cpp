// SPDX-License-Identifier: MIT
#include "stress/shell_machine.h"

#include "guest/built_in.h"
#include "support/booted_kernel.h"
#include "watch/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <ranges>

namespace stress {

using namespace ringcheck;

namespace {

/// The shell waits for a line.
constexpr const char* kRead = "kernel::LineEditor::read";
/// So often is looked who still lives.
constexpr std::uint64_t kSlice = 1'000'000;
/// The shell goes to its prompt in the middle of this.
constexpr std::uint64_t kBoot = 100'000'000;

void require(const std::expected<void, std::string>& done)
{
    if (!done) {
        throw std::runtime_error(done.error());
    }
}

} // namespace

struct ShellMachine::Parts {
    Parts(const std::string& kernel_path, const std::string& initrd_path, model::Vendor vendor)
        : kernel(support::value_or_throw(ElfImage::load(kernel_path))), initrd(support::read_file(initrd_path)),
          machine(support::value_or_throw(Machine::create({.vendor = vendor}))), memory(*machine),
          guest(support::value_or_throw(describe_guest(kernel))), symbols(guest, &kernel, nullptr)
    {
        const auto address = kernel.symbol(kRead);
        if (!address || !guest.frame_allocated || !guest.frame_freed) {
            throw std::runtime_error("the kernel lacks LineEditor::read, or landmarks for frames");
        }
        read = *address;
    }

    /// Stops where the shell waits for a line, and only there.
    void stop_at_prompt()
    {
        machine->clear_stops();
        machine->stop_at(arch::VirtAddr{guest.here(read)});
    }

    ElfImage kernel;
    std::vector<std::byte> initrd;
    std::unique_ptr<Machine> machine;
    MachineMemory memory;
    GuestDescription guest;
    Symbols symbols;
    std::uint64_t read;  ///< in the kernel's file
    GuestKnowledge kept; ///< as it was at the kept moment
    std::optional<Snapshot> snapshot;
};

/// Who looks on from the kept moment, or from the beginning.
struct ShellMachine::Run final : Observer {
    explicit Run(Parts& parts)
        : watch(parts.guest, parts.memory), begin(parts.kept.processes.all().size()),
          rules({parts.guest, parts.memory, watch.processes(), parts.symbols, &parts.kernel,
                 [&parts] { return parts.machine->floats(); }}),
          guest(parts.guest)
    {
        watch.set_known(parts.kept);
        watch.add(rules);
        watch.attach(*parts.machine);
        parts.machine->set_observer(this);
    }

    void on_event(std::uint64_t count, const model::CpuState& before, const model::Event& event) override
    {
        watch.on_event(count, before, event);
    }
    void on_transition(const Transition& transition) override { watch.on_transition(transition); }
    void on_address(std::uint64_t count, const model::CpuState& state) override
    {
        const std::uint64_t frame = state[model::Gpr::Rdi];
        if (state.rip == guest.frame_allocated->address && given_back.erase(frame) == 0) {
            taken.insert(frame);
        } else if (state.rip == guest.frame_freed->address && taken.erase(frame) == 0) {
            given_back.insert(frame);
        }
        watch.on_address(count, state);
    }
    void on_interrupt_accepted(std::uint64_t count, std::uint8_t vector, unsigned ends) override
    {
        watch.on_interrupt_accepted(count, vector, ends);
    }
    void on_interrupt_ended(std::uint64_t count, std::optional<std::uint8_t> vector) override
    {
        watch.on_interrupt_ended(count, vector);
    }

    GuestWatch watch;
    std::size_t begin; ///< processes that there had been before
    RuleChecker rules;
    const GuestDescription& guest;
    std::set<std::uint64_t> taken, given_back;
};

ShellMachine::ShellMachine(const std::string& kernel, const std::string& initrd, model::Vendor vendor)
    : parts_(std::make_unique<Parts>(kernel, initrd, vendor))
{
    require(parts_->machine->load_pvh(parts_->kernel, parts_->initrd, ""));
    start_run();
    if (const auto moves_at = parts_->guest.moves_at()) {
        parts_->machine->stop_at(arch::VirtAddr{*moves_at});
        parts_->machine->run({.instructions = kBoot});
        parts_->machine->run({.instructions = parts_->machine->instruction_count() + 1});
    }
    if (const std::string failure = run_to_prompt(kBoot); !failure.empty()) {
        throw std::runtime_error("the kernel does not come up: " + failure);
    }
}

ShellMachine::~ShellMachine() = default;

void ShellMachine::start_run()
{
    run_ = nullptr; // the old one no longer watches
    run_ = std::make_unique<Run>(*parts_);
}

void ShellMachine::keep()
{
    parts_->kept = run_->watch.known();
    parts_->snapshot = support::value_or_throw(parts_->machine->snapshot());
    start_run();
}

void ShellMachine::go_back()
{
    require(parts_->machine->restore(*parts_->snapshot));
    start_run();
}

std::string ShellMachine::run_to_prompt(std::uint64_t instructions)
{
    Machine& machine = *parts_->machine;
    parts_->stop_at_prompt();
    const RunEnd end = machine.run({.instructions = machine.instruction_count() + instructions});
    if (end.kind == EndKind::WatchedAddress) {
        return "";
    }
    return end.kind == EndKind::InstructionLimit ? fmt::format("the shell does not come back; ring {} runs at {:#x}",
                                                               machine.state().cpl, machine.state().rip)
                                                 : end.text;
}

std::string ShellMachine::type(const std::vector<std::string>& lines, std::uint64_t instructions)
{
    const std::uint64_t limit = instruction_count() + instructions;
    for (const std::string& line : lines) {
        // One by one: who runs in the background may print behind the prompt, so it is nothing to wait for.
        if (const std::string failure = press(line, limit - instruction_count()); !failure.empty()) {
            return failure;
        }
    }
    return "";
}

bool ShellMachine::begin(const std::vector<std::string>& lines, std::uint64_t instructions)
{
    Machine& machine = *parts_->machine;
    machine.set_console_script({"", lines});
    parts_->stop_at_prompt();
    const RunEnd end = machine.run({.instructions = machine.instruction_count() + instructions});
    return end.kind != EndKind::WatchedAddress;
}

std::string ShellMachine::press(const std::string& text, std::uint64_t instructions)
{
    parts_->machine->set_console_script({"", {text}});
    return run_to_prompt(instructions);
}

std::string ShellMachine::interrupt(std::uint64_t instructions)
{
    const std::string failure = press("\x03", instructions);
    return failure.empty() && begin({}, instructions) ? "the shell does not read the line behind Ctrl-C" : failure;
}

std::string ShellMachine::settle(std::size_t living, std::uint64_t instructions)
{
    Machine& machine = *parts_->machine;
    machine.clear_stops();
    const std::uint64_t limit = machine.instruction_count() + instructions;
    while (this->living() > living) {
        const RunEnd end = machine.run({.instructions = std::min(limit, machine.instruction_count() + kSlice)});
        if (end.kind != EndKind::InstructionLimit || machine.instruction_count() >= limit) {
            return fmt::format("{} processes still live, {} should; {}", this->living(), living, end.text);
        }
    }
    return "";
}

std::string ShellMachine::kill_youngest(std::size_t count, std::uint64_t instructions)
{
    const std::size_t others = living() - count;
    std::vector<std::string> lines;
    for (const Process& process : run_->watch.processes().all() | std::views::reverse) {
        if (!process.ended && lines.size() != count) {
            lines.push_back(fmt::format("kill {} SIGKILL", process.id));
        }
    }
    const std::string failure = type(lines, instructions);
    return failure.empty() ? settle(others, instructions) : failure;
}

std::string ShellMachine::console_since(std::size_t begin) const
{
    std::string text = parts_->machine->console().substr(begin);
    std::erase(text, '\r');
    return text;
}

std::size_t ShellMachine::console_size() const
{
    return parts_->machine->console().size();
}

std::size_t ShellMachine::living() const
{
    return static_cast<std::size_t>(std::ranges::count(run_->watch.processes().all(), false, &Process::ended));
}

ProgramEnd ShellMachine::end_of(const std::string& name) const
{
    const std::vector<Process>& all = run_->watch.processes().all();
    const auto found = std::find_if(all.begin() + static_cast<std::ptrdiff_t>(run_->begin), all.end(),
                                    [&name](const Process& process) { return process.program.name == name; });
    return found == all.end() ? ProgramEnd{} : ProgramEnd{true, found->id, found->wait_status};
}

std::uint64_t ShellMachine::instruction_count() const
{
    return parts_->machine->instruction_count();
}

std::uint64_t ShellMachine::now() const
{
    return parts_->machine->now();
}

std::string ShellMachine::broken() const
{
    if (run_->watch.panic()) {
        return "the kernel panicked: " + *run_->watch.panic();
    }
    return run_->rules.report().total() == 0 ? "" : format_violation(run_->rules.report().violations()[0]);
}

std::string ShellMachine::missing_frames() const
{
    if (run_->taken.empty() && run_->given_back.empty()) {
        return "";
    }
    return fmt::format("{} frames were taken and not given back, {} were given back only", run_->taken.size(),
                       run_->given_back.size());
}

} // namespace stress
