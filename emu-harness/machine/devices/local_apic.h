// SPDX-License-Identifier: GPL-2.0-or-later
// The local APIC of the only CPU, with APIC ID 0, as the firmware of a PC leaves it: enabled, LINT0 passes the 8259's
// interrupts through (virtual wire mode), LINT1 is NMI, all else is masked.
// INIT and start-up commands are accepted and start nobody.  Not offered, and reported when asked for: SMI, moving the
// page, remote read.  [SDM 3A "Advanced Programmable Interrupt Controller (APIC)"]
#pragma once

#include "arch/local_apic.h"
#include "engine/memory_device.h"
#include "machine/devices/apic_priority.h"
#include "machine/devices/apic_timer.h"
#include "machine/devices/port_device.h"

#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <tuple>

namespace ringcheck {

/// An interrupt message, from a command, an I/O APIC or a local source.
struct ApicMessage {
    arch::local_apic::Delivery delivery{};
    std::uint8_t vector = 0;
    bool level = false;
};

class LocalApic : public MemoryDevice {
public:
    /// What of it CPUID offers.
    struct Offer {
        bool apic = true, x2apic = false, tsc_deadline = false;
    };
    /// @param end_of_level  told the vector of a level-triggered interrupt when it ends
    LocalApic(Offer offer, std::function<std::uint64_t()> now, std::function<void(std::uint8_t)> end_of_level,
              ReportUnmodelled report);

    bool enabled() const { return (base_ & arch::local_apic::base::kEnable) != 0; }
    bool x2apic() const { return enabled() && (base_ & arch::local_apic::base::kX2Apic) != 0; }
    /// The page at kDefaultBase answers.
    bool in_memory() const { return enabled() && !x2apic(); }

    /// An access in the page.  One that is not of 4 bytes at a register is reported.
    std::uint64_t read(std::uint32_t offset, unsigned bytes) override;
    void write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

    /// IA32_APIC_BASE, IA32_TSC_DEADLINE and the x2APIC range, as far as CPUID offers them.
    bool has_msr(std::uint32_t index) const;
    /// For an MSR that it has. nullopt: #GP(0)
    std::optional<std::uint64_t> read_msr(std::uint32_t index);
    /// False: #GP(0), and nothing was written.
    [[nodiscard]] bool write_msr(std::uint32_t index, std::uint64_t value);

    /// CR8 is the upper half of the task priority.
    std::uint64_t cr8() const { return priority_.task_priority() >> 4; }
    void set_cr8(std::uint64_t value);

    /// Somebody on the bus sends `message` to `destination`, as an I/O APIC does: 8 bits.
    /// @return  it is for this CPU
    bool accepts(std::uint8_t destination, bool logical) const;
    void receive(const ApicMessage& message);

    /// `listener` is told of each end-of-interrupt command: the vector that it ended, nullopt when none was in service.
    void tell_ends(std::function<void(std::optional<std::uint8_t>)> listener) { ended_ = std::move(listener); }

    /// LINT0 passes the 8259's output on.
    bool passes_external_interrupts() const;
    std::optional<std::uint8_t> deliverable() const;
    void take(std::uint8_t vector) { priority_.take(vector); }
    /// An interrupt of delivery mode ExtINT has come by a message; reading it takes it away.
    bool external_interrupt_requested() const { return external_requested_; }
    void take_external_interrupt() { external_requested_ = false; }
    bool nmi_pending() const { return nmi_pending_; }
    void take_nmi() { nmi_pending_ = false; }
    bool init_pending() const { return init_pending_; }
    void take_init() { init_pending_ = false; }
    /// After INIT the CPU begins at its reset vector; any other one waits for a start-up IPI.
    bool boot_processor() const { return !offer_.apic || (base_ & arch::local_apic::base::kBootProcessor) != 0; }

    /// Lets everything happen that is due at the present time.
    void advance();
    /// When, in nanoseconds, `advance` next has something to do.
    std::optional<std::uint64_t> next_event() const;

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self)
    {
        return std::tie(self.base_, self.priority_, self.timer_, self.lvt_, self.id_, self.logical_destination_,
                        self.destination_format_, self.spurious_, self.command_low_, self.command_high_, self.errors_,
                        self.error_status_, self.nmi_pending_, self.external_requested_, self.init_pending_);
    }

private:
    using Register = arch::local_apic::Register;
    enum Lvt : unsigned { Timer, Thermal, Performance, Lint0, Lint1, Error, LvtCount };

    void reset();
    bool software_enabled() const;
    /// nullopt: there is no such register.
    std::optional<std::uint32_t> read_register(std::uint32_t offset) const;
    /// False: there is no such register, or it cannot be written.
    bool write_register(Register which, std::uint32_t value);
    void write_lvt(Lvt entry, std::uint32_t value);
    void write_spurious_vector(std::uint32_t value);
    void end_interrupt();
    void send(std::uint32_t command, std::uint32_t destination);
    bool is_for_this_cpu(std::uint32_t destination, bool logical) const;
    void raise_local(Lvt entry);
    void note_error(std::uint32_t bit);
    bool write_base(std::uint64_t value);

    Offer offer_;
    std::function<std::uint64_t()> now_;
    std::function<void(std::uint8_t)> end_of_level_;
    std::function<void(std::optional<std::uint8_t>)> ended_;
    ReportUnmodelled report_;

    std::uint64_t base_;
    ApicPriority priority_;
    ApicTimer timer_;
    std::array<std::uint32_t, LvtCount> lvt_{};
    std::uint32_t id_ = 0, logical_destination_ = 0, destination_format_ = 0, spurious_ = 0, command_low_ = 0,
                  command_high_ = 0, errors_ = 0, error_status_ = 0;
    bool nmi_pending_ = false, external_requested_ = false, init_pending_ = false;
};

} // namespace ringcheck
