// SPDX-License-Identifier: MIT
#include "trap/memory_calls.h"

#include "process/loom.h"
#include "trap/path_argument.h"
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
    const bool shared = type == uapi::kMapShared;
    if (of_file) {
        return shared ? VmaKind::SharedFile : VmaKind::File;
    }
    return shared ? VmaKind::Shared : VmaKind::Private;
}

/// EACCES: the file is not open for reading, or not for writing and its pages are to be written.  ENODEV: it has no
/// pages.
Result<PageSource*> pages_of(const OpenFile& file, bool shared, Protection protection)
{
    if (!file.readable || (shared && protection.write && !file.writable)) {
        return fail(Error::Eacces);
    }
    PageSource* const pages = file.inode->pages();
    return pages != nullptr ? Result<PageSource*>(pages) : fail(Error::Enodev);
}

} // namespace

Result<std::uint64_t> mmap(VirtAddr address, std::uint64_t length, std::uint64_t protection, std::uint64_t flags,
                           std::uint64_t descriptor, std::uint64_t offset)
{
    if (offset % arch::kPageSize != 0) {
        return fail(Error::Einval);
    }
    UserMemory::Request request{.address = address,
                                .length = length,
                                .protection = decode_protection(protection),
                                .placement = placement_of(flags)};
    const std::uint64_t type = flags & uapi::kMapTypeMask;
    const bool shared = type == uapi::kMapShared, of_file = (flags & uapi::kMapAnonymous) == 0;
    request.kind = kind_of(type, of_file);
    if ((type != uapi::kMapPrivate && !shared) || (flags & uapi::kMapGrowsDown) != 0) {
        return fail(of_file && !find_usable(descriptor) ? Error::Ebadf : Error::Einval);
    }
    if (!of_file) {
        const VirtAddr begin = TRY(memory().map(request));
        return begin.value;
    }
    const HeldFile file = TRY(find_usable(descriptor));
    if (offset > ~std::uint64_t{0} >> 1) {
        return fail(Error::Eoverflow);
    }
    request.file = TRY(pages_of(*file, shared, request.protection));
    request.file_offset = offset;
    request.never_written = shared && !file->writable;
    const VirtAddr begin = TRY(memory().map(request));
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
