// SPDX-License-Identifier: MIT
// The ELF loader: what it plans, each rule by which it refuses a file, and the pages that it fills.  What it makes of
// files that lie: elf_hostile_files_test.cpp.
#include "process/elf_loader.h"
#include "unit/elf_sample.h"
#include "unit/fake_cpu.h"
#include "unit/file_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <memory>
#include <vector>

namespace {

using arch::kPageSize;
using arch::PhysAddr;
using arch::VirtAddr;
using fake::put;
using kernel::ElfPlan;
using kernel::UserMemory;
using uapi::Error;
using File = fake::ElfFile;
using Sample = fake::SampleElf;

constexpr VirtAddr kBase{fake::kElfBase};

TEST(ElfLoader, PlansTheSampleAsItIs)
{
    const fake::ExactBytes file(Sample::file());
    const auto plan = kernel::plan_elf(fake::ByteFile(file.bytes()), kBase);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->entry, VirtAddr{Sample::kEntry});
    ASSERT_EQ(plan->segments.size(), 3u);
    EXPECT_EQ(plan->segments[2].address, VirtAddr{0x40'2030});
    EXPECT_EQ(plan->segments[2].end(), VirtAddr{0x40'4130});
    EXPECT_EQ(plan->segments[0].protection, (kernel::Protection{.read = true, .execute = true}));
    EXPECT_EQ(plan->segments[1].protection, (kernel::Protection{.read = true}));
    EXPECT_EQ(plan->segments[2].protection, (kernel::Protection{.read = true, .write = true}));
    EXPECT_EQ(plan->program_headers, VirtAddr{0x40'0040});
    EXPECT_EQ(plan->program_header_count, 4);
}

TEST(ElfLoader, GivesNoAddressForProgramHeadersThatAreNotLoaded)
{
    File file = Sample::file();
    put(file, Sample::program_header(0) + offsetof(Elf64_Phdr, p_filesz), std::uint64_t{Sample::kHeaders - 1});
    const auto plan = kernel::plan_elf(fake::ByteFile({file.data(), file.size()}), kBase);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->program_headers, VirtAddr{});
    EXPECT_EQ(plan->program_header_count, 0);
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

base::Result<ElfPlan> plan_of(const std::vector<Elf64_Phdr>& segments, std::uint16_t type = ET_EXEC)
{
    File bytes = with_segments(segments);
    put(bytes, offsetof(Elf64_Ehdr, e_type), type);
    const fake::ExactBytes file(bytes);
    return kernel::plan_elf(fake::ByteFile(file.bytes()), kBase);
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
    EXPECT_EQ(kernel::plan_elf(fake::ByteFile({file.data(), file.size()}), kBase).error(), Error::Enoexec);
    EXPECT_EQ(plan_of({code, pages(PF_R | PF_W, 0x40'1000, 16)}).error(), Error::Enoexec);
    EXPECT_EQ(plan_of({code, pages(PF_R | PF_W, 0x3f'f000, 16)}).error(), Error::Enoexec);
    EXPECT_TRUE(plan_of({code, pages(PF_R | PF_W, 0x40'2000, 16)}));
}

TEST(ElfLoader, RefusesPlacesThatAreNotForPrograms)
{
    EXPECT_TRUE(plan_of({pages(PF_R | PF_X, 0x1'0000, 16)}));
    EXPECT_TRUE(plan_of({pages(PF_R | PF_X, 0x6fff'ffff'f000, 0x1000)}));
    for (const std::uint64_t address :
         {std::uint64_t{0}, std::uint64_t{0xf000}, std::uint64_t{0x7000'0000'0000}, std::uint64_t{0x7fff'fffe'0000},
          std::uint64_t{0x7fff'ffff'f000}, std::uint64_t{1} << 47, std::uint64_t{0xffff'8000'0000'0000},
          std::uint64_t{0xffff'ffff'8010'0000}}) {
        EXPECT_EQ(plan_of({pages(PF_R | PF_X, address, 16)}).error(), Error::Enoexec) << std::hex << address;
    }
    EXPECT_EQ(plan_of({pages(PF_R | PF_X, 0x6fff'ffff'f000, 0x1001)}).error(), Error::Enoexec);
}

TEST(ElfLoader, RefusesAnEntryThatIsNotExecutable)
{
    for (const std::uint64_t entry :
         {std::uint64_t{0}, Sample::kText - 1, Sample::kText + Sample::kTextSize, Sample::kRodata, Sample::kData,
          std::uint64_t{1} << 47, std::uint64_t{0xffff'ffff'8010'0000}}) {
        File file = Sample::file();
        put(file, offsetof(Elf64_Ehdr, e_entry), entry);
        EXPECT_EQ(kernel::plan_elf(fake::ByteFile({file.data(), file.size()}), kBase).error(), Error::Enoexec)
            << std::hex << entry;
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

TEST(ElfLoader, RefusesFilesThatHaveNothingToLoad)
{
    EXPECT_EQ(plan_of({{PT_NOTE, PF_R, 0, 0, 0, 0, 0, 4}}).error(), Error::Enoexec);
}

TEST(ElfLoader, AddsItsBaseToEachAddressOfAPositionIndependentProgram)
{
    const File file = Sample::position_independent();
    const auto plan = kernel::plan_elf(fake::ByteFile({file.data(), file.size()}), kBase);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->bias, kBase.value);
    EXPECT_EQ(plan->entry, kBase + (Sample::kEntry - Sample::kText));
    ASSERT_EQ(plan->segments.size(), 3u);
    EXPECT_EQ(plan->segments[0].address, kBase);
    EXPECT_EQ(plan->segments[2].address, kBase + 0x2030);
    EXPECT_EQ(plan->program_headers, kBase + 0x40);
    EXPECT_EQ(plan->program_header_count, 4);
    const File fixed = Sample::file();
    EXPECT_EQ(kernel::plan_elf(fake::ByteFile({fixed.data(), fixed.size()}), kBase)->bias, 0u);
}

TEST(ElfLoader, RoundsTheBaseDownToTheProgramsAlignment)
{
    constexpr std::uint64_t kLarge = 2 << 20;
    Elf64_Phdr code = pages(PF_R | PF_X, 0, 16);
    code.p_align = kLarge;
    EXPECT_EQ(plan_of({code}, ET_DYN)->bias, kBase.value & ~(kLarge - 1));
    code.p_align = 2 * kLarge;
    EXPECT_EQ(plan_of({code}, ET_DYN).error(), Error::Enoexec);
    EXPECT_TRUE(plan_of({pages(PF_R | PF_X, 0x40'0000, 16)})) << "an executable has no base to be aligned";
}

TEST(ElfLoader, RefusesAPositionIndependentProgramThatReachesTooFar)
{
    constexpr std::uint64_t kReach = layout::kUserPieReach, kPage = kPageSize;
    EXPECT_TRUE(plan_of({pages(PF_R | PF_X, kReach - kPage, kPage)}, ET_DYN));
    EXPECT_EQ(plan_of({pages(PF_R | PF_X, kReach - kPage, kPage + 1)}, ET_DYN).error(), Error::Enoexec);
    EXPECT_EQ(plan_of({pages(PF_R | PF_X, kReach, 16)}, ET_DYN).error(), Error::Enoexec);
    EXPECT_EQ(plan_of({pages(PF_R | PF_X, 0, ~std::uint64_t{0})}, ET_DYN).error(), Error::Enoexec);
    // What would come out below the base, or at a good place, if sums could wrap.
    EXPECT_EQ(plan_of({pages(PF_R | PF_X, 0 - kPage, 16)}, ET_DYN).error(), Error::Enoexec);
    EXPECT_EQ(plan_of({pages(PF_R | PF_X, 0x40'0000 - kBase.value, 16)}, ET_DYN).error(), Error::Enoexec);
}

TEST(ElfLoader, RefusesAnEntryThatOnlyTheBaseMakesGood)
{
    for (const std::uint64_t entry : {kBase.value + Sample::kEntry - Sample::kText, 0 - kBase.value,
                                      std::uint64_t{0} - 1, std::uint64_t{Sample::kTextSize}}) {
        File file = Sample::position_independent();
        put(file, offsetof(Elf64_Ehdr, e_entry), entry);
        EXPECT_EQ(kernel::plan_elf(fake::ByteFile({file.data(), file.size()}), kBase).error(), Error::Enoexec)
            << std::hex << entry;
    }
}

/// The executing half: the areas, what is found in them, rights and frames.
TEST(ElfLoader, PutsAnInterpreterBelowTheTop)
{
    constexpr VirtAddr kTop{0x7fe0'1234'5000};
    const fake::ExactBytes anywhere(Sample::position_independent());
    const auto plan = kernel::plan_interpreter(fake::ByteFile(anywhere.bytes()), kTop);
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->end(), kTop);
    EXPECT_EQ(plan->bias, kTop.value - 0x5000) << "its last byte is at 0x412f";
    EXPECT_EQ(plan->entry, VirtAddr{plan->bias + Sample::kEntry - Sample::kText});
    const fake::ExactBytes fixed(Sample::file());
    EXPECT_EQ(kernel::plan_interpreter(fake::ByteFile(fixed.bytes()), kTop)->bias, 0u);
}

TEST(ElfLoader, RefusesAnInterpreterAsItRefusesAProgram)
{
    constexpr VirtAddr kTop{0x7fe0'1234'5000};
    const auto error_of = [kTop](const File& file) {
        return kernel::plan_interpreter(fake::ByteFile({file.data(), file.size()}), kTop).error();
    };
    EXPECT_EQ(error_of(File(63)), Error::Eio);
    EXPECT_EQ(error_of(File(64)), Error::Elibbad);
    for (const std::uint64_t address : {std::uint64_t{0x7fff'f000}, std::uint64_t{1} << 46, ~std::uint64_t{0} << 12}) {
        File file = Sample::position_independent();
        put(file, Sample::program_header(2) + offsetof(Elf64_Phdr, p_vaddr), address | 0x30);
        EXPECT_EQ(error_of(file), Error::Elibbad) << std::hex << address;
    }
    File huge = Sample::position_independent();
    put(huge, Sample::program_header(2) + offsetof(Elf64_Phdr, p_memsz), std::uint64_t{65} << 20);
    EXPECT_EQ(error_of(huge), Error::Enomem);
}

TEST(ElfLoader, ReadsTheNameOfAnInterpreter)
{
    char path[16] = {};
    const auto named = [&](const char* bytes, std::uint64_t size, std::uint64_t offset = 0x1000) {
        File file = Sample::file();
        put(file, Sample::program_header(3) + offsetof(Elf64_Phdr, p_type), std::uint32_t{PT_INTERP});
        put(file, Sample::program_header(3) + offsetof(Elf64_Phdr, p_offset), offset);
        put(file, Sample::program_header(3) + offsetof(Elf64_Phdr, p_filesz), size);
        std::memcpy(file.data() + 0x1000, bytes, std::strlen(bytes) + 1);
        return kernel::read_interpreter(fake::ByteFile({file.data(), file.size()}), path);
    };
    EXPECT_EQ(named("/ld", 4), true);
    EXPECT_STREQ(path, "/ld");
    EXPECT_EQ(named("123456789abcdef", 16), true);
    EXPECT_EQ(named("123456789abcdefg", 17).error(), Error::Enoexec);
    EXPECT_EQ(named("/ld", 3).error(), Error::Enoexec) << "no NUL";
    EXPECT_EQ(named("", 1).error(), Error::Enoexec);
    EXPECT_EQ(named("", 0).error(), Error::Enoexec);
    EXPECT_EQ(named("/ld", ~std::uint64_t{0}).error(), Error::Enoexec);
    EXPECT_EQ(named("/ld", 4, Sample::file().size() - 3).error(), Error::Eio);
    EXPECT_EQ(named("/ld", 4, ~std::uint64_t{0}).error(), Error::Eio);
    const File without = Sample::file();
    EXPECT_EQ(kernel::read_interpreter(fake::ByteFile({without.data(), without.size()}), path), false);
    EXPECT_EQ(kernel::read_interpreter(fake::ByteFile({without.data(), 63}), path), false);
}

class ElfLoading : public ::testing::Test {
protected:
    ~ElfLoading() override
    {
        fake::cpu.stop();
        memory_.destroy();
        EXPECT_EQ(frames_->free_frames(), frames_->total_frames() - 2) << "all but the kernel's root and the zero page";
    }

    base::Result<void> load(const File& file)
    {
        bytes_ = std::make_unique<fake::ExactBytes>(file);
        file_ = std::make_unique<fake::ByteFile>(bytes_->bytes(), &*frames_);
        memory_ = *UserMemory::create(*frames_, kernel_root_, zero_page_);
        fake::cpu.run(memory_, *frames_);
        return kernel::load_elf(*kernel::plan_elf(*file_, kBase), *file_, memory_);
    }
    static bool can(VirtAddr address, kernel::Access access) { return fake::cpu.touch(address, access).has_value(); }
    static bool page_is(VirtAddr page, const std::uint8_t* expected)
    {
        const auto bytes = fake::cpu.touch(page, {});
        return bytes && std::memcmp(*bytes, expected, kPageSize) == 0;
    }

    fake::Frames frames_{64};
    PhysAddr kernel_root_ = *frames_->allocate_zeroed();
    PhysAddr zero_page_ = *frames_->allocate_zeroed();
    std::unique_ptr<fake::ExactBytes> bytes_;
    std::unique_ptr<fake::ByteFile> file_;
    UserMemory memory_;
};

TEST_F(ElfLoading, ShowsTheFilesBytesAndZeros)
{
    const File file = Sample::file();
    ASSERT_TRUE(load(file));
    constexpr std::uint64_t kPages = 5;                     // text 1, rodata 1, data 0x402030..0x404130 3
    std::vector<std::uint8_t> expected(kPages * kPageSize); // from Sample::kText on
    std::copy_n(file.begin(), Sample::kTextSize, expected.begin());
    std::copy_n(file.begin() + Sample::kRodataOffset, Sample::kRodataSize, expected.begin() + 0x1000);
    // What stands in the file before the data stands before it in its page, too.
    std::copy_n(file.begin() + Sample::kDataOffset - 0x30, Sample::kDataSize + 0x30, expected.begin() + 0x2000);
    for (std::uint64_t page = 0; page < kPages; ++page) {
        const VirtAddr address{Sample::kText + page * kPageSize};
        EXPECT_TRUE(page_is(address, expected.data() + page * kPageSize)) << page;
        EXPECT_EQ(can(address, {.write = true}), page >= 2) << page;
        EXPECT_EQ(can(address, {.fetch = true}), page == 0) << page;
    }
    for (const std::uint64_t outside : {Sample::kText - kPageSize, Sample::kText + kPages * kPageSize}) {
        EXPECT_FALSE(can(VirtAddr{outside}, {}));
    }
}

TEST_F(ElfLoading, ShowsASegmentThatFillsWholePages)
{
    File file = with_segments({Sample::segment(PF_R | PF_X, 0, 0x40'0000, 0x3000, 0x3000)});
    const std::size_t headers = file.size();
    file.resize(0x3000);
    for (std::size_t i = headers; i < file.size(); ++i) {
        file[i] = static_cast<std::uint8_t>(i / 16);
    }
    ASSERT_TRUE(load(file));
    for (std::uint64_t page = 0; page < 3; ++page) {
        EXPECT_TRUE(page_is(VirtAddr{0x40'0000 + page * kPageSize}, file.data() + page * kPageSize)) << page;
    }
}

TEST_F(ElfLoading, ShowsAPositionIndependentProgramAtItsBase)
{
    const File file = Sample::position_independent();
    ASSERT_TRUE(load(file));
    std::vector<std::uint8_t> expected(kPageSize);
    std::copy_n(file.begin(), Sample::kTextSize, expected.begin());
    EXPECT_TRUE(page_is(kBase, expected.data()));
    EXPECT_TRUE(can(kBase, {.fetch = true}));
    EXPECT_TRUE(can(kBase + 0x2000, {.write = true}));
    EXPECT_EQ(kernel::plan_elf(*file_, kBase)->end(), kBase + 0x5000);
}

TEST_F(ElfLoading, NeverWritesTheFile)
{
    const File file = Sample::file();
    ASSERT_TRUE(load(file));
    for (std::uint64_t page = Sample::kData & ~(kPageSize - 1); page < Sample::kData + Sample::kDataSize;
         page += kPageSize) {
        std::memset(*fake::cpu.touch(VirtAddr{page}, {.write = true}), 0xee, kPageSize);
    }
    EXPECT_EQ(std::memcmp(bytes_->bytes().data(), file.data(), file.size()), 0);
}

TEST_F(ElfLoading, BringsInOnlyTheFirstInstructionsPage)
{
    ASSERT_TRUE(load(Sample::file()));
    EXPECT_EQ(memory_.resident_pages(), 1u);
    EXPECT_TRUE(memory_.space().walk(VirtAddr{Sample::kEntry}, {.user = true, .fetch = true}));
}

TEST(ElfLoader, KnowsThePageBehindTheLastSegment)
{
    const fake::ExactBytes file(Sample::file());
    EXPECT_EQ(kernel::plan_elf(fake::ByteFile(file.bytes()), kBase)->end(), VirtAddr{0x40'5000});
}

TEST_F(ElfLoading, LeaksNothingWhicheverAllocationFails)
{
    constexpr std::uint64_t kAllocations = 3 + 1; // the tables to the first instruction, and its page
    for (std::uint64_t failing = 1; failing <= kAllocations; ++failing) {
        frames_->fail_allocation(failing + 2); // behind the table of areas and the root
        const auto loaded = load(Sample::file());
        ASSERT_FALSE(loaded) << failing;
        EXPECT_EQ(loaded.error(), Error::Enomem);
        fake::cpu.stop();
        memory_.destroy();
        ASSERT_EQ(frames_->free_frames(), frames_->total_frames() - 2) << failing;
    }
    ASSERT_TRUE(load(Sample::file()));
}

} // namespace
