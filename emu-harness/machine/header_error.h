// SPDX-License-Identifier: GPL-2.0-or-later
// Why a file has no boot header of some kind.
#pragma once

#include <string>

namespace ringcheck {

struct HeaderError {
    std::string text;    ///< one line
    bool broken = false; ///< something that must be meant as one is there
};

} // namespace ringcheck
