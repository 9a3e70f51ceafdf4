// SPDX-License-Identifier: GPL-2.0-or-later
// Looking things up in a guest's description.
#include "guest/guest_description.h"

#include <algorithm>
#include <string_view>

namespace ringcheck {

std::optional<StackRegion::Location> StackRegion::locate(std::uint64_t address) const
{
    // By distances from `begin`, for a region may reach to the end of all addresses: `end` is 0 then.
    if (stride == 0 || address == begin || address - begin > end - begin) {
        return std::nullopt;
    }
    const std::uint64_t slot = (address - begin - 1) / stride;
    const std::uint64_t below_top = (slot + 1) * stride - (address - begin);
    return Location{slot, below_top, below_top > size};
}

std::optional<std::uint64_t> AddressLandmark::address_in(const Places& places) const
{
    if (!place) {
        return address;
    }
    const std::uint64_t word = places.words.at(*place);
    return word == 0 ? std::nullopt : std::optional(word);
}

std::size_t GuestDescription::place_count() const
{
    std::size_t count = program_base ? *program_base + 1 : 0;
    for (const AddressLandmark& landmark : addresses) {
        count = std::max(count, landmark.place ? *landmark.place + 1 : 0);
    }
    return count;
}

Program GuestDescription::program(std::string its_name, const Places& places) const
{
    return {std::move(its_name), places, program_base ? places.words.at(*program_base) : 0};
}

std::optional<GuestDescription::NamedPlace> GuestDescription::find_address(std::uint64_t address,
                                                                           const Places& places) const
{
    for (const AddressLandmark& landmark : addresses) {
        const auto own = landmark.address_in(places);
        if (own && (address >= *own ? address - *own < landmark.after : *own - address <= landmark.before)) {
            return NamedPlace{&landmark, *own};
        }
    }
    return std::nullopt;
}

const AddressLandmark* GuestDescription::find_address(const std::string& landmark_name) const
{
    const auto found = std::ranges::find(addresses, landmark_name, &AddressLandmark::name);
    return found == addresses.end() ? nullptr : &*found;
}

std::string GuestDescription::run_line(const std::string& program, const std::vector<std::string>& arguments) const
{
    std::string words = program;
    for (const std::string& argument : arguments) {
        words += " " + argument;
    }
    constexpr std::string_view kPlace = "{program}";
    std::string line = run_command;
    if (const std::size_t place = line.find(kPlace); place != std::string::npos) {
        line.replace(place, kPlace.size(), words);
    }
    return line;
}

GuestDescription unknown_guest()
{
    GuestDescription guest;
    guest.name = "unknown kernel";
    guest.addresses = {{"NULL", 0, 0, 0x1000}};
    return guest;
}

} // namespace ringcheck
