// SPDX-License-Identifier: MIT
#include "process/harbor.h"

#include "base/assert.h"
#include "fs/terminal_file.h"
#include "fs/tmpfs.h"
#include "layout/landmarks.h"
#include "mm/kernel_memory.h"
#include "process/loom.h"
#include "process/program_file.h"
#include "process/program_image.h"
#include "process/syscall_log.h"

#include <utility>

namespace kernel {

constinit Harbor harbor;

namespace {

/// The strings of the kernel's own that a program is started with.
base::Result<ArgumentBlock::Run> append_all(ArgumentBlock& block, base::Span<const base::StringView> strings)
{
    ArgumentBlock::Run run{.begin = block.size(), .bytes = 0, .count = 0};
    for (const base::StringView text : strings) {
        TRY(block.append(text));
    }
    run.bytes = block.size() - run.begin;
    run.count = strings.size();
    return run;
}

} // namespace

Vessel& caller()
{
    return *loom.current().vessel;
}

base::Result<Vessel*> Harbor::find_by_number(std::uint64_t number)
{
    const auto id = static_cast<std::int32_t>(number);
    Vessel* const vessel = id > 0 ? find(VesselId{static_cast<std::uint64_t>(id)}) : nullptr;
    return vessel != nullptr ? base::Result<Vessel*>(vessel) : base::fail(uapi::Error::Esrch);
}

const Vessel* Harbor::member_of(VesselId group) const
{
    for (const Vessel* const vessel : vessels_) {
        if (vessel != nullptr && vessel->group == group) {
            return vessel;
        }
    }
    return nullptr;
}

void Harbor::start(Thread& shell_thread)
{
    const base::Result<Vessel*> allocated = allocate();
    ASSERT(allocated); // at boot there is memory for it
    Vessel& shell = **allocated;
    copy_text(shell.name, "eldarin");
    copy_text(shell.command, "eldarin");
    shell.id = VesselId{static_cast<std::uint64_t>(shell_thread.id)};
    ASSERT(shell.id == kShellId);
    shell.group = shell.id;
    shell.session = shell.id;
    by_id_.insert(shell);
    shell.add(shell_thread);
}

base::Result<VesselId> Harbor::spawn(Inode& file, base::Span<const base::StringView> arguments,
                                     base::Span<const base::StringView> environment)
{
    ASSERT(!arguments.empty());
    Vessel& vessel = *TRY(allocate());
    const base::Result<void> loaded = load(vessel, file, arguments, environment);
    if (!loaded) {
        leave_files(vessel);
        vessel.memory.destroy();
        release(vessel);
        return base::fail(loaded.error());
    }
    return vessel.id;
}

base::Result<void> Harbor::load(Vessel& vessel, Inode& file, base::Span<const base::StringView> arguments,
                                base::Span<const base::StringView> environment)
{
    copy_text(vessel.name, arguments[0]);
    copy_text(vessel.command, arguments[0]);
    ArgumentBlock strings(frame_allocator);
    InitialStack contents;
    contents.strings = &strings;
    contents.arguments = TRY(append_all(strings, arguments));
    contents.environment = TRY(append_all(strings, environment));
    contents.executable_name = TRY(append_all(strings, {arguments.data(), 1}));
    PageSource* const pages = file.pages();
    if (pages == nullptr || !may_execute(file)) {
        return base::fail(uapi::Error::Eacces);
    }
    if (file.writers != 0) {
        return base::fail(uapi::Error::Etxtbsy);
    }
    const InodeRef interpreter = TRY(find_interpreter(tmpfs::root(), *pages));
    ProgramImage image = TRY(
        make_program_image({.program = *pages, .interpreter = interpreter ? interpreter->pages() : nullptr}, contents));
    vessel.memory = std::move(image.memory);
    vessel.places = image.places;
    TRY(vessel.files.open_standard(console_file));
    vessel.directory = InodeRef(tmpfs::root());
    vessel.program = RunningProgram(InodeRef(file));
    Thread& thread = *TRY(loom.create_user_thread(ThreadId{new_id()}, vessel, vessel.memory.root(), image.first_frame(),
                                                  UserState::initial()));
    launch(vessel, shell(), thread);
    vessel.group = vessel.id;
    vessel.session = vessel.id; // so that the terminal's stop signals stop nobody that only the shell could continue
    syscall_log.enter(vessel, image.entry.value);
    landmark_process_started(static_cast<std::uint64_t>(vessel.id), vessel.name, vessel.memory.root().value,
                             &vessel.places);
    loom.make_ready(thread);
    return {};
}

/// Gives back what `vessel` holds of the file system.
void Harbor::leave_files(Vessel& vessel)
{
    vessel.files.close_all();
    vessel.directory.reset();
    vessel.program = {};
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
