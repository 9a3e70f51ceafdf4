// SPDX-License-Identifier: MIT
// The ELF loader against files that lie.  Each file is judged twice: by plan_elf, and by an oracle that follows the
// gABI in 128-bit arithmetic with the structures of elf.h; the two must agree on accept or refuse, and on the plan.
// Files stand in heap buffers of their exact size, so that AddressSanitizer sees a read outside.
#include "mm/page_walk.h"
#include "process/elf_loader.h"
#include "unit/fake_kernel.h"

#include <gtest/gtest.h>

#include <cstring>
#include <elf.h>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

using arch::kPageSize;
using arch::PhysAddr;
using arch::VirtAddr;
using kernel::AddressSpace;
using kernel::ElfPlan;
using uapi::Error;

using File = std::vector<std::uint8_t>;
using Wide = unsigned __int128;

template <typename T> void put(File& file, std::size_t offset, T value)
{
    std::memcpy(file.data() + offset, &value, sizeof value);
}

/// A program as ld.lld makes them: headers and text, read-only data, data with a zeroed tail; small enough to try each
/// of its truncations.
struct Sample {
    static constexpr std::size_t kHeaders = sizeof(Elf64_Ehdr) + 4 * sizeof(Elf64_Phdr);
    static constexpr std::size_t kTextSize = 0x180, kRodataOffset = 0x1000, kRodataSize = 0x23, kDataOffset = 0x1030,
                                 kDataSize = 0x11, kDataMemory = 0x2100;
    static constexpr std::uint64_t kText = 0x40'0000, kRodata = 0x40'1000, kData = 0x40'2030, kEntry = 0x40'0150;

    static Elf64_Phdr segment(std::uint32_t flags, std::uint64_t offset, std::uint64_t address, std::uint64_t in_file,
                              std::uint64_t in_memory)
    {
        return {PT_LOAD, flags, offset, address, address, in_file, in_memory, 0x1000};
    }

    static File file()
    {
        Elf64_Ehdr header = {};
        std::memcpy(header.e_ident, ELFMAG, SELFMAG);
        header.e_ident[EI_CLASS] = ELFCLASS64;
        header.e_ident[EI_DATA] = ELFDATA2LSB;
        header.e_ident[EI_VERSION] = EV_CURRENT;
        header.e_type = ET_EXEC;
        header.e_machine = EM_X86_64;
        header.e_version = EV_CURRENT;
        header.e_entry = kEntry;
        header.e_phoff = sizeof(Elf64_Ehdr);
        header.e_ehsize = sizeof(Elf64_Ehdr);
        header.e_phentsize = sizeof(Elf64_Phdr);
        header.e_phnum = 4;
        const Elf64_Phdr segments[4] = {segment(PF_R | PF_X, 0, kText, kTextSize, kTextSize),
                                        segment(PF_R, kRodataOffset, kRodata, kRodataSize, kRodataSize),
                                        segment(PF_R | PF_W, kDataOffset, kData, kDataSize, kDataMemory),
                                        {PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16}};
        File file(kDataOffset + kDataSize);
        for (std::size_t i = 0; i < file.size(); ++i) {
            file[i] = static_cast<std::uint8_t>(i * 7 + 1);
        }
        std::memcpy(file.data(), &header, sizeof header);
        std::memcpy(file.data() + sizeof header, segments, sizeof segments);
        return file;
    }

    static constexpr std::size_t program_header(std::size_t index)
    {
        return sizeof(Elf64_Ehdr) + index * sizeof(Elf64_Phdr);
    }
};

/// The oracle: why `file` must be refused, "too large" for ENOMEM; nothing when it must be accepted.
std::optional<std::string> defect(const File& file, std::vector<Elf64_Phdr>& loads)
{
    loads.clear();
    Elf64_Ehdr header;
    if (file.size() < sizeof header) {
        return "header";
    }
    std::memcpy(&header, file.data(), sizeof header);
    const std::string ident(reinterpret_cast<const char*>(header.e_ident), 7);
    if (ident != "\x7f\x45\x4c\x46\x02\x01\x01" || header.e_version != 1 || header.e_type != ET_EXEC ||
        header.e_machine != EM_X86_64) {
        return "kind of file";
    }
    if (header.e_ehsize != 64 || header.e_phentsize != 56 || header.e_phnum == 0 || header.e_phnum > 64) {
        return "sizes";
    }
    if (Wide{header.e_phoff} + Wide{header.e_phnum} * 56 > file.size()) {
        return "program headers outside";
    }
    std::set<std::uint64_t> pages;
    Wide previous_end = 0;
    bool entry_found = false;
    for (unsigned i = 0; i < header.e_phnum; ++i) {
        Elf64_Phdr segment;
        std::memcpy(&segment, file.data() + header.e_phoff + i * 56, sizeof segment);
        if (segment.p_type == PT_INTERP) {
            return "interpreter";
        }
        if (segment.p_type != PT_LOAD) {
            continue;
        }
        const Wide begin = segment.p_vaddr;
        const Wide end = begin + segment.p_memsz;
        if (segment.p_filesz > segment.p_memsz || Wide{segment.p_offset} + segment.p_filesz > file.size()) {
            return "file part";
        }
        if (segment.p_align != 0 && __builtin_popcountll(segment.p_align) != 1) {
            return "alignment";
        }
        const std::uint64_t align = std::max<std::uint64_t>(segment.p_align, 4096);
        if (segment.p_vaddr % align != segment.p_offset % align) {
            return "congruence";
        }
        // 64 KiB of stack below 0x7fffffff0000 and its guard page.
        if (begin < 0x1'0000 || end > 0x7fff'fffd'f000) {
            return "placement";
        }
        const unsigned rights = segment.p_flags & 7;
        if (rights != PF_R && rights != (PF_R | PF_W) && rights != (PF_R | PF_X)) {
            return "rights";
        }
        if (segment.p_memsz == 0) {
            continue;
        }
        if (begin < previous_end) {
            return "order or overlap";
        }
        if (!loads.empty() && begin / 4096 == (previous_end - 1) / 4096) {
            return "two segments in one page";
        }
        if (loads.size() == 16) {
            return "too many segments";
        }
        previous_end = end;
        loads.push_back(segment);
        entry_found |= header.e_entry >= begin && header.e_entry < end && rights == (PF_R | PF_X);
    }
    if (!entry_found) {
        return "entry";
    }
    Wide total = 0;
    for (const Elf64_Phdr& segment : loads) {
        total += ((Wide{segment.p_vaddr} + segment.p_memsz + 4095) / 4096 - segment.p_vaddr / 4096) * 4096;
    }
    return total > 64 * 1024 * 1024 ? std::optional<std::string>("too large") : std::nullopt;
}

/// Runs both judges on one file.  Counts what happened, so that a test can say how many files it has really tried.
class Judges {
public:
    void judge(const File& file, const std::string& what)
    {
        ++files;
        const fake::ExactBytes copy(file);
        const auto plan = kernel::plan_elf(copy.bytes());
        std::vector<Elf64_Phdr> loads;
        const auto why = defect(file, loads);
        if (why) {
            ++refused;
            const Error expected = *why == "too large" ? Error::Enomem : Error::Enoexec;
            ASSERT_FALSE(plan) << what << ": accepted, although: " << *why;
            ASSERT_EQ(plan.error(), expected) << what << ": " << *why;
            return;
        }
        ASSERT_TRUE(plan) << what << ": refused, although nothing is wrong with it";
        ASSERT_EQ(plan->segments.size(), loads.size()) << what;
        for (std::size_t i = 0; i < loads.size(); ++i) {
            const kernel::ElfSegment& segment = plan->segments[i];
            ASSERT_EQ(segment.address.value, loads[i].p_vaddr) << what;
            ASSERT_EQ(segment.memory_size, loads[i].p_memsz) << what;
            ASSERT_EQ(segment.file_offset, loads[i].p_offset) << what;
            ASSERT_EQ(segment.file_size, loads[i].p_filesz) << what;
            ASSERT_EQ(segment.rights.write, (loads[i].p_flags & PF_W) != 0) << what;
            ASSERT_EQ(segment.rights.execute, (loads[i].p_flags & PF_X) != 0) << what;
        }
    }

    unsigned files = 0;
    unsigned refused = 0;
};

/// A field of a structure: where, how wide, its name.
struct Field {
    std::size_t offset;
    std::size_t width;
    const char* name;
};

#define FIELD(structure, member)                                                                                       \
    Field                                                                                                              \
    {                                                                                                                  \
        offsetof(structure, member), sizeof(structure::member), #member                                                \
    }

constexpr Field kHeaderFields[] = {
    {EI_MAG0, 1, "magic 0"},        {EI_MAG1, 1, "magic 1"},        {EI_MAG2, 1, "magic 2"},
    {EI_MAG3, 1, "magic 3"},        {EI_CLASS, 1, "class"},         {EI_DATA, 1, "data"},
    {EI_VERSION, 1, "version"},     {EI_OSABI, 1, "osabi"},         FIELD(Elf64_Ehdr, e_type),
    FIELD(Elf64_Ehdr, e_machine),   FIELD(Elf64_Ehdr, e_version),   FIELD(Elf64_Ehdr, e_entry),
    FIELD(Elf64_Ehdr, e_phoff),     FIELD(Elf64_Ehdr, e_shoff),     FIELD(Elf64_Ehdr, e_flags),
    FIELD(Elf64_Ehdr, e_ehsize),    FIELD(Elf64_Ehdr, e_phentsize), FIELD(Elf64_Ehdr, e_phnum),
    FIELD(Elf64_Ehdr, e_shentsize), FIELD(Elf64_Ehdr, e_shnum),     FIELD(Elf64_Ehdr, e_shstrndx)};

constexpr Field kSegmentFields[] = {FIELD(Elf64_Phdr, p_type),  FIELD(Elf64_Phdr, p_flags), FIELD(Elf64_Phdr, p_offset),
                                    FIELD(Elf64_Phdr, p_vaddr), FIELD(Elf64_Phdr, p_paddr), FIELD(Elf64_Phdr, p_filesz),
                                    FIELD(Elf64_Phdr, p_memsz), FIELD(Elf64_Phdr, p_align)};
#undef FIELD

/// Values at which loaders go wrong: borders of types, of pages, of the file, of the program area, of canonical halves.
std::vector<std::uint64_t> hostile_values()
{
    std::vector<std::uint64_t> values = {0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 55, 56, 57, 62, 63, 64, 65, 66, 255};
    for (const std::uint64_t border : {std::uint64_t{0x1000},
                                       std::uint64_t{0x1'0000},
                                       std::uint64_t{0x7fff},
                                       std::uint64_t{0x8000},
                                       std::uint64_t{0xffff},
                                       std::uint64_t{Sample::kDataOffset + Sample::kDataSize},
                                       Sample::kText,
                                       Sample::kRodata,
                                       Sample::kData,
                                       Sample::kEntry,
                                       std::uint64_t{0x40'3000},
                                       std::uint64_t{64 << 20},
                                       std::uint64_t{0x7fff'ffff},
                                       std::uint64_t{0xffff'ffff},
                                       std::uint64_t{1} << 32,
                                       std::uint64_t{1} << 46,
                                       std::uint64_t{0x7fff'fffd'f000},
                                       std::uint64_t{0x7fff'ffff'0000},
                                       std::uint64_t{0x7fff'ffff'e000},
                                       std::uint64_t{1} << 47,
                                       std::uint64_t{0xffff'8000'0000'0000},
                                       std::uint64_t{0xffff'ffff'8010'0000},
                                       std::uint64_t{1} << 63,
                                       std::uint64_t{0} - 0x1000}) {
        values.insert(values.end(), {border - 1, border, border + 1});
    }
    values.push_back(~std::uint64_t{0} - 1);
    values.push_back(~std::uint64_t{0} - 4095 + 0x30); // congruent with the data segment
    return values;
}

void put_field(File& file, std::size_t base, const Field& field, std::uint64_t value)
{
    std::memcpy(file.data() + base + field.offset, &value, field.width);
}

std::string describe(const Field& field, std::uint64_t value)
{
    std::ostringstream text;
    text << field.name << " = 0x" << std::hex << value;
    return text.str();
}

TEST(ElfLoader, PlansTheSampleAsItIs)
{
    const fake::ExactBytes file(Sample::file());
    const auto plan = kernel::plan_elf(file.bytes());
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->entry, VirtAddr{Sample::kEntry});
    ASSERT_EQ(plan->segments.size(), 3u);
    EXPECT_EQ(plan->segments[2].address, VirtAddr{0x40'2030});
    EXPECT_EQ(plan->segments[2].end(), VirtAddr{0x40'4130});
    EXPECT_EQ(plan->segments[0].rights, (kernel::PageRights{.execute = true}));
    EXPECT_EQ(plan->segments[1].rights, (kernel::PageRights{}));
    EXPECT_EQ(plan->segments[2].rights, (kernel::PageRights{.write = true}));
    EXPECT_EQ(plan->program_headers, VirtAddr{0x40'0040});
    EXPECT_EQ(plan->program_header_count, 4);
    Judges judges;
    judges.judge(Sample::file(), "sample");
    EXPECT_EQ(judges.refused, 0u);
}

TEST(ElfLoader, GivesNoAddressForProgramHeadersThatAreNotLoaded)
{
    File file = Sample::file();
    put(file, Sample::program_header(0) + offsetof(Elf64_Phdr, p_filesz), std::uint64_t{Sample::kHeaders - 1});
    const auto plan = kernel::plan_elf({file.data(), file.size()});
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->program_headers, VirtAddr{});
    EXPECT_EQ(plan->program_header_count, 0);
}

TEST(ElfLoader, RefusesEveryTruncation)
{
    const File whole = Sample::file();
    Judges judges;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        ASSERT_NO_FATAL_FAILURE(
            judges.judge(File(whole.begin(), whole.begin() + static_cast<long>(size)), "size " + std::to_string(size)));
    }
    EXPECT_EQ(judges.refused, whole.size());
}

TEST(ElfLoader, SurvivesEachHeaderFieldWithEachHostileValue)
{
    Judges judges;
    for (const Field& field : kHeaderFields) {
        for (const std::uint64_t value : hostile_values()) {
            File file = Sample::file();
            put_field(file, 0, field, value);
            ASSERT_NO_FATAL_FAILURE(judges.judge(file, describe(field, value)));
        }
    }
    RecordProperty("files", static_cast<int>(judges.files));
    EXPECT_GT(judges.files, 1'500u);
    EXPECT_GT(judges.refused, judges.files / 2);
}

TEST(ElfLoader, SurvivesEachSegmentFieldWithEachHostileValue)
{
    Judges judges;
    for (std::size_t index = 0; index < 4; ++index) {
        for (const Field& field : kSegmentFields) {
            for (const std::uint64_t value : hostile_values()) {
                File file = Sample::file();
                put_field(file, Sample::program_header(index), field, value);
                ASSERT_NO_FATAL_FAILURE(
                    judges.judge(file, "segment " + std::to_string(index) + " " + describe(field, value)));
            }
        }
    }
    RecordProperty("files", static_cast<int>(judges.files));
    EXPECT_GT(judges.files, 2'500u);
    EXPECT_GT(judges.refused, 1'000u);
}

TEST(ElfLoader, SurvivesEachPairOfSegmentFieldsWithHostileValues)
{
    const std::vector<std::uint64_t> values = hostile_values();
    Judges judges;
    for (std::size_t first = 0; first < std::size(kSegmentFields); ++first) {
        for (std::size_t second = first + 1; second < std::size(kSegmentFields); ++second) {
            for (const std::uint64_t a : values) {
                for (const std::uint64_t b : values) {
                    File file = Sample::file();
                    file.resize(Sample::kDataOffset + Sample::kDataSize);
                    put_field(file, Sample::program_header(2), kSegmentFields[first], a);
                    put_field(file, Sample::program_header(2), kSegmentFields[second], b);
                    ASSERT_NO_FATAL_FAILURE(judges.judge(file, describe(kSegmentFields[first], a) + ", " +
                                                                   describe(kSegmentFields[second], b)));
                }
            }
        }
    }
    RecordProperty("files", static_cast<int>(judges.files));
    EXPECT_GT(judges.files, 100'000u);
    EXPECT_GT(judges.files - judges.refused, 500u);
}

TEST(ElfLoader, SurvivesTenThousandRandomDamages)
{
    std::mt19937_64 random(5);
    const File whole = Sample::file();
    Judges judges;
    for (unsigned round = 0; round < 10'000; ++round) {
        File file = whole;
        // Mostly in the headers, where a bit means something.
        const std::size_t reach = round % 4 == 0 ? file.size() : Sample::kHeaders;
        for (std::uint64_t flips = 1 + random() % 4; flips > 0; --flips) {
            file[random() % reach] ^= static_cast<std::uint8_t>(1 << random() % 8);
        }
        ASSERT_NO_FATAL_FAILURE(judges.judge(file, "round " + std::to_string(round)));
    }
    EXPECT_EQ(judges.files, 10'000u);
    EXPECT_GT(judges.refused, 4'000u);
    EXPECT_GT(judges.files - judges.refused, 1'000u);
}

/// A file of program headers only, the first of them executable.
File with_segments(const std::vector<Elf64_Phdr>& segments)
{
    File file = Sample::file();
    file.resize(sizeof(Elf64_Ehdr) + segments.size() * sizeof(Elf64_Phdr));
    std::memcpy(file.data() + sizeof(Elf64_Ehdr), segments.data(), segments.size() * sizeof(Elf64_Phdr));
    put(file, offsetof(Elf64_Ehdr, e_phnum), static_cast<std::uint16_t>(segments.size()));
    put(file, offsetof(Elf64_Ehdr, e_entry), segments.empty() ? std::uint64_t{0} : segments[0].p_vaddr);
    return file;
}

base::Result<ElfPlan> plan_of(const std::vector<Elf64_Phdr>& segments)
{
    const fake::ExactBytes file(with_segments(segments));
    return kernel::plan_elf(file.bytes());
}

Elf64_Phdr pages(std::uint32_t flags, std::uint64_t address, std::uint64_t size)
{
    return Sample::segment(flags, 0, address, 0, size);
}

TEST(ElfLoader, RefusesWritableAndExecutable)
{
    EXPECT_TRUE(plan_of({pages(PF_R | PF_X, 0x40'0000, 16)}));
    EXPECT_EQ(plan_of({pages(PF_R | PF_W | PF_X, 0x40'0000, 16)}).error(), Error::Enoexec);
    EXPECT_EQ(plan_of({pages(PF_X, 0x40'0000, 16)}).error(), Error::Enoexec) << "the page tables cannot say that";
}

TEST(ElfLoader, RefusesSegmentsThatShareAPageOrOverlapOrDescend)
{
    const Elf64_Phdr code = pages(PF_R | PF_X, 0x40'0000, 0x1801);
    Elf64_Phdr data = pages(PF_R | PF_W, 0x40'1a00, 16);
    data.p_offset = 0xa00; // congruent; the file ends before, but its part of the file is empty
    File file = with_segments({code, data});
    file.resize(0xa00);
    EXPECT_EQ(kernel::plan_elf({file.data(), file.size()}).error(), Error::Enoexec);
    EXPECT_EQ(plan_of({code, pages(PF_R | PF_W, 0x40'1000, 16)}).error(), Error::Enoexec);
    EXPECT_EQ(plan_of({code, pages(PF_R | PF_W, 0x3f'f000, 16)}).error(), Error::Enoexec);
    EXPECT_TRUE(plan_of({code, pages(PF_R | PF_W, 0x40'2000, 16)}));
}

TEST(ElfLoader, RefusesPlacesThatAreNotForPrograms)
{
    EXPECT_TRUE(plan_of({pages(PF_R | PF_X, 0x1'0000, 16)}));
    EXPECT_TRUE(plan_of({pages(PF_R | PF_X, 0x7fff'fffd'e000, 0x1000)}));
    for (const std::uint64_t address :
         {std::uint64_t{0}, std::uint64_t{0xf000}, std::uint64_t{0x7fff'fffd'f000}, std::uint64_t{0x7fff'fffe'0000},
          std::uint64_t{0x7fff'ffff'f000}, std::uint64_t{1} << 47, std::uint64_t{0xffff'8000'0000'0000},
          std::uint64_t{0xffff'ffff'8010'0000}}) {
        EXPECT_EQ(plan_of({pages(PF_R | PF_X, address, 16)}).error(), Error::Enoexec) << std::hex << address;
    }
    EXPECT_EQ(plan_of({pages(PF_R | PF_X, 0x7fff'fffd'e000, 0x1001)}).error(), Error::Enoexec);
}

TEST(ElfLoader, RefusesAnEntryThatIsNotExecutable)
{
    for (const std::uint64_t entry :
         {std::uint64_t{0}, Sample::kText - 1, Sample::kText + Sample::kTextSize, Sample::kRodata, Sample::kData,
          std::uint64_t{1} << 47, std::uint64_t{0xffff'ffff'8010'0000}}) {
        File file = Sample::file();
        put(file, offsetof(Elf64_Ehdr, e_entry), entry);
        EXPECT_EQ(kernel::plan_elf({file.data(), file.size()}).error(), Error::Enoexec) << std::hex << entry;
    }
}

TEST(ElfLoader, RefusesMoreThanItsLimits)
{
    std::vector<Elf64_Phdr> segments;
    for (std::uint64_t i = 0; i < 16; ++i) {
        segments.push_back(pages(PF_R | PF_X, 0x40'0000 + i * 0x1000, 16));
    }
    EXPECT_TRUE(plan_of(segments));
    segments.push_back(pages(PF_R | PF_X, 0x50'0000, 16));
    EXPECT_EQ(plan_of(segments).error(), Error::Enoexec);

    std::vector<Elf64_Phdr> notes(64, Elf64_Phdr{PT_NOTE, PF_R, 0, 0, 0, 0, 0, 4});
    notes[0] = pages(PF_R | PF_X, 0x40'0000, 16);
    EXPECT_TRUE(plan_of(notes));
    notes.push_back(notes.back());
    EXPECT_EQ(plan_of(notes).error(), Error::Enoexec);

    EXPECT_TRUE(plan_of({pages(PF_R | PF_X, 0x40'0000, 64 << 20)}));
    EXPECT_EQ(plan_of({pages(PF_R | PF_X, 0x40'0000, (64 << 20) + 1)}).error(), Error::Enomem);
    EXPECT_EQ(plan_of({pages(PF_R | PF_X, 0x40'0000, std::uint64_t{1} << 46)}).error(), Error::Enomem);
}

TEST(ElfLoader, RefusesFilesThatNeedAnInterpreterOrARelocation)
{
    EXPECT_EQ(plan_of({pages(PF_R | PF_X, 0x40'0000, 16), {PT_INTERP, PF_R, 0, 0, 0, 0, 0, 1}}).error(),
              Error::Enoexec);
    File file = Sample::file();
    put(file, offsetof(Elf64_Ehdr, e_type), std::uint16_t{ET_DYN});
    EXPECT_EQ(kernel::plan_elf({file.data(), file.size()}).error(), Error::Enoexec);
    EXPECT_EQ(plan_of({{PT_NOTE, PF_R, 0, 0, 0, 0, 0, 4}}).error(), Error::Enoexec) << "nothing to load";
}

/// The executing half: pages, contents, rights and frames.
class ElfLoading : public ::testing::Test {
protected:
    /// What the sample takes: text 1, rodata 1, data 0x402030..0x404130 3.
    static constexpr std::uint64_t kPages = 5;
    /// The space's root and the three tables that lead to the sample's pages.
    static constexpr std::uint64_t kTables = 4;

    static PhysAddr kernel_root(fake::Frames& frames) { return *frames->allocate_zeroed(); }
};

TEST_F(ElfLoading, FillsPagesWithTheFilesBytesAndZeros)
{
    fake::Frames frames(64);
    const PhysAddr root = kernel_root(frames);
    AddressSpace space = *AddressSpace::create(*frames, root);
    const File file = Sample::file();
    const fake::ExactBytes copy(file);
    const auto plan = kernel::plan_elf(copy.bytes());
    ASSERT_TRUE(plan);
    ASSERT_TRUE(kernel::load_elf(*plan, copy.bytes(), space, *frames));

    std::vector<std::uint8_t> expected(kPages * kPageSize); // from Sample::kText on
    std::copy_n(file.begin(), Sample::kTextSize, expected.begin());
    std::copy_n(file.begin() + Sample::kRodataOffset, Sample::kRodataSize, expected.begin() + 0x1000);
    std::copy_n(file.begin() + Sample::kDataOffset, Sample::kDataSize, expected.begin() + 0x2030);
    for (std::uint64_t page = 0; page < kPages; ++page) {
        const VirtAddr address{Sample::kText + page * kPageSize};
        const auto can = [&](kernel::Access access) {
            return kernel::walk(frames->window(), space.root(), address, access).has_value();
        };
        EXPECT_TRUE(can({.user = true})) << page;
        EXPECT_EQ(can({.write = true, .user = true}), page >= 2) << page;
        EXPECT_EQ(can({.user = true, .fetch = true}), page == 0) << page;
        const auto translation = kernel::walk(frames->window(), space.root(), address, {});
        ASSERT_TRUE(translation);
        EXPECT_EQ(std::memcmp(frames->window().at<const std::uint8_t>(translation->address),
                              expected.data() + page * kPageSize, kPageSize),
                  0)
            << page;
    }
    for (const std::uint64_t outside : {Sample::kText - kPageSize, Sample::kText + kPages * kPageSize}) {
        EXPECT_FALSE(kernel::walk(frames->window(), space.root(), VirtAddr{outside}, {}));
    }
    space.destroy();
    EXPECT_EQ(frames->free_frames(), frames->total_frames() - 1);
}

TEST_F(ElfLoading, CopiesASegmentThatFillsWholePages)
{
    File file = with_segments({Sample::segment(PF_R | PF_X, 0, 0x40'0000, 0x3000, 0x3000)});
    const std::size_t headers = file.size();
    file.resize(0x3000);
    for (std::size_t i = headers; i < file.size(); ++i) {
        file[i] = static_cast<std::uint8_t>(i / 16);
    }
    fake::Frames frames(16);
    const PhysAddr root = kernel_root(frames);
    AddressSpace space = *AddressSpace::create(*frames, root);
    const fake::ExactBytes copy(file);
    ASSERT_TRUE(kernel::load_elf(*kernel::plan_elf(copy.bytes()), copy.bytes(), space, *frames));
    for (std::uint64_t page = 0; page < 3; ++page) {
        const auto translation =
            kernel::walk(frames->window(), space.root(), VirtAddr{0x40'0000 + page * kPageSize}, {});
        ASSERT_TRUE(translation);
        EXPECT_EQ(std::memcmp(frames->window().at<const std::uint8_t>(translation->address),
                              file.data() + page * kPageSize, kPageSize),
                  0);
    }
    space.destroy();
}

TEST_F(ElfLoading, LeaksNothingWhicheverAllocationFails)
{
    const fake::ExactBytes copy(Sample::file());
    const auto plan = kernel::plan_elf(copy.bytes());
    ASSERT_TRUE(plan);
    for (std::uint64_t available = 1; available <= kPages + kTables; ++available) {
        fake::Frames frames(1 + available);
        const PhysAddr root = kernel_root(frames);
        AddressSpace space = *AddressSpace::create(*frames, root);
        const auto loaded = kernel::load_elf(*plan, copy.bytes(), space, *frames);
        if (available < kPages + kTables) {
            ASSERT_FALSE(loaded) << available;
            EXPECT_EQ(loaded.error(), Error::Enomem);
        } else {
            ASSERT_TRUE(loaded);
            EXPECT_EQ(frames->free_frames(), 0u);
        }
        space.destroy();
        ASSERT_EQ(frames->free_frames(), available);
    }
}

} // namespace
