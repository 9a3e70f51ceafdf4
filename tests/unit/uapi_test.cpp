// SPDX-License-Identifier: MIT
// The user interface against the one it copies: the numbers and names of the Linux headers of this machine.
#include "arch/elf.h"
#include "uapi/errno.h"
#include "uapi/syscalls.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <elf.h>
#include <string>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

std::uint64_t number(uapi::Syscall call)
{
    return static_cast<std::uint64_t>(call);
}

TEST(Syscalls, HaveTheNumbersOfLinux)
{
    EXPECT_EQ(number(uapi::Syscall::Write), SYS_write);
    EXPECT_EQ(number(uapi::Syscall::Exit), SYS_exit);
    EXPECT_EQ(number(uapi::Syscall::ExitGroup), SYS_exit_group);
}

TEST(Syscalls, AreFoundByNumberWithTheirNameAndArguments)
{
    const uapi::SyscallSpec* const write = uapi::find_syscall(1);
    ASSERT_NE(write, nullptr);
    EXPECT_STREQ(write->name, "write");
    EXPECT_EQ(write->returns, uapi::Returns::Number);
    EXPECT_EQ(write->arguments[0], uapi::Arg::Fd);
    EXPECT_EQ(write->arguments[1], uapi::Arg::BytesIn);
    EXPECT_EQ(write->arguments[2], uapi::Arg::Size);
    EXPECT_EQ(write->arguments[3], uapi::Arg::None);

    ASSERT_NE(uapi::find_syscall(60), nullptr);
    EXPECT_STREQ(uapi::find_syscall(60)->name, "exit");
    EXPECT_EQ(uapi::find_syscall(60)->returns, uapi::Returns::Never);
    ASSERT_NE(uapi::find_syscall(231), nullptr);
    EXPECT_STREQ(uapi::find_syscall(231)->name, "exit_group");
    EXPECT_EQ(uapi::find_syscall(231)->returns, uapi::Returns::Never);
}

TEST(Syscalls, AreComparedInAll64Bits)
{
    EXPECT_EQ(uapi::find_syscall(0x1'0000'0001), nullptr);
    EXPECT_EQ(uapi::find_syscall(0x4000'0001), nullptr); // x32's bit
    EXPECT_EQ(uapi::find_syscall(~std::uint64_t{0}), nullptr);
}

TEST(Syscalls, AreEachThereOnce)
{
    for (const uapi::SyscallSpec& spec : uapi::kSyscalls) {
        EXPECT_EQ(uapi::find_syscall(number(spec.number)), &spec) << spec.name;
    }
}

TEST(Errno, HasTheNumbersOfLinux)
{
    using enum uapi::Error;
    for (const uapi::Error error : {Eperm,  Enoent, Esrch,  Eintr,  Eio,   E2big,        Enoexec, Ebadf,    Echild,
                                    Eagain, Enomem, Eacces, Efault, Ebusy, Eexist,       Enodev,  Enotdir,  Eisdir,
                                    Einval, Enfile, Emfile, Espipe, Erofs, Enametoolong, Enosys,  Etimedout}) {
        const auto number = static_cast<int>(error);
        ASSERT_NE(strerrorname_np(number), nullptr) << number;
        EXPECT_STREQ(uapi::error_name(static_cast<std::uint64_t>(error)), strerrorname_np(number));
    }
}

TEST(Errno, NamesEachNumberAsTheHostDoes)
{
    unsigned names = 0;
    for (std::uint64_t number = 0; number < 4096; ++number) {
        const std::string name = uapi::error_name(number);
        if (!name.empty()) {
            EXPECT_EQ(name, strerrorname_np(static_cast<int>(number)));
            ++names;
        }
    }
    EXPECT_GE(names, 26u);
    EXPECT_STREQ(uapi::error_name(0), "");
    EXPECT_STREQ(uapi::error_name(0x1'0000'0001), "");
}

TEST(Errno, EndsTheErrorsAt4095)
{
    EXPECT_TRUE(uapi::is_error(~std::uint64_t{0}));
    EXPECT_TRUE(uapi::is_error(std::uint64_t{0} - 4095));
    EXPECT_FALSE(uapi::is_error(std::uint64_t{0} - 4096));
    EXPECT_FALSE(uapi::is_error(0));
}

TEST(ElfStructures, HaveTheLayoutOfElfH)
{
    namespace elf = arch::elf;
    static_assert(sizeof(elf::Header) == sizeof(Elf64_Ehdr) && sizeof(elf::ProgramHeader) == sizeof(Elf64_Phdr));
    static_assert(sizeof(elf::SectionHeader) == sizeof(Elf64_Shdr) && sizeof(elf::Symbol) == sizeof(Elf64_Sym));
    EXPECT_EQ(offsetof(elf::Header, entry), offsetof(Elf64_Ehdr, e_entry));
    EXPECT_EQ(offsetof(elf::Header, program_header_offset), offsetof(Elf64_Ehdr, e_phoff));
    EXPECT_EQ(offsetof(elf::Header, program_header_size), offsetof(Elf64_Ehdr, e_phentsize));
    EXPECT_EQ(offsetof(elf::Header, program_header_count), offsetof(Elf64_Ehdr, e_phnum));
    EXPECT_EQ(offsetof(elf::ProgramHeader, flags), offsetof(Elf64_Phdr, p_flags));
    EXPECT_EQ(offsetof(elf::ProgramHeader, virtual_address), offsetof(Elf64_Phdr, p_vaddr));
    EXPECT_EQ(offsetof(elf::ProgramHeader, memory_size), offsetof(Elf64_Phdr, p_memsz));
    EXPECT_EQ(offsetof(elf::Symbol, value), offsetof(Elf64_Sym, st_value));
}

TEST(ElfStructures, HaveTheConstantsOfElfH)
{
    namespace elf = arch::elf;
    EXPECT_EQ(elf::kTypeExecutable, ET_EXEC);
    EXPECT_EQ(elf::kTypeShared, ET_DYN);
    EXPECT_EQ(elf::kMachineX86_64, EM_X86_64);
    EXPECT_EQ(elf::kSegmentLoad, std::uint32_t{PT_LOAD});
    EXPECT_EQ(elf::kSegmentInterpreter, std::uint32_t{PT_INTERP});
    EXPECT_EQ(elf::kSegmentExecutable, std::uint32_t{PF_X});
    EXPECT_EQ(elf::kSegmentWritable, std::uint32_t{PF_W});
    EXPECT_EQ(elf::kSegmentReadable, std::uint32_t{PF_R});
    EXPECT_EQ(elf::kAuxProgramHeaders, std::uint64_t{AT_PHDR});
    EXPECT_EQ(elf::kAuxProgramHeaderSize, std::uint64_t{AT_PHENT});
    EXPECT_EQ(elf::kAuxProgramHeaderCount, std::uint64_t{AT_PHNUM});
    EXPECT_EQ(elf::kAuxPageSize, std::uint64_t{AT_PAGESZ});
    EXPECT_EQ(elf::kAuxEntry, std::uint64_t{AT_ENTRY});
    EXPECT_EQ(elf::kAuxVdso, std::uint64_t{AT_SYSINFO_EHDR});
    EXPECT_EQ(elf::kAuxUid, std::uint64_t{AT_UID});
    EXPECT_EQ(elf::kAuxEuid, std::uint64_t{AT_EUID});
    EXPECT_EQ(elf::kAuxGid, std::uint64_t{AT_GID});
    EXPECT_EQ(elf::kAuxEgid, std::uint64_t{AT_EGID});
    EXPECT_EQ(elf::kAuxHardwareCapabilities, std::uint64_t{AT_HWCAP});
    EXPECT_EQ(elf::kAuxClockTicks, std::uint64_t{AT_CLKTCK});
    EXPECT_EQ(elf::kAuxSecure, std::uint64_t{AT_SECURE});
    EXPECT_EQ(elf::kAuxRandom, std::uint64_t{AT_RANDOM});
    EXPECT_EQ(elf::kAuxExecutableName, std::uint64_t{AT_EXECFN});
}

} // namespace
