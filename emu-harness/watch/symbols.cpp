// SPDX-License-Identifier: GPL-2.0-or-later
// The kernel's names come from its ELF file, a program's from the ELF file of that name in the initrd, or from the
// kernel's when there is no initrd: then its programs can only be part of it.
#include "watch/symbols.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringcheck {

const ElfImage* Symbols::image_of(const std::string& name) const
{
    if (initrd_ == nullptr || initrd_->bytes().empty()) {
        return kernel_;
    }
    const auto known = programs_.find(name);
    if (known != programs_.end()) {
        return known->second ? &*known->second : nullptr;
    }
    std::optional<ElfImage>& image = programs_[name];
    if (const auto* const file = initrd_ == nullptr ? nullptr : initrd_->find(name)) {
        if (auto parsed = ElfImage::parse(*file, ElfUse::Program)) {
            image = std::move(*parsed);
        }
    }
    return image ? &*image : nullptr;
}

std::optional<std::string> Symbols::in_program(const Program& program, std::uint64_t address) const
{
    const ElfImage* const image = image_of(program.name);
    std::string text = image == nullptr ? "" : image->describe(address - program.base);
    std::erase(text, ' '); // demangled template arguments have blanks, a trace's words have none
    return text.empty() ? std::nullopt : std::optional{text};
}

std::optional<std::uint64_t> Symbols::address_of(const std::string& name, const Program& program) const
{
    const ElfImage* const image = image_of(program.name);
    if (const auto own = image == nullptr || image == kernel_ ? std::nullopt : image->symbol(name)) {
        return *own + program.base;
    }
    const auto linked = kernel_ == nullptr ? std::nullopt : kernel_->symbol(name);
    return linked ? std::optional(guest_.here(*linked)) : std::nullopt;
}

std::optional<std::string> Symbols::landmark(std::uint64_t address, const Program& program) const
{
    const auto found = guest_.find_address(address, program.places);
    if (!found) {
        return std::nullopt;
    }
    const std::string& name = found->landmark->name;
    if (address == found->address) {
        return name;
    }
    return address > found->address ? fmt::format("{}+{:#x}", name, address - found->address)
                                    : fmt::format("{}-{:#x}", name, found->address - address);
}

std::string Symbols::in_kernel(std::uint64_t address) const
{
    const auto linked = guest_.linked(address);
    return kernel_ == nullptr || !linked ? "" : kernel_->describe(*linked);
}

std::string Symbols::left_behind(std::uint64_t address) const
{
    return kernel_ == nullptr || guest_.linked(address) ? "" : kernel_->describe(address);
}

std::string Symbols::code(std::uint64_t address, unsigned cpl, const Program& program) const
{
    if (cpl == 3) {
        if (const auto symbol = in_program(program, address)) {
            return program.name.empty() ? *symbol : fmt::format("{}:{}", program.name, *symbol);
        }
    }
    const std::string symbol = in_kernel(address);
    return symbol.empty() ? fmt::format("{:#x}", address) : symbol;
}

bool Symbols::in_kernel_image(std::uint64_t address) const
{
    const auto linked = guest_.linked(address);
    return kernel_ != nullptr && linked &&
           std::ranges::any_of(kernel_->segments(), [&linked](const ElfSegment& segment) {
               return *linked - segment.virtual_address.value < segment.memory_size;
           });
}

std::string Symbols::stack(std::uint64_t address, const Program& program) const
{
    if (const auto place = guest_.kernel_stacks.locate(address)) {
        if (place->guard) {
            return fmt::format("kstack {} guard", place->slot);
        }
        return place->below_top == 0 ? fmt::format("kstack {}", place->slot)
                                     : fmt::format("kstack {}-{:#x}", place->slot, place->below_top);
    }
    return data(address, program);
}

std::string Symbols::data(std::uint64_t address, const Program& program) const
{
    std::string symbol = in_kernel(address);
    if (!symbol.empty()) {
        return symbol;
    }
    return landmark(address, program).value_or(fmt::format("{:#x}", address));
}

} // namespace ringcheck
