// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/devices/fw_cfg.h"

#include "machine/boot_memory.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ringcheck {
namespace {

constexpr std::string_view kDmaSignature = "QEMU CFG";

/// `structure` as it stands in memory.
template <typename Structure>
    requires std::is_trivially_copyable_v<Structure>
std::vector<std::byte> bytes_of(const Structure& structure)
{
    const auto bytes = std::as_bytes(std::span(&structure, 1));
    return {bytes.begin(), bytes.end()};
}

std::vector<std::byte> text_bytes(std::string_view text)
{
    const auto bytes = std::as_bytes(std::span(text));
    return {bytes.begin(), bytes.end()};
}

/// Numbers of files and of DMA are big-endian.
constexpr auto big_endian(auto value)
{
    return std::byteswap(value);
}

struct File {
    std::uint32_t size;
    std::uint16_t key, reserved;
    char name[56];
};
struct OneFile {
    std::uint32_t count;
    File file;
};
struct [[gnu::packed]] MemoryRange {
    std::uint64_t begin, bytes;
    std::uint32_t type;
};
struct DmaRequest {
    std::uint32_t control, length;
    std::uint64_t address;
};
static_assert(sizeof(OneFile) == 68 && sizeof(MemoryRange) == 20 && sizeof(DmaRequest) == 16);

namespace dma {
constexpr std::uint32_t kError = 1u << 0, kRead = 1u << 1, kSkip = 1u << 2, kSelect = 1u << 3, kWrite = 1u << 4;
constexpr unsigned kKeyShift = 16;
} // namespace dma

} // namespace

FwCfg::FwCfg(model::PhysicalMemory memory) : memory_(memory)
{
    constexpr std::uint32_t kUsable = 1;
    constexpr std::uint32_t kByPorts = 1u << 0, kByDma = 1u << 1;
    const MemoryRange map[] = {{0, BootMemory::kLowMemoryEnd, kUsable},
                               {BootMemory::kHighMemory, memory.size_bytes() - BootMemory::kHighMemory, kUsable}};
    const OneFile directory{
        big_endian(std::uint32_t{1}),
        {big_endian(std::uint32_t{sizeof map}), big_endian(std::to_underlying(Key::MemoryMap)), 0, "etc/e820"}};
    items_[Key::Signature] = text_bytes("QEMU");
    items_[Key::Interface] = bytes_of(kByPorts | kByDma);
    items_[Key::RamSize] = bytes_of(memory.size_bytes());
    items_[Key::CpuCount] = items_[Key::MaxCpuCount] = bytes_of(std::uint16_t{1});
    items_[Key::Directory] = bytes_of(directory);
    items_[Key::MemoryMap] = bytes_of(map);
    set_command_line("");
    set_initrd({});
}

void FwCfg::set_command_line(const std::string& text)
{
    std::vector<std::byte>& data = items_[Key::CommandLineData];
    data = text_bytes(text);
    data.push_back(std::byte{0});
    items_[Key::CommandLineSize] = bytes_of(static_cast<std::uint32_t>(data.size()));
}

void FwCfg::set_initrd(SharedBytes bytes)
{
    items_[Key::InitrdSize] = bytes_of(static_cast<std::uint32_t>(bytes.size()));
    initrd_ = std::move(bytes);
}

std::span<const std::byte> FwCfg::item(Key key) const
{
    if (key == Key::InitrdData) {
        return initrd_;
    }
    const auto found = items_.find(key);
    return found == items_.end() ? std::span<const std::byte>() : found->second;
}

void FwCfg::select(std::uint16_t key)
{
    constexpr std::uint16_t kWriting = 1u << 14;
    selected_ = key & static_cast<std::uint16_t>(~kWriting);
    offset_ = 0;
}

/// Behind its end an item goes on with zeros.
std::byte FwCfg::next()
{
    const auto bytes = item(Key{selected_});
    const std::uint64_t at = offset_++;
    return at < bytes.size() ? bytes[at] : std::byte{0};
}

std::uint8_t FwCfg::read(std::uint16_t port)
{
    return port < kDma ? std::to_integer<std::uint8_t>(next()) : static_cast<std::uint8_t>(kDmaSignature[port - kDma]);
}

bool FwCfg::write_wide(std::uint16_t port, unsigned bytes, std::uint32_t value)
{
    if (port == kSelector && bytes == sizeof(std::uint16_t)) {
        select(static_cast<std::uint16_t>(value));
    } else if (port == kDma && bytes == sizeof value) {
        dma_high_ = big_endian(value);
    } else if (port == kDma + sizeof value && bytes == sizeof value) {
        transfer(std::uint64_t{std::exchange(dma_high_, 0)} << 32 | big_endian(value));
    }
    return true;
}

/// Does what the structure at `request` asks for, and writes there whether it could.
void FwCfg::transfer(std::uint64_t request)
{
    std::byte* const place = memory_.at(arch::PhysAddr{request}, sizeof(DmaRequest));
    if (place == nullptr) {
        return;
    }
    DmaRequest what;
    std::memcpy(&what, place, sizeof what);
    const std::uint32_t control = big_endian(what.control), length = big_endian(what.length);
    if ((control & dma::kSelect) != 0) {
        select(static_cast<std::uint16_t>(control >> dma::kKeyShift));
    }
    bool failed = false;
    if ((control & dma::kRead) != 0) {
        std::byte* const destination = memory_.at(arch::PhysAddr{big_endian(what.address)}, length);
        failed = destination == nullptr;
        if (!failed) {
            std::generate_n(destination, length, [this] { return next(); });
        }
    } else if ((control & dma::kWrite) != 0) {
        failed = true;
    } else if ((control & dma::kSkip) != 0) {
        offset_ += length;
    }
    const std::uint32_t result = big_endian(failed ? dma::kError : 0);
    std::memcpy(place, &result, sizeof result);
}

} // namespace ringcheck
