// SPDX-License-Identifier: MIT
// malformed_elf PROGRAM PIE FOLDER: writes the files of catalogue L01 to L04, each a copy of the good PROGRAM, or of
// the good position-independent program PIE, with one lie in it.  Runs on the machine that builds.  [System V gABI "ELF
// Header", "Program Header"]
//
// The loader must refuse them, with nothing lost; an entry point that is not code may also end the program in ring 3.
// expect L01_empty: refused:
// expect L01_magic: refused: not a static x86-64 ELF
// expect L01_cut_header: refused: not a static x86-64 ELF
// expect L01_cut_program_headers: refused: not a static x86-64 ELF
// expect L01_class: refused: not a static x86-64 ELF
// expect L01_machine: refused: not a static x86-64 ELF
// expect L01_type: refused: not a static x86-64 ELF
// expect L01_phentsize: refused: not a static x86-64 ELF
// expect L01_phnum: refused: not a static x86-64 ELF
// expect L01_phoff: refused: not a static x86-64 ELF
// expect L01_phoff_wraps: refused: not a static x86-64 ELF
// expect L01_cut_segment: refused: not a static x86-64 ELF
// expect L02_file_larger: refused: not a static x86-64 ELF
// expect L02_offset_wraps: refused: not a static x86-64 ELF
// expect L02_address_wraps: refused: not a static x86-64 ELF
// expect L02_huge: refused: not
// expect L02_alignment: refused: not a static x86-64 ELF
// expect L02_misplaced: refused: not a static x86-64 ELF
// expect L03_kernel: refused: not a static x86-64 ELF
// expect L03_null: refused: not a static x86-64 ELF
// expect L03_overlapping: refused: not a static x86-64 ELF
// expect L03_stack: refused: not
// expect L03_last_page: refused: not
// expect L03_writable_code: refused: not a static x86-64 ELF
// expect L04_kernel: refused: not a static x86-64 ELF
// expect L04_non_canonical: refused: not a static x86-64 ELF
// expect L04_unmapped: refused: not a static x86-64 ELF
// expect L04_data: refused: not a static x86-64 ELF
// expect L01_pie_interpreter: refused: not a static x86-64 ELF
// expect L02_pie_base_wraps: refused: not a static x86-64 ELF
// expect L02_pie_reach: refused: not a static x86-64 ELF
// expect L02_pie_alignment: refused: not a static x86-64 ELF
// expect L03_pie_kernel: refused: not a static x86-64 ELF
// expect L03_pie_writable_code: refused: not a static x86-64 ELF
// expect L04_pie_base_wraps: refused: not a static x86-64 ELF
// expect L04_pie_with_base: refused: not a static x86-64 ELF
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <elf.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <span>
#include <string>

namespace {

constexpr std::uint64_t kKernel = 0xffff'ffff'8010'0000, kNonCanonical = std::uint64_t{1} << 47, kPage = 4096,
                        kPieBase = 0x5555'5555'4000;

struct File {
    std::string bytes;
    Elf64_Ehdr header{};
    Elf64_Phdr text{}, data{}, other{}; ///< what the changes are made to; `other` is not loaded
    std::size_t text_at = 0, data_at = 0, other_at = 0;
};

struct Lie {
    const char* name;
    std::function<void(File&)> tell;
};

const Lie kLies[] = {
    {"L01_magic", [](File& file) { file.header.e_ident[1] = 'e'; }},
    {"L01_class", [](File& file) { file.header.e_ident[EI_CLASS] = ELFCLASS32; }},
    {"L01_machine", [](File& file) { file.header.e_machine = EM_AARCH64; }},
    {"L01_type", [](File& file) { file.header.e_type = ET_REL; }},
    {"L01_phentsize", [](File& file) { file.header.e_phentsize = sizeof(Elf64_Phdr) + 1; }},
    {"L01_phnum", [](File& file) { file.header.e_phnum = 0xffff; }},
    {"L01_phoff", [](File& file) { file.header.e_phoff = file.bytes.size() - 1; }},
    {"L01_phoff_wraps", [](File& file) { file.header.e_phoff = ~std::uint64_t{0} - 7; }},
    {"L01_cut_segment", [](File& file) { file.text.p_filesz = file.text.p_memsz = file.bytes.size() + kPage; }},
    {"L02_file_larger", [](File& file) { file.text.p_memsz = file.text.p_filesz - 1; }},
    {"L02_offset_wraps", [](File& file) { file.data.p_offset = ~std::uint64_t{0} << 12 | file.data.p_vaddr % kPage; }},
    {"L02_address_wraps", [](File& file) { file.data.p_vaddr |= ~std::uint64_t{0} << 12; }},
    {"L02_huge", [](File& file) { file.data.p_memsz = std::uint64_t{1} << 46; }},
    {"L02_alignment", [](File& file) { file.text.p_align = 3; }},
    {"L02_misplaced", [](File& file) { file.text.p_vaddr += 8; }},
    {"L03_kernel", [](File& file) { file.data.p_vaddr = kKernel + file.data.p_vaddr % kPage; }},
    {"L03_null", [](File& file) { file.text.p_vaddr = file.text.p_offset; }},
    {"L03_overlapping",
     [](File& file) {
         file.data.p_vaddr = file.text.p_vaddr;
         file.data.p_offset = file.text.p_offset;
     }},
    {"L03_stack", [](File& file) { file.data.p_vaddr = kNonCanonical - 16 * kPage + file.data.p_vaddr % kPage; }},
    {"L03_last_page", [](File& file) { file.data.p_vaddr = kNonCanonical - kPage + file.data.p_vaddr % kPage; }},
    {"L03_writable_code", [](File& file) { file.text.p_flags |= PF_W; }},
    {"L04_kernel", [](File& file) { file.header.e_entry = kKernel; }},
    {"L04_non_canonical", [](File& file) { file.header.e_entry = kNonCanonical; }},
    {"L04_unmapped", [](File& file) { file.header.e_entry = 0x70'0000; }},
    {"L04_data", [](File& file) { file.header.e_entry = file.data.p_vaddr; }},
};

/// A segment or an entry for which base + address would be a good one again, if sums could wrap.
const Lie kPieLies[] = {
    {"L01_pie_interpreter", [](File& file) { file.other.p_type = PT_INTERP; }},
    {"L02_pie_base_wraps", [](File& file) { file.data.p_vaddr += 0x40'0000 - kPieBase; }},
    {"L02_pie_reach", [](File& file) { file.data.p_vaddr += std::uint64_t{1} << 31; }},
    {"L02_pie_alignment", [](File& file) { file.text.p_align = std::uint64_t{1} << 47; }},
    {"L03_pie_kernel", [](File& file) { file.data.p_vaddr += kKernel - kPieBase; }},
    {"L03_pie_writable_code", [](File& file) { file.text.p_flags |= PF_W; }},
    {"L04_pie_base_wraps", [](File& file) { file.header.e_entry -= kPieBase; }},
    {"L04_pie_with_base", [](File& file) { file.header.e_entry += kPieBase; }},
};

template <typename T> T read(const std::string& bytes, std::size_t at)
{
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

template <typename T> void write(std::string& bytes, std::size_t at, const T& value)
{
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

/// The executable segment, the last one that is not, and the last that is not loaded.
File read_file(const std::string& path)
{
    std::ifstream stream(path, std::ios::binary);
    File file{.bytes = {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()}};
    file.header = read<Elf64_Ehdr>(file.bytes, 0);
    for (unsigned i = 0; i != file.header.e_phnum; ++i) {
        const std::size_t at = file.header.e_phoff + i * sizeof(Elf64_Phdr);
        const auto segment = read<Elf64_Phdr>(file.bytes, at);
        if (segment.p_type != PT_LOAD) {
            file.other = segment;
            file.other_at = at;
            continue;
        }
        const bool code = (segment.p_flags & PF_X) != 0;
        (code ? file.text : file.data) = segment;
        (code ? file.text_at : file.data_at) = at;
    }
    return file;
}

bool save(const std::filesystem::path& path, const std::string& bytes)
{
    std::ofstream stream(path, std::ios::binary);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return stream.good();
}

/// @return false: `good` is not what it should be, or a file cannot be written
bool save_lies(const std::filesystem::path& folder, const File& good, std::span<const Lie> lies)
{
    bool saved = good.text_at != 0 && good.data_at != 0 && good.other_at != 0;
    for (const Lie& lie : lies) {
        File file = good;
        lie.tell(file);
        write(file.bytes, good.text_at, file.text);
        write(file.bytes, good.data_at, file.data);
        write(file.bytes, good.other_at, file.other);
        write(file.bytes, 0, file.header);
        saved = saved && save(folder / lie.name, file.bytes);
    }
    return saved;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 4) {
        std::fprintf(stderr, "usage: malformed_elf PROGRAM PIE FOLDER\n");
        return 2;
    }
    const File good = read_file(argv[1]);
    const std::filesystem::path folder = argv[3];
    bool saved = save_lies(folder, good, kLies) && save_lies(folder, read_file(argv[2]), kPieLies);
    saved = saved && save(folder / "L01_empty", "") && save(folder / "L01_cut_header", good.bytes.substr(0, 40)) &&
            save(folder / "L01_cut_program_headers", good.bytes.substr(0, sizeof(Elf64_Ehdr) + 20));
    return saved ? 0 : 1;
}
