// SPDX-License-Identifier: MIT
// The console as a file: what every program's first three descriptors are for.
#pragma once

#include "fs/inode.h"

namespace kernel {

class ConsoleFile final : public Inode {
public:
    constexpr ConsoleFile()
        : Inode({.kind = FileKind::CharacterDevice,
                 .permissions = 0620, // as a terminal is
                 .device = 1,
                 .device_number = uapi::device_number(5, 1),
                 .stream = true})
    {
    }

    /// See ConsoleReader::line.
    base::Result<std::uint64_t> read(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                     std::uint64_t offset) override;
    base::Result<std::uint64_t> write(OpenFile& file, arch::VirtAddr buffer, std::uint64_t count,
                                      std::uint64_t offset) override;
};

extern ConsoleFile console_file;

} // namespace kernel
