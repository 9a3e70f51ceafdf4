// SPDX-License-Identifier: MIT
// The ELF loader against files that lie.  Each file is judged twice: by plan_elf, and by an oracle that follows the
// gABI in 128-bit arithmetic with the structures of elf.h; the two must agree on accept or refuse, and on the plan.
// Files stand in heap buffers of their exact size, so that AddressSanitizer sees a read outside.
#include "process/elf_loader.h"
#include "unit/elf_oracle.h"
#include "unit/elf_sample.h"
#include "unit/file_tree.h"

#include <gtest/gtest.h>

#include <random>
#include <sstream>
#include <string>

namespace {

using uapi::Error;
using File = fake::ElfFile;
using Sample = fake::SampleElf;

/// Runs both judges on one file.  Counts what happened, so that a test can say how many files it has really tried.
class Judges {
public:
    void judge(const File& file, const std::string& what)
    {
        ++files;
        const fake::ExactBytes copy(file);
        const auto plan = kernel::plan_elf(fake::ByteFile(copy.bytes()), arch::VirtAddr{fake::kElfBase});
        std::vector<Elf64_Phdr> loads;
        const auto why = fake::elf_defect(file, loads);
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
            ASSERT_EQ(segment.protection.write, (loads[i].p_flags & PF_W) != 0) << what;
            ASSERT_EQ(segment.protection.execute, (loads[i].p_flags & PF_X) != 0) << what;
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
                                       std::uint64_t{2 << 20},
                                       std::uint64_t{64 << 20},
                                       std::uint64_t{0x7fff'ffff},
                                       std::uint64_t{0xffff'ffff},
                                       std::uint64_t{1} << 32,
                                       std::uint64_t{1} << 46,
                                       std::uint64_t{0x7000'0000'0000},
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

TEST(ElfLoader, AcceptsTheSampleAsTheOracleDoes)
{
    Judges judges;
    ASSERT_NO_FATAL_FAILURE(judges.judge(Sample::file(), "sample"));
    ASSERT_NO_FATAL_FAILURE(judges.judge(Sample::position_independent(), "position-independent sample"));
    EXPECT_EQ(judges.refused, 0u);
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
    for (const File& whole : {Sample::file(), Sample::position_independent()}) {
        for (const Field& field : kHeaderFields) {
            for (const std::uint64_t value : hostile_values()) {
                File file = whole;
                put_field(file, 0, field, value);
                ASSERT_NO_FATAL_FAILURE(judges.judge(file, describe(field, value)));
            }
        }
    }
    RecordProperty("files", static_cast<int>(judges.files));
    EXPECT_GT(judges.files, 3'000u);
    EXPECT_GT(judges.refused, judges.files / 2);
}

TEST(ElfLoader, SurvivesEachSegmentFieldWithEachHostileValue)
{
    Judges judges;
    for (const File& whole : {Sample::file(), Sample::position_independent()}) {
        for (std::size_t index = 0; index < 4; ++index) {
            for (const Field& field : kSegmentFields) {
                for (const std::uint64_t value : hostile_values()) {
                    File file = whole;
                    put_field(file, Sample::program_header(index), field, value);
                    ASSERT_NO_FATAL_FAILURE(
                        judges.judge(file, "segment " + std::to_string(index) + " " + describe(field, value)));
                }
            }
        }
    }
    RecordProperty("files", static_cast<int>(judges.files));
    EXPECT_GT(judges.files, 5'000u);
    EXPECT_GT(judges.refused, 2'000u);
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

} // namespace
