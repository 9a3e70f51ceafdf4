// SPDX-License-Identifier: MIT
#include "trap/memory_calls.h"

#include "process/loom.h"
#include "process/vessel.h"
#include "uapi/memory.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;

namespace {

UserMemory& memory()
{
    return loom.current().vessel->memory;
}

Protection decode_protection(std::uint64_t bits)
{
    return {.read = (bits & uapi::kProtRead) != 0,
            .write = (bits & uapi::kProtWrite) != 0,
            .execute = (bits & uapi::kProtExec) != 0};
}

UserMemory::Placement placement_of(std::uint64_t flags)
{
    if ((flags & uapi::kMapFixedNoReplace) != 0) {
        return UserMemory::Placement::FixedNoReplace;
    }
    return (flags & uapi::kMapFixed) != 0 ? UserMemory::Placement::Fixed : UserMemory::Placement::Anywhere;
}

VmaKind kind_of(std::uint64_t type, bool of_file)
{
    if (of_file) {
        return VmaKind::File;
    }
    return type == uapi::kMapShared ? VmaKind::Shared : VmaKind::Private;
}

/// What an open file has from `offset` on.  EBADF.  EACCES: not open for reading.  ENODEV: no regular file, or it would
/// be shared, which needs a file that can change.
Result<base::Bytes> mappable_file(std::uint64_t descriptor, std::uint64_t flags, std::uint64_t offset)
{
    const HeldFile file = TRY(loom.current().vessel->files.find(static_cast<std::uint32_t>(descriptor)));
    if (!file->readable) {
        return fail(Error::Eacces);
    }
    const base::Bytes contents = file->inode->contents();
    if (file->inode->kind != FileKind::Regular || (flags & uapi::kMapTypeMask) == uapi::kMapShared) {
        return fail(Error::Enodev);
    }
    return offset < contents.size() ? contents.subspan(offset, contents.size() - offset) : base::Bytes{};
}

} // namespace

Result<std::uint64_t> mmap(VirtAddr address, std::uint64_t length, std::uint64_t protection, std::uint64_t flags,
                           std::uint64_t descriptor, std::uint64_t offset)
{
    if (offset % arch::kPageSize != 0) {
        return fail(Error::Einval);
    }
    const bool of_file = (flags & uapi::kMapAnonymous) == 0;
    const base::Bytes file = of_file ? TRY(mappable_file(descriptor, flags, offset)) : base::Bytes{};
    const std::uint64_t type = flags & uapi::kMapTypeMask;
    if ((type != uapi::kMapPrivate && type != uapi::kMapShared) || (flags & uapi::kMapGrowsDown) != 0) {
        return fail(Error::Einval);
    }
    const VirtAddr begin = TRY(memory().map({.address = address,
                                             .length = length,
                                             .protection = decode_protection(protection),
                                             .placement = placement_of(flags),
                                             .kind = kind_of(type, of_file),
                                             .file = file}));
    return begin.value;
}

Result<std::uint64_t> munmap(VirtAddr address, std::uint64_t length)
{
    TRY(memory().unmap(address, length));
    return 0;
}

Result<std::uint64_t> mprotect(VirtAddr address, std::uint64_t length, std::uint64_t protection)
{
    if ((protection & ~(uapi::kProtAll | uapi::kProtSem)) != 0) {
        return fail(Error::Einval);
    }
    TRY(memory().protect(address, length, decode_protection(protection)));
    return 0;
}

Result<std::uint64_t> mremap(VirtAddr address, std::uint64_t old_length, std::uint64_t new_length, std::uint64_t flags,
                             VirtAddr new_address)
{
    if ((flags & ~(uapi::kMremapMayMove | uapi::kMremapFixed)) != 0) {
        return fail(Error::Einval);
    }
    const VirtAddr begin = TRY(memory().remap({.address = address,
                                               .old_length = old_length,
                                               .new_length = new_length,
                                               .may_move = (flags & uapi::kMremapMayMove) != 0,
                                               .fixed = (flags & uapi::kMremapFixed) != 0,
                                               .new_address = new_address}));
    return begin.value;
}

std::uint64_t brk(VirtAddr end)
{
    return memory().set_break(end).value;
}

Result<std::uint64_t> madvise(VirtAddr address, std::uint64_t length, std::uint64_t advice)
{
    // An int: the upper half of the register means nothing.
    switch (static_cast<uapi::Advice>(static_cast<std::uint32_t>(advice))) {
    case uapi::Advice::DontNeed:
    case uapi::Advice::Free: TRY(memory().discard(address, length)); return 0;
    case uapi::Advice::Normal:
    case uapi::Advice::Random:
    case uapi::Advice::Sequential:
    case uapi::Advice::WillNeed:
    case uapi::Advice::DontDump:
    case uapi::Advice::DoDump: TRY(memory().check_advised(address, length)); return 0;
    }
    return fail(Error::Einval);
}

} // namespace kernel
