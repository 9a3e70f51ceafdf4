// SPDX-License-Identifier: MIT
// Property: descriptors are the lowest free numbers, descriptions live as long as somebody holds them and no longer,
// and an error takes nothing.
#include "fs/descriptor_table.h"
#include "uapi/files.h"

#include <gtest/gtest.h>

#include <vector>

namespace {

using kernel::DescriptorTable;
using kernel::HeldFile;
using kernel::open_files;
using kernel::OpenFile;
using kernel::OpenFileTable;
using uapi::Error;

class PlainFile final : public kernel::Inode {
public:
    PlainFile() : Inode({}) {}
};
PlainFile plain;

class Descriptors : public ::testing::Test {
protected:
    ~Descriptors() override
    {
        table_.close_all();
        EXPECT_EQ(open_files.used_slots(), 0u) << "a description that nobody holds";
    }
    OpenFile& open() { return **open_files.open(plain, uapi::open_flag::kReadOnly); }

    DescriptorTable table_;
};

TEST_F(Descriptors, AreTheLowestThatAreFree)
{
    ASSERT_TRUE(table_.open_standard(plain));
    EXPECT_EQ(table_.add(open(), 0, false), 3u);
    EXPECT_EQ(table_.add(open(), 0, false), 4u);
    EXPECT_TRUE(table_.close(3));
    EXPECT_EQ(table_.add(open(), 0, false), 3u);
    EXPECT_EQ(table_.add(open(), 7, false), 7u);
    EXPECT_EQ(table_.add(open(), 0, false), 5u);
    EXPECT_EQ(open_files.used_slots(), 5u);
}

TEST_F(Descriptors, OfTheConsoleShareOneDescription)
{
    ASSERT_TRUE(table_.open_standard(plain));
    EXPECT_EQ(open_files.used_slots(), 1u);
    EXPECT_EQ(&**table_.find(0), &**table_.find(2));
    EXPECT_TRUE((*table_.find(1))->readable);
    EXPECT_TRUE((*table_.find(1))->writable);
    EXPECT_EQ((*table_.find(1))->holders, 4u) << "three descriptors and who asks";
}

TEST_F(Descriptors, AreRefusedWhenNoneIsFree)
{
    for (std::uint32_t i = 0; i < DescriptorTable::kMaximum; ++i) {
        ASSERT_EQ(table_.add(open(), 0, false), i);
    }
    EXPECT_EQ(table_.add(open(), 0, false).error(), Error::Emfile);
    EXPECT_EQ(table_.add(open(), DescriptorTable::kMaximum, false).error(), Error::Einval);
    EXPECT_EQ(open_files.used_slots(), DescriptorTable::kMaximum);
}

TEST_F(Descriptors, ThatAreNotOpenAreRefused)
{
    for (const std::uint32_t bad : {0u, 255u, 256u, 0x8000'0000u, ~0u}) {
        EXPECT_EQ(table_.find(bad).error(), Error::Ebadf) << bad;
        EXPECT_EQ(table_.close(bad).error(), Error::Ebadf) << bad;
        EXPECT_EQ(table_.closes_on_exec(bad).error(), Error::Ebadf) << bad;
        EXPECT_EQ(table_.set_close_on_exec(bad, true).error(), Error::Ebadf) << bad;
    }
}

TEST_F(Descriptors, ShareADescriptionWithACopy)
{
    DescriptorTable child;
    ASSERT_EQ(table_.add(open(), 5, true), 5u);
    child.copy_from(table_);
    EXPECT_EQ(&**child.find(5), &**table_.find(5));
    EXPECT_EQ(child.closes_on_exec(5), true);
    table_.close_all();
    EXPECT_EQ(open_files.used_slots(), 1u);
    child.close_all();
    EXPECT_EQ(open_files.used_slots(), 0u);
}

TEST_F(Descriptors, GoWithTheOldProgramWhenTheyAreMarked)
{
    ASSERT_EQ(table_.add(open(), 5, true), 5u);
    ASSERT_EQ(table_.add(open(), 6, false), 6u);
    table_.close_on_exec();
    EXPECT_FALSE(table_.find(5));
    EXPECT_TRUE(table_.find(6));
    DescriptorTable child;
    child.copy_from(table_);
    EXPECT_FALSE(child.find(5));
    EXPECT_EQ(table_.add(open(), 5, false), 5u) << "its number is free";
    child.close_all();
}

TEST_F(Descriptors, KeepADescriptionThatACallIsAtWorkOn)
{
    ASSERT_EQ(table_.add(open(), 0, false), 0u);
    {
        const HeldFile held = *table_.find(0);
        EXPECT_TRUE(table_.close(0));
        EXPECT_EQ(open_files.used_slots(), 1u);
    }
    EXPECT_EQ(open_files.used_slots(), 0u);
}

TEST_F(Descriptors, ThatAreNotForTheNextProgramAreFreeThen)
{
    ASSERT_EQ(table_.add(open(), 0, true), 0u);
    ASSERT_EQ(table_.add(open(), 0, false), 1u);
    ASSERT_EQ(table_.add(open(), 70, true), 70u);
    table_.close_on_exec();
    EXPECT_EQ(open_files.used_slots(), 1u);
    EXPECT_FALSE(table_.find(0));
    EXPECT_FALSE(table_.find(70));
    DescriptorTable child; // whose copy looks at what is open alone
    child.copy_from(table_);
    EXPECT_TRUE(child.find(1));
    child.close_all();
    EXPECT_EQ(table_.add(open(), 0, false), 0u);
}

TEST_F(Descriptors, AreReplacedAndTheOldDescriptionGoes)
{
    ASSERT_EQ(table_.add(open(), 0, true), 0u);
    ASSERT_EQ(table_.add(open(), 0, false), 1u);
    {
        const HeldFile file = *table_.find(1);
        table_.replace(0, *file, false);
        table_.replace(0, *file, false); // by itself
    }
    EXPECT_EQ(open_files.used_slots(), 1u);
    EXPECT_EQ(table_.closes_on_exec(0), false);
}

TEST(OpenFiles, AreLimited)
{
    std::vector<OpenFile*> files;
    files.reserve(OpenFileTable::kMaximum);
    for (unsigned i = 0; i < OpenFileTable::kMaximum; ++i) {
        files.push_back(*open_files.open(plain, uapi::open_flag::kReadOnly));
    }
    EXPECT_EQ(open_files.open(plain, uapi::open_flag::kReadOnly).error(), Error::Enfile);
    DescriptorTable table;
    EXPECT_EQ(table.open_standard(plain).error(), Error::Enfile);
    for (OpenFile* file : files) {
        open_files.release(*file);
    }
    EXPECT_EQ(open_files.used_slots(), 0u);
}

TEST(OpenFiles, CanBeReadOrWrittenAsTheyWereOpened)
{
    namespace flag = uapi::open_flag;
    for (const std::uint32_t access : {flag::kReadOnly, flag::kWriteOnly, flag::kReadWrite}) {
        OpenFile& file = **open_files.open(plain, access | flag::kAppend | flag::kCreate);
        EXPECT_EQ(file.readable, access != flag::kWriteOnly);
        EXPECT_EQ(file.writable, access != flag::kReadOnly);
        EXPECT_EQ(file.status_flags, flag::kAppend);
        open_files.release(file);
    }
}

} // namespace
