// SPDX-License-Identifier: GPL-2.0-or-later
// Names for addresses: the kernel's functions, the running program's, kernel stacks and the guest's named addresses.
#pragma once

#include "guest/guest_description.h"
#include "machine/elf_image.h"
#include "watch/cpio_archive.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace ringcheck {

class Symbols {
public:
    /// What is nullptr has no names; the others must outlive this object.
    /// @param guest  says where the kernel is now; names are looked up by that
    Symbols(const GuestDescription& guest, const ElfImage* kernel, const CpioArchive* initrd)
        : guest_(guest), kernel_(kernel), initrd_(initrd)
    {
    }

    /// "syscall_entry+0x12" in ring 0, "hello:_start+0x7" in ring 3, else "0x10020".  What is no address of the program
    /// has the kernel's name in ring 3 too: a kernel may hold its programs, or ring 3 may have gone astray.
    std::string code(std::uint64_t address, unsigned cpl, const Program& program) const;
    /// "kstack 3-0x40" is 0x40 bytes below the top of the fourth kernel stack, "kstack 3 guard" the page under it;
    /// "USER_STACK_TOP-0x10", a kernel symbol, else "0x7f30".
    /// @param program  whose page tables are loaded; without one, nothing has a name that lies where each process has
    /// it
    std::string stack(std::uint64_t address, const Program& program = {}) const;
    /// A symbol of the kernel's data or a named address, else "0x7f30".
    std::string data(std::uint64_t address, const Program& program = {}) const;
    /// "_start+0x7", without blanks, when `program`'s symbols cover the address.
    std::optional<std::string> in_program(const Program& program, std::uint64_t address) const;
    /// "KERNEL_BASE", "KERNEL_BASE+0x10" or "USER_STACK_TOP-0x8", when the guest's description names the address.
    std::optional<std::string> landmark(std::uint64_t address, const Program& program) const;

    /// Where `program`'s symbol of that name is, else where the kernel's is now; nullopt: neither has one.
    std::optional<std::uint64_t> address_of(const std::string& name, const Program& program) const;

    /// The symbol that the kernel's file has at an address that the kernel has left, "" when it is no such address.
    std::string left_behind(std::uint64_t address) const;

    /// The address lies in a segment of the kernel's ELF file.
    bool in_kernel_image(std::uint64_t address) const;

    const GuestDescription& guest() const { return guest_; }

private:
    const ElfImage* image_of(const std::string& name) const;
    /// "" when no symbol of the kernel's covers the address.
    std::string in_kernel(std::uint64_t address) const;

    const GuestDescription& guest_;
    const ElfImage* kernel_;
    const CpioArchive* initrd_;
    mutable std::map<std::string, std::optional<ElfImage>> programs_; ///< parsed when first asked for
};

} // namespace ringcheck
