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

Result<void> Inode::truncate(std::uint64_t)
{
    return fail(kind == FileKind::Directory ? Error::Eisdir : Error::Einval);
}

Result<void> Inode::reserve(std::uint64_t, std::uint64_t, bool)
{
    return fail(kind == FileKind::Directory ? Error::Eisdir : stream ? Error::Espipe : Error::Enodev);
}

Result<std::uint64_t> Inode::seek_data(std::uint64_t offset, bool hole) const
{
    if (offset >= size()) {
        return fail(Error::Enxio);
    }
    return hole ? size() : offset;
}

std::uint32_t Inode::poll(const OpenFile&) const
{
    return uapi::poll_event::kIn | uapi::poll_event::kOut;
}

} // namespace kernel
