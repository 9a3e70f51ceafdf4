// SPDX-License-Identifier: MIT
// The ACPI tables, read as an operating system reads them: from the root pointer on, by signature, length and checksum.
#include "arch/acpi.h"
#include "arch/exit_ports.h"
#include "arch/pvh.h"
#include "machine/boot_loader.h"
#include "machine/machine.h"
#include "support/elf_builder.h"
#include "support/machine_guest.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using model::Gpr;
namespace acpi = arch::acpi;

constexpr std::uint32_t kLoad = 0x10'0000;

class AcpiTest : public testing::Test {
protected:
    /// @param taken  bytes from 0xe0000 on that belong to the kernel
    void boot(std::size_t taken = 0)
    {
        const std::vector<std::byte> code(64), low(taken);
        support::ElfBuilder builder;
        builder.pvh_entry(kLoad).segment(kLoad, kLoad, code, code.size());
        if (taken != 0) {
            builder.segment(0xe0000, 0xe0000, low, low.size());
        }
        const auto image = ElfImage::parse(builder.build());
        ASSERT_TRUE(image.has_value());
        ASSERT_TRUE(machine->load(*image, {}).has_value());
        root_address = read<arch::pvh::StartInfo>(machine->state()[Gpr::Rbx]).acpi_rsdp;
    }
    template <typename Structure> Structure read(std::uint64_t address)
    {
        Structure value{};
        const std::byte* const host = machine->memory().at(arch::PhysAddr{address}, sizeof value);
        EXPECT_NE(host, nullptr);
        if (host != nullptr) {
            std::memcpy(&value, host, sizeof value);
        }
        return value;
    }
    unsigned sum(std::uint64_t address, std::size_t bytes)
    {
        unsigned total = 0;
        for (std::size_t i = 0; i < bytes; ++i) {
            total += read<std::uint8_t>(address + i);
        }
        return total & 0xff;
    }
    /// The table's address by its signature; 0: it is not there, or broken.
    std::uint64_t find(const std::string& signature)
    {
        const auto xsdt = read<acpi::RootPointer>(root_address).xsdt;
        const auto header = read<acpi::TableHeader>(xsdt);
        for (std::uint64_t at = sizeof header; at < header.length; at += 8) {
            const auto table = read<std::uint64_t>(xsdt + at);
            const auto found = read<acpi::TableHeader>(table);
            if (signature == std::string(found.signature, 4) && sum(table, found.length) == 0) {
                return table;
            }
        }
        return 0;
    }

    std::unique_ptr<Machine> machine = *Machine::create({.ram_bytes = 8u << 20});
    std::uint64_t root_address = 0;
};

TEST_F(AcpiTest, TheRootPointerLiesWhereABiosHasIt)
{
    boot();
    EXPECT_GE(root_address, 0xe0000u);
    EXPECT_LT(root_address, 0x100000u);
    EXPECT_EQ(root_address % 16, 0u);
    const auto root = read<acpi::RootPointer>(root_address);
    EXPECT_EQ(std::string(root.signature, 8), "RSD PTR ");
    EXPECT_EQ(root.revision, 2);
    EXPECT_EQ(sum(root_address, 20), 0u);
    EXPECT_EQ(sum(root_address, root.length), 0u);
    for (const std::uint64_t table : {std::uint64_t{root.rsdt}, root.xsdt}) {
        EXPECT_EQ(sum(table, read<acpi::TableHeader>(table).length), 0u);
    }
    EXPECT_EQ(read<std::uint32_t>(root.rsdt + sizeof(acpi::TableHeader)), find("FACP"));
}

TEST_F(AcpiTest, TheFixedDescriptionLeadsToPowerOffAndReset)
{
    boot();
    const std::uint64_t address = find("FACP");
    ASSERT_NE(address, 0u);
    const auto fixed = read<acpi::FixedDescription>(address);
    EXPECT_EQ(fixed.pm1a_control, 0x604u);
    EXPECT_EQ(fixed.x_pm1a_control.address, 0x604u);
    EXPECT_EQ(fixed.smi_command, 0u) << "ACPI is always on";
    EXPECT_EQ(fixed.reset.address, 0xcf9u);
    EXPECT_EQ(fixed.reset_value, 6);
    EXPECT_EQ(fixed.facs % 64, 0u);
    EXPECT_EQ(std::string(read<acpi::FirmwareControl>(fixed.facs).signature, 4), "FACS");
    const auto dsdt = read<acpi::TableHeader>(fixed.dsdt);
    EXPECT_EQ(std::string(dsdt.signature, 4), "DSDT");
    EXPECT_EQ(sum(fixed.dsdt, dsdt.length), 0u);
    EXPECT_EQ(fixed.x_dsdt, fixed.dsdt);
    EXPECT_EQ(read<std::uint8_t>(fixed.dsdt + sizeof dsdt), 0x08) << "NameOp of \\_S5";
}

TEST_F(AcpiTest, TheInterruptControllersAreTheMachines)
{
    boot();
    const std::uint64_t address = find("APIC");
    ASSERT_NE(address, 0u);
    const auto madt = read<acpi::ApicDescription>(address);
    EXPECT_EQ(madt.local_apic, 0xfee0'0000u);
    EXPECT_EQ(madt.flags, 1u);
    std::vector<unsigned> types;
    for (std::uint64_t at = 44; at < madt.header.length; at += read<std::uint8_t>(address + at + 1)) {
        types.push_back(read<std::uint8_t>(address + at));
        ASSERT_GE(read<std::uint8_t>(address + at + 1), 2) << "an entry that has no end";
    }
    EXPECT_EQ(types, (std::vector<unsigned>{0, 1, 2, 4}));
    EXPECT_EQ(madt.io_apic.address, 0xfec0'0000u);
    EXPECT_EQ(madt.timer.irq, 0);
    EXPECT_EQ(madt.timer.line, 2u);
}

TEST_F(AcpiTest, AKernelThatTakesThePlaceGetsNone)
{
    boot(0x1000);
    EXPECT_GE(root_address, 0xe1000u) << "behind a small one";
    EXPECT_NE(find("APIC"), 0u);
    machine = *Machine::create({.ram_bytes = 8u << 20});
    boot(0x20000);
    EXPECT_EQ(root_address, 0u);
}

/// Waits 1000 ticks of the power management timer, then switches off by PM1 control.
GUEST_CODE(wait_and_power_off, R"(
    mov   $0x608, %edx
    in    %dx, %eax
    lea   1000(%rax), %ebx
1:  in    %dx, %eax
    cmp   %ebx, %eax
    jb    1b
    mov   $0x604, %edx
    in    %dx, %ax
    or    $0x2000, %eax
    out   %ax, %dx
)");

TEST(AcpiPorts, TheTimerCountsAndPm1ControlSwitchesOff)
{
    support::MachineGuest guest;
    guest.place(support::MachineGuest::kKernelText, wait_and_power_off);
    EXPECT_EQ(guest.run(guest.ring_0()).kind, EndKind::PowerOff);
    EXPECT_EQ(guest.machine->state()[Gpr::Rax] & 0xffff, 0x2001u) << "SCI_EN says that ACPI is on";
    EXPECT_EQ(guest.machine->now() / 1000, 279u) << "microseconds: 1000 ticks of 3.579545 MHz";
    EXPECT_TRUE(guest.log.unmodelled.empty());
}

} // namespace
