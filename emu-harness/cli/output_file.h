// SPDX-License-Identifier: GPL-2.0-or-later
// Files that a command writes.
#pragma once

#include <optional>
#include <string>

namespace ringcheck::cli {

/// Writes a new file beside `path` and renames it, so that `path` is always whole.
/// @return what went wrong, in one line with the path; nullopt: nothing
std::optional<std::string> write_file(const std::string& path, const std::string& text);

/// What write_file() would fail for, before there is anything to write: the folder takes no file, or `path` is a
/// folder.
std::optional<std::string> refuse_to_write(const std::string& path);

} // namespace ringcheck::cli
