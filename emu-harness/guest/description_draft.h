// SPDX-License-Identifier: GPL-2.0-or-later
// A first description of a kernel, for a person to complete: what its ELF file shows, and guesses by name.
#pragma once

#include "machine/elf_image.h"

#include <string>

namespace ringcheck {

/// TOML text that parse_description() takes for `kernel`.  What only a person can know stands there as comments.
/// @param name  what the kernel is to be called
std::string draft_description(const std::string& name, const ElfImage& kernel);

} // namespace ringcheck
