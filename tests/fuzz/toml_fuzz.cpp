// SPDX-License-Identifier: MIT
// Any text as the description of a kernel that has a few symbols.  What is accepted is what its users may rely on
// without looking again; what is refused is refused in one line.
#include "fuzz/require.h"
#include "guest/description_parse.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace {

using namespace ringcheck;
using fuzz::require;

/// Those that the seeds name, wherever.
std::optional<std::uint64_t> address_of(const std::string& name)
{
    static const std::map<std::string, std::uint64_t> symbols = {
        {"landmark_process_started", 0xffff'ffff'8010'0000},
        {"landmark_process_ended", 0xffff'ffff'8010'0040},
        {"landmark_panic", 0xffff'ffff'8010'0080},
        {"landmark_frame_allocated", 0xffff'ffff'8010'00c0},
        {"landmark_frame_freed", 0xffff'ffff'8010'0100},
        {"panic_record", 0xffff'ffff'8020'0000},
        {"syscall_dispatch", 0xffff'ffff'8010'1000},
        {"exception_dispatch", 0xffff'ffff'8010'2000},
        {"interrupt_dispatch", 0xffff'ffff'8010'3000},
        {"user_access", 0xffff'ffff'8010'4000},
        {"at_zero", 0},
        {"at_the_end", ~std::uint64_t{0}},
    };
    const auto found = symbols.find(name);
    return found == symbols.end() ? std::nullopt : std::optional(found->second);
}

void check(const AddressRange& range)
{
    require(range.begin <= range.last, "a range is not empty");
    require(range.contains(range.begin) && range.contains(range.last), "a range holds its ends");
}

void check(const StackRegion& stacks)
{
    if (stacks.stride == 0) {
        return;
    }
    require(stacks.size > 0 && stacks.size <= stacks.stride, "a stack fits its slot");
    require(stacks.stride - 1 <= stacks.end - 1 - stacks.begin, "a slot fits the region");
    const auto first = stacks.locate(stacks.begin + stacks.stride);
    require(first && first->slot == 0 && first->below_top == 0 && !first->guard, "the top of the first stack is its");
    require(!stacks.locate(stacks.begin), "the region's first address is above no stack");
}

void check(const SyscallConvention& syscalls)
{
    require(syscalls.first_error <= syscalls.last_error && syscalls.last_error < 0, "errors are below 0");
    require(syscalls.is_error(static_cast<std::uint64_t>(syscalls.last_error)) && !syscalls.is_error(0), "0 is none");
    for (const SyscallDescription& call : syscalls.calls) {
        require(syscalls.find(call.number) == &call && syscalls.find(call.name) == &call, "a call is found again");
        require(call.arguments.size() <= syscalls.arguments.size(), "each argument has its register");
        require(call.arguments.empty() || call.arguments.back() != ArgumentKind::BytesIn, "a count follows its bytes");
    }
}

void check(const GuestDescription& guest)
{
    require(guest.run_command.empty() || guest.run_line("a program").contains("a program"), "the program is named");
    require((guest.run_command.empty() && guest.power_off_command.empty()) || !guest.prompt.empty(),
            "a prompt to wait for");
    require(!guest.process_ended || guest.process_started, "what ends has begun");
    require(!guest.panic || !guest.panic->message || !guest.panic->message_pointer, "a panic has one message");
    require((guest.user_code_selector == 0) == (guest.user_data_selector == 0), "CS and SS come together");
    require(guest.user_code_selector == 0 || (guest.user_code_selector & 3) == 3, "ring 3's selectors have RPL 3");
    require(guest.has_per_cpu_block() || !guest.kernel_stack_slot || !guest.kernel_stack_slot->from_gs,
            "GS has a base");
    check(guest.user_range);
    check(guest.kernel_range.value_or(AddressRange{}));
    std::ranges::for_each(guest.read_only, [](const AddressRange& range) { check(range); });
    std::ranges::for_each(guest.user_copy, [](const AddressRange& range) { check(range); });
    check(guest.kernel_stacks);
    check(guest.syscalls);
    for (const AddressLandmark& landmark : guest.addresses) {
        require(!landmark.name.empty() && guest.find_address(landmark.name) != nullptr, "a landmark is found again");
        require(landmark.after == 0 || landmark.place || guest.find_address(landmark.address, {}),
                "its address is somebody's");
    }
}

} // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

/// Every other time another number in the place of one: a change of bytes seldom leaves a number that is read.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed)
{
    constexpr std::array<std::string_view, 10> kNumbers{
        "0", "1", "2", "0x20", "0x22", "0x1000", "0x10000", "\"0xffffffffffffffff\"", "-1", "9223372036854775807"};
    std::string text(reinterpret_cast<const char*>(data), size);
    const std::size_t begin = text.find_first_of("0123456789", size == 0 ? 0 : seed / 16 % size);
    if (seed % 2 == 0 || begin == std::string::npos) {
        return LLVMFuzzerMutate(data, size, most);
    }
    const std::size_t end = std::min(text.find_first_not_of("0123456789abcdefx", begin), size);
    text.replace(begin, end - begin, kNumbers[seed / 2 % kNumbers.size()]);
    const std::size_t length = std::min(text.size(), most);
    std::copy_n(text.begin(), length, data);
    return length;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto guest = parse_description(text, address_of);
    if (guest) {
        check(*guest);
    } else {
        const std::string message = format_description_error("kernel.toml", guest.error());
        require(!guest.error().text.empty(), "an error says something");
        require(std::ranges::none_of(message, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }),
                "an error is one printable line");
        const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
        require(guest.error().line >= 1 && guest.error().line <= lines && guest.error().column >= 1,
                "an error lies in the text");
    }
    for (const std::string& name : recognised_by(text)) {
        require(name.size() <= size, "a symbol's name is part of the text");
    }
    return 0;
}
