// SPDX-License-Identifier: MIT
// Members of a cpio archive in the "newc" format.
#pragma once

#include <cstdio>
#include <string>

namespace cpio_sample {

inline std::string member(const std::string& name, const std::string& data, unsigned mode = 0100755)
{
    char header[111];
    std::snprintf(header, sizeof header, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 1u, mode, 0u, 0u,
                  1u, 0u, static_cast<unsigned>(data.size()), 0u, 0u, 0u, 0u, static_cast<unsigned>(name.size() + 1),
                  0u);
    std::string bytes = header + name + '\0';
    bytes.resize((bytes.size() + 3) / 4 * 4);
    bytes += data;
    bytes.resize((bytes.size() + 3) / 4 * 4);
    return bytes;
}

inline std::string trailer()
{
    return member("TRAILER!!!", "", 0);
}

} // namespace cpio_sample
