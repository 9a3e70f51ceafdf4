// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/acpi_tables.h"

#include "arch/exit_ports.h"
#include "arch/io_apic.h"
#include "arch/local_apic.h"
#include "machine/devices/acpi_ports.h"

#include <numeric>

namespace ringcheck {
namespace {

namespace acpi = arch::acpi;
using arch::PhysAddr;

constexpr std::uint64_t kBiosArea = 0xe'0000, kBiosAreaEnd = 0x10'0000;
constexpr std::uint16_t kResetPort = 0xcf9;
constexpr std::uint8_t kResetValue = 0x06;
constexpr std::uint8_t kSciIrq = 9;

/// Name(\_S5, Package(4) { 0, 0, 0, 0 }): sleep type 0 powers off.  [ACPI Specification 6.5 "AML Byte Stream Byte
/// Values", "\_Sx (System States)"]
constexpr std::uint8_t kNamespace[] = {0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0, 0, 0, 0};

struct [[gnu::packed]] Namespace {
    acpi::TableHeader header;
    std::uint8_t code[sizeof kNamespace];
};
struct [[gnu::packed]] RootTable32 {
    acpi::TableHeader header;
    std::uint32_t tables[2];
};
struct [[gnu::packed]] RootTable64 {
    acpi::TableHeader header;
    std::uint64_t tables[2];
};

/// All of it, as it lies in memory.  What must be aligned comes first.
struct Layout {
    acpi::RootPointer root; ///< on a 16-byte boundary, so that it can be found
    alignas(acpi::kFirmwareControlAlignment) acpi::FirmwareControl firmware;
    alignas(16) Namespace dsdt;
    alignas(16) acpi::FixedDescription fixed;
    alignas(16) acpi::ApicDescription apic;
    alignas(16) RootTable32 rsdt;
    alignas(16) RootTable64 xsdt;
};

/// What makes the bytes sum up to 0.
std::uint8_t checksum(const void* data, std::size_t bytes)
{
    const auto* const first = static_cast<const std::uint8_t*>(data);
    return static_cast<std::uint8_t>(0 - std::accumulate(first, first + bytes, 0u));
}

template <std::size_t Size> void put(char (&field)[Size], const char (&text)[Size + 1])
{
    std::memcpy(field, text, Size);
}

/// Completes a table whose contents are there.
template <typename Table> void seal(Table& table, const char (&signature)[5], std::uint8_t revision)
{
    put(table.header.signature, signature);
    table.header.length = sizeof table;
    table.header.revision = revision;
    put(table.header.oem, "RINGCK");
    put(table.header.oem_table, "RINGCHCK");
    table.header.oem_revision = 1;
    put(table.header.creator, "RCHK");
    table.header.creator_revision = 1;
    table.header.checksum = 0;
    table.header.checksum = checksum(&table, sizeof table);
}

acpi::GenericAddress ports(std::uint16_t first, unsigned bytes)
{
    const auto access = static_cast<std::uint8_t>(bytes == 4 ? 3 : bytes);
    return {acpi::kIoSpace, static_cast<std::uint8_t>(bytes * 8), 0, access, first};
}

void describe_fixed_hardware(acpi::FixedDescription& fixed, std::uint32_t facs, std::uint32_t dsdt)
{
    fixed.facs = facs;
    fixed.dsdt = dsdt;
    fixed.sci_interrupt = kSciIrq;
    fixed.pm1a_event = AcpiPorts::kPm1Event;
    fixed.pm1_event_bytes = AcpiPorts::kPm1EventBytes;
    fixed.pm1a_control = arch::exit_ports::kAcpiPm1Control;
    fixed.pm1_control_bytes = 2;
    fixed.pm_timer = AcpiPorts::kPmTimer;
    fixed.pm_timer_bytes = AcpiPorts::kPmTimerBytes;
    fixed.c2_latency = fixed.c3_latency = 0xffff; // neither state is there
    fixed.century = 0x32;
    fixed.boot_flags = acpi::kLegacyDevices | acpi::kNoVga;
    fixed.flags =
        acpi::kWbinvdWorks | acpi::kNoPowerButton | acpi::kNoSleepButton | acpi::kTimerIs32Bits | acpi::kResetSupported;
    fixed.reset = ports(kResetPort, 1);
    fixed.reset_value = kResetValue;
    fixed.x_facs = facs;
    fixed.x_dsdt = dsdt;
    fixed.x_pm1a_event = ports(fixed.pm1a_event & 0xffff, AcpiPorts::kPm1EventBytes);
    fixed.x_pm1a_control = ports(arch::exit_ports::kAcpiPm1Control, 2);
    fixed.x_pm_timer = ports(AcpiPorts::kPmTimer, AcpiPorts::kPmTimerBytes);
}

void describe_interrupts(acpi::ApicDescription& apic)
{
    constexpr std::uint8_t kIoApicId = 1, kTimerLine = 2, kAllProcessors = 0xff, kLint1 = 1;
    apic.local_apic = static_cast<std::uint32_t>(arch::local_apic::kDefaultBase);
    apic.flags = 1;
    apic.cpu = {acpi::kLocalApic, sizeof apic.cpu, 0, 0, 1};
    apic.io_apic = {
        acpi::kIoApic, sizeof apic.io_apic, kIoApicId, 0, static_cast<std::uint32_t>(arch::io_apic::kBase), 0};
    apic.timer = {acpi::kOverride, sizeof apic.timer, 0, 0, kTimerLine, 0};
    apic.nmi = {acpi::kLocalNmi, sizeof apic.nmi, kAllProcessors, 0, kLint1};
}

/// Everything at `base`.
Layout build(PhysAddr base)
{
    const auto at = [base](std::size_t offset) { return static_cast<std::uint32_t>(base.value + offset); };
    Layout all{};
    put(all.firmware.signature, "FACS");
    all.firmware.length = sizeof all.firmware;
    std::memcpy(all.dsdt.code, kNamespace, sizeof kNamespace);
    seal(all.dsdt, "DSDT", 2);
    describe_fixed_hardware(all.fixed, at(offsetof(Layout, firmware)), at(offsetof(Layout, dsdt)));
    seal(all.fixed, "FACP", 4);
    describe_interrupts(all.apic);
    seal(all.apic, "APIC", 3);
    all.rsdt.tables[0] = at(offsetof(Layout, fixed));
    all.rsdt.tables[1] = at(offsetof(Layout, apic));
    seal(all.rsdt, "RSDT", 1);
    all.xsdt.tables[0] = at(offsetof(Layout, fixed));
    all.xsdt.tables[1] = at(offsetof(Layout, apic));
    seal(all.xsdt, "XSDT", 1);

    put(all.root.signature, "RSD PTR ");
    put(all.root.oem, "RINGCK");
    all.root.revision = 2;
    all.root.rsdt = at(offsetof(Layout, rsdt));
    all.root.length = sizeof all.root;
    all.root.xsdt = at(offsetof(Layout, xsdt));
    all.root.checksum = checksum(&all.root, acpi::kOldRootPointerBytes);
    all.root.extended_checksum = checksum(&all.root, sizeof all.root);
    return all;
}

} // namespace

std::optional<AcpiTables> place_acpi_tables(BootMemory& memory)
{
    const auto base = memory.reserve(kBiosArea, kBiosAreaEnd, sizeof(Layout), alignof(Layout), "the ACPI tables");
    if (!base) {
        return std::nullopt;
    }
    const Layout all = build(*base);
    memory.write(*base, all);
    return AcpiTables{*base, all.root};
}

} // namespace ringcheck
