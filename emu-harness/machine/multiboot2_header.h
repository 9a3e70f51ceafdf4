// SPDX-License-Identifier: GPL-2.0-or-later
// The header by which a kernel asks for Multiboot2, and what its tags demand.
// [Multiboot2 Specification 2.0 "OS image format"]
#pragma once

#include "machine/boot_memory.h"
#include "machine/header_error.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ringcheck {

struct Multiboot2Header {
    std::uint64_t offset = 0;        ///< in the file
    std::span<const std::byte> tags; ///< in the file
};

/// What the tags say, as far as a loader has to do something about it.
struct Multiboot2Demands {
    std::optional<LoadAddresses> addresses; ///< nullopt: the ELF headers say where
    std::optional<std::uint32_t> entry;     ///< physical; nullopt: the ELF header's
};

/// Finds a header with a right checksum.
std::expected<Multiboot2Header, HeaderError> find_multiboot2_header(std::span<const std::byte> file);

/// Reads the tags.
/// @param can_tell  the information tags that the loader has
/// @return  or one line: a malformed tag, or one that is not optional and asks for what the machine has not
std::expected<Multiboot2Demands, std::string> read_multiboot2_demands(const Multiboot2Header& header,
                                                                      std::span<const std::uint32_t> can_tell);

} // namespace ringcheck
