// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/board.h"

#include "arch/exit_ports.h"
#include "arch/pic8259.h"
#include "arch/pit8254.h"
#include "arch/uart16550.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {

Board::Board(const MachineConfig& config, model::PhysicalMemory memory, const Interception& instructions)
    : power_off_value_(config.power_off_value), instructions_(instructions),
      apic_(
          {config.offered().apic, config.offered().x2apic, config.offered().tsc_deadline}, [this] { return now(); },
          [this](std::uint8_t vector) { io_apic_.end_of_interrupt(vector); }, report_),
      io_apic_(
          [this](std::uint8_t destination, bool logical, const ApicMessage& message) {
              if (apic_.accepts(destination, logical)) {
                  apic_.receive(message);
              }
          },
          report_),
      pit_([this] { return now(); },
           [this] {
               set_irq(arch::pit8254::kIrq, false);
               set_irq(arch::pit8254::kIrq, true);
           },
           report_),
      com1_(
          arch::uart16550::kCom1, [this](std::uint8_t byte) { transmitted(static_cast<char>(byte)); },
          [this](bool high) { set_irq(arch::uart16550::kCom1Irq, high); }),
      com2_(
          arch::uart16550::kCom2, [this](std::uint8_t byte) { second_console_ += static_cast<char>(byte); },
          [this](bool high) { set_irq(arch::uart16550::kCom2Irq, high); }),
      cmos_([this] { return now(); }, [this](bool high) { set_irq(Cmos::kIrq, high); }, report_), fw_cfg_(memory)
{
    const auto told_of_ends = [this](std::optional<std::uint8_t> vector) {
        if (observer_ != nullptr) {
            observer_->on_interrupt_ended(instructions_.count(), vector);
        }
    };
    pic_.tell_ends(told_of_ends);
    apic_.tell_ends(told_of_ends);
    ports_.attach(arch::pic8259::kMasterCommand, 2, pic_);
    ports_.attach(arch::pic8259::kSlaveCommand, 2, pic_);
    ports_.attach(arch::pit8254::kChannel0, 4, pit_);
    ports_.attach(arch::uart16550::kCom1, arch::uart16550::kPortCount, com1_);
    ports_.attach(arch::uart16550::kCom2, arch::uart16550::kPortCount, com2_);
    ports_.attach(Cmos::kIndexPort, 2, cmos_);
    ports_.attach(AcpiPorts::kPm1Event, AcpiPorts::kPm1EventBytes, acpi_ports_);
    ports_.attach(AcpiPorts::kPmTimer, AcpiPorts::kPmTimerBytes, acpi_ports_);
    ports_.attach(FwCfg::kSelector, FwCfg::kSelectorPorts, fw_cfg_);
    ports_.attach(FwCfg::kDma, FwCfg::kDmaPorts, fw_cfg_);
    ports_.attach(arch::exit_ports::kDebugConsole, 1, debug_console_);
    ports_.attach(PostPort::kPort, 1, post_port_);
    exit_ports_.attach_to(ports_);
}

void Board::set_console_script(ConsoleScript script)
{
    typist_ = ConsoleTypist(std::move(script));
    com1_.forget_unread();
    com1_.receive(typist_.at_start(console_));
    disturbed();
}

void Board::report_unmodelled(const std::string& what)
{
    if (observer_ != nullptr) {
        observer_->on_unmodelled(instructions_.count(), what);
    }
}

void Board::transmitted(char byte)
{
    progress();
    console_ += byte;
    if (observer_ != nullptr) {
        observer_->on_console(byte);
    }
    com1_.receive(typist_.after_output(console_));
}

/// An interrupt line of the ISA bus goes to both kinds of controller.
void Board::set_irq(unsigned irq, bool high)
{
    constexpr unsigned kTimerLine = 2; // as the ACPI tables tell: the 8259s' cascade has no other use for it
    pic_.set_line(irq, high);
    io_apic_.set_line(irq == arch::pit8254::kIrq ? kTimerLine : irq, high);
}

bool Board::interrupt_pending() const
{
    const bool passed = apic_.passes_external_interrupts() || apic_.external_interrupt_requested();
    return injections_.interrupt_waits() || apic_.deliverable() || (passed && pic_.interrupt_pending());
}

model::PendingEvents Board::pending_events() const
{
    model::PendingEvents events;
    events.nmi = apic_.nmi_pending();
    events.init = apic_.init_pending();
    if (interrupt_pending()) {
        // What deliverable() gives has passed the task priority already.
        events.interrupt = model::ExternalInterrupt{.vector = apic_.deliverable().value_or(0)};
    }
    injections_.add_to(events);
    return events;
}

std::uint8_t Board::take(model::Taken taken)
{
    disturbed();
    if (taken == model::Taken::Interrupt) {
        return acknowledge();
    }
    if (taken == model::Taken::Nmi) {
        apic_.take_nmi();
    }
    if (taken == model::Taken::Init) {
        apic_.take_init();
    }
    injections_.take(taken);
    return 0;
}

std::uint8_t Board::acknowledge()
{
    if (injections_.interrupt_waits()) {
        return injections_.acknowledge();
    }
    if (const auto vector = apic_.deliverable()) {
        apic_.take(*vector);
        return accepted(*vector, 1);
    }
    apic_.take_external_interrupt();
    const std::uint8_t vector = pic_.acknowledge();
    return accepted(vector, pic_.ends_owed());
}

std::uint8_t Board::accepted(std::uint8_t vector, unsigned ends)
{
    if (observer_ != nullptr) {
        observer_->on_interrupt_accepted(instructions_.count(), vector, ends);
    }
    return vector;
}

/// In nanoseconds.
std::optional<std::uint64_t> Board::next_event() const
{
    std::optional<std::uint64_t> next;
    for (const auto& event : {pit_.next_event(), apic_.next_event(), cmos_.next_event()}) {
        next = event && next ? std::min(*event, *next) : event ? event : next;
    }
    return next;
}

std::uint64_t Board::next_event_count() const
{
    const auto event = next_event();
    return std::min(event ? clock_.instructions_at(*event) : Interception::kNever,
                    injections_.next_count().value_or(Interception::kNever));
}

void Board::advance_devices()
{
    pit_.advance();
    apic_.advance();
    if (const auto due = cmos_.next_event(); due && *due <= now()) {
        cmos_.advance();
    }
    injections_.advance(instructions_.count());
    outlook_ = {next_event_count(), event_pending()};
    settled_ = true;
}

std::expected<void, std::string> Board::idle(std::uint64_t limit)
{
    const auto event = next_event();
    if (!event) {
        return std::unexpected("no timer is running and there is nothing more to type");
    }
    const std::uint64_t wait = *event - std::min(*event, now());
    idle_since_progress_ += wait;
    if (idle_since_progress_ > limit) {
        return std::unexpected(fmt::format("the guest has been idle for {} s of its time", limit / Clock::kHz));
    }
    clock_.idle_for(wait);
    disturbed();
    return {};
}

std::optional<RunEnd> Board::exit_requested()
{
    if (!exit_ports_.request()) {
        return std::nullopt;
    }
    const auto [wish, value] = *exit_ports_.request();
    exit_ports_.clear();
    switch (wish) {
    case ExitPorts::Wish::Reset: return RunEnd{EndKind::Reset, 0, "the guest asked for a reset", {}};
    case ExitPorts::Wish::PowerOff: return RunEnd{EndKind::PowerOff, 0, "the guest switched itself off", {}};
    case ExitPorts::Wish::DebugExit:
        return value == power_off_value_
                   ? RunEnd{EndKind::PowerOff, value, "the guest switched itself off", {}}
                   : RunEnd{EndKind::DebugExit, value, fmt::format("the guest ended itself with {:#x}", value), {}};
    }
    return std::nullopt;
}

} // namespace ringcheck
