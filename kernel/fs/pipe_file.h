// SPDX-License-Identifier: MIT
// An anonymous pipe as an open file: both of its descriptions have the same inode, and go with it.  [pipe(2)]
#pragma once

#include "fs/inode.h"
#include "fs/pipe.h"

namespace kernel {

class PipeFile final : public Inode {
public:
    /// One that goes with its last holder.  ENFILE, ENOMEM.
    static base::Result<PipeFile*> create();

    base::Result<void> opened(OpenFile& file) override;
    void closed(OpenFile& file) override;
    /// See Pipe.
    base::Result<std::uint64_t> read(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                     std::uint64_t offset) override;
    base::Result<std::uint64_t> write(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                      std::uint64_t offset) override;
    base::Result<std::uint64_t> ioctl(OpenFile& file, std::uint32_t request, std::uint64_t argument) override;
    std::uint32_t poll(const OpenFile& file) const override;
    Readiness* readiness() override { return &pipe_.readiness; }
    Pipe* pipe() override { return &pipe_; }

private:
    PipeFile(Pipe& pipe, std::uint64_t number);
    void vanish() override { Pipe::destroy(pipe_); }

    Pipe& pipe_; ///< whose frame this object lives in, too
};

/// What ioctl(2) knows of a pipe, also of one with a name.
base::Result<std::uint64_t> control_pipe(const Pipe& pipe, std::uint32_t request, std::uint64_t argument);

} // namespace kernel
