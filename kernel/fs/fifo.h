// SPDX-License-Identifier: MIT
// A pipe with a name: there is a pipe behind it as long as somebody has it open.  [fifo(7); POSIX.1-2017 XSH open()]
#pragma once

#include "fs/inode.h"
#include "fs/pipe.h"

namespace kernel {

class Fifo final : public Inode {
public:
    Fifo(std::uint32_t mode, std::uint64_t inode_number);
    /// One of tmpfs, without a name and with a holder.  ENOMEM.
    static base::Result<InodeRef> create(std::uint32_t mode);

    /// Waits until the other end is open, too; whoever reads and writes does not wait.
    /// @return ENXIO: O_NONBLOCK, to write, and nobody reads.  ENFILE, ENOMEM: of the pipe.  Erestart: a signal came.
    base::Result<void> opened(OpenFile& file) override;
    void closed(OpenFile& file) override;
    /// See Pipe.
    base::Result<std::uint64_t> read(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                     std::uint64_t offset) override;
    base::Result<std::uint64_t> write(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                      std::uint64_t offset) override;
    base::Result<std::uint64_t> ioctl(OpenFile& file, std::uint32_t request, std::uint64_t argument) override;
    std::uint32_t poll(const OpenFile& file) const override;
    Readiness* readiness() override { return &pipe_->readiness; }
    Pipe* pipe() override { return pipe_; }

private:
    base::Result<void> wait_for_other_end(const OpenFile& file);
    void vanish() override;

    Pipe* pipe_ = nullptr;             ///< nullptr: nobody has it open
    std::uint64_t opened_to_read_ = 0; ///< how often: whoever came and went was there
    std::uint64_t opened_to_write_ = 0;
};

} // namespace kernel
