// SPDX-License-Identifier: MIT
// `Harbor`, the process table: makes Vessels out of programs, finds them, and buries them.
// Invariant: a Vessel and its thread come and go together; what a Vessel owned is freed by whoever collects it, from
// another stack and under another CR3.
#pragma once

#include "base/result.h"
#include "base/span.h"
#include "base/string_view.h"
#include "process/vessel.h"

namespace kernel {

class Harbor {
public:
    static constexpr unsigned kMaximumVessels = 64;
    static constexpr unsigned kMaximumArguments = 16;

    struct Ended {
        VesselId id;
        char name[Vessel::kNameSize];
        WaitStatus wait_status;
    };

    /// Loads the ELF in `file` into a new Vessel, whose thread is then ready to run.
    /// @param arguments  argv; the first is also the Vessel's name, cut to fit
    /// @return  ENOEXEC: not a program (see plan_elf).  EAGAIN: no free slot.  ENOMEM.  E2BIG: arguments too long.
    base::Result<VesselId> spawn(base::Bytes file, base::Span<const base::StringView> arguments);

    Vessel* find(VesselId id);
    Vessel* find_by_thread(ThreadId id);

    /// Ends the Vessel of the current thread.
    [[noreturn]] void end_current(WaitStatus wait_status);

    /// Waits until `id` has ended, and frees all it had.  ESRCH: there is no such Vessel.
    base::Result<Ended> wait(VesselId id);
    /// Collects one Vessel that has ended; false when there is none.
    bool collect_any(Ended& ended);

    /// The Vessel in slot `index` < kMaximumVessels.
    const Vessel& vessel(unsigned index) const { return vessels_[index]; }

private:
    Vessel* allocate();
    base::Result<void> load(Vessel& vessel, base::Bytes file, base::Span<const base::StringView> arguments);
    Ended collect(Vessel& vessel);

    Vessel vessels_[kMaximumVessels];
    std::uint64_t next_id_ = 1;
};

/// The machine's process table.
extern Harbor harbor;

} // namespace kernel
