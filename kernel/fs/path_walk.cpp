// SPDX-License-Identifier: MIT
#include "fs/path_walk.h"

#include "base/assert.h"

namespace kernel {

using base::fail;
using base::Result;
using base::StringView;
using uapi::Error;

constinit PathBuffers path_buffers[2];

namespace {

StringView without_slashes(StringView path)
{
    std::size_t i = 0;
    while (i < path.size() && path[i] == '/') {
        ++i;
    }
    return path.drop(i);
}

std::size_t component_length(StringView path)
{
    std::size_t i = 0;
    while (i < path.size() && path[i] != '/') {
        ++i;
    }
    return i;
}

/// `target`, then `rest`, at the end of the buffer.  `rest` may stand there already.  ENAMETOOLONG.
Result<StringView> expand(char (&buffer)[2 * kPathMax], StringView target, StringView rest)
{
    const std::size_t length = target.size() + rest.size();
    if (length > sizeof buffer) {
        return fail(Error::Enametoolong);
    }
    char* const begin = buffer + sizeof buffer - length;
    __builtin_memmove(buffer + sizeof buffer - rest.size(), rest.data(), rest.size());
    __builtin_memcpy(begin, target.data(), target.size());
    return StringView(begin, length);
}

} // namespace

Result<Place> walk(Directory& root, Inode& start, StringView path, Walk how, PathBuffers& buffers)
{
    ASSERT(path.size() < kPathMax);
    if (path.empty()) {
        return fail(Error::Enoent);
    }
    InodeRef at(path[0] == '/' ? root : start);
    unsigned links = 0;
    StringView name("", 0);
    for (StringView rest = path;;) {
        rest = without_slashes(rest);
        if (rest.empty()) {
            return at->kind == FileKind::Directory
                       ? Result<Place>(Place{.inode = std::move(at), .directory = {}, .name = name})
                       : fail(Error::Enotdir);
        }
        if (at->kind != FileKind::Directory) {
            return fail(Error::Enotdir);
        }
        auto& directory = static_cast<Directory&>(*at);
        const std::size_t length = component_length(rest);
        if (length > kNameMax) {
            return fail(Error::Enametoolong);
        }
        name = {rest.data(), length};
        rest = rest.drop(length);
        const bool is_last = without_slashes(rest).empty();
        if (name == ".") {
            continue;
        }
        if (name == "..") {
            at = InodeRef(directory.parent());
            continue;
        }
        if (is_last && how.for_file && !rest.empty()) {
            return fail(Error::Eisdir);
        }
        Result<InodeRef> found = directory.find(name);
        if (!found) {
            if (is_last && how.may_miss && found.error() == Error::Enoent) {
                return Place{.inode = {}, .directory = std::move(at), .name = name, .wants_directory = !rest.empty()};
            }
            return fail(found.error());
        }
        if ((*found)->kind == FileKind::SymbolicLink &&
            (!is_last || (!how.as_it_is && (how.follow || !rest.empty())))) {
            if (++links > kMaximumLinks) {
                return fail(Error::Eloop);
            }
            auto& link = static_cast<SymbolicLink&>(**found);
            if (InodeRef destination = link.destination()) {
                if (is_last && rest.empty()) { // which need not be a directory
                    return Place{.inode = std::move(destination), .directory = {}, .name = {"", 0}};
                }
                at = std::move(destination);
                continue;
            }
            const StringView text = link.target(buffers.target);
            if (text.empty()) {
                return fail(Error::Enoent);
            }
            rest = TRY(expand(buffers.expanded, text, rest));
            if (rest[0] == '/') {
                at = InodeRef(root);
            }
            name = {"", 0};
            continue;
        }
        if (!is_last) {
            at = *std::move(found);
            continue;
        }
        if (!rest.empty() && !how.as_it_is && (*found)->kind != FileKind::Directory) {
            return fail(Error::Enotdir);
        }
        return Place{
            .inode = *std::move(found), .directory = std::move(at), .name = name, .wants_directory = !rest.empty()};
    }
}

} // namespace kernel
