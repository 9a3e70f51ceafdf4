// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/output_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace ringcheck::cli {

std::optional<std::string> write_file(const std::string& path, const std::string& text)
{
    const std::string partial = fmt::format("{}.{}.partial", path, getpid());
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
    return fmt::format("{}: cannot be written: {}", path, reason);
}

} // namespace ringcheck::cli
