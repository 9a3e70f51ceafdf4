// SPDX-License-Identifier: GPL-2.0-or-later
// RAM as a snapshot file holds it: one Zstandard frame of a bit per page, lowest first, that says whether there is
// anything but zeros in it, and then those pages.  [RFC 8878 "Zstandard Compression"]
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <string>
#include <vector>

namespace ringcheck {

/// @param ram  a multiple of eight pages
std::vector<std::byte> compress_pages(std::span<const std::byte> ram);
/// @param ram  zeros, as large as what was compressed
/// False: `compressed` is not what such a RAM becomes; `ram` is then something in between.
[[nodiscard]] bool decompress_pages(std::span<const std::byte> compressed, std::span<std::byte> ram);

} // namespace ringcheck
