// SPDX-License-Identifier: MIT
#include "mm/kernel_memory.h"

#include "arch/paging.h"
#include "layout/address_map.h"
#include "mm/page_path.h"
#include "mm/tlb.h"

extern "C" {
extern arch::PageEntry kernel_pml4[arch::kTableEntries];
extern arch::PageEntry kernel_pdpts[layout::kKernelTopEntries][arch::kTableEntries];
extern arch::PageEntry first_gib_pd[arch::kTableEntries];
extern const std::uint8_t image_physical_begin[], image_physical_end[];
/// kernel.ld: where physical address 0 would be; it moves with the image.
extern const std::uint8_t image_map_begin[];
extern arch::PageEntry image_pts[]; ///< one entry for each page of physical memory from 0 on that the image may use
extern const std::uint8_t text_begin[], rodata_end[], sealed_begin[], sealed_end[];
extern std::uint8_t boot_stacks[];
}

namespace kernel {

constinit FrameAllocator frame_allocator;

namespace {

using arch::PageEntry;
using arch::PhysAddr;

alignas(arch::kPageSize) constexpr std::uint8_t kZeroPage[arch::kPageSize] = {};

constexpr std::uint64_t kGib = arch::leaf_size(3);
constexpr std::uint64_t kLargePage = arch::leaf_size(2);
constexpr std::uint64_t kMapFlags =
    PageEntry::kPresent | PageEntry::kWritable | PageEntry::kNoExecute | PageEntry::kGlobal;
/// Frames below this keep what the firmware left there: interrupt vectors and BIOS data.
constexpr std::uint64_t kFirmwareEnd = 0x1'0000;

PhysAddr physical(const void* image_address)
{
    return PhysAddr{reinterpret_cast<std::uint64_t>(image_address) - reinterpret_cast<std::uint64_t>(image_map_begin)};
}

PhysAddr highest_usable_end(const BootInfo& info)
{
    PhysAddr end;
    for (const MemoryRange& range : info.usable) {
        end = range.end() > end ? range.end() : end;
    }
    const PhysAddr limit{layout::kPhysicalMapSize};
    return end < limit ? end : limit;
}

/// The tables of the physical map's first PML4 entries; entry `gib` of them maps that GiB.
PageEntry& map_entry(std::uint64_t gib)
{
    return kernel_pdpts[gib / arch::kTableEntries][gib % arch::kTableEntries];
}

/// Maps every GiB that holds usable memory and is not mapped yet, in 2 MiB pages.
base::Result<void> extend_physical_map(const BootInfo& info)
{
    for (const MemoryRange& range : info.usable) {
        const std::uint64_t end =
            range.end() < frame_allocator.window().end() ? range.end().value : frame_allocator.window().end().value;
        for (std::uint64_t gib = range.begin.value / kGib; gib * kGib < end; ++gib) {
            if (map_entry(gib).has(PageEntry::kPresent)) {
                continue;
            }
            const PhysAddr table = TRY(frame_allocator.allocate());
            auto* const entries = frame_allocator.window().at<PageEntry>(table);
            for (unsigned i = 0; i < arch::kTableEntries; ++i) {
                entries[i] = PageEntry{PhysAddr{gib * kGib + i * kLargePage}, kMapFlags | PageEntry::kPageSize};
            }
            map_entry(gib) = PageEntry{table, PageEntry::kPresent | PageEntry::kWritable};
        }
    }
    return {};
}

/// Splits the 2 MiB pages over text and rodata, and drops W where the image is read-only: no alias may write what the
/// image's own mapping protects.
base::Result<void> seal_image_alias()
{
    const PhysAddr begin = physical(text_begin);
    const PhysAddr end = physical(rodata_end);
    // seal_kernel_data needs the pages behind them one by one, too.
    for (std::uint64_t large = begin.value / kLargePage; large * kLargePage < physical(sealed_end).value; ++large) {
        const PhysAddr table = TRY(frame_allocator.allocate());
        auto* const entries = frame_allocator.window().at<PageEntry>(table);
        for (unsigned i = 0; i < arch::kTableEntries; ++i) {
            const PhysAddr frame{large * kLargePage + i * arch::kPageSize};
            const bool sealed = frame >= begin && frame < end;
            entries[i] = PageEntry{frame, sealed ? kMapFlags & ~PageEntry::kWritable : kMapFlags};
        }
        first_gib_pd[large] = PageEntry{table, PageEntry::kPresent | PageEntry::kWritable};
        // One address of the large page drops its whole translation.  [SDM 2A INVLPG]
        invalidate_page(layout::kPhysicalMap + large * kLargePage);
    }
    return {};
}

/// The image's own entry for the page at `page`.
PageEntry& image_entry(const std::uint8_t* page)
{
    return image_pts[physical(page).value / arch::kPageSize];
}

/// The physical map's entry for it: seal_image_alias has split the large page.
PageEntry& alias_entry(const std::uint8_t* page)
{
    const std::uint64_t number = physical(page).value / arch::kPageSize;
    const PhysAddr table = first_gib_pd[number / arch::kTableEntries].frame();
    return frame_allocator.window().at<PageEntry>(table)[number % arch::kTableEntries];
}

PageEntry without_write(PageEntry entry)
{
    return PageEntry{entry.raw() & ~PageEntry::kWritable};
}

} // namespace

PhysAddr kernel_table()
{
    return physical(kernel_pml4);
}

PhysAddr zero_page()
{
    return physical(kZeroPage);
}

PhysAddr image_frame(const void* page)
{
    return physical(page);
}

PhysicalWindow boot_window()
{
    return PhysicalWindow{layout::kPhysicalMap, PhysAddr{}, PhysAddr{kGib}};
}

base::Result<void> initialise_memory(const BootInfo& info)
{
    base::StaticVector<MemoryRange, BootInfo::kMaximumReserved + 3> reserved;
    for (const MemoryRange& range : info.reserved) {
        ASSERT(reserved.push_back(range));
    }
    const auto image = reinterpret_cast<std::uint64_t>(image_physical_begin);
    const auto image_size = reinterpret_cast<std::uint64_t>(image_physical_end) - image;
    ASSERT(reserved.push_back({PhysAddr{}, kFirmwareEnd}));
    ASSERT(reserved.push_back({PhysAddr{image}, image_size}));
    ASSERT(reserved.push_back(info.initrd));

    const PhysicalWindow window{layout::kPhysicalMap, PhysAddr{}, highest_usable_end(info)};
    TRY(frame_allocator.initialise(window, info.usable.span(), reserved.span(), PhysAddr{kGib}));
    TRY(extend_physical_map(info));
    TRY(seal_image_alias());
    return {};
}

void seal_kernel_data()
{
    for (const std::uint8_t* page = sealed_begin; page != sealed_end; page += arch::kPageSize) {
        PageEntry& entry = image_entry(page);
        PageEntry& alias = alias_entry(page);
        entry = without_write(entry);
        alias = without_write(alias);
        invalidate_page(arch::VirtAddr{reinterpret_cast<std::uint64_t>(page)});
        invalidate_page(layout::kPhysicalMap + physical(page).value);
    }
}

bool kernel_data_sealed()
{
    for (const std::uint8_t* page = sealed_begin; page != sealed_end; page += arch::kPageSize) {
        if (image_entry(page).has(PageEntry::kWritable) || alias_entry(page).has(PageEntry::kWritable)) {
            return false;
        }
    }
    return true;
}

bool static_stacks_guarded()
{
    for (unsigned slot = 0; slot <= layout::kIstCount; ++slot) {
        if (image_entry(boot_stacks + slot * layout::kKernelStackStride).has(PageEntry::kPresent)) {
            return false;
        }
    }
    return true;
}

} // namespace kernel
