// SPDX-License-Identifier: MIT
// Any bytes as an initrd, read by the kernel and by the harness: two readers that share nothing must accept the same
// archives and see the same files in them.
#include "fs/cpio.h"
#include "fuzz/require.h"
#include "unit/file_tree.h"
#include "watch/cpio_archive.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace {

using fuzz::require;

bool same_bytes(const std::string& kernel, std::span<const std::byte> harness)
{
    return std::ranges::equal(kernel, std::as_bytes(std::span(harness)),
                              [](char a, std::byte b) { return static_cast<std::byte>(a) == b; });
}

/// The names of all regular files, in their order; `whole` says whether the trailer was reached.
std::vector<base::StringView> regular_files(base::Bytes archive, bool& whole)
{
    std::vector<base::StringView> names;
    kernel::CpioReader reader(archive);
    kernel::CpioEntry entry;
    auto more = reader.next(entry);
    for (; more && *more; more = reader.next(entry)) {
        if (entry.is_regular_file()) {
            names.push_back(entry.name);
        }
    }
    require(more || more.error() == uapi::Error::Eio, "damage is EIO");
    whole = more.has_value();
    return names;
}

/// A path leads to such a name: each component can be one.
bool is_path(std::string_view name)
{
    for (;;) {
        const std::string_view component = name.substr(0, name.find('/'));
        if (component.empty() || component.size() > 255 || component == "." || component == "..") {
            return false;
        }
        if (component.size() == name.size()) {
            return true;
        }
        name.remove_prefix(component.size() + 1);
    }
}

/// One is a directory on the way to the other: a tree has only what came first.
bool collide(const std::string& a, const std::string& b)
{
    return a.starts_with(b + "/") || b.starts_with(a + "/");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const fake::ExactBytes copy(data, size);
    bool whole = false;
    const auto names = regular_files(copy.bytes(), whole);
    const auto bytes = std::as_bytes(std::span(data, size));
    const auto archive = ringcheck::CpioArchive::parse(std::vector(bytes.begin(), bytes.end()));
    require(archive.has_value() == whole, "kernel and harness accept the same archives");
    if (!archive) {
        require(!archive.error().empty() && archive.error().find('\n') == std::string::npos, "an error is one line");
        return 0;
    }
    // "./" in front, for a name may itself begin with what does not count.
    constexpr std::uint64_t kFrames = 64; // each input begins with new ones
    fake::ArchiveTree tree({reinterpret_cast<const char*>(data), size}, kFrames);
    std::vector<std::string> seen;
    for (const base::StringView name : names) {
        seen.emplace_back(name.begin(), name.end());
    }
    for (const std::string& name : seen) {
        const bool alone = std::ranges::none_of(seen, [&](const std::string& other) { return collide(name, other); });
        if (!is_path(name) || !alone || !tree.filled) {
            continue;
        }
        const auto found = tree.find("/" + name);
        const auto* const other = archive->find("./" + name);
        require(found && other != nullptr, "both find each regular file");
        require((*found)->kind != kernel::FileKind::Regular || same_bytes(fake::contents(**found), other->view()),
                "both find the same bytes");
    }
    std::ranges::sort(seen);
    seen.erase(std::ranges::unique(seen).begin(), seen.end());
    require(seen == archive->names(), "both know the same names");
    return 0;
}
