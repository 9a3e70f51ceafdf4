// SPDX-License-Identifier: MIT
// The ACPI tables that describe a PC without a namespace: pointers, interrupt controllers, fixed hardware.
// [ACPI Specification 6.5 "Root System Description Pointer", "Fixed ACPI Description Table", "Multiple APIC
// Description Table", "PM1 Control Registers", "Power Management Timer"]
#pragma once

#include <cstddef>
#include <cstdint>

namespace arch::acpi {

struct [[gnu::packed]] RootPointer {
    char signature[8];     ///< "RSD PTR "
    std::uint8_t checksum; ///< the first 20 bytes sum up to 0
    char oem[6];
    std::uint8_t revision; ///< 2: all fields are there
    std::uint32_t rsdt;
    std::uint32_t length;
    std::uint64_t xsdt;
    std::uint8_t extended_checksum; ///< all bytes sum up to 0
    std::uint8_t reserved[3];
};
static_assert(sizeof(RootPointer) == 36);
inline constexpr std::size_t kOldRootPointerBytes = 20;

struct [[gnu::packed]] TableHeader {
    char signature[4];
    std::uint32_t length;
    std::uint8_t revision;
    std::uint8_t checksum; ///< all bytes of the table sum up to 0
    char oem[6];
    char oem_table[8];
    std::uint32_t oem_revision;
    char creator[4];
    std::uint32_t creator_revision;
};
static_assert(sizeof(TableHeader) == 36);

struct [[gnu::packed]] GenericAddress {
    std::uint8_t space; ///< 1: I/O ports
    std::uint8_t bits;
    std::uint8_t offset;
    std::uint8_t access; ///< 1: byte, 2: word, 3: double word
    std::uint64_t address;
};
inline constexpr std::uint8_t kIoSpace = 1;

/// Revision 4.
struct [[gnu::packed]] FixedDescription {
    TableHeader header; ///< "FACP"
    std::uint32_t facs, dsdt;
    std::uint8_t reserved0, profile;
    std::uint16_t sci_interrupt;
    std::uint32_t smi_command;
    std::uint8_t acpi_enable, acpi_disable, s4_bios, pstate_control;
    std::uint32_t pm1a_event, pm1b_event, pm1a_control, pm1b_control, pm2_control, pm_timer, gpe0, gpe1;
    std::uint8_t pm1_event_bytes, pm1_control_bytes, pm2_control_bytes, pm_timer_bytes, gpe0_bytes, gpe1_bytes;
    std::uint8_t gpe1_base, cstate_control;
    std::uint16_t c2_latency, c3_latency, flush_size, flush_stride;
    std::uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
    std::uint16_t boot_flags;
    std::uint8_t reserved1;
    std::uint32_t flags;
    GenericAddress reset;
    std::uint8_t reset_value, reserved2[3];
    std::uint64_t x_facs, x_dsdt;
    GenericAddress x_pm1a_event, x_pm1b_event, x_pm1a_control, x_pm1b_control, x_pm2_control, x_pm_timer, x_gpe0,
        x_gpe1;
};
static_assert(sizeof(FixedDescription) == 244 && offsetof(FixedDescription, boot_flags) == 109 &&
              offsetof(FixedDescription, reset) == 116);
/// FixedDescription::flags.
inline constexpr std::uint32_t kWbinvdWorks = 1u << 0, kNoPowerButton = 1u << 4, kNoSleepButton = 1u << 5,
                               kTimerIs32Bits = 1u << 8, kResetSupported = 1u << 10;
/// FixedDescription::boot_flags.
inline constexpr std::uint16_t kLegacyDevices = 1u << 0, kNoVga = 1u << 2;

struct [[gnu::packed]] FirmwareControl {
    char signature[4]; ///< "FACS"
    std::uint32_t length;
    std::uint8_t rest[56];
};
static_assert(sizeof(FirmwareControl) == 64);
inline constexpr std::uint64_t kFirmwareControlAlignment = 64;

struct [[gnu::packed]] LocalApicEntry {
    std::uint8_t type, length, processor, id;
    std::uint32_t flags; ///< 1: enabled
};
struct [[gnu::packed]] IoApicEntry {
    std::uint8_t type, length, id, reserved;
    std::uint32_t address, first_line;
};
struct [[gnu::packed]] OverrideEntry {
    std::uint8_t type, length, bus, irq;
    std::uint32_t line;
    std::uint16_t flags; ///< 0: as the bus has it
};
struct [[gnu::packed]] LocalNmiEntry {
    std::uint8_t type, length, processor; ///< 0xff: all
    std::uint16_t flags;
    std::uint8_t lint;
};
inline constexpr std::uint8_t kLocalApic = 0, kIoApic = 1, kOverride = 2, kLocalNmi = 4;
struct [[gnu::packed]] ApicDescription {
    TableHeader header; ///< "APIC"
    std::uint32_t local_apic;
    std::uint32_t flags; ///< 1: there are 8259s too
    LocalApicEntry cpu;
    IoApicEntry io_apic;
    OverrideEntry timer;
    LocalNmiEntry nmi;
};
static_assert(sizeof(LocalApicEntry) == 8 && sizeof(IoApicEntry) == 12 && sizeof(OverrideEntry) == 10 &&
              sizeof(LocalNmiEntry) == 6);

/// PM1 control: SLP_TYP stands above this bit's neighbours, SLP_EN in exit_ports.h.
inline constexpr std::uint16_t kSciEnable = 1u << 0;
inline constexpr std::uint32_t kPmTimerHz = 3'579'545;

} // namespace arch::acpi
