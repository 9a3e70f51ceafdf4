// SPDX-License-Identifier: MIT
// The names under which the terminal is opened.
#pragma once

#include "fs/inode.h"

namespace kernel {

class TerminalFile : public Inode {
public:
    constexpr explicit TerminalFile(std::uint64_t device_number_of_it)
        : Inode({.kind = FileKind::CharacterDevice,
                 .permissions = 0620,
                 .number = kFirstNumber + device_number_of_it,
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

private:
    static constexpr std::uint64_t kFirstNumber = std::uint64_t{1} << 32; ///< no file of tmpfs has those
};

/// /dev/tty: the terminal, for those whose controlling terminal it is.
class ControllingTerminalFile final : public TerminalFile {
public:
    constexpr ControllingTerminalFile() : TerminalFile(uapi::device_number(5, 0)) {}

    /// ENXIO: the caller has no controlling terminal.
    base::Result<void> opened(OpenFile& file) override;
};

/// /dev/console: what every program's first three descriptors are for.
extern TerminalFile console_file;
/// /dev/ttyS0.
extern TerminalFile serial_file;
extern ControllingTerminalFile controlling_terminal_file;

} // namespace kernel
