// SPDX-License-Identifier: GPL-2.0-or-later
#include "guest/built_in.h"

#include "guest/description_parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace ringcheck {
namespace {

/// From the first to the last byte of the segments there.
std::optional<AddressRange> upper_half_of(const ElfImage& kernel)
{
    std::optional<AddressRange> image;
    for (const ElfSegment& segment : kernel.segments()) {
        const std::uint64_t begin = segment.virtual_address.value;
        if (segment.memory_size != 0 && begin >> 63 != 0) {
            const std::uint64_t last = begin + (segment.memory_size - 1);
            image = image ? AddressRange{std::min(image->begin, begin), std::max(image->last, last)}
                          : AddressRange{begin, last};
        }
    }
    return image;
}

std::expected<GuestDescription, DescriptionError> parse_for(std::string_view text, const ElfImage& kernel)
{
    auto guest = parse_description(text, [&kernel](const std::string& name) { return kernel.symbol(name); });
    if (guest) {
        guest->image = upper_half_of(kernel);
    }
    return guest;
}

} // namespace

std::expected<GuestDescription, std::string> load_description(const std::string& path, const ElfImage& kernel)
{
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) {
        return std::unexpected(fmt::format("{}: is a directory", path));
    }
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file) {
        return std::unexpected(fmt::format("{}: {}", path, std::strerror(errno)));
    }
    auto guest = parse_for(text, kernel);
    if (!guest) {
        return std::unexpected(format_description_error(path, guest.error()));
    }
    return std::move(*guest);
}

std::expected<GuestDescription, std::string> describe_guest(const ElfImage& kernel)
{
    for (const BuiltInDescription& known : built_in_descriptions()) {
        const std::vector<std::string> symbols = recognised_by(known.text);
        const bool recognised = !symbols.empty() && std::ranges::all_of(symbols, [&kernel](const std::string& name) {
            return kernel.symbol(name).has_value();
        });
        if (recognised) {
            auto guest = parse_for(known.text, kernel);
            if (!guest) {
                return std::unexpected(format_description_error(fmt::format("built-in {}", known.file), guest.error()) +
                                       "; give a description of this kernel with --guest");
            }
            return std::move(*guest);
        }
    }
    return unknown_guest();
}

} // namespace ringcheck
