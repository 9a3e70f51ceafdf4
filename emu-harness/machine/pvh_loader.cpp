// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/pvh_loader.h"

#include "arch/address.h"
#include "arch/control_registers.h"
#include "arch/pvh.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace ringcheck {
namespace {

namespace pvh = arch::pvh;
using arch::PhysAddr;

/// Where a PC's low memory ends (the extended BIOS data area follows) and where RAM goes on.
constexpr std::uint64_t kLowMemoryEnd = 0x9'fc00, kHighMemory = 0x10'0000;

struct Range {
    std::uint64_t begin = 0, end = 0;
    bool overlaps(const Range& other) const { return begin < other.end && other.begin < end; }
};

/// What EBX points to, laid out in one piece of low memory.
struct StartBlock {
    pvh::StartInfo info;
    pvh::Module module;
    pvh::MemoryRange map[2];
};

std::expected<std::vector<Range>, std::string> load_segments(model::PhysicalMemory memory, const ElfImage& kernel)
{
    std::vector<Range> used;
    for (const ElfSegment& segment : kernel.segments()) {
        std::byte* const host = memory.at(segment.physical_address, segment.memory_size);
        if (host == nullptr) {
            return std::unexpected(
                fmt::format("a segment at physical {:#x}, {:#x} bytes, does not fit in {} MiB of RAM",
                            segment.physical_address.value, segment.memory_size, memory.size_bytes() >> 20));
        }
        std::ranges::copy(segment.file_bytes, host);
        std::fill_n(host + segment.file_bytes.size(), segment.memory_size - segment.file_bytes.size(), std::byte{0});
        used.push_back({segment.physical_address.value, segment.physical_address.value + segment.memory_size});
    }
    return used;
}

/// The lowest free page-aligned place of low memory; page 0 stays empty, so that null is nothing.
std::optional<PhysAddr> find_low_memory(const std::vector<Range>& used, std::uint64_t bytes)
{
    for (std::uint64_t at = arch::kPageSize; at + bytes <= kLowMemoryEnd; at += arch::kPageSize) {
        const Range wanted{at, at + bytes};
        if (std::ranges::none_of(used, [&](const Range& range) { return range.overlaps(wanted); })) {
            return PhysAddr{at};
        }
    }
    return std::nullopt;
}

/// The state that the protocol demands, and for the rest what QEMU leaves.
model::CpuState entry_state(std::uint32_t entry, PhysAddr start_info)
{
    constexpr std::uint32_t kFlatCode = 0x00c0'9b00, kFlatData = 0x00c0'9300, kBusyTss32 = 0x0000'8b00;
    model::CpuState state;
    state.rip = entry;
    state[model::Gpr::Rbx] = start_info.value;
    state.cr0 = arch::cr0::kProtectionEnable | arch::cr0::kExtensionType;
    state.cs = {0x08, 0, 0xffff'ffff, kFlatCode};
    state.ds = state.es = state.fs = state.gs = state.ss = {0x10, 0, 0xffff'ffff, kFlatData};
    state.tr = {0x18, 0, 0x67, kBusyTss32};
    return state;
}

} // namespace

std::expected<model::CpuState, std::string> load_pvh_image(model::PhysicalMemory memory, const ElfImage& kernel,
                                                           std::span<const std::byte> initrd,
                                                           const std::string& command_line)
{
    if (!kernel.pvh_entry()) {
        return std::unexpected("no PVH note (Xen, type 18): ringcheck does not know where the 32-bit entry is");
    }
    auto used = load_segments(memory, kernel);
    if (!used) {
        return std::unexpected(used.error());
    }

    const std::uint64_t initrd_size = initrd.size();
    const PhysAddr initrd_at = PhysAddr{memory.size_bytes() - std::min(initrd_size, memory.size_bytes())}.page_floor();
    const Range initrd_range{initrd_at.value, initrd_at.value + initrd_size};
    const bool fits = initrd_range.begin >= kHighMemory &&
                      std::ranges::none_of(*used, [&](const Range& range) { return range.overlaps(initrd_range); });
    if (!initrd.empty() && !fits) {
        return std::unexpected(fmt::format("the kernel and an initrd of {:#x} bytes do not fit in {} MiB of RAM",
                                           initrd_size, memory.size_bytes() >> 20));
    }

    const std::uint64_t bytes = sizeof(StartBlock) + command_line.size() + 1;
    const auto start = find_low_memory(*used, bytes);
    if (!start) {
        return std::unexpected(
            fmt::format("no {:#x} bytes of low memory are left for the PVH start structures", bytes));
    }
    if (!initrd.empty()) {
        std::ranges::copy(initrd, memory.at(initrd_at, initrd_size));
    }
    StartBlock block{};
    block.info.magic = pvh::kStartMagic;
    block.info.version = 1;
    block.info.module_count = initrd.empty() ? 0 : 1;
    block.info.modules = initrd.empty() ? 0 : start->value + offsetof(StartBlock, module);
    block.info.command_line = start->value + sizeof(StartBlock);
    block.info.memory_map = start->value + offsetof(StartBlock, map);
    block.info.memory_map_count = std::size(block.map);
    block.module = {initrd_at.value, initrd_size, 0, 0};
    block.map[0] = {0, kLowMemoryEnd, pvh::kMemoryUsable, 0};
    block.map[1] = {kHighMemory, memory.size_bytes() - kHighMemory, pvh::kMemoryUsable, 0};
    std::memcpy(memory.at(*start, bytes), &block, sizeof block);
    std::memcpy(memory.at(*start + sizeof block, command_line.size() + 1), command_line.c_str(),
                command_line.size() + 1);
    return entry_state(*kernel.pvh_entry(), *start);
}

} // namespace ringcheck
