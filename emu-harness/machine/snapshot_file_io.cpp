// SPDX-License-Identifier: GPL-2.0-or-later
// How a snapshot gets to the disk and back.
#include "machine/file_descriptor.h"
#include "machine/snapshot_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ringcheck {
namespace {

bool write_all(int file, std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(file, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

std::unexpected<std::string> system_error(const std::string& path, const char* what, int error)
{
    return std::unexpected(fmt::format("{}: {}: {}", path, what, std::strerror(error)));
}

} // namespace

std::expected<void, std::string> SnapshotFile::write(const std::string& path) const
{
    constexpr const char* kFailed = "the snapshot cannot be written";
    const std::string partial = fmt::format("{}.{}.partial", path, getpid());
    int error = 0;
    {
        const FileDescriptor file(open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
        if (!file.valid()) {
            return system_error(path, kFailed, errno);
        }
        // A disk may have no room for what it has accepted: ask before the old file goes.
        error = write_all(file.number(), encode()) && fsync(file.number()) == 0 ? 0 : errno;
    }
    if (error == 0 && std::rename(partial.c_str(), path.c_str()) != 0) {
        error = errno;
    }
    if (error != 0) {
        unlink(partial.c_str());
        return system_error(path, kFailed, error);
    }
    return {};
}

std::expected<SnapshotFile, std::string> SnapshotFile::read(const std::string& path)
{
    constexpr const char* kFailed = "the snapshot cannot be read";
    const FileDescriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat about{};
    if (!file.valid() || fstat(file.number(), &about) != 0) {
        return system_error(path, kFailed, errno);
    }
    if (!S_ISREG(about.st_mode)) {
        return std::unexpected(fmt::format("{}: {}: it is not a regular file", path, kFailed));
    }
    std::vector<std::byte> bytes(static_cast<std::size_t>(about.st_size));
    for (std::size_t got = 0; got < bytes.size();) {
        const ssize_t some = ::read(file.number(), bytes.data() + got, bytes.size() - got);
        if (some < 0 && errno == EINTR) {
            continue;
        }
        if (some < 0) {
            return system_error(path, kFailed, errno);
        }
        if (some == 0) { // it has shrunk since
            bytes.resize(got);
        }
        got += static_cast<std::size_t>(some);
    }
    auto decoded = decode(bytes);
    if (!decoded) {
        return std::unexpected(fmt::format("{}: {}", path, decoded.error()));
    }
    return decoded;
}

} // namespace ringcheck
