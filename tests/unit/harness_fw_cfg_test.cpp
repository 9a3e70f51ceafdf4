// SPDX-License-Identifier: MIT
// fw_cfg: each item as the specification has it, by ports and by DMA.  [QEMU "Firmware Configuration (fw_cfg) Device"]
#include "machine/devices/fw_cfg.h"
#include "machine/saved_fields.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <string>
#include <vector>

namespace {

using ringcheck::FwCfg;

constexpr std::uint64_t kRamBytes = 8u << 20;
constexpr std::uint16_t kData = 0x511;

class FwCfgDevice : public testing::Test {
protected:
    void select(std::uint16_t key) { device.write_wide(0x510, 2, key); }
    std::string read(std::size_t bytes)
    {
        std::string text;
        while (text.size() < bytes) {
            text += static_cast<char>(device.read(kData));
        }
        return text;
    }
    std::string item(std::uint16_t key, std::size_t bytes)
    {
        select(key);
        return read(bytes);
    }
    /// Puts a request at kRequest and starts it.  @return what stands there as its control then
    std::uint32_t transfer(std::uint32_t control, std::uint32_t length, std::uint64_t address)
    {
        const std::uint32_t words[] = {std::byteswap(control), std::byteswap(length),
                                       std::byteswap(static_cast<std::uint32_t>(address >> 32)),
                                       std::byteswap(static_cast<std::uint32_t>(address))};
        std::memcpy(ram.data() + kRequest, words, sizeof words);
        device.write_wide(0x514, 4, 0);
        device.write_wide(0x518, 4, std::byteswap(static_cast<std::uint32_t>(kRequest)));
        std::uint32_t result = 0;
        std::memcpy(&result, ram.data() + kRequest, sizeof result);
        return std::byteswap(result);
    }
    std::string at(std::uint64_t address, std::size_t bytes) const
    {
        return {reinterpret_cast<const char*>(ram.data()) + address, bytes};
    }

    static constexpr std::uint64_t kRequest = 0x1000, kBuffer = 0x2000;
    static constexpr std::uint32_t kRead = 2, kSkip = 4, kSelect = 8, kWrite = 16, kError = 1;
    std::vector<std::byte> ram = std::vector<std::byte>(kRamBytes);
    FwCfg device{ringcheck::model::PhysicalMemory{ram}};
};

using namespace std::string_literals;

TEST_F(FwCfgDevice, HasTheItemsOfAMachineWithOneCpu)
{
    EXPECT_EQ(item(0x00, 4), "QEMU");
    EXPECT_EQ(item(0x01, 4), "\3\0\0\0"s);
    EXPECT_EQ(item(0x03, 8), "\0\0\x80\0\0\0\0\0"s);
    EXPECT_EQ(item(0x05, 2), "\1\0"s);
    EXPECT_EQ(item(0x0f, 2), "\1\0"s);
}

TEST_F(FwCfgDevice, ReadsZerosWhereThereIsNoItemAndBehindTheEndOfOne)
{
    EXPECT_EQ(item(0x02, 4), "\0\0\0\0"s);
    EXPECT_EQ(item(0x8003, 4), "\0\0\0\0"s);
    EXPECT_EQ(item(0x00, 6), "QEMU\0\0"s);
    EXPECT_EQ(item(0x4000, 4), "QEMU") << "bit 14 asks for writing";
    EXPECT_EQ(item(0x00, 2), "QE");
    device.write(kData, 'x');
    EXPECT_EQ(read(2), "MU") << "nothing is written, and nothing skipped";
}

TEST_F(FwCfgDevice, HasWhatTheKernelWasStartedWith)
{
    EXPECT_EQ(item(0x14, 4), "\1\0\0\0"s);
    EXPECT_EQ(item(0x15, 1), "\0"s);
    EXPECT_EQ(item(0x0b, 4), "\0\0\0\0"s);
    device.set_command_line("quiet");
    const std::string module = "module";
    const auto bytes = std::as_bytes(std::span(module));
    device.set_initrd(std::vector(bytes.begin(), bytes.end()));
    EXPECT_EQ(item(0x14, 4), "\6\0\0\0"s);
    EXPECT_EQ(item(0x15, 6), "quiet\0"s);
    EXPECT_EQ(item(0x0b, 4), "\6\0\0\0"s);
    EXPECT_EQ(item(0x12, 6), "module");
}

TEST_F(FwCfgDevice, ListsTheMemoryMapAsItsOnlyFile)
{
    EXPECT_EQ(item(0x19, 20), "\0\0\0\1\0\0\0\x28\0\x20\0\0etc/e820"s);
    EXPECT_EQ(read(49), std::string(49, '\0')) << "the rest of the name's 56 bytes, and the end";
    EXPECT_EQ(item(0x20, 40), "\0\0\0\0\0\0\0\0\0\xfc\x09\0\0\0\0\0\1\0\0\0"s
                              "\0\0\x10\0\0\0\0\0\0\0\x70\0\0\0\0\0\1\0\0\0"s);
}

TEST_F(FwCfgDevice, TransfersByDma)
{
    std::string signature;
    for (std::uint16_t port = 0x514; port != 0x51c; ++port) {
        signature += static_cast<char>(device.read(port));
    }
    EXPECT_EQ(signature, "QEMU CFG");
    EXPECT_EQ(transfer(kSelect | kRead, 6, kBuffer), 0u);
    EXPECT_EQ(at(kBuffer, 6), "QEMU\0\0"s);
    EXPECT_EQ(transfer(0x19 << 16 | kSelect, 0, 0), 0u);
    EXPECT_EQ(transfer(kSkip, 12, 0), 0u);
    EXPECT_EQ(transfer(kRead, 8, kBuffer), 0u);
    EXPECT_EQ(at(kBuffer, 8), "etc/e820");
    EXPECT_EQ(transfer(0x777 << 16 | kSelect | kRead, 4, kBuffer), 0u);
    EXPECT_EQ(at(kBuffer, 8), "\0\0\0\0e820"s);
}

TEST_F(FwCfgDevice, RefusesADmaThatItCannotDo)
{
    EXPECT_EQ(transfer(kSelect | kWrite, 4, kBuffer), kError);
    EXPECT_EQ(transfer(kRead, 4, kRamBytes - 3), kError);
    EXPECT_EQ(transfer(kRead, 4, 1ull << 32 | kBuffer), kError);
    EXPECT_EQ(item(0x00, 4), "QEMU");
    device.write_wide(0x514, 4, 0);
    device.write_wide(0x518, 4, std::byteswap(static_cast<std::uint32_t>(kRamBytes - 8))); // a request half outside RAM
    device.write_wide(0x514, 4, std::byteswap(1u));
    EXPECT_EQ(transfer(kSelect | kRead, 4, kBuffer), 0u) << "the upper half is that of the last write";
}

TEST_F(FwCfgDevice, IsSavedInTheMiddleOfAnItemAndOfAnAddress)
{
    device.set_command_line("quiet loud");
    select(0x15);
    EXPECT_EQ(read(6), "quiet ");
    device.write_wide(0x514, 4, std::byteswap(1u));
    FwCfg other{ringcheck::model::PhysicalMemory{ram}};
    ASSERT_TRUE(ringcheck::from_bytes(ringcheck::to_bytes(device), other));
    std::string rest;
    while (rest.size() < 4) {
        rest += static_cast<char>(other.read(kData));
    }
    EXPECT_EQ(rest, "loud");
    other.write_wide(0x518, 4, std::byteswap(static_cast<std::uint32_t>(kRequest)));
    EXPECT_EQ(ringcheck::to_bytes(other).at(10), std::byte{0}) << "the address, 4 GiB higher, is used and gone";
}

} // namespace
