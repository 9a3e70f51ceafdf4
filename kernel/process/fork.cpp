// SPDX-License-Identifier: MIT
// Children of running threads: new Vessels with a copy of the caller's memory, and new threads beside the caller.
#include "cpu/user_copy.h"
#include "layout/landmarks.h"
#include "mm/kernel_memory.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "process/syscall_log.h"
#include "uapi/process.h"

namespace kernel {
namespace {

namespace flag = uapi::clone_flag;

/// The caller's registers, except that the call returns 0 and the stack may be another.
layout::TrapFrame child_frame(const layout::TrapFrame& caller, const CloneRequest& request)
{
    layout::TrapFrame frame = caller;
    frame.rax = 0;
    if (request.stack != 0) {
        frame.rsp = request.stack;
    }
    return frame;
}

/// The rest of the caller's state; it is still in the CPU.
UserState child_state(const CloneRequest& request)
{
    Thread& caller = loom.current();
    caller.user.save();
    UserState state = caller.user;
    if (request.has(flag::kSetTls)) {
        state.fs = 0;
        state.fs_base = request.thread_pointer;
    }
    return state;
}

/// What the caller and the child want to know of the child's number.
void tell_numbers(Thread& child, const CloneRequest& request)
{
    const auto number = static_cast<std::uint32_t>(child.id);
    if (request.has(flag::kParentSetTid)) {
        // A bad address is the caller's own loss: the child is there already.  [Linux kernel/fork.c]
        [[maybe_unused]] const base::Result<void> stored = write_user(request.parent_tid, number);
    }
    if (request.has(flag::kChildSetTid)) {
        child.store_tid = request.child_tid.value;
        child.return_work |= return_work::kStoreTid; // in the child's own memory, so when it runs
    }
    if (request.has(flag::kChildClearTid)) {
        child.clear_child_tid = request.child_tid.value;
    }
}

} // namespace

base::Result<ThreadId> Harbor::clone(const layout::TrapFrame& caller, const CloneRequest& request)
{
    const CloneKind kind = TRY(kind_of(request));
    if (kind == CloneKind::Thread) {
        return clone_thread(caller, request);
    }
    Vessel& child = *TRY(fork(caller, request));
    const ThreadId number{static_cast<std::uint64_t>(child.id)};
    if (kind == CloneKind::WaitedProcess) {
        // When the caller is killed meanwhile, nobody sees the number.
        static_cast<void>(loom.block(child.vfork_waiters, Loom::kNever, Interruptible::ByEnd));
    }
    return number;
}

base::Result<ThreadId> Harbor::clone_thread(const layout::TrapFrame& caller, const CloneRequest& request)
{
    Vessel& vessel = *loom.current().vessel;
    Thread& thread = *TRY(loom.create_user_thread(ThreadId{new_id()}, vessel, vessel.memory.root(),
                                                  child_frame(caller, request), child_state(request)));
    thread.nice_level = loom.current().nice_level;
    thread.blocked = loom.current().blocked;
    vessel.add(thread);
    tell_numbers(thread, request);
    syscall_log.start_thread(thread);
    loom.make_ready(thread);
    return thread.id;
}

base::Result<Vessel*> Harbor::fork(const layout::TrapFrame& caller, const CloneRequest& request)
{
    Vessel& parent = *loom.current().vessel;
    if (slots_.taken() >= parent.limits[uapi::Resource::Processes].soft) {
        return base::fail(uapi::Error::Eagain);
    }
    Vessel& child = *TRY(allocate());
    base::Result<UserMemory> memory = parent.memory.fork();
    if (!memory) {
        release(child);
        return base::fail(memory.error());
    }
    child.memory = std::move(*memory);
    const base::Result<void> copied = parent.actions.copy_to(frame_allocator, child.actions);
    if (!copied) {
        child.memory.destroy();
        release(child);
        return base::fail(copied.error());
    }
    const base::Result<Thread*> created = loom.create_user_thread(ThreadId{new_id()}, child, child.memory.root(),
                                                                  child_frame(caller, request), child_state(request));
    if (!created) {
        child.actions.destroy(frame_allocator);
        child.memory.destroy();
        release(child);
        return base::fail(created.error());
    }
    if (request.clears_handlers) {
        child.actions.forget_handlers();
    }
    Thread& thread = **created;
    thread.nice_level = loom.current().nice_level;
    thread.blocked = loom.current().blocked;
    thread.alternate_stack = loom.current().alternate_stack; // in memory of its own
    __builtin_memcpy(child.name, parent.name, sizeof child.name);
    __builtin_memcpy(child.command, parent.command, sizeof child.command);
    child.files.copy_from(parent.files);
    child.directory = parent.directory;
    child.program = parent.program;
    child.umask = parent.umask;
    child.limits = parent.limits;
    child.group = parent.group;
    child.session = parent.session;
    child.no_new_privileges = parent.no_new_privileges;
    child.places = parent.places;
    launch(child, parent, thread);
    tell_numbers(thread, request);
    landmark_process_forked(static_cast<std::uint64_t>(child.id), child.name, child.memory.root().value, &child.places,
                            static_cast<std::uint64_t>(parent.id));
    syscall_log.start_thread(thread);
    loom.make_ready(thread);
    return &child;
}

} // namespace kernel
