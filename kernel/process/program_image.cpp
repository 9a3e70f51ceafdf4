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
#include "process/vdso_pages.h"

#include <utility>

namespace kernel {
namespace {

/// A program, and who makes it ready to run, if it asks for such.
struct Plans {
    ElfPlan program;
    ElfPlan interpreter; ///< meaningful when there is one
};

base::Result<Plans> make_plans(const ProgramFiles& files, const AddressLayout& addresses)
{
    Plans plans{.program = TRY(plan_elf(files.program, addresses.program_base)), .interpreter = {}};
    if (files.interpreter != nullptr) {
        plans.interpreter = TRY(plan_interpreter(*files.interpreter, addresses.map_top));
    }
    return plans;
}

base::Result<void> load_interpreter(const ElfPlan& plan, PageSource& file, UserMemory& memory)
{
    const base::Result<void> loaded = load_elf(plan, file, memory);
    // An executable one that stands where the program is.
    return !loaded && loaded.error() == uapi::Error::Eexist ? base::fail(uapi::Error::Elibbad) : loaded;
}

base::Result<void> fill(ProgramImage& image, const Plans& plans, const ProgramFiles& files,
                        const AddressLayout& addresses, const InitialStack& words)
{
    const ElfPlan& plan = plans.program;
    image.memory.set_map_top(addresses.map_top);
    TRY(load_elf(plan, files.program, image.memory));
    const arch::VirtAddr heap = plan.end() + addresses.heap_gap;
    image.memory.start_break(heap);
    image.places = {.stack_top = addresses.stack_top.value,
                    .map_top = addresses.map_top.value,
                    .heap = heap.value,
                    .program_base = plan.bias,
                    .vdso = addresses.vdso.value};
    image.entry = plan.entry;
    InitialStack contents = words;
    if (files.interpreter != nullptr) {
        TRY(load_interpreter(plans.interpreter, *files.interpreter, image.memory));
        image.entry = plans.interpreter.entry;
        contents.has_interpreter = true;
        contents.interpreter_base = plans.interpreter.bias;
    }
    TRY(map_vdso(image.memory, addresses.vdso));
    contents.vdso = addresses.vdso;
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

base::Result<ProgramImage> make_program_image(const ProgramFiles& files, const InitialStack& words)
{
    const AddressLayout addresses = next_address_layout();
    const Plans plans = TRY(make_plans(files, addresses));
    ProgramImage image;
    image.memory = TRY(UserMemory::create(frame_allocator, kernel_table(), zero_page()));
    const base::Result<void> filled = fill(image, plans, files, addresses, words);
    if (!filled) {
        image.memory.destroy();
        return base::fail(filled.error());
    }
    return image;
}

} // namespace kernel
