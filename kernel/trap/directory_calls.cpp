// SPDX-License-Identifier: MIT
#include "trap/directory_calls.h"

#include "cpu/user_copy.h"
#include "fs/directory_path.h"
#include "trap/path_argument.h"
#include "uapi/file_status.h"

namespace kernel {

using arch::VirtAddr;
using base::fail;
using base::Result;
using base::StringView;
using uapi::Error;

namespace {

/// Stores entries in a program's buffer, one behind the other.
class EntryBuffer final : public EntrySink {
public:
    EntryBuffer(VirtAddr buffer, std::uint64_t size) : buffer_(buffer), size_(size) {}

    bool take(StringView name, std::uint64_t number, FileKind kind, std::uint64_t next) override
    {
        constexpr unsigned kTypeShift = 12; // DT_DIR and the like are the type's bits of st_mode
        struct {
            uapi::DirectoryEntry head;
            char name[kNameMax + 8];
        } record;
        const std::uint64_t length = (sizeof record.head + name.size() + 1 + 7) & ~std::uint64_t{7};
        if (size_ - used_ < length) {
            full_ = true;
            return false;
        }
        record.head = {.inode = number,
                       .next = static_cast<std::int64_t>(next),
                       .length = static_cast<std::uint16_t>(length),
                       .type = static_cast<std::uint8_t>(mode_of(kind) >> kTypeShift)};
        __builtin_memcpy(record.name, name.data(), name.size());
        __builtin_memset(record.name + name.size(), 0, length - sizeof record.head - name.size());
        faulted_ = copy_to_user(buffer_ + used_, {reinterpret_cast<const std::uint8_t*>(&record), length}) < length;
        used_ += faulted_ ? 0 : length;
        return !faulted_;
    }

    Result<std::uint64_t> result() const
    {
        if (used_ == 0 && (full_ || faulted_)) {
            return fail(faulted_ ? Error::Efault : Error::Einval);
        }
        return used_;
    }

private:
    VirtAddr buffer_;
    std::uint64_t size_;
    std::uint64_t used_ = 0;
    bool full_ = false;
    bool faulted_ = false;
};

Result<std::uint64_t> enter(InodeRef inode)
{
    if (inode->kind != FileKind::Directory) {
        return fail(Error::Enotdir);
    }
    caller().directory = std::move(inode);
    return 0;
}

} // namespace

Result<std::uint64_t> getdents64(std::uint64_t descriptor, VirtAddr buffer, std::uint64_t size)
{
    const HeldFile file = TRY(find_usable(descriptor));
    if (file->inode->kind != FileKind::Directory) {
        return fail(Error::Enotdir);
    }
    if (file->inode->links == 0) {
        return fail(Error::Enoent);
    }
    const std::uint32_t room = as_int(size); // an unsigned int
    if (!in_user_space(buffer, room)) {
        return fail(Error::Efault);
    }
    EntryBuffer entries(buffer, room);
    static_cast<Directory&>(*file->inode).list(*file, entries);
    return entries.result();
}

Result<std::uint64_t> getcwd(VirtAddr buffer, std::uint64_t size)
{
    const StringView path =
        TRY(path_of(static_cast<Directory&>(*caller().directory), path_buffers[0].text)); // with its NUL
    if (path.size() > size) {
        return fail(Error::Erange);
    }
    const base::Bytes bytes(reinterpret_cast<const std::uint8_t*>(path.data()), path.size());
    return copy_to_user(buffer, bytes) == bytes.size() ? Result<std::uint64_t>(bytes.size()) : fail(Error::Efault);
}

Result<std::uint64_t> chdir(VirtAddr path)
{
    return enter(TRY(find_inode(kHere, path)));
}

Result<std::uint64_t> fchdir(std::uint64_t descriptor)
{
    const HeldFile file = TRY(find_file(descriptor));
    return enter(InodeRef(*file->inode));
}

} // namespace kernel
