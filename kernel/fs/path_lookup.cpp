// SPDX-License-Identifier: MIT
// An archive need not name its directories: whatever stands before a '/' in some name is one.
#include "fs/path_lookup.h"

#include "base/assert.h"
#include "base/static_vector.h"
#include "fs/cpio.h"
#include "uapi/files.h"

namespace kernel {
namespace {

using base::Bytes;
using base::fail;
using base::Result;
using base::StringView;
using uapi::Error;

constexpr std::uint64_t kFirstInode = 2;
/// Added to the number of the first file in it, for a directory that no entry describes.
constexpr std::uint64_t kImpliedInode = std::uint64_t{1} << 32;

/// The part of a path that has been resolved, without a '/' in front: a name as the archive has it; "" is the root.
class ResolvedPath {
public:
    StringView text() const { return {characters_.begin(), characters_.size()}; }

    /// ENAMETOOLONG.
    Result<void> enter(StringView component)
    {
        bool fits = characters_.empty() || characters_.push_back('/');
        for (const char character : component) {
            fits = fits && characters_.push_back(character);
        }
        return fits ? Result<void>{} : fail(Error::Enametoolong);
    }
    /// The root's parent is the root.
    void leave()
    {
        std::size_t length = characters_.size();
        while (length > 0 && characters_[length - 1] != '/') {
            --length;
        }
        characters_.shrink_to(length > 0 ? length - 1 : 0);
    }

private:
    base::StaticVector<char, kPathMax - 1> characters_;
};

bool is_inside(StringView name, StringView directory)
{
    return name.size() > directory.size() && name.starts_with(directory) && name[directory.size()] == '/';
}

Result<FileNode> find(Bytes archive, StringView name)
{
    if (name.empty()) {
        return root_directory();
    }
    CpioReader reader(archive);
    CpioEntry entry;
    FileNode implied = root_directory();
    bool is_implied = false;
    for (std::uint64_t inode = kFirstInode; TRY(reader.next(entry)); ++inode) {
        if (entry.name == name && (entry.is_regular_file() || entry.is_directory())) {
            return FileNode{.kind = entry.is_regular_file() ? FileKind::Regular : FileKind::Directory,
                            .permissions = entry.mode & uapi::file_mode::kPermissions,
                            .inode = inode,
                            .name = entry.name,
                            .contents = entry.data};
        }
        if (!is_implied && is_inside(entry.name, name)) {
            is_implied = true;
            implied.inode = kImpliedInode + inode;
            implied.name = {entry.name.data(), name.size()};
        }
    }
    return is_implied ? Result<FileNode>(implied) : fail(Error::Enoent);
}

} // namespace

Result<FileNode> look_up(Bytes archive, const FileNode& directory, StringView path)
{
    ASSERT(path.size() < kPathMax);
    if (path.empty()) {
        return fail(Error::Enoent);
    }
    const bool names_directory = path[path.size() - 1] == '/';
    ResolvedPath resolved;
    FileNode node = path[0] == '/' ? root_directory() : directory;
    TRY(resolved.enter(node.name));
    while (!path.empty()) {
        if (node.kind != FileKind::Directory) {
            return fail(Error::Enotdir);
        }
        const StringView component = path.before('/');
        path = path.after('/');
        if (component.empty() || component == ".") {
            continue;
        }
        if (component == "..") {
            resolved.leave();
        } else {
            TRY(resolved.enter(component));
        }
        node = TRY(find(archive, resolved.text()));
    }
    return names_directory && node.kind != FileKind::Directory ? fail(Error::Enotdir) : Result<FileNode>(node);
}

StringView parent_path(StringView path)
{
    std::size_t end = path.size();
    while (end > 0 && path[end - 1] == '/') {
        --end;
    }
    while (end > 0 && path[end - 1] != '/') {
        --end;
    }
    return end > 0 ? StringView(path.data(), end) : StringView(".");
}

} // namespace kernel
