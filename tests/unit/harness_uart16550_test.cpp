// SPDX-License-Identifier: MIT
// The serial port, and who types on it.
#include "arch/uart16550.h"
#include "machine/console_typist.h"
#include "machine/devices/uart16550.h"

#include <gtest/gtest.h>

#include <string>

namespace {

namespace uart = arch::uart16550;
using ringcheck::ConsoleTypist;

class UartTest : public testing::Test {
protected:
    std::uint8_t read(std::uint16_t offset) { return port.read(uart::kCom1 + offset); }
    void write(std::uint16_t offset, std::uint8_t value) { port.write(uart::kCom1 + offset, value); }
    void connect_interrupts(std::uint8_t enable)
    {
        write(uart::kModemControl, uart::kOut2);
        write(uart::kInterruptEnable, enable);
        edges = 0;
    }

    std::string sent;
    bool line = false;
    unsigned edges = 0;
    ringcheck::Uart16550 port{uart::kCom1, [this](std::uint8_t byte) { sent += static_cast<char>(byte); },
                              [this](bool high) {
                                  edges += high && !line;
                                  line = high;
                              }};
};

TEST_F(UartTest, SendsAtOnceAndIsAlwaysReady)
{
    write(uart::kData, 'o');
    write(uart::kData, 'k');
    EXPECT_EQ(sent, "ok");
    EXPECT_EQ(read(uart::kLineStatus), uart::kTransmitterHoldingEmpty | uart::kTransmitterEmpty);
}

TEST_F(UartTest, GivesWhatIsTypedInOrder)
{
    port.receive("ab");
    EXPECT_TRUE(read(uart::kLineStatus) & uart::kDataReady);
    EXPECT_EQ(read(uart::kData), 'a');
    EXPECT_EQ(read(uart::kData), 'b');
    EXPECT_FALSE(read(uart::kLineStatus) & uart::kDataReady);
    EXPECT_TRUE(port.all_read());
}

TEST_F(UartTest, EveryByteReceivedIsAnEdge)
{
    connect_interrupts(uart::kInterruptReceived);
    port.receive("abc");
    EXPECT_EQ(edges, 1u);
    EXPECT_EQ(read(uart::kInterruptIdentification), uart::kIdentificationReceived);
    read(uart::kData);
    EXPECT_EQ(edges, 2u);
    read(uart::kData);
    read(uart::kData);
    EXPECT_EQ(edges, 3u);
    EXPECT_FALSE(line);
    EXPECT_EQ(read(uart::kInterruptIdentification), uart::kIdentificationNone);
}

TEST_F(UartTest, Out2ConnectsTheInterruptLine)
{
    write(uart::kInterruptEnable, uart::kInterruptReceived);
    port.receive("a");
    EXPECT_FALSE(line);
    write(uart::kModemControl, uart::kOut2);
    EXPECT_TRUE(line);
}

TEST_F(UartTest, TheTransmitterInterruptComesWhenEnabledAndGoesWhenIdentified)
{
    connect_interrupts(uart::kInterruptTransmitter);
    EXPECT_TRUE(line);
    EXPECT_EQ(read(uart::kInterruptIdentification), uart::kIdentificationTransmitter);
    EXPECT_FALSE(line);
    write(uart::kData, 'x');
    EXPECT_TRUE(line);
}

TEST_F(UartTest, TheDivisorHidesBehindItsLatchBit)
{
    write(uart::kLineControl, uart::kDivisorLatch | uart::kEightBits);
    write(uart::kData, 3);
    write(uart::kInterruptEnable, 1);
    EXPECT_EQ(read(uart::kData), 3);
    EXPECT_EQ(read(uart::kInterruptEnable), 1);
    write(uart::kLineControl, uart::kEightBits);
    EXPECT_EQ(read(uart::kInterruptEnable), 0);
    EXPECT_EQ(sent, "");
}

TEST_F(UartTest, LoopbackReturnsWhatIsSent)
{
    write(uart::kModemControl, uart::kLoopback | uart::kRequestToSend | uart::kOut2);
    write(uart::kData, 0xae);
    EXPECT_EQ(read(uart::kData), 0xae);
    EXPECT_EQ(sent, "");
    EXPECT_EQ(read(uart::kModemStatus), 0x90) << "RTS comes back as CTS, OUT2 as carrier detect";
}

TEST_F(UartTest, FifoAndScratchAnswerAsA16550)
{
    write(uart::kFifoControl, uart::kFifoEnable);
    EXPECT_EQ(read(uart::kInterruptIdentification) & 0xc0, 0xc0);
    write(uart::kScratch, 0x5a);
    EXPECT_EQ(read(uart::kScratch), 0x5a);
}

TEST(ConsoleTypist, TypesEachLineWhenThePromptStandsAtTheEnd)
{
    ConsoleTypist typist({"> ", {"one", "two"}});
    EXPECT_EQ(typist.at_start(""), "");
    EXPECT_EQ(typist.after_output("boot\n>"), "");
    EXPECT_EQ(typist.after_output("boot\n> "), "one\r");
    EXPECT_EQ(typist.after_output("boot\n> o"), "") << "its own echo is no prompt";
    EXPECT_EQ(typist.after_output("boot\n> one\n> "), "two\r");
    EXPECT_TRUE(typist.finished());
    EXPECT_EQ(typist.after_output("boot\n> one\n> two\n> "), "");
}

TEST(ConsoleTypist, TypesEverythingAtOnceWithoutAPrompt)
{
    ConsoleTypist typist({"", {"one", "two"}});
    EXPECT_EQ(typist.at_start(""), "one\rtwo\r");
    EXPECT_EQ(typist.after_output("x"), "");
}

} // namespace
