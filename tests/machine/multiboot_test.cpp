// SPDX-License-Identifier: MIT
// A kernel with a Multiboot header, of either version, is put in RAM and finds what the protocol promises; one that
// demands the impossible is refused in one line.
#include "arch/elf32.h"
#include "arch/multiboot1.h"
#include "arch/multiboot2.h"
#include "machine/boot_loader.h"
#include "machine/machine.h"
#include "support/elf_builder.h"
#include "support/machine_guest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace ringcheck;
using model::Gpr;
using support::ElfBuilder;
using testing::HasSubstr;
namespace mb1 = arch::multiboot1;
namespace mb2 = arch::multiboot2;
using Bytes = std::vector<std::byte>;

constexpr std::uint64_t kRam = 16u << 20;
constexpr std::uint32_t kLoad = 0x10'0000;

Bytes words(std::initializer_list<std::uint32_t> values)
{
    const auto bytes = std::as_bytes(std::span(values.begin(), values.size()));
    return {bytes.begin(), bytes.end()};
}

Bytes operator+(Bytes left, std::span<const std::byte> right)
{
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

Bytes multiboot1_header(std::uint32_t flags, std::initializer_list<std::uint32_t> addresses = {})
{
    return words({mb1::kHeaderMagic, flags, 0 - (mb1::kHeaderMagic + flags)}) + words(addresses);
}

/// @param tags  already padded to 8 bytes each, without the end tag
Bytes multiboot2_header(const Bytes& tags)
{
    const auto length = static_cast<std::uint32_t>(sizeof(mb2::Header) + tags.size() + sizeof(mb2::HeaderTag));
    return words({mb2::kHeaderMagic, 0, length, 0 - (mb2::kHeaderMagic + length)}) + tags + words({0, 8});
}

/// A 32-bit program that sends what the information's word at byte 16 points to (Multiboot1: the command line) to the
/// debug console and powers off when EAX holds the magic number.
GUEST_CODE(say_command_line, R"(
.code32
    cmp   $0x2badb002, %eax
    jne   2f
    mov   16(%ebx), %esi
1:  mov   (%esi), %al
    test  %al, %al
    jz    2f
    out   %al, $0xe9
    inc   %esi
    jmp   1b
2:  mov   $0x10, %al
    out   %al, $0xf4
.code64
)");

/// One segment, entered behind the Multiboot1 header.
Bytes elf32(const Bytes& contents, std::uint32_t entry)
{
    namespace elf = arch::elf;
    arch::elf32::Header header{};
    std::memcpy(header.ident, elf::kMagic, sizeof elf::kMagic);
    header.ident[elf::kIdentClass] = elf::kClass32;
    header.ident[elf::kIdentData] = elf::kLittleEndian;
    header.ident[elf::kIdentVersion] = elf::kCurrentVersion;
    header.type = elf::kTypeExecutable;
    header.machine = arch::elf32::kMachine386;
    header.entry = entry;
    header.program_header_offset = sizeof header;
    header.header_size = sizeof header;
    header.program_header_size = sizeof(arch::elf32::ProgramHeader);
    header.program_header_count = 1;
    const auto size = static_cast<std::uint32_t>(contents.size());
    const arch::elf32::ProgramHeader segment{
        elf::kSegmentLoad, sizeof header + sizeof segment, kLoad, kLoad, size, size + 64, 7, 4};
    return Bytes{} + std::as_bytes(std::span(&header, 1)) + std::as_bytes(std::span(&segment, 1)) + contents;
}

ElfImage parse(const Bytes& file)
{
    auto image = ElfImage::parse(file);
    if (!image) {
        throw std::runtime_error(image.error());
    }
    return std::move(*image);
}

/// The contents as the only segment of an ELF64, entered at its first byte.
ElfImage elf64(const Bytes& contents, std::uint64_t virtual_address = kLoad)
{
    return parse(
        ElfBuilder().entry(virtual_address).segment(virtual_address, kLoad, contents, contents.size()).build());
}
constexpr std::uint32_t kContentsOffset = sizeof(arch::elf::Header) + sizeof(arch::elf::ProgramHeader);

class Booted {
public:
    explicit Booted(const ElfImage& image, const BootRequest& request = {})
    {
        auto created = Machine::create({.ram_bytes = kRam});
        machine = std::move(*created);
        const auto loaded = machine->load(image, request);
        error = loaded ? "no error" : loaded.error();
    }
    template <typename Structure> Structure read(std::uint64_t address)
    {
        Structure value{};
        std::memcpy(&value, machine->memory().at(arch::PhysAddr{address}, sizeof value), sizeof value);
        return value;
    }
    std::string text(std::uint64_t address)
    {
        return reinterpret_cast<const char*>(machine->memory().at(arch::PhysAddr{address}, 1));
    }

    std::unique_ptr<Machine> machine;
    std::string error;
};

std::string error_of(const ElfImage& image, const BootRequest& request = {})
{
    return Booted(image, request).error;
}

void expect_flat_32_bit(const model::CpuState& state)
{
    EXPECT_EQ(state.cr0, 0x11u);
    EXPECT_EQ(state.efer, 0u);
    EXPECT_EQ(state.rflags, 2u);
    EXPECT_EQ(state.cs.limit, 0xffff'ffffu);
    EXPECT_EQ(state.ss.limit, 0xffff'ffffu);
    EXPECT_FALSE(state.in_64_bit_mode());
}

TEST(Multiboot1Start, AnElf32RunsAndFindsItsCommandLine)
{
    const Bytes header = multiboot1_header(mb1::kAlignModules | mb1::kWantsMemory);
    const auto entry = kLoad + static_cast<std::uint32_t>(header.size());
    Booted booted(parse(elf32(header + say_command_line.bytes(), entry)), {{}, {}, "quiet loglevel=3"});
    ASSERT_EQ(booted.error, "no error");
    expect_flat_32_bit(booted.machine->state());
    EXPECT_EQ(booted.machine->run({.instructions = 1000}).kind, EndKind::PowerOff);
    EXPECT_EQ(booted.machine->debug_console(), "quiet loglevel=3");
}

TEST(Multiboot1Start, TheInformationNamesMemoryAndModules)
{
    const Bytes first(5000, std::byte{0x11}), second(10, std::byte{0x22});
    Booted booted(elf64(multiboot1_header(0) + Bytes(0x2000)),
                  {BootProtocol::Multiboot1, {{first, ""}, {second, "second text"}}, ""});
    ASSERT_EQ(booted.error, "no error");
    const model::CpuState state = booted.machine->state();
    EXPECT_EQ(state[Gpr::Rax], mb1::kBootMagic);
    const auto information = booted.read<mb1::Information>(state[Gpr::Rbx]);
    EXPECT_EQ(information.flags, 1u << 0 | 1u << 2 | 1u << 3 | 1u << 6 | 1u << 9);
    EXPECT_EQ(information.memory_lower_kib, 639u);
    EXPECT_EQ(information.memory_upper_kib, 15u << 10);
    EXPECT_EQ(booted.text(information.command_line), "");
    EXPECT_EQ(booted.text(information.loader_name), "ringcheck");

    ASSERT_EQ(information.module_count, 2u);
    const auto module = booted.read<mb1::Module>(information.modules);
    EXPECT_GE(module.start, kLoad + 0x2000) << "behind the kernel";
    EXPECT_EQ(module.start % 4096, 0u);
    EXPECT_EQ(module.end - module.start, first.size());
    EXPECT_EQ(booted.read<std::uint8_t>(module.end - 1), 0x11);
    const auto next = booted.read<mb1::Module>(information.modules + sizeof(mb1::Module));
    EXPECT_GE(next.start, module.end);
    EXPECT_EQ(booted.read<std::uint8_t>(next.start), 0x22);
    EXPECT_EQ(booted.text(next.command_line), "second text");

    ASSERT_EQ(information.memory_map_size, 2 * sizeof(mb1::MemoryMapEntry));
    const auto high = booted.read<mb1::MemoryMapEntry>(information.memory_map + sizeof(mb1::MemoryMapEntry));
    EXPECT_EQ(high.size, 20u);
    EXPECT_EQ(high.address_low, 0x10'0000u);
    EXPECT_EQ(high.address_low + high.length_low, kRam);
    EXPECT_EQ(high.type, 1u);
}

TEST(Multiboot1Start, AnElf64StartsWhereItsHeadersAddressesSay)
{
    constexpr std::uint32_t kThere = 0x20'0000;
    const auto image = [](std::uint32_t load, std::uint32_t load_end, std::uint32_t bss_end, std::uint32_t entry) {
        return elf64(multiboot1_header(mb1::kHasAddresses, {kThere, load, load_end, bss_end, entry}) +
                     say_command_line.bytes());
    };
    constexpr std::uint32_t kCode = kThere + 32;
    Booted booted(image(kThere, 0, 0, kCode), {{}, {}, "by address"});
    ASSERT_EQ(booted.error, "no error");
    EXPECT_EQ(booted.read<std::uint32_t>(kThere), mb1::kHeaderMagic);
    EXPECT_EQ(booted.read<std::uint32_t>(kLoad), 0u) << "where the ELF headers say, there is nothing";
    EXPECT_EQ(booted.machine->run({.instructions = 1000}).kind, EndKind::PowerOff);
    EXPECT_EQ(booted.machine->debug_console(), "by address");

    EXPECT_EQ(error_of(image(kThere - kContentsOffset, kCode + 8, kThere + 0x1000, kCode)), "no error")
        << "from the file's first byte on, with a BSS";
    EXPECT_THAT(error_of(image(kThere + 4, 0, 0, kCode)), HasSubstr("says that it is at 0x200000 and the load"));
    EXPECT_THAT(error_of(image(kThere - kContentsOffset - 4, 0, 0, kCode)), HasSubstr("says that it is at"));
    EXPECT_THAT(error_of(image(kThere, kThere + 0x1000, 0, kCode)), HasSubstr("load end 0x201000 is not between"));
    EXPECT_THAT(error_of(image(kThere, kThere - 4, 0, kCode)), HasSubstr("load end 0x1ffffc is not between"));
    EXPECT_THAT(error_of(image(kThere, 0, kThere + 8, kCode)), HasSubstr("BSS end 0x200008 lies before"));
    EXPECT_THAT(error_of(image(kThere, 0, kRam + 4, kCode)), HasSubstr("does not fit in 16 MiB"));
    EXPECT_THAT(error_of(image(kThere, 0, 0, kThere - 1)), HasSubstr("entry 0x1fffff lies in no part of the kernel"));
}

TEST(Multiboot1Start, RefusesBrokenHeadersAndUnknownDemands)
{
    Bytes broken = multiboot1_header(0);
    broken[8] ^= std::byte{1};
    EXPECT_THAT(error_of(elf64(broken)), HasSubstr("file offset 0x78 has checksum"));
    EXPECT_EQ(error_of(elf64(multiboot1_header(1u << 5))),
              "the Multiboot1 header demands unknown features (flags 0x20)");
    EXPECT_EQ(error_of(elf64(multiboot1_header(mb1::kWantsVideo))), "no error");
    EXPECT_THAT(error_of(elf64(multiboot1_header(mb1::kHasAddresses, {kLoad}))), HasSubstr("cut off"));
    const Bytes large(kRam - kLoad);
    EXPECT_THAT(error_of(elf64(multiboot1_header(0)), {{}, {{large, ""}}, ""}),
                HasSubstr("a module of 0xf00000 bytes do not fit"));
    EXPECT_THAT(error_of(elf64(multiboot1_header(0)), {{}, {}, std::string(0xa0000, 'x')}),
                HasSubstr("bytes of low memory are left"));
    const auto hidden = ElfImage::parse(elf32(Bytes(8192) + multiboot1_header(0), kLoad));
    ASSERT_FALSE(hidden.has_value()) << "a header beyond the first 8 KiB counts for nothing";
    EXPECT_EQ(hidden.error(), "a 32-bit ELF (ELFCLASS32); ringcheck runs 64-bit kernels");
}

TEST(Multiboot2Start, TheInformationHasWhatTheSpecificationNames)
{
    const Bytes module(5000, std::byte{0x33});
    const Bytes code = multiboot2_header({}) + Bytes(0x1000, std::byte{0x90});
    const ElfImage image = parse(ElfBuilder()
                                     .entry(0xffff'ffff'8010'0010)
                                     .segment(0xffff'ffff'8010'0000, kLoad, code, code.size())
                                     .symbols({{"start", 0xffff'ffff'8010'0010, 1}})
                                     .build());
    Booted booted(image, {{}, {{module, "the module"}}, "one two"});
    ASSERT_EQ(booted.error, "no error");
    const model::CpuState state = booted.machine->state();
    expect_flat_32_bit(state);
    EXPECT_EQ(state[Gpr::Rax], mb2::kBootMagic);
    EXPECT_EQ(state.rip, kLoad + 0x10) << "the virtual entry at its physical place";

    const std::uint64_t base = state[Gpr::Rbx];
    EXPECT_EQ(base % 8, 0u);
    const auto information = booted.read<mb2::InformationHeader>(base);
    std::vector<std::uint32_t> types;
    std::uint64_t at = base + sizeof information;
    for (; at < base + information.total_size;) {
        const auto tag = booted.read<mb2::Tag>(at);
        types.push_back(tag.type);
        switch (tag.type) {
        case mb2::kTagCommandLine: EXPECT_EQ(booted.text(at + sizeof tag), "one two"); break;
        case mb2::kTagLoaderName: EXPECT_EQ(booted.text(at + sizeof tag), "ringcheck"); break;
        case mb2::kTagModule: {
            const auto found = booted.read<mb2::ModuleTag>(at);
            EXPECT_EQ(found.end - found.start, module.size());
            EXPECT_EQ(booted.read<std::uint8_t>(found.end - 1), 0x33);
            EXPECT_EQ(booted.text(at + sizeof found), "the module");
            break;
        }
        case mb2::kTagBasicMemory: {
            const auto memory = booted.read<mb2::BasicMemoryTag>(at);
            EXPECT_EQ(memory.lower_kib, 639u);
            EXPECT_EQ(memory.upper_kib, 15u << 10);
            break;
        }
        case mb2::kTagMemoryMap: {
            const auto map = booted.read<mb2::MemoryMapTag>(at);
            ASSERT_EQ(map.tag.size, sizeof map + 2 * sizeof(mb2::MemoryMapEntry));
            const auto high = booted.read<mb2::MemoryMapEntry>(at + sizeof map + map.entry_size);
            EXPECT_EQ(high.address + high.size, kRam);
            break;
        }
        case mb2::kTagElfSections: {
            const auto sections = booted.read<mb2::ElfSectionsTag>(at);
            ASSERT_EQ(sections.count, 3u);
            EXPECT_EQ(sections.entry_size, sizeof(arch::elf::SectionHeader));
            const auto symbols = booted.read<arch::elf::SectionHeader>(at + sizeof sections + sections.entry_size);
            EXPECT_EQ(symbols.type, arch::elf::kSectionSymbolTable);
            ASSERT_NE(symbols.address, 0u) << "loaded although no segment has it";
            EXPECT_EQ(booted.read<arch::elf::Symbol>(symbols.address + sizeof(arch::elf::Symbol)).value,
                      0xffff'ffff'8010'0010u);
            break;
        }
        default: break;
        }
        at += (tag.size + 7) & ~std::uint64_t{7};
    }
    EXPECT_EQ(at, base + information.total_size);
    EXPECT_EQ(types, (std::vector<std::uint32_t>{1, 2, 3, 4, 6, 9, 14, 15, 0}));
}

TEST(Multiboot2Start, MeetsTheDemandsOrRefusesInOneLine)
{
    const auto with = [](std::initializer_list<std::uint32_t> tag) {
        return error_of(elf64(multiboot2_header(words(tag)) + Bytes(0x100)));
    };
    constexpr std::uint32_t kOptional = 1u << 16;
    EXPECT_EQ(with({}), "no error");
    EXPECT_EQ(with({1, 16, 6, 4}), "no error") << "memory map and basic memory";
    EXPECT_THAT(with({1, 16, 6, 8}), HasSubstr("demands information tag 8, which this machine has not"));
    EXPECT_EQ(with({1 | kOptional, 16, 6, 8}), "no error");
    EXPECT_EQ(with({3, 12, kLoad + 8, 0}), "no error");
    EXPECT_THAT(with({3, 12, 0x500, 0}), HasSubstr("entry 0x500 lies in no part"));
    EXPECT_THAT(with({3, 8}), HasSubstr("tag of type 3 has 8 bytes, expected 12"));
    EXPECT_EQ(with({4, 12, 2, 0}), "no error");
    EXPECT_THAT(with({4, 12, 1, 0}), HasSubstr("demands a screen"));
    EXPECT_THAT(with({5, 20, 0, 0, 0, 0}), HasSubstr("demands a framebuffer"));
    EXPECT_EQ(with({5 | kOptional, 20, 0, 0, 0, 0}), "no error");
    EXPECT_EQ(with({6, 8}), "no error");
    EXPECT_THAT(with({77, 8}), HasSubstr("demands what tag 77 is"));
    EXPECT_EQ(with({77 | kOptional, 8}), "no error");
    EXPECT_THAT(with({6, 4}), HasSubstr("tag of type 6 has 4 bytes"));
    EXPECT_THAT(with({6, 4096}), HasSubstr("tag of type 6 has 4096 bytes of 16"));
    EXPECT_EQ(with({2, 24, 0x30'0000, 0x30'0000, 0, 0, 3, 12, 0x30'0010, 0}), "no error") << "by address";
    EXPECT_THAT(with({2, 24, 0x30'0000, 0x30'0004, 0, 0}), HasSubstr("says that it is at"));
}

TEST(Multiboot2Start, RefusesABrokenHeader)
{
    const auto changed = [](std::size_t word, std::uint32_t difference) {
        Bytes header = multiboot2_header({});
        std::uint32_t values[4];
        std::memcpy(values, header.data(), sizeof values);
        values[word] += difference;
        values[3] -= word == 3 ? 0 : difference;
        std::memcpy(header.data(), values, sizeof values);
        return error_of(elf64(header));
    };
    EXPECT_THAT(changed(3, 1), HasSubstr("file offset 0x78 has checksum"));
    EXPECT_THAT(changed(1, 4), HasSubstr("is for architecture 4"));
    EXPECT_THAT(changed(2, 8), HasSubstr("has 32 bytes, and 24 follow"));
    EXPECT_THAT(changed(2, 0u - 8), HasSubstr("have no end tag"));
    EXPECT_THAT(changed(2, 0u - 16), HasSubstr("has 8 bytes"));
}

TEST(BootProtocol, IsTheFirstThatTheImageHasAHeaderFor)
{
    const Bytes first = multiboot1_header(0) + words({0}), second = multiboot2_header({});
    const auto found = [](const Bytes& contents, bool pvh) {
        ElfBuilder builder;
        builder.entry(kLoad).segment(kLoad, kLoad, contents, contents.size());
        if (pvh) {
            builder.pvh_entry(kLoad);
        }
        const auto protocol = find_boot_protocol(parse(builder.build()));
        return protocol ? to_string(*protocol) : protocol.error();
    };
    EXPECT_EQ(found(first + second, true), "pvh");
    EXPECT_EQ(found(first + second, false), "multiboot2");
    EXPECT_EQ(found(first, false), "multiboot1");
    EXPECT_THAT(found(words({0}), false), HasSubstr("no PVH note"));
    EXPECT_EQ(boot_protocol("multiboot1"), BootProtocol::Multiboot1);
    EXPECT_EQ(boot_protocol(""), std::nullopt);
}

} // namespace
