// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/shared_bytes.h"

#include "machine/file_descriptor.h"
#include "machine/host_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace ringcheck {
namespace {

/// 0: not known before it is read.
std::size_t size_of(const FileDescriptor& file)
{
    struct stat known{};
    return fstat(file.number(), &known) == 0 && S_ISREG(known.st_mode) ? static_cast<std::size_t>(known.st_size) : 0;
}

/// Reads as much as there is, and no more than there is room for.  @return how much, or -1: errno says why not
ssize_t read_all(const FileDescriptor& file, std::span<std::byte> room)
{
    std::size_t done = 0;
    while (done < room.size()) {
        const ssize_t count = ::read(file.number(), room.data() + done, room.size() - done);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return count < 0 ? count : static_cast<ssize_t>(done);
        }
        done += static_cast<std::size_t>(count);
    }
    return static_cast<ssize_t>(done);
}

} // namespace

SharedBytes::SharedBytes(std::vector<std::byte> bytes)
{
    const auto owner = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
    first_ = {owner, owner->data()};
    size_ = owner->size();
}

std::expected<SharedBytes, std::string> SharedBytes::read(const std::string& path)
{
    const auto fail = [&path](const std::string& why) { return std::unexpected(fmt::format("{}: {}", path, why)); };
    const auto too_large = [&fail] { return fail(fmt::format("has more than {} MiB", kFileLimit >> 20)); };
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) {
        return fail(std::strerror(errno));
    }
    const std::size_t size = size_of(file);
    if (size > kFileLimit) {
        return too_large();
    }
    if (size != 0) {
        HostPages pages = map_zeros(size);
        if (pages == nullptr) {
            return fail(std::strerror(errno));
        }
        const std::span<std::byte> room(pages.get(), size);
        populate(room);
        const ssize_t count = read_all(file, room);
        if (count < 0) {
            return fail(std::strerror(errno));
        }
        return SharedBytes(std::shared_ptr<const std::byte>(std::move(pages)), static_cast<std::size_t>(count));
    }
    constexpr std::size_t kPiece = 1 << 16;
    std::vector<std::byte> bytes;
    for (;;) {
        const std::size_t used = bytes.size();
        bytes.resize(used + std::max(used, kPiece));
        const ssize_t count = read_all(file, std::span(bytes).subspan(used));
        if (count < 0) {
            return fail(std::strerror(errno));
        }
        if (used + static_cast<std::size_t>(count) < bytes.size()) {
            bytes.resize(used + static_cast<std::size_t>(count));
            return SharedBytes(std::move(bytes));
        }
        if (bytes.size() >= kFileLimit) {
            return too_large();
        }
    }
}

SharedBytes SharedBytes::part(std::size_t offset, std::size_t size) const
{
    return {std::shared_ptr<const std::byte>(first_, first_.get() + offset), size};
}

} // namespace ringcheck
