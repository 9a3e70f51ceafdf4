// SPDX-License-Identifier: GPL-2.0-or-later
// Source lines of code addresses, from the DWARF that a kernel and its programs carry.  [DWARF 5 "Line Number
// Information", "Inlined Subroutine Entries"]
#pragma once

#include "guest/guest_description.h"
#include "guest/program.h"
#include "machine/elf_image.h"
#include "watch/cpio_archive.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ringcheck {

/// One line of a stack of inlined functions.
struct SourceFrame {
    std::string function; ///< without parameters; "" when the DWARF names none, as in assembly
    std::string file;     ///< as seen from the folder that holds both the sources and the build, if there is one
    int line = 0;

    bool operator==(const SourceFrame&) const = default;
};

/// The DWARF of one ELF file; opened when it is first asked for an address.
class DwarfFile {
public:
    /// `elf` must outlive this object.
    explicit DwarfFile(std::span<const std::byte> elf);
    ~DwarfFile();
    DwarfFile(const DwarfFile&) = delete;
    DwarfFile& operator=(const DwarfFile&) = delete;

    /// Innermost first: the line at `address`, then each line that its function was inlined into.  Empty when the file
    /// has no line for the address.
    std::vector<SourceFrame> at(std::uint64_t address);
    /// The first of them without its function, quicker.
    std::optional<SourceFrame> line_at(std::uint64_t address);

private:
    struct Handles;
    void open();

    std::span<const std::byte> elf_;
    std::unique_ptr<Handles> handles_;
};

/// The lines of a kernel and of the programs in its initrd.
class SourceLines {
public:
    /// What is nullptr has no lines; the others must outlive this object.
    /// @param guest  says where the kernel is now; without it, where its file says
    SourceLines(const ElfImage* kernel, const CpioArchive* initrd, const GuestDescription* guest = nullptr)
        : kernel_(kernel), initrd_(initrd), guest_(guest)
    {
    }

    /// @param program  whose page tables are loaded; counts in ring 3 only.  Without a name: none is known, the
    /// kernel's
    std::vector<SourceFrame> at(std::uint64_t address, unsigned cpl, const Program& program) const;
    std::optional<SourceFrame> line_at(std::uint64_t address, unsigned cpl, const Program& program) const;

private:
    DwarfFile* file_of(unsigned cpl, const std::string& program) const;
    /// The address that its file has there; nullopt: none.
    std::optional<std::uint64_t> in_file(std::uint64_t address, unsigned cpl, const Program& program) const;

    const ElfImage* kernel_;
    const CpioArchive* initrd_;
    const GuestDescription* guest_;
    mutable std::map<std::string, std::unique_ptr<DwarfFile>> files_; ///< by program, "" for the kernel
};

} // namespace ringcheck
