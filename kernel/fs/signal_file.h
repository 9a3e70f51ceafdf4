// SPDX-License-Identifier: MIT
// A file from which programs read the signals that have been sent to them: signalfd(2).
#pragma once

#include "fs/inode.h"
#include "process/signal_set.h"

namespace kernel {

/// Whoever reads it or waits for it learns of its own signals, whoever has opened it.
class SignalFile final : public Inode {
public:
    /// One that goes with its last holder.
    /// @return ENOMEM
    static base::Result<InodeRef> create(SignalSet signals);
    /// SIGKILL and SIGSTOP are left out; nobody reads them.
    void set_signals(SignalSet signals) { signals_ = signals.without(kUnstoppable); }

    /// As many records of uapi::SignalFileRecord as the buffer holds and signals are there, and one at least.
    /// EINVAL: no room for one.  EAGAIN, Erestart.  EFAULT: the first cannot be stored, and is lost, as on Linux.
    base::Result<std::uint64_t> read(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                     std::uint64_t offset) override;
    std::uint32_t poll(const OpenFile& file) const override;
    Readiness* readiness() override;
    SignalFile* signal_file() override { return this; }

private:
    explicit SignalFile(SignalSet signals);
    void vanish() override;

    SignalSet signals_;
};

} // namespace kernel
