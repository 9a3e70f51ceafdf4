// SPDX-License-Identifier: GPL-2.0-or-later
// An ELF file in memory: segments, symbols and the PVH entry.  Every offset in the file is checked before it is used.
// It is an ELF64; an ELF32 only when it has a Multiboot header of the first version, whose kernels go to 64-bit mode
// from 32-bit files.
#pragma once

#include "arch/address.h"
#include "machine/shared_bytes.h"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ringcheck {

struct ElfSegment {
    arch::VirtAddr virtual_address;
    arch::PhysAddr physical_address;
    std::uint64_t memory_size = 0;
    std::span<const std::byte> file_bytes; ///< points into ElfImage
    bool readable = false, writable = false, executable = false;
};

struct ElfSymbol {
    std::string name; ///< demangled
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    bool is_function = false;
};

enum class ElfUse : unsigned char {
    Kernel,  ///< an executable at its own addresses (ET_EXEC)
    Program, ///< or a position-independent one (ET_DYN)
};

class ElfImage {
public:
    ElfImage(ElfImage&&) = default; // not copied: it is large
    ElfImage& operator=(ElfImage&&) = default;

    /// Errors are one line without the file's name: "not an ELF file (starts with 23 21 2f 62)", "a 32-bit ELF
    /// (ELFCLASS32); ringcheck runs 64-bit kernels", "truncated: program headers end at 0x1f8, the file has 0x100
    /// bytes" ...
    static std::expected<ElfImage, std::string> parse(SharedBytes file, ElfUse use = ElfUse::Kernel);
    /// Reads and parses a file; the error starts with its path.
    static std::expected<ElfImage, std::string> load(const std::string& path);

    std::uint64_t entry() const { return entry_; }
    bool is_32_bit() const { return is_32_bit_; }
    /// The whole file, for those who read more of it than this class.
    std::span<const std::byte> file() const { return file_; }
    const std::vector<ElfSegment>& segments() const { return segments_; }
    /// The physical 32-bit entry of the PVH note, if the image has one.
    std::optional<std::uint32_t> pvh_entry() const { return pvh_entry_; }
    /// Functions, objects and labels, one for each address.
    const std::map<std::uint64_t, ElfSymbol>& symbols() const { return by_address_; }
    /// Address of a symbol by its demangled name without parameters ("kernel::Loom::yield") or its plain C name.
    std::optional<std::uint64_t> symbol(const std::string& name) const;
    /// "syscall_entry", "syscall_entry+0x12", or "" when no symbol covers `address`.
    std::string describe(std::uint64_t address) const;

private:
    ElfImage() = default;

    SharedBytes file_;
    std::uint64_t entry_ = 0;
    bool is_32_bit_ = false;
    std::vector<ElfSegment> segments_;
    std::optional<std::uint32_t> pvh_entry_;
    std::map<std::uint64_t, ElfSymbol> by_address_;
    std::map<std::string, std::uint64_t> by_name_;
};

} // namespace ringcheck
