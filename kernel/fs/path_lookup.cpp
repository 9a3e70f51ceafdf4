// SPDX-License-Identifier: MIT
#include "fs/path_lookup.h"

#include "base/assert.h"
#include "base/static_vector.h"

namespace kernel {
namespace {

using base::fail;
using base::Result;
using base::StringView;
using uapi::Error;

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

} // namespace

Result<ArchiveFile*> look_up(const FileIndex& files, ArchiveFile& directory, StringView path)
{
    ASSERT(path.size() < kPathMax);
    if (path.empty()) {
        return fail(Error::Enoent);
    }
    const bool names_directory = path[path.size() - 1] == '/';
    ResolvedPath resolved;
    ArchiveFile* node = path[0] == '/' ? &root_directory : &directory;
    TRY(resolved.enter(node->name()));
    while (!path.empty()) {
        if (node->kind != FileKind::Directory) {
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
        node = TRY(files.find(resolved.text()));
    }
    return names_directory && node->kind != FileKind::Directory ? fail(Error::Enotdir) : Result<ArchiveFile*>(node);
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
