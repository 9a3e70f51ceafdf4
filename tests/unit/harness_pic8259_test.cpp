// SPDX-License-Identifier: MIT
// The interrupt controllers as the 8259A datasheet describes them.
#include "arch/pic8259.h"
#include "machine/devices/pic8259.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

namespace pic = arch::pic8259;
using ringcheck::PicPair;

class PicTest : public testing::Test {
protected:
    /// Vectors 0x20 and 0x28, nothing masked.
    PicTest() { initialise(pic::kIcw4Mode8086); }

    void initialise(std::uint8_t icw4)
    {
        for (const auto& [command, data, base, wiring] : {Chip{pic::kMasterCommand, pic::kMasterData, 0x20, 4},
                                                          Chip{pic::kSlaveCommand, pic::kSlaveData, 0x28, 2}}) {
            pics.write(command, pic::kIcw1Initialise | pic::kIcw1WithIcw4);
            pics.write(data, base);
            pics.write(data, wiring);
            pics.write(data, icw4);
            pics.write(data, 0);
        }
    }
    std::uint8_t read(std::uint16_t command, std::uint8_t which)
    {
        pics.write(command, which);
        return pics.read(command);
    }

    struct Chip {
        std::uint16_t command, data;
        std::uint8_t base, wiring;
    };
    std::vector<std::string> reports;
    PicPair pics{[this](const std::string& what) { reports.push_back(what); }};
};

TEST_F(PicTest, DeliversTheLowestLineFirstAndTheRestAfterItsEnd)
{
    pics.set_line(4, true);
    pics.set_line(0, true);
    EXPECT_EQ(read(pic::kMasterCommand, pic::kReadRequests), 0x11);
    EXPECT_EQ(pics.acknowledge(), 0x20);
    EXPECT_EQ(read(pic::kMasterCommand, pic::kReadInService), 0x01);
    EXPECT_FALSE(pics.interrupt_pending()) << "line 4 is less urgent than the one in service";
    pics.write(pic::kMasterCommand, pic::kEndOfInterrupt);
    ASSERT_TRUE(pics.interrupt_pending());
    EXPECT_EQ(pics.acknowledge(), 0x24);
}

TEST_F(PicTest, AMoreUrgentLineInterruptsTheOneInService)
{
    pics.set_line(4, true);
    EXPECT_EQ(pics.acknowledge(), 0x24);
    pics.set_line(1, true);
    ASSERT_TRUE(pics.interrupt_pending());
    EXPECT_EQ(pics.acknowledge(), 0x21);
    pics.write(pic::kMasterCommand, pic::kEndOfInterrupt);
    EXPECT_EQ(read(pic::kMasterCommand, pic::kReadInService), 0x10) << "the most urgent one ends first";
}

TEST_F(PicTest, ASpecificEndNamesItsLine)
{
    pics.set_line(4, true);
    pics.acknowledge();
    pics.set_line(1, true);
    pics.acknowledge();
    pics.write(pic::kMasterCommand, pic::kSpecificEndOfInterrupt | 4);
    EXPECT_EQ(read(pic::kMasterCommand, pic::kReadInService), 0x02);
}

TEST_F(PicTest, AMaskedRequestWaitsUntilItIsOpened)
{
    pics.write(pic::kMasterData, 0x10);
    EXPECT_EQ(pics.read(pic::kMasterData), 0x10);
    pics.set_line(4, true);
    EXPECT_FALSE(pics.interrupt_pending());
    pics.write(pic::kMasterData, 0);
    EXPECT_TRUE(pics.interrupt_pending());
}

TEST_F(PicTest, ALineIsOneRequestPerEdge)
{
    pics.set_line(4, true);
    pics.acknowledge();
    pics.write(pic::kMasterCommand, pic::kEndOfInterrupt);
    pics.set_line(4, true);
    EXPECT_FALSE(pics.interrupt_pending()) << "still high: no edge";
    pics.set_line(4, false);
    pics.set_line(4, true);
    EXPECT_TRUE(pics.interrupt_pending());
}

TEST_F(PicTest, TheSlaveComesThroughLineTwo)
{
    pics.set_line(8, true);
    pics.set_line(15, true);
    EXPECT_EQ(pics.acknowledge(), 0x28);
    EXPECT_EQ(read(pic::kMasterCommand, pic::kReadInService), 0x04);
    pics.write(pic::kSlaveCommand, pic::kEndOfInterrupt);
    pics.write(pic::kMasterCommand, pic::kEndOfInterrupt);
    ASSERT_TRUE(pics.interrupt_pending());
    EXPECT_EQ(pics.acknowledge(), 0x2f);
}

TEST_F(PicTest, AWithdrawnRequestIsSpuriousAndInServiceNowhere)
{
    pics.set_line(4, true);
    pics.set_line(4, false);
    EXPECT_FALSE(pics.interrupt_pending());
    EXPECT_EQ(pics.acknowledge(), 0x27);
    EXPECT_EQ(read(pic::kMasterCommand, pic::kReadInService), 0x00);
}

TEST_F(PicTest, AutomaticEndLeavesNothingInService)
{
    initialise(pic::kIcw4Mode8086 | pic::kIcw4AutoEndOfInterrupt);
    pics.set_line(0, true);
    EXPECT_EQ(pics.acknowledge(), 0x20);
    EXPECT_EQ(read(pic::kMasterCommand, pic::kReadInService), 0x00);
}

TEST_F(PicTest, ReportsWhatItDoesNotDo)
{
    EXPECT_TRUE(reports.empty());
    pics.write(pic::kMasterCommand, 0xa0); // rotate on end of interrupt
    pics.write(pic::kMasterCommand, 0x0c); // poll
    EXPECT_EQ(reports.size(), 2u);
}

} // namespace
