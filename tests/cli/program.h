// SPDX-License-Identifier: MIT
// Runs ringcheck as a user does, from the build folder, and keeps what it said.
#pragma once

#include "support/temporary_folder.h"

#include <string>
#include <vector>

namespace cli_test {

struct Ran {
    int status = -1; ///< exit status; -1 when it did not end by itself
    std::string out, err;

    /// `out`, line by line.
    std::vector<std::string> lines() const;
};

/// @param arguments  as typed in a shell; KERNEL and TRACES stand for their paths
Ran ringcheck(const std::string& arguments);

/// A file's whole text; "" when it cannot be read.
std::string read_file(const std::string& path);

} // namespace cli_test
