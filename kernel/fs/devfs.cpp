// SPDX-License-Identifier: MIT
#include "fs/devfs.h"

#include "fs/memory_devices.h"
#include "fs/procfs.h"
#include "fs/terminal_file.h"
#include "fs/tmpfs.h"

namespace kernel {
namespace {

using base::Result;
using base::StringView;

constinit NullDevice null_device;
constinit ZeroDevice zero_device{5, false}, full_device{7, true};
constinit RandomDevice random_device{8}, urandom_device{9};

struct Device {
    const char* name;
    Inode* inode;
};
constexpr Device kDevices[] = {
    {"null", &null_device},
    {"zero", &zero_device},
    {"full", &full_device},
    {"random", &random_device},
    {"urandom", &urandom_device},
    {"console", &console_file},
    {"tty", &controlling_terminal_file},
    {"ttyS0", &serial_file},
};

struct Link {
    const char* name;
    const char* target;
};
constexpr Link kLinks[] = {{"fd", "/proc/self/fd"},
                           {"stdin", "/proc/self/fd/0"},
                           {"stdout", "/proc/self/fd/1"},
                           {"stderr", "/proc/self/fd/2"}};

/// The directory of that name, made when nothing has it; nullptr when something else does.
Result<TmpDirectory*> directory_of(TmpDirectory& root, StringView name, std::uint32_t mode)
{
    if (const Entry* const entry = name_table.find(root, name)) {
        return entry->inode->kind == FileKind::Directory ? static_cast<Directory*>(entry->inode)->changeable()
                                                         : nullptr;
    }
    const InodeRef made = TRY(tmpfs::make_directory(mode, root));
    TRY(root.add(name, *made));
    return static_cast<TmpDirectory*>(made.get());
}

Result<void> fill(TmpDirectory& directory)
{
    for (const Device& device : kDevices) {
        if (name_table.find(directory, device.name) == nullptr) {
            device.inode->links = 0; // but for the name that follows
            TRY(directory.add(device.name, *device.inode));
        }
    }
    for (const Link& link : kLinks) {
        if (name_table.find(directory, link.name) == nullptr) {
            const InodeRef made = TRY(tmpfs::make_link(link.target));
            TRY(directory.add(link.name, *made));
        }
    }
    static_cast<void>(TRY(directory_of(directory, "shm", 01777)));
    return {};
}

} // namespace

Result<void> make_devices(TmpDirectory& root)
{
    if (TmpDirectory* const directory = TRY(directory_of(root, "dev", 0755))) {
        TRY(fill(*directory));
    }
    static_cast<void>(TRY(directory_of(root, "tmp", 01777)));
    Entry* const entry = name_table.find(root, "proc");
    if (entry == nullptr) {
        return root.add("proc", procfs_root());
    }
    const bool is_directory = entry->inode->kind == FileKind::Directory;
    if (is_directory && static_cast<TmpDirectory&>(*entry->inode).empty()) {
        root.replace(*entry, procfs_root());
    }
    return {};
}

} // namespace kernel
