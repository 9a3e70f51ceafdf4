// SPDX-License-Identifier: MIT
#include "fs/signal_file.h"

#include "cpu/user_copy.h"
#include "fs/file_space.h"
#include "fs/open_file.h"
#include "fs/readiness.h"
#include "mm/object_allocator.h"
#include "process/harbor.h"
#include "process/loom.h"
#include "uapi/poll.h"
#include "uapi/signal_file.h"

#include <new>

namespace kernel {

using base::fail;
using base::Result;
using uapi::Error;

namespace {

/// Until a signal, any one, has been sent to the running thread or its Vessel.
WakeReason wait_for_any()
{
    Thread& thread = loom.current();
    Readiness& watchers = thread.vessel->signal_watchers;
    ReadinessWatch watch{.thread = &thread};
    watchers.add(watch);
    const WakeReason reason = loom.sleep(Loom::kNever);
    watchers.remove(watch);
    return reason;
}

} // namespace

SignalFile::SignalFile(SignalSet signals)
    : Inode({.kind = FileKind::CharacterDevice, .permissions = 0600, .device = device_id::kPipes, .stream = true})
{
    links = 0; // no directory leads here
    set_signals(signals);
}

Result<InodeRef> SignalFile::create(SignalSet signals)
{
    void* const memory = TRY(objects.allocate(sizeof(SignalFile)));
    return InodeRef(*new (memory) SignalFile(signals));
}

void SignalFile::vanish()
{
    this->~SignalFile();
    objects.free(this, sizeof(SignalFile));
}

Result<std::uint64_t> SignalFile::read(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count, std::uint64_t)
{
    constexpr std::uint64_t kRecord = sizeof(uapi::SignalFileRecord);
    Thread& thread = loom.current();
    uapi::SignalInfo info;
    if (count < kRecord) {
        return fail(Error::Einval);
    }
    for (bool interrupted = false; !Harbor::take_signal(thread, signals_, info);) {
        if (!file.blocks() || interrupted) {
            return fail(interrupted ? Error::Erestart : Error::Eagain);
        }
        interrupted = ends_call(wait_for_any());
    }
    std::uint64_t done = 0;
    do {
        if (const Result<void> stored = write_user(buffer + done, uapi::record_of(info)); !stored) {
            return done > 0 ? Result<std::uint64_t>(done) : fail(stored.error());
        }
        done += kRecord;
    } while (count - done >= kRecord && Harbor::take_signal(thread, signals_, info));
    return done;
}

std::uint32_t SignalFile::poll(const OpenFile&) const
{
    const Thread& thread = loom.current();
    const bool some = !((thread.pending.set() | thread.vessel->pending.set()) & signals_).empty();
    return some ? uapi::poll_event::kIn : 0U;
}

Readiness* SignalFile::readiness()
{
    return &loom.current().vessel->signal_watchers;
}

} // namespace kernel
