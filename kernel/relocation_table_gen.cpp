// SPDX-License-Identifier: MIT
// Host program: lists, as assembly, each word of a linked kernel that holds an address of the kernel: what must be
// rewritten when it moves.  Its argument is the kernel's ELF file, linked with --emit-relocs; with none it makes the
// empty table of the first link.  An entry is the word's distance from layout::kKernelImage, its physical address.
// Each of them, 32 or 64 bits wide, is rewritten by an addition to its lower 32 bits: image_place.h says why.

#include "arch/elf.h"
#include "layout/address_map.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace arch::elf;

/// The file, trusted because the build has just made it, but never read beyond its end.
class Kernel {
public:
    explicit Kernel(const char* path)
    {
        std::ifstream file(path, std::ios::binary);
        bytes_.assign(std::istreambuf_iterator<char>(file), {});
        header_ = at<Header>(0);
    }

    template <typename T> T at(std::uint64_t offset) const
    {
        if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) {
            throw std::runtime_error("the file is truncated");
        }
        T value;
        std::memcpy(&value, bytes_.data() + offset, sizeof value);
        return value;
    }
    SectionHeader section(std::uint64_t index) const
    {
        return at<SectionHeader>(header_.section_header_offset + index * sizeof(SectionHeader));
    }
    std::uint64_t section_count() const { return header_.section_header_count; }

private:
    std::vector<char> bytes_;
    Header header_{};
};

bool in_image(std::uint64_t address)
{
    return address >= layout::kKernelImage.value;
}

/// True when the word must change with the kernel's place; false when it holds a distance, or no address of the kernel.
bool must_change(const Relocation& relocation, std::uint64_t symbol)
{
    switch (relocation.type()) {
    case kRelocation64:
    case kRelocation32Signed: return in_image(symbol);
    case kRelocationPc32:
    case kRelocationPlt32:
        if (!in_image(symbol)) {
            throw std::runtime_error("a distance from the image to something that does not move with it");
        }
        return false;
    default: throw std::runtime_error("a relocation of type " + std::to_string(relocation.type()));
    }
}

std::vector<std::uint64_t> words_to_change(const Kernel& kernel)
{
    std::vector<std::uint64_t> words;
    for (std::uint64_t i = 0; i < kernel.section_count(); ++i) {
        const SectionHeader relocations = kernel.section(i);
        if (relocations.type != kSectionRelocations) {
            continue;
        }
        const SectionHeader section = kernel.section(relocations.info), symbols = kernel.section(relocations.link);
        if ((section.flags & kSectionAllocated) == 0 || !in_image(section.address)) {
            continue; // debugging information, and the boot part, which has run by then
        }
        for (std::uint64_t at = 0; at < relocations.size; at += sizeof(Relocation)) {
            const auto relocation = kernel.at<Relocation>(relocations.offset + at);
            const auto symbol = kernel.at<Symbol>(symbols.offset + relocation.symbol() * sizeof(Symbol));
            if (must_change(relocation, symbol.value)) {
                words.push_back(relocation.offset - layout::kKernelImage.value);
            }
        }
    }
    std::ranges::sort(words);
    return words;
}

} // namespace

int main(int argc, char** argv)
{
    try {
        const std::vector<std::uint64_t> words =
            argc > 1 ? words_to_change(Kernel(argv[1])) : std::vector<std::uint64_t>{};
        std::puts("// Made by relocation_table_gen.\n    .section .relocation_table, \"a\"\n    .balign 4\n"
                  "    .globl relocation_table_begin, relocation_table_end\nrelocation_table_begin:");
        for (const std::uint64_t word : words) {
            std::printf("    .long 0x%llx\n", static_cast<unsigned long long>(word));
        }
        std::puts("relocation_table_end:");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "relocation_table_gen: %s\n", error.what());
        return EXIT_FAILURE;
    }
    return 0;
}
