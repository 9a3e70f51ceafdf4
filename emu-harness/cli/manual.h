// SPDX-License-Identifier: GPL-2.0-or-later
// The manual page.
#pragma once

#include "cli/command_table.h"

#include <string>
#include <vector>

namespace ringcheck::cli {

/// ringcheck(1), in roff with the man macros.  [man-pages(7), groff_man(7)]
std::string manual_page(const std::vector<CommandRow>& table, const std::string& version);

} // namespace ringcheck::cli
