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

void GuestDescription::move_kernel(std::optional<std::uint64_t> by)
{
    const std::uint64_t from = moved_by.value_or(0), distance = by.value_or(0) - from;
    const auto moves = [&](std::uint64_t address) { return image && image->contains(address - from); };
    const auto move = [&](std::uint64_t& address) { address += moves(address) ? distance : 0; };
    const auto move_landmark = [&](auto& landmark) {
        if (landmark) {
            move(landmark->address);
        }
    };
    move_landmark(process_started);
    move_landmark(process_forked);
    move_landmark(process_executed);
    move_landmark(signal_delivered);
    move_landmark(call_restarts);
    move_landmark(process_ended);
    move_landmark(thread_ended);
    move_landmark(panic);
    move_landmark(kernel_moves);
    move_landmark(frame_allocated);
    move_landmark(frame_freed);
    if (panic && panic->message) {
        move(*panic->message);
    }
    for (auto* const functions : {&lock_taken, &lock_released, &not_under_lock, &dispatch, &kernel_entries}) {
        std::ranges::for_each(*functions, move);
    }
    for (auto* const ranges : {&read_only, &user_copy}) {
        for (AddressRange& range : *ranges) {
            const std::uint64_t by_that = moves(range.begin) ? distance : 0;
            range = {range.begin + by_that, range.last + by_that};
        }
    }
    if (per_cpu_block) {
        move(*per_cpu_block);
    }
    for (auto* const word : {&kernel_stack_slot, &current_thread}) {
        if (*word && !(*word)->from_gs) {
            move((*word)->place);
        }
    }
    if (moves(kernel_stacks.begin)) {
        kernel_stacks.begin += distance;
        kernel_stacks.end += distance;
    }
    moved_by = by;
}

std::optional<std::uint64_t> GuestDescription::linked(std::uint64_t address) const
{
    const std::uint64_t distance = moved_by.value_or(0);
    if (!image || distance == 0) {
        return address;
    }
    if (image->contains(address - distance)) {
        return address - distance;
    }
    return image->contains(address) ? std::nullopt : std::optional(address);
}

std::uint64_t GuestDescription::here(std::uint64_t linked_address) const
{
    return image && image->contains(linked_address) ? linked_address + moved_by.value_or(0) : linked_address;
}

std::string GuestDescription::run_line(const std::string& program, const std::vector<std::string>& arguments,
                                       const std::vector<std::string>& environment) const
{
    std::string words;
    for (const std::string& variable : environment) {
        words += variable + " ";
    }
    words += program;
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
