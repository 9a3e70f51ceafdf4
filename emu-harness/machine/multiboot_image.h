// SPDX-License-Identifier: GPL-2.0-or-later
// What both versions of Multiboot do alike: where the kernel goes and where it is entered.
#pragma once

#include "machine/boot_memory.h"

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

namespace ringcheck {

inline constexpr const char* kLoaderName = "ringcheck";

/// Puts the kernel where the header's addresses say, or else its ELF headers.
/// @param entry  physical, when the header names it; else the ELF entry, which may be virtual as in GRUB
/// @return  the physical entry; or one line: a part outside RAM, an entry outside the kernel
std::expected<std::uint64_t, std::string> place_multiboot_image(BootMemory& memory, const ElfImage& kernel,
                                                                std::uint64_t header_offset,
                                                                const std::optional<LoadAddresses>& addresses,
                                                                std::optional<std::uint64_t> entry);

} // namespace ringcheck
