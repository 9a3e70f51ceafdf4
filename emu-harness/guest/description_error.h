// SPDX-License-Identifier: GPL-2.0-or-later
// What is wrong with the text of a guest description, and where.
#pragma once

#include <cstddef>
#include <string>

namespace ringcheck {

struct DescriptionError {
    std::size_t line = 1, column = 1; ///< both from 1 on
    std::string text;                 ///< one line, without the place
};

/// "kernel.toml:3:1: error: there is no key 'promt' in [run]; it has power_off, program, prompt"
std::string format_description_error(const std::string& path, const DescriptionError& error);

} // namespace ringcheck
