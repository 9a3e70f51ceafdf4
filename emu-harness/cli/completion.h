// SPDX-License-Identifier: GPL-2.0-or-later
// Completion of ringcheck's command line, for three shells.
#pragma once

#include "cli/command_table.h"

#include <string>
#include <vector>

namespace ringcheck::cli {

// A script for the shell to read.  Each knows commands, options, the values of those with few, and where files go.
std::string bash_completion(const std::vector<CommandRow>& table);
std::string zsh_completion(const std::vector<CommandRow>& table);
std::string fish_completion(const std::vector<CommandRow>& table);

} // namespace ringcheck::cli
