// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/shared_bytes.h"

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

class File {
public:
    explicit File(const std::string& path) : number_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~File()
    {
        if (number_ >= 0) {
            close(number_);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    bool valid() const { return number_ >= 0; }
    /// 0: not known before it is read.
    std::size_t size() const
    {
        struct stat known{};
        return fstat(number_, &known) == 0 && S_ISREG(known.st_mode) ? static_cast<std::size_t>(known.st_size) : 0;
    }
    /// Reads as much as there is, and no more than there is room for.  @return how much, or -1: errno says why not
    ssize_t read(std::span<std::byte> room) const
    {
        std::size_t done = 0;
        while (done < room.size()) {
            const ssize_t count = ::read(number_, room.data() + done, room.size() - done);
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

private:
    int number_;
};

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
    const std::string too_large = fmt::format("has more than {} MiB", kFileLimit >> 20);
    const File file(path);
    if (!file.valid()) {
        return fail(std::strerror(errno));
    }
    const std::size_t size = file.size();
    if (size > kFileLimit) {
        return fail(too_large);
    }
    if (size != 0) {
        HostPages pages = map_zeros(size);
        if (pages == nullptr) {
            return fail(std::strerror(errno));
        }
        const std::span<std::byte> room(pages.get(), size);
        populate(room);
        const ssize_t count = file.read(room);
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
        const ssize_t count = file.read(std::span(bytes).subspan(used));
        if (count < 0) {
            return fail(std::strerror(errno));
        }
        if (used + static_cast<std::size_t>(count) < bytes.size()) {
            bytes.resize(used + static_cast<std::size_t>(count));
            return SharedBytes(std::move(bytes));
        }
        if (bytes.size() >= kFileLimit) {
            return fail(too_large);
        }
    }
}

SharedBytes SharedBytes::part(std::size_t offset, std::size_t size) const
{
    return {std::shared_ptr<const std::byte>(first_, first_.get() + offset), size};
}

} // namespace ringcheck
