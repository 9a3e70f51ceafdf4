// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/multiboot1_header.h"

#include "arch/multiboot1.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace ringcheck {

namespace multiboot = arch::multiboot1;

std::expected<Multiboot1Header, HeaderError> find_multiboot1_header(std::span<const std::byte> file)
{
    HeaderError error{fmt::format("no Multiboot1 header in the first {} bytes", multiboot::kSearchBytes)};
    const std::size_t searched = std::min<std::size_t>(file.size(), multiboot::kSearchBytes);
    for (std::size_t at = 0; at + sizeof(multiboot::Header) <= searched; at += multiboot::kAlignment) {
        multiboot::Header header;
        std::memcpy(&header, file.data() + at, sizeof header);
        if (header.magic != multiboot::kHeaderMagic) {
            continue;
        }
        if (header.magic + header.flags + header.checksum != 0) {
            error = {fmt::format("the Multiboot1 header at file offset {:#x} has checksum {:#x}, expected {:#x}", at,
                                 header.checksum, 0 - (header.magic + header.flags)),
                     true};
            continue; // the same four bytes may stand in some code
        }
        Multiboot1Header found{at, header.flags, std::nullopt, 0};
        if ((header.flags & multiboot::kHasAddresses) == 0) {
            return found;
        }
        multiboot::Addresses addresses;
        if (searched - at - sizeof header < sizeof addresses) {
            return std::unexpected(
                HeaderError{fmt::format("the Multiboot1 header at file offset {:#x} is cut off", at), true});
        }
        std::memcpy(&addresses, file.data() + at + sizeof header, sizeof addresses);
        found.addresses = {addresses.header, addresses.load, addresses.load_end, addresses.bss_end};
        found.entry = addresses.entry;
        return found;
    }
    return std::unexpected(error);
}

} // namespace ringcheck
