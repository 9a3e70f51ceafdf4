// SPDX-License-Identifier: MIT
// The port bus and the small devices behind it.
#include "arch/exit_ports.h"
#include "machine/devices/cmos.h"
#include "machine/devices/debug_console.h"
#include "machine/devices/exit_ports.h"
#include "machine/devices/port_bus.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using ringcheck::Cmos;
using ringcheck::DebugConsole;
using ringcheck::ExitPorts;
using ringcheck::PortBus;
namespace ports = arch::exit_ports;

class PortBusTest : public testing::Test {
protected:
    PortBusTest()
    {
        bus.attach(ports::kDebugConsole, 1, console);
        bus.attach(Cmos::kIndexPort, 2, cmos);
        exit.attach_to(bus);
    }

    void cmos_write(std::uint32_t index, std::uint32_t value)
    {
        bus.write(Cmos::kIndexPort, 1, index);
        bus.write(Cmos::kDataPort, 1, value);
    }
    /// The clock's line rises at `nanoseconds` and not before, and status C then says `flags`.
    void expect_clock_interrupt(std::uint64_t nanoseconds, std::uint32_t flags)
    {
        EXPECT_EQ(cmos.next_event(), nanoseconds);
        now = nanoseconds - 1;
        cmos.advance();
        EXPECT_FALSE(clock_line);
        now = nanoseconds;
        cmos.advance();
        EXPECT_TRUE(clock_line);
        EXPECT_EQ(cmos.next_event(), std::nullopt) << "not before status C is read";
        bus.write(Cmos::kIndexPort, 1, 0x0c);
        EXPECT_EQ(bus.read(Cmos::kDataPort, 1), flags);
        EXPECT_FALSE(clock_line);
    }

    std::vector<std::string> reports;
    PortBus bus{[this](const std::string& what) { reports.push_back(what); }};
    DebugConsole console;
    std::uint64_t now = 0;
    bool clock_line = false;
    Cmos cmos{[this] { return now; }, [this](bool high) { clock_line = high; },
              [this](const std::string& what) { reports.push_back(what); }};
    ExitPorts exit;
};

TEST_F(PortBusTest, SplitsAWideAccessIntoBytesAtConsecutivePorts)
{
    bus.write(Cmos::kIndexPort, 2, 0x0009); // index 9, then a write to the clock, which is ignored
    EXPECT_EQ(bus.read(Cmos::kDataPort, 1), 0x24u);
    EXPECT_EQ(bus.read(Cmos::kIndexPort, 2), 0x24ffu);
    EXPECT_TRUE(reports.empty());
}

TEST_F(PortBusTest, NamesAPortWithoutADevice)
{
    EXPECT_EQ(bus.read(0x1234, 4), 0xffff'ffffu);
    bus.write(0x1234, 1, 7);
    EXPECT_EQ(reports, (std::vector<std::string>{"port 0x1234 read, 32 bits", "port 0x1234 written with 0x7, 8 bits"}));
}

TEST_F(PortBusTest, TheDebugConsoleCollectsBytesAndReadsAsItsOwnNumber)
{
    bus.write(ports::kDebugConsole, 1, 'h');
    bus.write(ports::kDebugConsole, 1, 'i');
    EXPECT_EQ(console.text(), "hi");
    EXPECT_EQ(bus.read(ports::kDebugConsole, 1), 0xe9u);
}

TEST_F(PortBusTest, TheClockStandsStill)
{
    const auto cmos_read = [this](std::uint32_t index) {
        bus.write(Cmos::kIndexPort, 1, index);
        return bus.read(Cmos::kDataPort, 1);
    };
    EXPECT_EQ(cmos_read(0x0a) & 0x80, 0u) << "never in the middle of an update";
    EXPECT_EQ(cmos_read(0x32), 0x20u);
    EXPECT_EQ(cmos_read(0x09), 0x24u);
    EXPECT_EQ(cmos_read(0x80 | 0x04), 0x12u) << "the NMI bit is no part of the index";
}

TEST_F(PortBusTest, TheClockInterruptsPeriodicallyAndOnceASecond)
{
    EXPECT_EQ(cmos.next_event(), std::nullopt);
    cmos_write(0x0a, 0x2f); // 2 Hz
    cmos_write(0x0b, 0x42);
    expect_clock_interrupt(500'000'000, 0xc0);
    expect_clock_interrupt(1'000'000'000, 0xd0); // the update's flag too, though nobody enabled it
    cmos_write(0x0b, 0x12);
    expect_clock_interrupt(2'000'000'000, 0xd0);
    cmos_write(0x0a, 0x26); // 1024 Hz
    cmos_write(0x0b, 0x42);
    expect_clock_interrupt(2'000'976'563, 0xc0);
    EXPECT_TRUE(reports.empty());
    cmos_write(0x0b, 0x22);
    EXPECT_EQ(reports, std::vector<std::string>{"the alarm of the CMOS clock"});
}

TEST_F(PortBusTest, ExitPortsRememberWhatTheGuestWants)
{
    using Wish = ExitPorts::Wish;
    struct Case {
        std::uint16_t port;
        unsigned bytes;
        std::uint32_t value;
        std::optional<ExitPorts::Request> request;
    };
    const Case cases[] = {
        {ports::kDebugExit, 1, 0x11, ExitPorts::Request{Wish::DebugExit, 0x11}},
        {ports::kDebugExit, 4, 0x12345, ExitPorts::Request{Wish::DebugExit, 0x12345}},
        {ports::kAcpiPm1Control, 2, ports::kAcpiSleepEnable, ExitPorts::Request{Wish::PowerOff}},
        {ports::kAcpiPm1Control, 2, 1, std::nullopt},
        {ports::kBochsPowerOff, 2, ports::kAcpiSleepEnable, ExitPorts::Request{Wish::PowerOff}},
        {ports::kKeyboardCommand, 1, ports::kPulseReset, ExitPorts::Request{Wish::Reset}},
        {ports::kKeyboardCommand, 1, 0xad, std::nullopt},
        {0xcf9, 1, 0x06, ExitPorts::Request{Wish::Reset}},
        {0xcf9, 1, 0x02, std::nullopt},
        {0x92, 1, 0x03, ExitPorts::Request{Wish::Reset}},
        {0x92, 1, 0x02, std::nullopt},
    };
    for (const Case& test : cases) {
        bus.write(test.port, test.bytes, test.value);
        EXPECT_EQ(exit.request(), test.request) << "port " << std::hex << test.port << " value " << test.value;
        exit.clear();
    }
    EXPECT_TRUE(reports.empty());
}

} // namespace
