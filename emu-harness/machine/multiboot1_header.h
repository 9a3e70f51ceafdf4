// SPDX-License-Identifier: GPL-2.0-or-later
// The header by which a kernel asks for Multiboot, first version.  [Multiboot Specification 0.6.96 "OS image format"]
#pragma once

#include "machine/boot_memory.h"
#include "machine/header_error.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>

namespace ringcheck {

struct Multiboot1Header {
    std::uint64_t offset = 0; ///< in the file
    std::uint32_t flags = 0;
    std::optional<LoadAddresses> addresses; ///< nullopt: the ELF headers say where
    std::uint32_t entry = 0;                ///< meaningful with addresses
};

std::expected<Multiboot1Header, HeaderError> find_multiboot1_header(std::span<const std::byte> file);

} // namespace ringcheck
