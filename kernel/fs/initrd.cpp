// SPDX-License-Identifier: MIT
#include "fs/initrd.h"

#include "fs/cpio.h"
#include "fs/path_walk.h"
#include "fs/tmpfs.h"

namespace kernel {
namespace {

using base::Result;
using base::StringView;
using uapi::Error;

constexpr std::uint32_t kImpliedMode = 0755;

/// The directory `name` of `directory`, made when it is not there.  ENOTDIR: something else is.
Result<TmpDirectory*> enter(TmpDirectory& directory, StringView name)
{
    if (const Entry* const entry = name_table.find(directory, name)) {
        return entry->inode->kind == FileKind::Directory ? static_cast<TmpDirectory*>(entry->inode)
                                                         : Result<TmpDirectory*>(base::fail(Error::Enotdir));
    }
    const InodeRef made = TRY(tmpfs::make_directory(kImpliedMode, directory));
    TRY(directory.add(name, *made));
    return static_cast<TmpDirectory*>(made.get());
}

bool is_possible(StringView name)
{
    return !name.empty() && name.size() <= kNameMax && !(name == ".") && !(name == "..");
}

/// Makes what `entry` says as `name` in `directory`.
Result<void> make(TmpDirectory& directory, StringView name, const CpioEntry& entry)
{
    const std::uint32_t permissions = entry.mode & uapi::file_mode::kPermissions;
    if (entry.is_directory()) {
        (*TRY(enter(directory, name))).permissions = permissions;
        return {};
    }
    if (name_table.find(directory, name) != nullptr) {
        return {};
    }
    if (entry.is_regular_file()) {
        const InodeRef made = TRY(tmpfs::make_file(permissions, entry.data));
        return directory.add(name, *made);
    }
    const StringView target(reinterpret_cast<const char*>(entry.data.data()), entry.data.size());
    if (entry.is_symbolic_link() && !target.empty() && target.size() <= SymbolicLink::kLongestTarget) {
        const InodeRef made = TRY(tmpfs::make_link(target));
        return directory.add(name, *made);
    }
    return {};
}

/// Makes the directories on the way to an entry, and then the entry.
Result<void> make_at_path(TmpDirectory& root, const CpioEntry& entry)
{
    TmpDirectory* directory = &root;
    StringView rest = entry.name;
    for (;;) {
        const StringView name = rest.before('/');
        if (!is_possible(name)) {
            return {};
        }
        if (name.size() == rest.size()) {
            return make(*directory, name, entry);
        }
        directory = TRY(enter(*directory, name));
        rest = rest.drop(name.size() + 1);
    }
}

} // namespace

Result<void> fill_from_archive(TmpDirectory& root, base::Bytes archive)
{
    CpioReader reader(archive);
    CpioEntry entry;
    while (TRY(reader.next(entry))) {
        const Result<void> made = make_at_path(root, entry);
        if (!made && made.error() != Error::Enotdir) {
            return made;
        }
    }
    return {};
}

} // namespace kernel
