// SPDX-License-Identifier: MIT
// The I/O APIC: what a line becomes by its redirection entry.
#include "arch/io_apic.h"
#include "machine/devices/io_apic.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

namespace io = arch::io_apic;
using arch::local_apic::Delivery;

class IoApicTest : public testing::Test {
protected:
    struct Sent {
        unsigned destination;
        bool logical;
        Delivery delivery;
        unsigned vector;
        bool level;
        bool operator==(const Sent&) const = default;
    };
    void write(std::uint32_t index, std::uint32_t value)
    {
        unit.write(io::kIndex, 4, index);
        unit.write(io::kWindow, 4, value);
    }
    std::uint64_t read(std::uint32_t index)
    {
        unit.write(io::kIndex, 4, index);
        return unit.read(io::kWindow, 4);
    }
    static constexpr std::uint32_t low(unsigned line) { return io::kRedirection + 2 * line; }

    std::vector<Sent> sent;
    std::vector<std::string> reports;
    ringcheck::IoApic unit{[this](std::uint8_t destination, bool logical, const ringcheck::ApicMessage& message) {
                               sent.push_back({destination, logical, message.delivery, message.vector, message.level});
                           },
                           [this](const std::string& what) { reports.push_back(what); }};
};

TEST_F(IoApicTest, HasTwentyFourMaskedLines)
{
    EXPECT_EQ(read(io::kVersion), 0x17'0011u);
    for (unsigned line = 0; line < io::kLines; ++line) {
        EXPECT_EQ(read(low(line)), io::kMasked);
        unit.set_line(line, true);
    }
    EXPECT_TRUE(sent.empty());
    EXPECT_EQ(read(0x40), 0u);
    EXPECT_EQ(read(low(0) + 1), 0u);
    write(io::kId, 0xffff'ffff);
    EXPECT_EQ(read(io::kId), 0x0f00'0000u);
    EXPECT_TRUE(reports.empty());
    unit.read(io::kWindow, 1);
    unit.write(0x20, 4, 0);
    EXPECT_EQ(reports.size(), 2u);
}

TEST_F(IoApicTest, AnEdgeIsOneMessageAndAMaskedOneIsLost)
{
    write(low(4) + 1, 0x0100'0000);
    write(low(4), 0x34);
    unit.set_line(4, true);
    unit.set_line(4, true);
    EXPECT_EQ(sent, (std::vector<Sent>{{1, false, Delivery::Fixed, 0x34, false}}));
    unit.set_line(4, false);
    write(low(4), 0x34 | io::kMasked);
    unit.set_line(4, true);
    write(low(4), 0x834);
    EXPECT_EQ(sent.size(), 1u);
    unit.set_line(4, false);
    unit.set_line(4, true);
    EXPECT_EQ(sent.back(), (Sent{1, true, Delivery::Fixed, 0x34, false}));
}

TEST_F(IoApicTest, ALevelComesAgainUntilItFalls)
{
    write(low(9), 0x50 | io::kLevel | io::kMasked);
    unit.set_line(9, true);
    EXPECT_TRUE(sent.empty());
    write(low(9), 0x50 | io::kLevel);
    ASSERT_EQ(sent.size(), 1u) << "the level waited behind the mask";
    EXPECT_TRUE(sent[0].level);
    EXPECT_EQ(read(low(9)), 0x50 | io::kLevel | io::kRemoteIrr);
    unit.set_line(9, true);
    EXPECT_EQ(sent.size(), 1u) << "it is being handled";
    unit.end_of_interrupt(0x51);
    EXPECT_EQ(sent.size(), 1u);
    unit.end_of_interrupt(0x50);
    EXPECT_EQ(sent.size(), 2u);
    unit.set_line(9, false);
    unit.end_of_interrupt(0x50);
    EXPECT_EQ(sent.size(), 2u);
    EXPECT_EQ(read(low(9)), 0x50 | io::kLevel);
}

TEST_F(IoApicTest, TheEntryNamesTheDelivery)
{
    write(low(1), 0x400);
    unit.set_line(1, true);
    write(low(0), 0x700);
    unit.set_line(0, true);
    ASSERT_EQ(sent.size(), 2u);
    EXPECT_EQ(sent[0].delivery, Delivery::Nmi);
    EXPECT_EQ(sent[1].delivery, Delivery::ExternalInterrupt);
}

} // namespace
