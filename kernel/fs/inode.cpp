// SPDX-License-Identifier: MIT
#include "fs/inode.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

Result<void> Inode::opened(OpenFile&)
{
    return {};
}

void Inode::closed(OpenFile&) {}

Result<std::uint64_t> Inode::read(OpenFile&, VirtAddr, std::uint64_t, std::uint64_t)
{
    return fail(kind == FileKind::Directory ? Error::Eisdir : Error::Einval);
}

Result<std::uint64_t> Inode::write(OpenFile&, VirtAddr, std::uint64_t, std::uint64_t)
{
    return fail(Error::Einval);
}

Result<std::uint64_t> Inode::ioctl(OpenFile&, std::uint32_t, std::uint64_t)
{
    return fail(Error::Enotty);
}

std::uint32_t Inode::poll(const OpenFile&) const
{
    return uapi::poll_event::kIn | uapi::poll_event::kOut;
}

} // namespace kernel
