// SPDX-License-Identifier: MIT
#include "trap/status_calls.h"

#include "base/min_max.h"
#include "cpu/user_copy.h"
#include "fs/file_space.h"
#include "trap/path_argument.h"
#include "uapi/file_status.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using uapi::Error;
namespace at = uapi::at_flag;

namespace {

Result<std::uint64_t> give_status(const Inode& inode, VirtAddr to)
{
    const uapi::Stat status{.device = inode.device,
                            .inode = inode.number,
                            .links = inode.links,
                            .mode = mode_of(inode.kind) | inode.permissions,
                            .user = inode.user,
                            .group = inode.group,
                            .padding = 0,
                            .device_number = inode.device_number,
                            .size = static_cast<std::int64_t>(inode.size()),
                            .block_size = arch::kPageSize,
                            .blocks = static_cast<std::int64_t>(inode.blocks()),
                            .accessed = inode.accessed,
                            .modified = inode.modified,
                            .changed = inode.changed,
                            .unused = {}};
    TRY(write_user(to, status));
    return 0;
}

uapi::StatxTime statx_time(const uapi::TimeSpec& time)
{
    return {time.seconds, static_cast<std::uint32_t>(time.nanoseconds), 0};
}

Result<std::uint64_t> give_statx(const Inode& inode, VirtAddr to)
{
    const auto major = [](std::uint64_t number) { return static_cast<std::uint32_t>(number >> 8); };
    const auto minor = [](std::uint64_t number) { return static_cast<std::uint32_t>(number & 0xff); };
    const uapi::Statx status{.mask = uapi::kStatxBasic,
                             .block_size = arch::kPageSize,
                             .attributes = 0,
                             .links = inode.links,
                             .user = inode.user,
                             .group = inode.group,
                             .mode = static_cast<std::uint16_t>(mode_of(inode.kind) | inode.permissions),
                             .spare = 0,
                             .inode = inode.number,
                             .size = inode.size(),
                             .blocks = inode.blocks(),
                             .attributes_mask = 0,
                             .accessed = statx_time(inode.accessed),
                             .created = {},
                             .changed = statx_time(inode.changed),
                             .modified = statx_time(inode.modified),
                             .device_number_major = major(inode.device_number),
                             .device_number_minor = minor(inode.device_number),
                             .device_major = major(inode.device),
                             .device_minor = minor(inode.device),
                             .spares = {}};
    TRY(write_user(to, status));
    return 0;
}

Result<std::uint64_t> give_file_system(const Inode& inode, VirtAddr to)
{
    uapi::StatFs status{.type = uapi::kProcfsMagic,
                        .block_size = arch::kPageSize,
                        .blocks = 0,
                        .free_blocks = 0,
                        .available_blocks = 0,
                        .files = 0,
                        .free_files = 0,
                        .id = {static_cast<std::int32_t>(inode.device), 0},
                        .name_length = kNameMax,
                        .fragment_size = arch::kPageSize,
                        .flags = 0,
                        .spares = {}};
    if (inode.device == device_id::kTmpfs) {
        status.type = uapi::kTmpfsMagic;
        status.blocks = file_space.page_limit();
        status.free_blocks = base::min(file_space.page_limit() - file_space.pages(), file_space.frames().free_frames());
        status.available_blocks = status.free_blocks;
        status.files = file_space.name_limit();
        status.free_files = file_space.name_limit() - file_space.names();
    } else if (inode.device == device_id::kPipes) {
        status.type = uapi::kPipefsMagic;
    }
    TRY(write_user(to, status));
    return 0;
}

} // namespace

Result<std::uint64_t> stat(VirtAddr path, VirtAddr status)
{
    const InodeRef inode = TRY(find_inode(kHere, path));
    return give_status(*inode, status);
}

Result<std::uint64_t> lstat(VirtAddr path, VirtAddr status)
{
    const InodeRef inode = TRY(find_inode(kHere, path, at::kNoFollow));
    return give_status(*inode, status);
}

Result<std::uint64_t> fstat(std::uint64_t descriptor, VirtAddr status)
{
    const HeldFile file = TRY(find_file(descriptor));
    return give_status(*file->inode, status);
}

Result<std::uint64_t> newfstatat(std::uint64_t directory, VirtAddr path, VirtAddr status, std::uint64_t flags)
{
    if ((as_int(flags) & ~(at::kNoFollow | at::kEmptyPath | at::kNoAutomount)) != 0) {
        return fail(Error::Einval);
    }
    const InodeRef inode = TRY(find_inode(directory, path, as_int(flags)));
    return give_status(*inode, status);
}

Result<std::uint64_t> statx(std::uint64_t directory, VirtAddr path, std::uint64_t flags, std::uint64_t mask,
                            VirtAddr status)
{
    constexpr std::uint32_t kKnown = at::kNoFollow | at::kEmptyPath | at::kNoAutomount | at::kSyncType;
    if ((as_int(flags) & ~kKnown) != 0 || (as_int(flags) & at::kSyncType) == at::kSyncType ||
        (as_int(mask) & uapi::kStatxReserved) != 0) {
        return fail(Error::Einval);
    }
    const InodeRef inode = TRY(find_inode(directory, path, as_int(flags)));
    return give_statx(*inode, status);
}

Result<std::uint64_t> faccessat2(std::uint64_t directory, VirtAddr path, std::uint64_t mode, std::uint64_t flags)
{
    constexpr std::uint32_t kModes = uapi::kAccessRead | uapi::kAccessWrite | uapi::kAccessExecute;
    if ((as_int(mode) & ~kModes) != 0 ||
        (as_int(flags) & ~(at::kNoFollow | at::kEmptyPath | at::kEffectiveAccess)) != 0) {
        return fail(Error::Einval);
    }
    const InodeRef inode = TRY(find_inode(directory, path, as_int(flags)));
    const bool executes = (as_int(mode) & uapi::kAccessExecute) != 0;
    const bool can_be_executed =
        inode->kind == FileKind::Directory || (inode->permissions & uapi::file_mode::kExecute) != 0;
    return executes && !can_be_executed ? fail(Error::Eacces) : Result<std::uint64_t>(0);
}

Result<std::uint64_t> access(VirtAddr path, std::uint64_t mode)
{
    return faccessat2(kHere, path, mode, 0);
}

Result<std::uint64_t> statfs(VirtAddr path, VirtAddr status)
{
    const InodeRef inode = TRY(find_inode(kHere, path));
    return give_file_system(*inode, status);
}

Result<std::uint64_t> fstatfs(std::uint64_t descriptor, VirtAddr status)
{
    const HeldFile file = TRY(find_file(descriptor));
    return give_file_system(*file->inode, status);
}

Result<std::uint64_t> readlinkat(std::uint64_t directory, VirtAddr path, VirtAddr buffer, std::uint64_t size)
{
    const auto room = static_cast<std::int32_t>(as_int(size)); // an int
    if (room <= 0) {
        return fail(Error::Einval);
    }
    const std::uint32_t of_descriptor = as_int(directory) == kHere ? 0 : at::kEmptyPath;
    const InodeRef inode = TRY(find_inode(directory, path, at::kNoFollow | of_descriptor));
    if (inode->kind != FileKind::SymbolicLink) {
        return fail(Error::Einval);
    }
    const base::StringView text = static_cast<SymbolicLink&>(*inode).target(path_buffers[0].target);
    const std::uint64_t count = base::min<std::uint64_t>(text.size(), static_cast<std::uint64_t>(room));
    const base::Bytes bytes(reinterpret_cast<const std::uint8_t*>(text.data()), count);
    return copy_to_user(buffer, bytes) == count ? Result<std::uint64_t>(count) : fail(Error::Efault);
}

Result<std::uint64_t> readlink(VirtAddr path, VirtAddr buffer, std::uint64_t size)
{
    return readlinkat(kHere, path, buffer, size);
}

} // namespace kernel
