// SPDX-License-Identifier: GPL-2.0-or-later
// The descriptions that are part of the program.
#pragma once

#include "guest/guest_description.h"
#include "machine/elf_image.h"

#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace ringcheck {

struct BuiltInDescription {
    std::string_view file, text;
};

/// All of them.
std::span<const BuiltInDescription> built_in_descriptions();

/// The description in the file `path`, for `kernel`.  The error is one line that begins with the path.
std::expected<GuestDescription, std::string> load_description(const std::string& path, const ElfImage& kernel);

/// The built-in description that recognises `kernel`, or unknown_guest().
/// The error, one line, says what such a kernel lacks of what its description names.
std::expected<GuestDescription, std::string> describe_guest(const ElfImage& kernel);

} // namespace ringcheck
