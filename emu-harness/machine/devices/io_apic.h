// SPDX-License-Identifier: GPL-2.0-or-later
// The I/O APIC of a PC: 24 lines, edge and level, all masked at first.  A line is asserted or not, whatever polarity
// its entry names.  [Intel 82093AA datasheet]
#pragma once

#include "arch/io_apic.h"
#include "engine/memory_device.h"
#include "machine/devices/local_apic.h"
#include "machine/devices/port_device.h"

#include <array>
#include <cstdint>
#include <functional>
#include <tuple>

namespace ringcheck {

class IoApic : public MemoryDevice {
public:
    using Send = std::function<void(std::uint8_t destination, bool logical, const ApicMessage& message)>;
    IoApic(Send send, ReportUnmodelled report) : send_(std::move(send)), report_(std::move(report))
    {
        redirection_.fill(arch::io_apic::kMasked);
    }

    /// @param line  below arch::io_apic::kLines
    void set_line(unsigned line, bool asserted);
    /// A local APIC ends a level-triggered interrupt.
    void end_of_interrupt(std::uint8_t vector);

    std::uint64_t read(std::uint32_t offset, unsigned bytes) override;
    void write(std::uint32_t offset, unsigned bytes, std::uint64_t value) override;

    /// What a snapshot keeps of it (saved_fields.h).
    auto saved_fields(this auto& self) { return std::tie(self.redirection_, self.asserted_, self.index_, self.id_); }

private:
    std::uint32_t read_register() const;
    void write_register(std::uint32_t value);
    void send(unsigned line);
    /// A level that is asserted and not being handled interrupts.
    void look_at_level(unsigned line);

    Send send_;
    ReportUnmodelled report_;
    std::array<std::uint64_t, arch::io_apic::kLines> redirection_{};
    std::array<bool, arch::io_apic::kLines> asserted_{};
    std::uint32_t index_ = 0, id_ = 0;
};

} // namespace ringcheck
