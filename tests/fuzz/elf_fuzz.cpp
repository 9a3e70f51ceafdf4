// SPDX-License-Identifier: MIT
// Any bytes as an ELF file: as a kernel, which the harness reads, describes and starts by each protocol, and as a
// program, which AethelOS plans and loads.
#include "fuzz/require.h"
#include "guest/description_draft.h"
#include "guest/description_parse.h"
#include "machine/boot_loader.h"
#include "process/elf_loader.h"
#include "unit/elf_oracle.h"
#include "unit/fake_cpu.h"
#include "unit/file_tree.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace {

using arch::kPageSize;
using arch::VirtAddr;
using fuzz::require;
using ringcheck::BootProtocol;
using ringcheck::ElfImage;
using Bytes = std::span<const std::byte>;

void require_one_line(const std::string& error)
{
    require(!error.empty() && error.find('\n') == std::string::npos, "an error is one line");
}

bool lies_in(Bytes part, Bytes whole)
{
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

/// Starts `kernel` in a small machine; AddressSanitizer sees a write outside its RAM.
void start(const ElfImage& kernel, BootProtocol protocol)
{
    constexpr std::size_t kRam = 3u << 20;
    static std::vector<std::byte> ram(kRam);
    static const std::vector<std::byte> module(5000);
    const auto state = ringcheck::load_kernel(ringcheck::model::PhysicalMemory(ram), kernel,
                                              {protocol, {{module, "module"}}, "a command line"});
    if (!state) {
        return require_one_line(state.error());
    }
    require(state->rip >> 32 == 0 && state->cpl == 0 && !state->in_64_bit_mode(), "a kernel starts in 32-bit mode");
    const bool by_segments = protocol == BootProtocol::Pvh;
    for (const auto& segment : by_segments ? kernel.segments() : std::vector<ringcheck::ElfSegment>{}) {
        require(segment.physical_address.value <= kRam && segment.memory_size <= kRam - segment.physical_address.value,
                "a segment that was loaded fits in RAM");
    }
}

void read_as_kernel(Bytes bytes)
{
    const auto image = ElfImage::parse(std::vector(bytes.begin(), bytes.end()));
    if (!image) {
        return require_one_line(image.error());
    }
    for (const auto& segment : image->segments()) {
        require(lies_in(segment.file_bytes, image->file()), "a segment's bytes are the file's");
        require(segment.file_bytes.size() <= segment.memory_size, "a segment's bytes fit in its memory");
    }
    for (const auto& [address, symbol] : image->symbols()) {
        require(symbol.address == address && image->symbol(symbol.name).has_value(), "a symbol is found by its name");
        image->describe(address + symbol.size / 2);
    }
    const auto draft = ringcheck::draft_description("fuzzed", *image);
    const auto read = ringcheck::parse_description(draft, [&](const std::string& name) { return image->symbol(name); });
    require(read.has_value(), "a drafted description fits the kernel that it was drafted for");
    if (const auto protocol = ringcheck::find_boot_protocol(*image); !protocol) {
        require_one_line(protocol.error());
    }
    for (const BootProtocol protocol : {BootProtocol::Pvh, BootProtocol::Multiboot1, BootProtocol::Multiboot2}) {
        start(*image, protocol);
    }
}

/// The program's page at `page` as the gABI has it, with what stands in the file before the segment before it.
std::vector<std::uint8_t> expected_page(const Elf64_Phdr& segment, std::uint64_t page, const fake::ElfFile& file)
{
    std::vector<std::uint8_t> bytes(kPageSize);
    for (std::uint64_t i = 0; i < kPageSize; ++i) {
        if (segment.p_filesz != 0 && page + i < segment.p_vaddr + segment.p_filesz) {
            bytes[i] = file[segment.p_offset + page + i - segment.p_vaddr];
        }
    }
    return bytes;
}

/// @return false: there is no frame for a page, and nothing more to be seen
bool check_segment(const Elf64_Phdr& segment, const fake::ElfFile& file)
{
    const bool writable = (segment.p_flags & PF_W) != 0, executable = (segment.p_flags & PF_X) != 0;
    require(!(writable && executable), "no page is both writable and executable");
    for (std::uint64_t page = segment.p_vaddr / kPageSize * kPageSize; page < segment.p_vaddr + segment.p_memsz;
         page += kPageSize) {
        require(VirtAddr{page} >= layout::kUserBegin && VirtAddr{page} < layout::kUserEnd, "pages are in user space");
        const auto at = fake::cpu.touch(VirtAddr{page}, {});
        if (!at) {
            require(at.error() == kernel::FaultResult::OutOfMemory, "ring 3 reads each page");
            return false;
        }
        require(std::ranges::equal(std::span(*at, kPageSize), expected_page(segment, page, file)),
                "a page holds the file's bytes and zeros");
        const auto can = [&](kernel::Access access) {
            const auto touched = fake::cpu.touch(VirtAddr{page}, access);
            return touched.has_value() || touched.error() == kernel::FaultResult::OutOfMemory;
        };
        require(can({.write = true}) == writable, "and writes those that are writable");
        require(can({.fetch = true}) == executable, "and executes those that are executable");
    }
    return true;
}

void read_as_program(std::span<const std::uint8_t> bytes)
{
    const fake::ExactBytes copy(bytes);
    const auto plan = kernel::plan_elf(fake::ByteFile(copy.bytes()), VirtAddr{fake::kElfBase});
    const fake::ElfFile file(bytes.begin(), bytes.end());
    std::vector<Elf64_Phdr> loads;
    const auto defect = fake::elf_defect(file, loads);
    require(plan.has_value() == !defect.has_value(), "the loader refuses what the gABI refuses, and no more");
    if (!plan) {
        return require((*defect == "too large") == (plan.error() == uapi::Error::Enomem), "the error says why");
    }
    constexpr std::uint64_t kFrames = 48;
    static fake::Frames frames(kFrames);
    const std::uint64_t before = frames->free_frames();
    const auto kernel_root = frames->allocate_zeroed(), zero_page = frames->allocate_zeroed();
    auto memory = kernel::UserMemory::create(*frames, *kernel_root, *zero_page);
    require(memory.has_value(), "there are frames for an empty memory");
    fake::ByteFile source(copy.bytes(), &*frames);
    const auto loaded = kernel::load_elf(*plan, source, *memory);
    if (loaded) {
        fake::cpu.run(*memory, *frames);
        for (const Elf64_Phdr& segment : loads) {
            if (!check_segment(segment, file)) {
                break;
            }
        }
        fake::cpu.stop();
    } else {
        require(loaded.error() == uapi::Error::Enomem, "a plan fails for want of memory only");
    }
    memory->destroy();
    frames->free(*zero_page);
    frames->free(*kernel_root);
    require(frames->free_frames() == before, "each frame comes back");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::span bytes(data, size);
    read_as_kernel(std::as_bytes(bytes));
    read_as_program(bytes);
    return 0;
}
