// SPDX-License-Identifier: MIT
#include "process/harbor.h"

#include "base/assert.h"
#include "layout/address_map.h"
#include "layout/landmarks.h"
#include "mm/kernel_memory.h"
#include "process/elf_loader.h"
#include "process/initial_stack.h"
#include "process/loom.h"
#include "process/syscall_log.h"

namespace kernel {

constinit Harbor harbor;

namespace {

/// Maps the user stack; the contents go into its topmost page, which is the only one that has any.
base::Result<arch::VirtAddr> build_stack(AddressSpace& space, const InitialStack& contents)
{
    const arch::VirtAddr top = layout::kUserStackTop;
    for (arch::VirtAddr page = top - layout::kUserStackSize; page < top; page += arch::kPageSize) {
        const arch::PhysAddr frame = TRY(frame_allocator.allocate_zeroed());
        const base::Result<void> mapped = space.map(page, frame, {.write = true});
        if (!mapped) {
            frame_allocator.free(frame);
            return base::fail(mapped.error());
        }
        if (page == top - arch::kPageSize) {
            const base::Span<std::uint8_t> bytes{frame_allocator.window().at<std::uint8_t>(frame), arch::kPageSize};
            return build_initial_stack(bytes, top, contents);
        }
    }
    __builtin_unreachable();
}

void copy_name(char (&to)[Vessel::kNameSize], base::StringView name)
{
    const std::size_t length = name.size() < Vessel::kNameSize - 1 ? name.size() : Vessel::kNameSize - 1;
    for (std::size_t i = 0; i < length; ++i) {
        to[i] = name[i];
    }
    to[length] = '\0';
}

} // namespace

base::Result<VesselId> Harbor::spawn(base::Bytes file, base::Span<const base::StringView> arguments)
{
    ASSERT(!arguments.empty());
    Vessel* const vessel = allocate();
    if (vessel == nullptr) {
        return base::fail(uapi::Error::Eagain);
    }
    const base::Result<void> loaded = load(*vessel, file, arguments);
    if (!loaded) {
        vessel->memory.destroy();
        *vessel = Vessel{};
        return base::fail(loaded.error());
    }
    landmark_process_started(static_cast<std::uint64_t>(vessel->id), vessel->name, vessel->memory.root().value);
    return vessel->id;
}

base::Result<void> Harbor::load(Vessel& vessel, base::Bytes file, base::Span<const base::StringView> arguments)
{
    copy_name(vessel.name, arguments[0]);
    const ElfPlan plan = TRY(plan_elf(file));
    vessel.memory = TRY(UserMemory::create(frame_allocator, kernel_table()));
    TRY(load_elf(plan, file, vessel.memory.space(), frame_allocator));
    const InitialStack contents{.arguments = arguments,
                                .environment = {},
                                .executable_name = arguments[0],
                                .entry = plan.entry,
                                .program_headers = plan.program_headers,
                                .program_header_count = plan.program_header_count};
    const arch::VirtAddr user_rsp = TRY(build_stack(vessel.memory.space(), contents));
    vessel.thread = TRY(loom.create_user_thread(vessel, vessel.memory.root(), plan.entry, user_rsp));
    vessel.id = VesselId{next_id_++};
    vessel.state = VesselState::Running;
    syscall_log.enter(vessel.name, plan.entry.value);
    return {};
}

Vessel* Harbor::find(VesselId id)
{
    for (Vessel& vessel : vessels_) {
        if (vessel.state != VesselState::Free && vessel.id == id) {
            return &vessel;
        }
    }
    return nullptr;
}

Vessel* Harbor::find_by_thread(ThreadId id)
{
    for (Vessel& vessel : vessels_) {
        if (vessel.thread != nullptr && vessel.thread->id == id) {
            return &vessel;
        }
    }
    return nullptr;
}

void Harbor::end_current(WaitStatus wait_status)
{
    Vessel& vessel = *loom.current().vessel;
    vessel.wait_status = wait_status;
    vessel.state = VesselState::Zombie;
    syscall_log.exit(vessel.name, wait_status);
    landmark_process_ended(static_cast<std::uint64_t>(vessel.id), static_cast<std::uint64_t>(wait_status));
    loom.wake(&vessel);
    loom.exit_current();
}

base::Result<Harbor::Ended> Harbor::wait(VesselId id)
{
    Vessel* const vessel = find(id);
    if (vessel == nullptr) {
        return base::fail(uapi::Error::Esrch);
    }
    while (vessel->state != VesselState::Zombie) {
        loom.block(vessel);
    }
    return collect(*vessel);
}

bool Harbor::collect_any(Ended& ended)
{
    for (Vessel& vessel : vessels_) {
        if (vessel.state == VesselState::Zombie) {
            ended = collect(vessel);
            return true;
        }
    }
    return false;
}

Vessel* Harbor::allocate()
{
    for (Vessel& vessel : vessels_) {
        if (vessel.state == VesselState::Free) {
            return &vessel;
        }
    }
    return nullptr;
}

Harbor::Ended Harbor::collect(Vessel& vessel)
{
    Ended ended{vessel.id, {}, vessel.wait_status};
    copy_name(ended.name, vessel.name);
    loom.collect(*vessel.thread);
    vessel.memory.destroy();
    vessel = Vessel{};
    return ended;
}

} // namespace kernel
