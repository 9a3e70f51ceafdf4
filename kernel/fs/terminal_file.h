// SPDX-License-Identifier: MIT
// The names under which the terminal is opened.
#pragma once

#include "fs/inode.h"

namespace kernel {

class TerminalFile final : public Inode {
public:
    constexpr explicit TerminalFile(std::uint64_t device_number_of_it)
        : Inode({.kind = FileKind::CharacterDevice,
                 .permissions = 0620,
                 .device = 1,
                 .device_number = device_number_of_it,
                 .stream = true})
    {
    }

    /// See Terminal.
    base::Result<std::uint64_t> read(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                     std::uint64_t offset) override;
    base::Result<std::uint64_t> write(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                      std::uint64_t offset) override;
    base::Result<std::uint64_t> ioctl(OpenFile& file, std::uint32_t request, std::uint64_t argument) override;
    std::uint32_t poll(const OpenFile& file) const override;
    Readiness* readiness() override;
};

/// /dev/console: what every program's first three descriptors are for.
extern TerminalFile console_file;

} // namespace kernel
