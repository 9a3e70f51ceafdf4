// SPDX-License-Identifier: MIT
#include "process/program_image.h"

#include "arch/cpuid.h"
#include "arch/rflags.h"
#include "base/random.h"
#include "cpu/cpuid.h"
#include "layout/selectors.h"
#include "mm/kernel_memory.h"
#include "process/address_layout.h"
#include "process/elf_loader.h"

#include <utility>

namespace kernel {
namespace {

base::Result<void> fill(ProgramImage& image, const ElfPlan& plan, PageSource& file, const AddressLayout& addresses,
                        const InitialStack& words)
{
    image.memory.set_map_top(addresses.map_top);
    TRY(load_elf(plan, file, image.memory));
    const arch::VirtAddr heap = image.memory.set_break(arch::VirtAddr{}) + addresses.heap_gap;
    image.memory.start_break(heap);
    image.places = {.stack_top = addresses.stack_top.value,
                    .map_top = addresses.map_top.value,
                    .heap = heap.value,
                    .program_base = plan.bias};
    image.entry = plan.entry;
    InitialStack contents = words;
    contents.entry = plan.entry;
    contents.program_headers = plan.program_headers;
    contents.program_header_count = plan.program_header_count;
    contents.hardware_capabilities = cpuid(arch::cpuid::leaf::kFeatures).edx;
    base::random.fill(contents.random);
    image.stack = TRY(build_initial_stack(image.memory, addresses.stack_top, contents));
    return {};
}

} // namespace

layout::TrapFrame ProgramImage::first_frame() const
{
    layout::TrapFrame frame{};
    frame.rip = entry.value;
    frame.cs = layout::kUserCode;
    frame.rflags = arch::rflags::kAlwaysOne | arch::rflags::kInterrupt;
    frame.rsp = stack.value;
    frame.ss = layout::kUserData;
    return frame;
}

base::Result<ProgramImage> make_program_image(PageSource& file, const InitialStack& words)
{
    const AddressLayout addresses = next_address_layout();
    const ElfPlan plan = TRY(plan_elf(file, addresses.program_base));
    ProgramImage image;
    image.memory = TRY(UserMemory::create(frame_allocator, kernel_table(), zero_page()));
    const base::Result<void> filled = fill(image, plan, file, addresses, words);
    if (!filled) {
        image.memory.destroy();
        return base::fail(filled.error());
    }
    return image;
}

} // namespace kernel
