// SPDX-License-Identifier: MIT
// [Multiboot2 Specification 2.0 "Boot information format"]
#include "boot/multiboot2_boot_info.h"

#include "arch/multiboot2.h"
#include "base/result.h"

namespace kernel {
namespace {

using namespace arch::multiboot2;

constexpr std::uint64_t kTagAlignment = 8;

/// The information, whose whole size has been checked to be in the window: reads are by offset and stay inside.
class Information {
public:
    Information(const std::uint8_t* bytes, std::uint64_t size) : bytes_(bytes), size_(size) {}

    bool contains(std::uint64_t offset, std::uint64_t count) const
    {
        return offset <= size_ && count <= size_ - offset;
    }
    /// The caller has asked `contains` first.
    template <typename T> T read(std::uint64_t offset) const
    {
        T value;
        __builtin_memcpy(&value, bytes_ + offset, sizeof(T));
        return value;
    }

private:
    const std::uint8_t* bytes_;
    std::uint64_t size_;
};

BootResult read_memory_map(const Information& information, std::uint64_t offset, std::uint32_t size, BootInfo& info)
{
    if (size < sizeof(MemoryMapTag)) {
        return std::unexpected("the Multiboot2 memory map tag is too short");
    }
    const auto tag = information.read<MemoryMapTag>(offset);
    if (tag.entry_size < sizeof(MemoryMapEntry)) {
        return std::unexpected("the Multiboot2 memory map has too short entries");
    }
    for (std::uint64_t at = sizeof(MemoryMapTag); at + sizeof(MemoryMapEntry) <= size; at += tag.entry_size) {
        const auto entry = information.read<MemoryMapEntry>(offset + at);
        TRY(add_memory_range(info, arch::PhysAddr{entry.address}, entry.size, entry.type == kMemoryUsable));
    }
    return {};
}

BootResult read_module(const Information& information, std::uint64_t offset, std::uint32_t size, BootInfo& info)
{
    if (size < sizeof(ModuleTag)) {
        return std::unexpected("a Multiboot2 module tag is too short");
    }
    const auto tag = information.read<ModuleTag>(offset);
    if (tag.end < tag.start) {
        return std::unexpected("a Multiboot2 module ends before it starts");
    }
    return info.initrd.size != 0 ? BootResult{} : set_initrd(info, arch::PhysAddr{tag.start}, tag.end - tag.start);
}

} // namespace

BootResult read_multiboot2_boot_info(const PhysicalWindow& memory, arch::PhysAddr address, BootInfo& info)
{
    constexpr const char* kOutside = "the Multiboot2 information is outside the memory that is mapped";
    if (!memory.covers(address, sizeof(InformationHeader))) {
        return std::unexpected(kOutside);
    }
    const auto* const bytes = memory.at<const std::uint8_t>(address);
    const auto header = Information(bytes, sizeof(InformationHeader)).read<InformationHeader>(0);
    if (!memory.covers(address, header.total_size)) {
        return std::unexpected(kOutside);
    }
    const Information information(bytes, header.total_size);

    std::uint64_t offset = sizeof(InformationHeader);
    while (information.contains(offset, sizeof(Tag))) {
        const auto tag = information.read<Tag>(offset);
        if (tag.size < sizeof(Tag) || !information.contains(offset, tag.size)) {
            return std::unexpected("a Multiboot2 tag has a wrong size");
        }
        switch (tag.type) {
        case kTagEnd: return {};
        case kTagCommandLine:
            TRY(read_command_line(memory, address + offset + sizeof(Tag), tag.size - sizeof(Tag), info));
            break;
        case kTagModule: TRY(read_module(information, offset, tag.size, info)); break;
        case kTagMemoryMap: TRY(read_memory_map(information, offset, tag.size, info)); break;
        default: break;
        }
        offset += (std::uint64_t{tag.size} + kTagAlignment - 1) & ~(kTagAlignment - 1);
    }
    return std::unexpected("the Multiboot2 information has no end tag");
}

} // namespace kernel
