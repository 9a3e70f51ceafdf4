// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace ringcheck::cli {

namespace {

std::string partial_of(const std::string& path)
{
    return fmt::format("{}.{}.partial", path, getpid());
}

std::string cannot_write(const std::string& path, const std::string& reason)
{
    return fmt::format("{}: cannot be written: {}", path, reason);
}

} // namespace

std::optional<std::string> write_file(const std::string& path, const std::string& text)
{
    const std::string partial = partial_of(path);
    std::ofstream file(partial, std::ios::binary | std::ios::trunc);
    file << text;
    file.close();
    std::error_code error;
    if (file) {
        std::filesystem::rename(partial, path, error);
        if (!error) {
            return std::nullopt;
        }
    }
    const std::string reason = error ? error.message() : std::strerror(errno);
    std::filesystem::remove(partial, error);
    return cannot_write(path, reason);
}

std::optional<std::string> refuse_to_write(const std::string& path)
{
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        return cannot_write(path, std::strerror(EISDIR));
    }
    const std::string partial = partial_of(path);
    const bool opened = std::ofstream(partial, std::ios::binary | std::ios::trunc).is_open();
    const int reason = errno;
    std::filesystem::remove(partial, error);
    return opened ? std::nullopt : std::optional{cannot_write(path, std::strerror(reason))};
}

} // namespace ringcheck::cli
