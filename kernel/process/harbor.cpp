// SPDX-License-Identifier: MIT
#include "process/harbor.h"

#include "arch/rflags.h"
#include "base/assert.h"
#include "base/random.h"
#include "fs/terminal_file.h"
#include "layout/address_map.h"
#include "layout/landmarks.h"
#include "layout/selectors.h"
#include "mm/kernel_memory.h"
#include "process/address_layout.h"
#include "process/elf_loader.h"
#include "process/initial_stack.h"
#include "process/loom.h"
#include "process/syscall_log.h"

namespace kernel {

constinit Harbor harbor;

namespace {

/// Makes the user stack; the contents go into its topmost page.
base::Result<arch::VirtAddr> build_stack(UserMemory& memory, arch::VirtAddr top, const InitialStack& contents)
{
    const arch::VirtAddr page = top - arch::kPageSize;
    TRY(memory.add_area(
        {.begin = page, .end = top, .kind = VmaKind::Stack, .protection = {.read = true, .write = true}}));
    std::uint8_t* const bytes = TRY(memory.populate(page, {.write = true}));
    return build_initial_stack({bytes, arch::kPageSize}, top, contents);
}

void copy_name(char (&to)[Vessel::kNameSize], base::StringView name)
{
    const std::size_t length = name.size() < Vessel::kNameSize - 1 ? name.size() : Vessel::kNameSize - 1;
    for (std::size_t i = 0; i < length; ++i) {
        to[i] = name[i];
    }
    to[length] = '\0';
}

/// The frame from which a program enters ring 3: every general register zero.
layout::TrapFrame first_frame(arch::VirtAddr entry, arch::VirtAddr user_rsp)
{
    layout::TrapFrame frame{};
    frame.rip = entry.value;
    frame.cs = layout::kUserCode;
    frame.rflags = arch::rflags::kAlwaysOne | arch::rflags::kInterrupt;
    frame.rsp = user_rsp.value;
    frame.ss = layout::kUserData;
    return frame;
}

} // namespace

void Harbor::start(Thread& shell_thread)
{
    const base::Result<Vessel*> allocated = allocate();
    ASSERT(allocated); // at boot there is memory for it
    Vessel& shell = **allocated;
    copy_name(shell.name, "eldarin");
    shell.id = VesselId{static_cast<std::uint64_t>(shell_thread.id)};
    ASSERT(shell.id == kShellId);
    shell.group = shell.id;
    by_id_.insert(shell);
    shell.add(shell_thread);
}

base::Result<VesselId> Harbor::spawn(base::Bytes file, base::Span<const base::StringView> arguments,
                                     base::Span<const base::StringView> environment)
{
    ASSERT(!arguments.empty());
    Vessel& vessel = *TRY(allocate());
    const base::Result<void> loaded = load(vessel, file, arguments, environment);
    if (!loaded) {
        vessel.files.close_all();
        vessel.memory.destroy();
        release(vessel);
        return base::fail(loaded.error());
    }
    return vessel.id;
}

base::Result<void> Harbor::load(Vessel& vessel, base::Bytes file, base::Span<const base::StringView> arguments,
                                base::Span<const base::StringView> environment)
{
    copy_name(vessel.name, arguments[0]);
    const AddressLayout addresses = next_address_layout();
    const ElfPlan plan = TRY(plan_elf(file, addresses.program_base));
    vessel.memory = TRY(UserMemory::create(frame_allocator, kernel_table(), zero_page()));
    vessel.memory.set_map_top(addresses.map_top);
    TRY(load_elf(plan, file, vessel.memory));
    const arch::VirtAddr heap = vessel.memory.set_break(arch::VirtAddr{}) + addresses.heap_gap;
    vessel.memory.start_break(heap);
    vessel.places = {.stack_top = addresses.stack_top.value,
                     .map_top = addresses.map_top.value,
                     .heap = heap.value,
                     .program_base = plan.bias};
    InitialStack contents{.arguments = arguments,
                          .environment = environment,
                          .executable_name = arguments[0],
                          .entry = plan.entry,
                          .program_headers = plan.program_headers,
                          .program_header_count = plan.program_header_count};
    base::random.fill(contents.random);
    TRY(vessel.files.open_standard(console_file));
    const arch::VirtAddr user_rsp = TRY(build_stack(vessel.memory, addresses.stack_top, contents));
    Thread& thread = *TRY(loom.create_user_thread(ThreadId{new_id()}, vessel, vessel.memory.root(),
                                                  first_frame(plan.entry, user_rsp), UserState::initial()));
    launch(vessel, shell(), thread);
    vessel.group = vessel.id;
    syscall_log.enter(vessel, plan.entry.value);
    landmark_process_started(static_cast<std::uint64_t>(vessel.id), vessel.name, vessel.memory.root().value,
                             &vessel.places);
    loom.make_ready(thread);
    return {};
}

/// Gives `vessel` its first thread, its number and its place in the family: from here on it is there for all.
void Harbor::launch(Vessel& vessel, Vessel& parent, Thread& thread)
{
    vessel.id = VesselId{static_cast<std::uint64_t>(thread.id)};
    vessel.parent = &parent;
    parent.children.push_back(vessel);
    vessel.add(thread);
    by_id_.insert(vessel);
}

base::Result<Vessel*> Harbor::allocate()
{
    static_assert(sizeof(Vessel) <= arch::kPageSize);
    const unsigned slot = slots_.take();
    if (slot == slots_.kNone) {
        return base::fail(uapi::Error::Eagain);
    }
    const base::Result<arch::PhysAddr> frame = frame_allocator.allocate();
    if (!frame) {
        slots_.give_back(slot);
        return base::fail(frame.error());
    }
    auto* const vessel = frame_allocator.window().at<Vessel>(*frame);
    new (vessel) Vessel{};
    vessel->slot = static_cast<std::uint16_t>(slot);
    vessel->frame = *frame;
    vessels_[slot] = vessel;
    return vessel;
}

/// Gives back the slot of a Vessel that is in no list and owns nothing.
void Harbor::release(Vessel& vessel)
{
    vessels_[vessel.slot] = nullptr;
    slots_.give_back(vessel.slot);
    frame_allocator.free(vessel.frame);
}

std::uint64_t Harbor::new_id()
{
    for (;;) {
        const std::uint64_t id = next_id_;
        next_id_ = id == kMaximumId ? kLowestReusedId : id + 1;
        if (loom.find(ThreadId{id}) == nullptr && find(VesselId{id}) == nullptr) {
            return id;
        }
    }
}

} // namespace kernel
