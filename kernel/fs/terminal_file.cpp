// SPDX-License-Identifier: MIT
#include "fs/terminal_file.h"

#include "fs/open_file.h"
#include "fs/terminal.h"
#include "process/loom.h"

namespace kernel {

using arch::VirtAddr;
using base::Result;

constinit TerminalFile console_file{uapi::device_number(5, 1)};
constinit TerminalFile serial_file{uapi::device_number(4, 64)};
constinit ControllingTerminalFile controlling_terminal_file;

Result<void> ControllingTerminalFile::opened(OpenFile&)
{
    return terminal.controls(*loom.current().vessel) ? Result<void>() : base::fail(uapi::Error::Enxio);
}

Result<std::uint64_t> TerminalFile::read(OpenFile& file, VirtAddr buffer, std::uint64_t count, std::uint64_t)
{
    return terminal.read(buffer, count, file.blocks());
}

Result<std::uint64_t> TerminalFile::write(OpenFile& file, VirtAddr buffer, std::uint64_t count, std::uint64_t)
{
    return terminal.write(buffer, count, file.blocks());
}

Result<std::uint64_t> TerminalFile::ioctl(OpenFile&, std::uint32_t request, std::uint64_t argument)
{
    return terminal.control(request, argument);
}

std::uint32_t TerminalFile::poll(const OpenFile&) const
{
    return terminal.poll();
}

Readiness* TerminalFile::readiness()
{
    return &terminal.readiness;
}

} // namespace kernel
