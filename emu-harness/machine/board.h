// SPDX-License-Identifier: GPL-2.0-or-later
// What the CPU is plugged into: the devices, their ports, pages and interrupt lines, and the time they run by.
#pragma once

#include "engine/interception.h"
#include "machine/clock.h"
#include "machine/console_typist.h"
#include "machine/devices/acpi_ports.h"
#include "machine/devices/cmos.h"
#include "machine/devices/debug_console.h"
#include "machine/devices/exit_ports.h"
#include "machine/devices/fw_cfg.h"
#include "machine/devices/io_apic.h"
#include "machine/devices/local_apic.h"
#include "machine/devices/pic8259.h"
#include "machine/devices/pit8254.h"
#include "machine/devices/port_bus.h"
#include "machine/devices/uart16550.h"
#include "machine/injection.h"
#include "machine/machine_config.h"
#include "machine/observer.h"
#include "machine/run_end.h"
#include "model/interrupt_window.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace ringcheck {

class Board {
public:
    /// @param instructions  what the time depends on; outlives the board
    Board(const MachineConfig& config, model::PhysicalMemory memory, const Interception& instructions);
    Board(const Board&) = delete;
    Board& operator=(const Board&) = delete;

    void set_observer(Observer* observer) { observer_ = observer; }
    void set_console_script(ConsoleScript script);
    void report_unmodelled(const std::string& what);

    PortBus& ports() { return ports_; }
    LocalApic& local_apic() { return apic_; }
    const LocalApic& local_apic() const { return apic_; }
    IoApic& io_apic() { return io_apic_; }
    FwCfg& fw_cfg() { return fw_cfg_; }

    /// Guest time in nanoseconds (clock.h).
    std::uint64_t now() const { return clock_.now(instructions_.count()); }
    /// What the devices have for the CPU, as long as nobody touches one and the CPU does not idle.
    struct Outlook {
        /// The instruction count at which a device has something to do, or an injection is due.
        std::uint64_t next_event_count = 0;
        bool event_pending = false; ///< as event_pending() says until then
    };
    /// Lets the devices do what is due by now.  Quick when nothing is and nobody has called disturbed().
    const Outlook& advance()
    {
        if (!settled_ || instructions_.count() >= outlook_.next_event_count) {
            advance_devices();
        }
        return outlook_;
    }
    /// An instruction, an event or somebody outside may have changed a device.
    void disturbed() { settled_ = false; }
    void inject(std::uint64_t count, Injection injection)
    {
        injections_.add(count, injection);
        disturbed();
    }
    /// The CPU idles until a device has something to do, for `limit` nanoseconds at most since the last progress().
    /// @return  or why it is no use to wait: "no timer is running ..."
    std::expected<void, std::string> idle(std::uint64_t limit);
    /// The guest gets on: it wrote to its console or entered ring 3.
    void progress() { idle_since_progress_ = 0; }

    /// Something waits for the CPU; the bits of RFLAGS and CPL that could hold it back are not looked at.
    bool event_pending() const
    {
        return apic_.nmi_pending() || apic_.init_pending() || injections_.any_waits() || interrupt_pending();
    }
    bool interrupt_pending() const;
    /// All that waits.  The vector of an 8259's interrupt is known when it is acknowledged: 0 here.
    model::PendingEvents pending_events() const;
    /// The CPU takes one of them.
    /// @return  of an interrupt, which is in service then, the vector: an injected one goes before the local APIC's
    /// own,
    ///          and those before the 8259s'
    std::uint8_t take(model::Taken taken);

    /// The end of the run, if a port write has just asked for it.
    std::optional<RunEnd> exit_requested();

    const std::string& console() const { return console_; }
    const std::string& second_console() const { return second_console_; }
    const std::string& debug_console() const { return debug_console_.text(); }

    /// Calls act(name, part) with everything that a snapshot keeps, in the order in which it is to be put back: what a
    /// part is checked by comes before it.
    void each_saved(this auto& self, auto act)
    {
        act("clock", self.clock_);
        act("idle", self.idle_since_progress_);
        act("pic", self.pic_);
        act("lapic", self.apic_);
        act("ioapic", self.io_apic_);
        act("pit", self.pit_);
        act("com1", self.com1_);
        act("com2", self.com2_);
        act("cmos", self.cmos_);
        act("acpi", self.acpi_ports_);
        act("exit", self.exit_ports_);
        act("fwcfg", self.fw_cfg_);
        act("debugcon", self.debug_console_);
        act("post", self.post_port_);
        act("console", self.console_);
        act("console2", self.second_console_);
        act("typist", self.typist_);
        act("injected", self.injections_);
    }

private:
    void set_irq(unsigned irq, bool high);
    void transmitted(char byte);
    std::uint8_t acknowledge();
    std::uint8_t accepted(std::uint8_t vector, unsigned ends);
    std::optional<std::uint64_t> next_event() const;
    std::uint64_t next_event_count() const;
    void advance_devices();

    const std::uint32_t power_off_value_;
    const Interception& instructions_;
    Clock clock_;
    Observer* observer_ = nullptr;
    ReportUnmodelled report_ = [this](const std::string& what) { report_unmodelled(what); };
    PortBus ports_{report_};
    PicPair pic_{report_};
    LocalApic apic_;
    IoApic io_apic_;
    Pit8254 pit_;
    Uart16550 com1_, com2_;
    Cmos cmos_;
    AcpiPorts acpi_ports_{[this] { return now(); }};
    ExitPorts exit_ports_;
    FwCfg fw_cfg_;
    DebugConsole debug_console_;
    PostPort post_port_;
    std::string console_, second_console_;
    ConsoleTypist typist_;
    InjectionQueue injections_;
    std::uint64_t idle_since_progress_ = 0;
    Outlook outlook_;
    bool settled_ = false; ///< outlook_ holds
};

} // namespace ringcheck
