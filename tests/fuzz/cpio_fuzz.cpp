// SPDX-License-Identifier: MIT
// Any bytes as an initrd, read by the kernel and by the harness: two readers that share nothing must accept the same
// archives and see the same files in them.
#include "fs/cpio.h"
#include "fuzz/require.h"
#include "unit/indexed_archive.h"
#include "watch/cpio_archive.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace {

using fuzz::require;

bool same_bytes(base::Bytes kernel, std::span<const std::byte> harness)
{
    return std::ranges::equal(kernel, std::as_bytes(std::span(harness)),
                              [](std::uint8_t a, std::byte b) { return a == std::to_integer<std::uint8_t>(b); });
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
    const fake::Indexed index({reinterpret_cast<const char*>(data), size});
    std::vector<std::string> seen;
    for (const base::StringView name : names) {
        seen.emplace_back(name.begin(), name.end());
        if (name.empty()) { // which is the root's, for the kernel
            continue;
        }
        const auto found = index.files.find(name);
        const auto* const other = archive->find("./" + seen.back());
        require(found && (*found)->kind == kernel::FileKind::Regular && other != nullptr,
                "both find each regular file");
        require(same_bytes((*found)->contents(), other->view()), "both find the same bytes");
    }
    std::ranges::sort(seen);
    seen.erase(std::ranges::unique(seen).begin(), seen.end());
    require(seen == archive->names(), "both know the same names");
    const auto missing = index.files.find("no such file");
    require((missing && (*missing)->kind == kernel::FileKind::Regular) == (archive->find("./no such file") != nullptr),
            "both miss the same file");
    return 0;
}
