// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/machine.h"

#include "arch/control_registers.h"
#include "arch/exception.h"
#include "arch/exit_ports.h"
#include "arch/pic8259.h"
#include "arch/pit8254.h"
#include "arch/uart16550.h"
#include "engine/engine.h"
#include "engine/interception.h"
#include "machine/boot_loader.h"
#include "machine/clock.h"
#include "machine/console_typist.h"
#include "machine/debug_register.h"
#include "machine/devices/acpi_ports.h"
#include "machine/devices/cmos.h"
#include "machine/devices/debug_console.h"
#include "machine/devices/exit_ports.h"
#include "machine/devices/io_apic.h"
#include "machine/devices/local_apic.h"
#include "machine/devices/pic8259.h"
#include "machine/devices/pit8254.h"
#include "machine/devices/port_bus.h"
#include "machine/devices/uart16550.h"
#include "machine/guest_ram.h"
#include "machine/processor.h"
#include "model/memory_access.h"
#include "model/page_walk.h"
#include "model/table_register.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <variant>

namespace ringcheck {
namespace {

using model::CpuState;
using model::Event;
using model::Fault;

constexpr std::uint64_t kNever = ~std::uint64_t{0};

std::expected<void, std::string> check(const MachineConfig& config)
{
    constexpr std::uint64_t kSmallest = 8u << 20, kLargest = 1u << 30, kGranule = 2u << 20;
    if (config.ram_bytes < kSmallest || config.ram_bytes > kLargest || config.ram_bytes % kGranule != 0) {
        return std::unexpected(
            fmt::format("{} bytes of RAM: a machine has 8 MiB to 1 GiB, in steps of 2 MiB", config.ram_bytes));
    }
    return {};
}

/// Everything a decode of instruction bytes depends on.
bool same_translation(const CpuState& left, const CpuState& right)
{
    return left.cr0 == right.cr0 && left.cr3 == right.cr3 && left.cr4 == right.cr4 && left.efer == right.efer &&
           left.cs.long_code() == right.cs.long_code();
}

bool is_trap(std::uint8_t vector)
{
    return vector == static_cast<std::uint8_t>(arch::Vector::Debug); // the engine raises it for single steps alone
}

/// The chain that brought the CPU down, first fault first.
std::vector<Fault> chain(const model::Delivery& delivery)
{
    std::vector<Fault> faults;
    for (const model::DeliveryAttempt& attempt : delivery.attempts()) {
        const Event& event = attempt.event;
        const bool is_last_failure =
            !faults.empty() && faults.back().vector == event.vector && faults.back().error_code == event.error_code;
        if (event.origin == Event::Origin::Exception && !is_last_failure) {
            faults.push_back({event.vector, event.error_code, event.cr2, model::Reason::InstructionRule});
        }
        if (attempt.failed) {
            faults.push_back(*attempt.failed);
        }
    }
    return faults;
}

std::string describe(const std::vector<Fault>& faults)
{
    std::string text;
    for (const Fault& fault : faults) {
        text += text.empty() ? "" : ", then ";
        text += arch::mnemonic(fault.vector);
        text += fault.error_code ? fmt::format("({:#x})", *fault.error_code) : "";
    }
    return text;
}

} // namespace

struct Machine::Parts {
    Parts(const MachineConfig& configuration, GuestRam mapped)
        : config(configuration), ram(std::move(mapped)), memory(ram.bytes()), interception(memory),
          processor(memory, config.vendor, ports, [this] { return now(); }, &apic)
    {
        attach_devices();
    }

    void attach_devices();
    std::uint64_t now() const { return clock.now(interception.count()); }
    void report_unmodelled(const std::string& what)
    {
        if (observer != nullptr) {
            observer->on_unmodelled(interception.count(), what);
        }
    }
    void transmitted(char byte);
    void progress() { idle_since_progress = 0; }

    // One round of the main loop each; a RunEnd is the end of the run.
    void set_irq(unsigned irq, bool high);
    bool interrupt_pending() const;
    std::optional<std::uint64_t> next_device_event() const;
    void advance_devices();
    std::optional<RunEnd> take_interrupt();
    std::optional<RunEnd> take_nmi();
    std::optional<RunEnd> run_engine(std::uint64_t instruction_limit);
    std::optional<RunEnd> handle(const EngineStop& stop);
    std::optional<RunEnd> at_watched_address();
    std::optional<RunEnd> execute(Instruction instruction);
    std::optional<RunEnd> executed(const CpuState& before, const Executed& result);
    std::optional<RunEnd> left_to_engine(const Instruction& instruction, const CpuState& before);
    std::optional<RunEnd> exception(const EngineStop& stop);
    std::optional<RunEnd> access_device();
    void follow_apic_mode();
    std::optional<RunEnd> deliver(const CpuState& before, const Event& event, TransitionKind kind);
    std::optional<RunEnd> raise(const CpuState& before, const Fault& fault);
    std::optional<RunEnd> single_step_trap(const CpuState& state);
    std::optional<RunEnd> halt(const CpuState& state);
    std::optional<RunEnd> exit_requested();
    RunEnd unmodelled(const CpuState& state, std::string_view what) const;
    RunEnd instruction_limit_reached() const;

    void commit(const CpuState& before, const CpuState& after, bool flush_tlb = false);
    void tell(TransitionKind kind, const CpuState& before, const CpuState& after,
              std::optional<std::uint8_t> vector = std::nullopt,
              std::optional<std::uint32_t> error_code = std::nullopt);

    /// What a snapshot copies, beside RAM and what the engine, the interception and the processor save by themselves.
    auto restorable()
    {
        return std::tie(clock, pic, apic, pit, com1, com2, cmos, exit_ports, debug_console, post_port, console,
                        second_console, typist, announced_at, idle_since_progress);
    }

    MachineConfig config;
    GuestRam ram;
    model::PhysicalMemory memory;
    Interception interception;
    std::unique_ptr<Engine> engine;
    Clock clock;
    Observer* observer = nullptr;

    ReportUnmodelled report = [this](const std::string& what) { report_unmodelled(what); };
    PortBus ports{report};
    PicPair pic{report};
    LocalApic apic{{config.vendor == model::Vendor::Intel, config.vendor == model::Vendor::Intel},
                   [this] { return now(); },
                   [this](std::uint8_t vector) { io_apic.end_of_interrupt(vector); },
                   report};
    IoApic io_apic{[this](std::uint8_t destination, bool logical, const ApicMessage& message) {
                       if (apic.accepts(destination, logical)) {
                           apic.receive(message);
                       }
                   },
                   report};
    Pit8254 pit{[this] { return now(); },
                [this] {
                    set_irq(arch::pit8254::kIrq, false);
                    set_irq(arch::pit8254::kIrq, true);
                },
                report};
    Uart16550 com1{arch::uart16550::kCom1, [this](std::uint8_t byte) { transmitted(static_cast<char>(byte)); },
                   [this](bool high) { set_irq(arch::uart16550::kCom1Irq, high); }};
    Uart16550 com2{arch::uart16550::kCom2, [this](std::uint8_t byte) { second_console += static_cast<char>(byte); },
                   [this](bool high) { set_irq(arch::uart16550::kCom2Irq, high); }};
    Cmos cmos{[this] { return now(); }, [this](bool high) { set_irq(Cmos::kIrq, high); }, report};
    AcpiPorts acpi_ports{[this] { return now(); }};
    ExitPorts exit_ports;
    DebugConsole debug_console;
    PostPort post_port;
    Processor processor;

    std::string console, second_console;
    ConsoleTypist typist;
    std::unordered_set<std::uint64_t> watched, stops;
    bool apic_attached = true;           ///< its page is where the engine finds it
    std::uint64_t announced_at = kNever; ///< the count at which the watched address here was told of
    std::uint64_t idle_since_progress = 0, idle_limit = 0;
};

void Machine::Parts::attach_devices()
{
    ports.attach(arch::pic8259::kMasterCommand, 2, pic);
    ports.attach(arch::pic8259::kSlaveCommand, 2, pic);
    ports.attach(arch::pit8254::kChannel0, 4, pit);
    ports.attach(arch::uart16550::kCom1, arch::uart16550::kPortCount, com1);
    ports.attach(arch::uart16550::kCom2, arch::uart16550::kPortCount, com2);
    ports.attach(Cmos::kIndexPort, 2, cmos);
    ports.attach(AcpiPorts::kPm1Event, AcpiPorts::kPm1EventBytes, acpi_ports);
    ports.attach(AcpiPorts::kPmTimer, AcpiPorts::kPmTimerBytes, acpi_ports);
    ports.attach(arch::exit_ports::kDebugConsole, 1, debug_console);
    ports.attach(PostPort::kPort, 1, post_port);
    exit_ports.attach_to(ports);
}

void Machine::Parts::transmitted(char byte)
{
    progress();
    console += byte;
    if (observer != nullptr) {
        observer->on_console(byte);
    }
    com1.receive(typist.after_output(console));
}

void Machine::Parts::tell(TransitionKind kind, const CpuState& before, const CpuState& after,
                          std::optional<std::uint8_t> vector, std::optional<std::uint32_t> error_code)
{
    if (after.cpl == 3) {
        progress();
    }
    if (observer != nullptr) {
        observer->on_transition({interception.count(), kind, vector, error_code, before, after});
    }
}

void Machine::Parts::commit(const CpuState& before, const CpuState& after, bool flush_tlb)
{
    engine->set_state(after);
    if (flush_tlb) {
        engine->flush_tlb();
    }
    if (flush_tlb || !same_translation(before, after)) {
        interception.set_translation(after);
    }
}

RunEnd Machine::Parts::unmodelled(const CpuState& state, std::string_view what) const
{
    return {EndKind::Unmodelled, 0, fmt::format("{} at {:#x}", what, state.rip), {}};
}

RunEnd Machine::Parts::instruction_limit_reached() const
{
    const auto [low, high] = interception.recent_range();
    return {EndKind::InstructionLimit,
            0,
            fmt::format("after {} instructions the guest still runs, lately between {:#x} and {:#x}",
                        interception.count(), low, high),
            {}};
}

/// Delivers `event`, which happened in `before`.
std::optional<RunEnd> Machine::Parts::deliver(const CpuState& before, const Event& event, TransitionKind kind)
{
    announced_at = kNever; // the handler's first instruction may be watched too, at the same count
    if (observer != nullptr) {
        observer->on_event(interception.count(), before, event);
    }
    const model::Delivery delivery = model::deliver(before, memory, event);
    const model::DeliveryAttempt& last = delivery.attempts().back();
    if (delivery.shutdown()) {
        RunEnd end{EndKind::Shutdown, 0, "", chain(delivery)};
        end.text = fmt::format("triple fault at {:#x}: {}", before.rip, describe(end.faults));
        return end;
    }
    if (!delivery.state) {
        return unmodelled(before, fmt::format("{} {} ({})", arch::mnemonic(event.vector), event.vector,
                                              model::describe(last.failed->reason).statement));
    }
    // When the delivery faulted on its way, what was delivered in the end is that exception.
    const bool replaced = delivery.attempts().size() > 1;
    commit(before, *delivery.state);
    tell(replaced ? TransitionKind::Exception : kind, before, *delivery.state, last.event.vector,
         last.event.error_code);
    return std::nullopt;
}

std::optional<RunEnd> Machine::Parts::raise(const CpuState& before, const Fault& fault)
{
    if (model::outside_the_model(fault.reason)) {
        std::string what = model::describe(fault.reason).statement;
        if (fault.reason == model::Reason::MsrUnmodelled) {
            what += fmt::format(": MSR {:#x}", static_cast<std::uint32_t>(before[model::Gpr::Rcx]));
        }
        report_unmodelled(what);
        return unmodelled(before, what);
    }
    interception.take_back_fault(before.rip);
    return deliver(before, to_event(fault, before.rip), TransitionKind::Exception);
}

/// RFLAGS.TF was set when an instruction began that the model executed.  [SDM 3B "Single-Step Exception Condition"]
std::optional<RunEnd> Machine::Parts::single_step_trap(const CpuState& state)
{
    constexpr std::uint64_t kDr6SingleStep = 1 << 14;
    CpuState trapped = state;
    trapped.dr6 |= kDr6SingleStep;
    Event event;
    event.vector = static_cast<std::uint8_t>(arch::Vector::Debug);
    event.return_rip = state.rip;
    return deliver(trapped, event, TransitionKind::Exception);
}

std::optional<RunEnd> Machine::Parts::halt(const CpuState& state)
{
    if ((state.rflags & arch::rflags::kInterrupt) == 0 && !apic.nmi_pending()) {
        return RunEnd{EndKind::Halted, 0, fmt::format("HLT with interrupts off, before {:#x}", state.rip), {}};
    }
    while (!interrupt_pending() && !apic.nmi_pending()) {
        const auto event = next_device_event();
        if (!event) {
            return RunEnd{EndKind::Halted,
                          0,
                          fmt::format("HLT before {:#x} with no timer running and nothing more to type", state.rip),
                          {}};
        }
        const std::uint64_t wait = *event - std::min(*event, now());
        idle_since_progress += wait;
        if (idle_since_progress > idle_limit) {
            return RunEnd{EndKind::Halted,
                          0,
                          fmt::format("HLT before {:#x}: the guest has been idle for {} s of its time", state.rip,
                                      idle_limit / Clock::kHz),
                          {}};
        }
        clock.idle_for(wait);
        advance_devices();
    }
    return std::nullopt;
}

std::optional<RunEnd> Machine::Parts::exit_requested()
{
    if (!exit_ports.request()) {
        return std::nullopt;
    }
    const auto [wish, value] = *exit_ports.request();
    exit_ports.clear();
    switch (wish) {
    case ExitPorts::Wish::Reset: return RunEnd{EndKind::Reset, 0, "the guest asked for a reset", {}};
    case ExitPorts::Wish::PowerOff: return RunEnd{EndKind::PowerOff, 0, "the guest switched itself off", {}};
    case ExitPorts::Wish::DebugExit:
        return value == config.power_off_value
                   ? RunEnd{EndKind::PowerOff, value, "the guest switched itself off", {}}
                   : RunEnd{EndKind::DebugExit, value, fmt::format("the guest ended itself with {:#x}", value), {}};
    }
    return std::nullopt;
}

/// The local APIC's page is there in one of its modes only.
void Machine::Parts::follow_apic_mode()
{
    constexpr arch::PhysAddr kPage{arch::local_apic::kDefaultBase};
    if (apic.in_memory() && !apic_attached) {
        engine->attach(kPage, apic).value(); // it was accepted before
    } else if (!apic.in_memory() && apic_attached) {
        engine->detach(kPage);
    }
    apic_attached = apic.in_memory();
}

std::optional<RunEnd> Machine::Parts::executed(const CpuState& before, const Executed& result)
{
    follow_apic_mode();
    if ((result.state.dr7 & kDr7Breakpoints) != 0 && (before.dr7 & kDr7Breakpoints) == 0) {
        report_unmodelled(fmt::format("DR7 = {:#x}: breakpoints are not modelled", result.state.dr7));
    }
    commit(before, result.state, result.flush_tlb);
    if (result.transition) {
        tell(*result.transition, before, result.state);
    }
    interception.retire(before.rip);
    if (result.halted) {
        return halt(result.state);
    }
    // A change of ring loads RFLAGS, and with it its own idea of single-stepping.
    if ((before.rflags & arch::rflags::kTrap) != 0 && (result.state.rflags & arch::rflags::kTrap) != 0 &&
        !result.transition) {
        return single_step_trap(result.state);
    }
    return exit_requested();
}

/// Lets the engine execute one instruction and looks at what came of it.
std::optional<RunEnd> Machine::Parts::left_to_engine(const Instruction& instruction, const CpuState& before)
{
    interception.pass_one();
    const EngineStop stop = engine->run();
    if (stop.cause != EngineStop::Cause::Intercepted) {
        return handle(stop);
    }
    const CpuState after = engine->state();
    if (instruction.kind == InstructionKind::LoadTable) {
        // The engine has read the operand, and takes any base; the model decides about it.
        constexpr unsigned kLidt = 3;
        const bool idt = (instruction.reg() & 7) == kLidt;
        const auto loaded = load_table_register(before, idt ? model::DescriptorTable::Idt : model::DescriptorTable::Gdt,
                                                idt ? after.idtr : after.gdtr);
        if (!loaded) {
            engine->set_state(before);
            return raise(before, loaded.error());
        }
    }
    if (after.cpl != before.cpl) {
        return unmodelled(before, "far transfer to another ring");
    }
    if (!same_translation(before, after)) {
        interception.set_translation(after);
    }
    return std::nullopt;
}

/// By value: the engine's next stop overwrites the interception's.
std::optional<RunEnd> Machine::Parts::execute(Instruction instruction)
{
    const CpuState before = engine->state();
    const Outcome outcome = processor.execute(instruction, before);
    if (const auto* const result = std::get_if<Executed>(&outcome)) {
        return executed(before, *result);
    }
    if (const auto* const result = std::get_if<Raised>(&outcome)) {
        auto end = deliver(before, result->event, TransitionKind::SoftwareInterrupt);
        interception.retire(before.rip);
        return end;
    }
    if (const auto* const result = std::get_if<Faulted>(&outcome)) {
        return raise(result->state, result->fault);
    }
    return left_to_engine(instruction, before);
}

std::optional<RunEnd> Machine::Parts::exception(const EngineStop& stop)
{
    const CpuState before = engine->state();
    if (!is_trap(stop.vector)) {
        interception.take_back_fault(before.rip);
    }
    Event event;
    event.vector = stop.vector;
    event.return_rip = before.rip;
    if (arch::pushes_error_code(stop.vector)) {
        event.error_code = stop.error_code;
    }
    if (stop.vector == static_cast<std::uint8_t>(arch::Vector::PageFault)) {
        event.cr2 = stop.address;
    }
    return deliver(before, event, TransitionKind::Exception);
}

std::optional<RunEnd> Machine::Parts::at_watched_address()
{
    const std::uint64_t rip = interception.rip();
    if (announced_at != interception.count()) {
        announced_at = interception.count();
        if (observer != nullptr && watched.contains(rip)) {
            observer->on_address(interception.count(), engine->state());
        }
        if (stops.contains(rip)) {
            return RunEnd{EndKind::WatchedAddress, 0, fmt::format("stopped before {:#x}", rip), {}};
        }
    }
    interception.pass_watched();
    return std::nullopt;
}

/// The engine stands before an instruction that touches a device: executes it alone, so that the device sees it at its
/// time and what comes of it is seen before the next one.
std::optional<RunEnd> Machine::Parts::access_device()
{
    interception.take_back_fault(engine->state().rip);
    interception.pass_one();
    engine->open_devices();
    const EngineStop stop = engine->run();
    engine->close_devices();
    CpuState after = engine->state();
    if (after.cr8 != apic.cr8()) {
        after.cr8 = apic.cr8();
        engine->set_state(after);
    }
    return stop.cause == EngineStop::Cause::Intercepted ? std::nullopt : handle(stop);
}

std::optional<RunEnd> Machine::Parts::handle(const EngineStop& stop)
{
    switch (stop.cause) {
    case EngineStop::Cause::Intercepted:
        switch (interception.stop()) {
        case Interception::Stop::Count: return std::nullopt;
        case Interception::Stop::Watched: return at_watched_address();
        case Interception::Stop::Instruction: return execute(interception.instruction());
        case Interception::Stop::Unreadable:
            return unmodelled(engine->state(), "code that the page tables no longer grant (a stale TLB entry?) runs");
        }
        break;
    case EngineStop::Cause::Exception: return exception(stop);
    case EngineStop::Cause::OutsideMemory: {
        const std::string what =
            fmt::format("{} of physical address {:#x}, where nothing is,", stop.access, stop.address);
        report_unmodelled(what);
        return unmodelled(engine->state(), what);
    }
    case EngineStop::Cause::Device: return access_device();
    case EngineStop::Cause::Failed: return unmodelled(engine->state(), "the engine gave up (" + stop.text + ")");
    }
    return std::nullopt;
}

/// An interrupt line of the ISA bus goes to both kinds of controller.
void Machine::Parts::set_irq(unsigned irq, bool high)
{
    constexpr unsigned kTimerLine = 2; // as the ACPI tables tell: the 8259s' cascade has no other use for it
    pic.set_line(irq, high);
    io_apic.set_line(irq == arch::pit8254::kIrq ? kTimerLine : irq, high);
}

bool Machine::Parts::interrupt_pending() const
{
    const bool passed = apic.passes_external_interrupts() || apic.external_interrupt_requested();
    return apic.deliverable() || (passed && pic.interrupt_pending());
}

std::optional<std::uint64_t> Machine::Parts::next_device_event() const
{
    std::optional<std::uint64_t> next;
    for (const auto& event : {pit.next_event(), apic.next_event(), cmos.next_event()}) {
        next = event && next ? std::min(*event, *next) : event ? event : next;
    }
    return next;
}

void Machine::Parts::advance_devices()
{
    pit.advance();
    apic.advance();
    if (const auto due = cmos.next_event(); due && *due <= now()) {
        cmos.advance();
    }
}

/// Delivers a pending external interrupt: the local APIC's own ones go before the 8259's.
std::optional<RunEnd> Machine::Parts::take_interrupt()
{
    const CpuState before = engine->state();
    Event event;
    event.origin = Event::Origin::External;
    if (const auto vector = apic.deliverable()) {
        apic.take(*vector);
        event.vector = *vector;
    } else {
        apic.take_external_interrupt();
        event.vector = pic.acknowledge();
    }
    event.return_rip = before.rip;
    event.between_iterations = interception.between_iterations(before.rip);
    return deliver(before, event, TransitionKind::Interrupt);
}

std::optional<RunEnd> Machine::Parts::take_nmi()
{
    const CpuState before = engine->state();
    apic.take_nmi();
    Event event;
    event.origin = Event::Origin::Nmi;
    event.vector = static_cast<std::uint8_t>(arch::Vector::Nmi);
    event.return_rip = before.rip;
    event.between_iterations = interception.between_iterations(before.rip);
    return deliver(before, event, TransitionKind::Nmi);
}

std::optional<RunEnd> Machine::Parts::run_engine(std::uint64_t instruction_limit)
{
    std::uint64_t stop_count = instruction_limit;
    if (const auto event = next_device_event()) {
        stop_count = std::min(stop_count, clock.instructions_at(*event));
    }
    if (apic.nmi_pending() && !engine->state().nmi_blocked) { // IRET, which unblocks it, is executed by the model
        if (!engine->state().interrupt_shadow) {
            return take_nmi();
        }
        stop_count = interception.count() + 1;
    }
    const bool waiting = interrupt_pending();
    interception.set_interrupt_waiting(waiting);
    if (waiting) {
        const CpuState& state = engine->state();
        if ((state.rflags & arch::rflags::kInterrupt) != 0) {
            if (!state.interrupt_shadow) {
                return take_interrupt();
            }
            stop_count = interception.count() + 1; // look again behind the shadow
        }
    }
    // So that recent_range() is exact where it is asked for, at the limit.
    const std::uint64_t closely_from =
        instruction_limit - std::min<std::uint64_t>(instruction_limit, Interception::kRecent);
    interception.stop_at_count(stop_count, closely_from);
    return handle(engine->run());
}

namespace {

template <typename... Parts> std::tuple<Parts...> copy_of(const std::tuple<Parts&...>& parts)
{
    return parts;
}

} // namespace

struct Snapshot::Parts {
    std::shared_ptr<const RamImage> ram;
    Engine::SavedState engine;
    Interception::Saved interception;
    std::uint64_t random;
    decltype(copy_of(std::declval<Machine::Parts&>().restorable())) rest;
};

Snapshot::Snapshot(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Snapshot::~Snapshot() = default;
Snapshot::Snapshot(Snapshot&&) noexcept = default;
Snapshot& Snapshot::operator=(Snapshot&&) noexcept = default;

std::uint64_t Snapshot::instruction_count() const
{
    return parts_->interception.count;
}

std::expected<Snapshot, std::string> Machine::snapshot()
{
    auto image = parts_->ram.image();
    if (!image) {
        return std::unexpected(image.error());
    }
    return Snapshot(std::make_unique<Snapshot::Parts>(std::move(*image), parts_->engine->save(),
                                                      parts_->interception.save(), parts_->processor.random_state(),
                                                      copy_of(parts_->restorable())));
}

std::expected<void, std::string> Machine::restore(const Snapshot& snapshot)
{
    const Snapshot::Parts& saved = *snapshot.parts_;
    parts_->engine->before_ram_becomes(saved.ram->bytes());
    if (auto reverted = parts_->ram.revert_to(saved.ram); !reverted) {
        return reverted;
    }
    parts_->engine->restore(*saved.engine);
    parts_->interception.set_translation(parts_->engine->state());
    parts_->interception.restore(saved.interception);
    parts_->processor.set_random_state(saved.random);
    parts_->restorable() = saved.rest;
    parts_->follow_apic_mode();
    return {};
}

Machine::Machine() = default;
Machine::~Machine() = default;

std::expected<std::unique_ptr<Machine>, std::string> Machine::create(const MachineConfig& config)
{
    if (auto checked = check(config); !checked) {
        return std::unexpected(checked.error());
    }
    auto ram = GuestRam::map(config.ram_bytes);
    if (!ram) {
        return std::unexpected(ram.error());
    }
    std::unique_ptr<Machine> machine(new Machine);
    machine->parts_ = std::make_unique<Parts>(config, std::move(*ram));
    auto engine = Engine::open(machine->parts_->ram.bytes(), machine->parts_->interception, config.mode);
    if (!engine) {
        return std::unexpected(engine.error());
    }
    machine->parts_->engine = std::move(*engine);
    machine->parts_->engine->reset_fpu();
    using arch::PhysAddr;
    const auto local = machine->parts_->engine->attach(PhysAddr{arch::local_apic::kDefaultBase}, machine->parts_->apic);
    const auto io = machine->parts_->engine->attach(PhysAddr{arch::io_apic::kBase}, machine->parts_->io_apic);
    if (!local || !io) {
        return std::unexpected(!local ? local.error() : io.error());
    }
    return machine;
}

std::expected<void, std::string> Machine::load(const ElfImage& kernel, const BootRequest& request)
{
    const auto state = load_kernel(parts_->memory, kernel, request);
    if (!state) {
        return std::unexpected(state.error());
    }
    set_state(*state);
    parts_->engine->forget_code();
    return {};
}

std::expected<void, std::string> Machine::load_pvh(const ElfImage& kernel, std::span<const std::byte> initrd,
                                                   const std::string& command_line)
{
    BootRequest request{BootProtocol::Pvh, {}, command_line};
    if (!initrd.empty()) {
        request.modules.push_back({initrd, ""});
    }
    return load(kernel, request);
}

void Machine::set_observer(Observer* observer)
{
    parts_->observer = observer;
}

void Machine::set_console_script(ConsoleScript script)
{
    parts_->typist = ConsoleTypist(std::move(script));
    parts_->com1.receive(parts_->typist.at_start());
}

void Machine::watch_address(arch::VirtAddr rip)
{
    parts_->watched.insert(rip.value);
    parts_->interception.watch(rip);
}

void Machine::stop_at(arch::VirtAddr rip)
{
    parts_->stops.insert(rip.value);
    parts_->interception.watch(rip);
}

void Machine::clear_stops()
{
    parts_->stops.clear();
    parts_->interception.unwatch_all();
    for (const std::uint64_t rip : parts_->watched) {
        parts_->interception.watch(arch::VirtAddr{rip});
    }
}

RunEnd Machine::run(const RunLimits& limits)
{
    Parts& parts = *parts_;
    parts.idle_limit = limits.idle_nanoseconds;
    for (;;) {
        parts.advance_devices();
        if (parts.interception.count() >= limits.instructions) {
            return parts.instruction_limit_reached();
        }
        if (auto end = parts.run_engine(limits.instructions)) {
            return *end;
        }
    }
}

std::uint64_t Machine::instruction_count() const
{
    return parts_->interception.count();
}

std::uint64_t Machine::now() const
{
    return parts_->now();
}

model::CpuState Machine::state() const
{
    return parts_->engine->state();
}

void Machine::set_state(const model::CpuState& state)
{
    if (state.cr8 != parts_->apic.cr8()) {
        parts_->apic.set_cr8(state.cr8);
    }
    parts_->engine->set_state(state);
    parts_->engine->flush_tlb();
    parts_->interception.set_translation(state);
}

model::PhysicalMemory Machine::memory()
{
    return parts_->memory;
}

void Machine::forget_code()
{
    parts_->engine->forget_code();
}

const MachineConfig& Machine::config() const
{
    return parts_->config;
}

const std::string& Machine::console() const
{
    return parts_->console;
}

const std::string& Machine::second_console() const
{
    return parts_->second_console;
}

const std::string& Machine::debug_console() const
{
    return parts_->debug_console.text();
}

std::vector<std::byte> Machine::read_virtual(const model::CpuState& state, arch::VirtAddr address, std::size_t bytes)
{
    // Whoever looks from outside is not the CPU: no SMAP.
    CpuState looking = state;
    looking.cr4 &= ~arch::cr4::kSmap;
    std::vector<std::byte> result;
    while (result.size() < bytes) {
        const arch::VirtAddr at = address + result.size();
        const std::size_t in_page = std::min<std::uint64_t>(bytes - result.size(), arch::kPageSize - at.page_offset());
        const auto translation = model::walk(looking, parts_->memory, at.value, {model::AccessKind::Read});
        const std::byte* const host = translation ? parts_->memory.at(translation->address, in_page) : nullptr;
        if (host == nullptr) {
            break;
        }
        result.insert(result.end(), host, host + in_page);
    }
    return result;
}

std::optional<std::uint64_t> Machine::read_virtual_u64(const model::CpuState& state, arch::VirtAddr address)
{
    const std::vector<std::byte> bytes = read_virtual(state, address, sizeof(std::uint64_t));
    std::uint64_t value = 0;
    if (bytes.size() != sizeof value) {
        return std::nullopt;
    }
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
}

} // namespace ringcheck
