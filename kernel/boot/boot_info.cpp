// SPDX-License-Identifier: MIT
#include "boot/boot_info.h"

namespace kernel {
bool BootInfo::has_option(base::StringView name) const
{
    for (base::StringView line = command_line; !line.empty(); line = line.after(' ')) {
        if (line.before(' ') == name) {
            return true;
        }
    }
    return false;
}

base::StringView BootInfo::option_value(base::StringView name) const
{
    for (base::StringView line = command_line; !line.empty(); line = line.after(' ')) {
        const base::StringView word = line.before(' ');
        if (word.size() > name.size() && word.starts_with(name) && word[name.size()] == '=') {
            return word.drop(name.size() + 1);
        }
    }
    return {};
}

std::optional<std::uint64_t> BootInfo::option_number(base::StringView name) const
{
    const base::StringView text = option_value(name);
    std::uint64_t number = 0;
    for (const char character : text) {
        if (character < '0' || character > '9' || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, static_cast<std::uint64_t>(character - '0'), &number)) {
            return {};
        }
    }
    return text.empty() ? std::nullopt : std::optional(number);
}

BootResult read_command_line(const PhysicalWindow& memory, arch::PhysAddr address, std::uint64_t longest,
                             BootInfo& info)
{
    for (std::uint64_t i = 0; i < longest; ++i) {
        if (!memory.covers(address, i + 1)) {
            return std::unexpected("the command line is outside the memory that is mapped");
        }
        if (i == BootInfo::kCommandLineSize) {
            return std::unexpected("the command line is too long");
        }
        const char character = *memory.at<const char>(address + i);
        info.command_line[i] = character;
        if (character == '\0') {
            return {};
        }
    }
    return std::unexpected("the command line does not end");
}

BootResult add_memory_range(BootInfo& info, arch::PhysAddr begin, std::uint64_t size, bool usable)
{
    const MemoryRange range{begin, size};
    if (size != 0 && !(usable ? info.usable.push_back(range) : info.reserved.push_back(range))) {
        return std::unexpected("the memory map has too many ranges");
    }
    return {};
}

BootResult set_initrd(BootInfo& info, arch::PhysAddr begin, std::uint64_t size)
{
    if (size > ~std::uint64_t{0} - begin.value) {
        return std::unexpected("the initrd reaches beyond the end of the address space");
    }
    info.initrd = {begin, size};
    return {};
}

} // namespace kernel
