// SPDX-License-Identifier: GPL-2.0-or-later
#include "machine/multiboot2_header.h"

#include "arch/multiboot2.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace ringcheck {
namespace {

namespace multiboot = arch::multiboot2;
using Bytes = std::span<const std::byte>;
using Result = std::expected<void, std::string>;

template <typename... Arguments>
std::unexpected<std::string> fail(fmt::format_string<Arguments...> text, Arguments&&... arguments)
{
    return std::unexpected(fmt::format(text, std::forward<Arguments>(arguments)...));
}

/// The caller has seen that it is there.
template <typename Structure> Structure read(Bytes bytes, std::size_t offset)
{
    Structure value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

std::string not_here(const char* what)
{
    return fmt::format("the Multiboot2 header demands {}, which this machine has not; flag 0 of its tag would make it "
                       "optional",
                       what);
}

/// The contents of one tag, which `size` bytes must hold at least.
Result expect_size(const multiboot::HeaderTag& tag, std::size_t contents)
{
    const std::size_t expected = sizeof tag + contents;
    if (tag.size >= expected) {
        return {};
    }
    return fail("the Multiboot2 header's tag of type {} has {} bytes, expected {}", tag.type, tag.size, expected);
}

Result read_request(Bytes contents, bool optional, std::span<const std::uint32_t> can_tell)
{
    for (std::size_t at = 0; at + sizeof(std::uint32_t) <= contents.size() && !optional; at += sizeof(std::uint32_t)) {
        const auto wanted = read<std::uint32_t>(contents, at);
        if (std::ranges::find(can_tell, wanted) == can_tell.end()) {
            return fail("{}", not_here(fmt::format("information tag {}", wanted).c_str()));
        }
    }
    return {};
}

Result read_tag(const multiboot::HeaderTag& tag, Bytes contents, std::span<const std::uint32_t> can_tell,
                Multiboot2Demands& demands)
{
    const bool optional = (tag.flags & multiboot::kHeaderTagOptional) != 0;
    switch (tag.type) {
    case multiboot::kHeaderTagInformationRequest: return read_request(contents, optional, can_tell);
    case multiboot::kHeaderTagAddress:
        if (auto right = expect_size(tag, sizeof(multiboot::Addresses)); !right) {
            return right;
        } else {
            const auto addresses = read<multiboot::Addresses>(contents, 0);
            demands.addresses = {addresses.header, addresses.load, addresses.load_end, addresses.bss_end};
        }
        return {};
    case multiboot::kHeaderTagEntryAddress:
        if (auto right = expect_size(tag, sizeof(std::uint32_t)); !right) {
            return right;
        }
        demands.entry = read<std::uint32_t>(contents, 0);
        return {};
    case multiboot::kHeaderTagConsole:
        if (auto right = expect_size(tag, sizeof(std::uint32_t)); !right) {
            return right;
        }
        if (!optional && (read<std::uint32_t>(contents, 0) & multiboot::kConsoleRequired) != 0) {
            return fail("{}", not_here("a screen"));
        }
        return {};
    case multiboot::kHeaderTagFramebuffer: return optional ? Result{} : Result(fail("{}", not_here("a framebuffer")));
    // Modules are aligned in any case; this is no EFI; an image that could go elsewhere goes where it is linked.
    case multiboot::kHeaderTagModuleAlignment:
    case multiboot::kHeaderTagEfiBootServices:
    case multiboot::kHeaderTagEntryEfi32:
    case multiboot::kHeaderTagEntryEfi64:
    case multiboot::kHeaderTagRelocatable: return {};
    default: return optional ? Result{} : Result(fail("{}", not_here(fmt::format("what tag {} is", tag.type).c_str())));
    }
}

} // namespace

std::expected<Multiboot2Header, HeaderError> find_multiboot2_header(Bytes file)
{
    HeaderError error{fmt::format("no Multiboot2 header in the first {} bytes", multiboot::kSearchBytes)};
    const Bytes searched = file.first(std::min<std::size_t>(file.size(), multiboot::kSearchBytes));
    for (std::size_t at = 0; at + sizeof(multiboot::Header) <= searched.size(); at += multiboot::kAlignment) {
        const auto header = read<multiboot::Header>(searched, at);
        if (header.magic != multiboot::kHeaderMagic) {
            continue;
        }
        const auto broken = [&](const std::string& how) {
            return HeaderError{fmt::format("the Multiboot2 header at file offset {:#x} {}", at, how), true};
        };
        const std::uint32_t sum = header.magic + header.architecture + header.length;
        if (sum + header.checksum != 0) {
            error = broken(fmt::format("has checksum {:#x}, expected {:#x}", header.checksum, 0 - sum));
            continue; // the same four bytes may stand in some code
        }
        if (header.architecture != multiboot::kArchitectureI386) {
            return std::unexpected(
                broken(fmt::format("is for architecture {}, not for i386 (0)", header.architecture)));
        }
        if (header.length < sizeof header || header.length > searched.size() - at) {
            return std::unexpected(
                broken(fmt::format("has {} bytes, and {} follow", header.length, searched.size() - at)));
        }
        return Multiboot2Header{at, searched.subspan(at + sizeof header, header.length - sizeof header)};
    }
    return std::unexpected(error);
}

std::expected<Multiboot2Demands, std::string> read_multiboot2_demands(const Multiboot2Header& header,
                                                                      std::span<const std::uint32_t> can_tell)
{
    Multiboot2Demands demands;
    std::size_t at = 0;
    while (at + sizeof(multiboot::HeaderTag) <= header.tags.size()) {
        const auto tag = read<multiboot::HeaderTag>(header.tags, at);
        if (tag.size < sizeof tag || tag.size > header.tags.size() - at) {
            return fail("the Multiboot2 header's tag of type {} has {} bytes of {}", tag.type, tag.size,
                        header.tags.size() - at);
        }
        if (tag.type == multiboot::kHeaderTagEnd) {
            return demands;
        }
        const Bytes contents = header.tags.subspan(at + sizeof tag, tag.size - sizeof tag);
        if (auto understood = read_tag(tag, contents, can_tell, demands); !understood) {
            return std::unexpected(understood.error());
        }
        constexpr std::size_t kAlign = multiboot::kAlignment;
        at += (tag.size + kAlign - 1) & ~(kAlign - 1);
    }
    return fail("the Multiboot2 header's tags have no end tag");
}

} // namespace ringcheck
