// SPDX-License-Identifier: MIT
// A program with an interpreter, which has run before it; and copies of it that name interpreters which are none: each
// is refused, and nothing has changed.
#include "lib/check.h"
#include "lib/elf.h"
#include "lib/files.h"

void first_instruction() __asm__("_start");

namespace {

using namespace user;
using namespace user::elf;
using uapi::Error;

constexpr std::uint32_t kInterpreterSegment = 3;

struct ProgramHeader {
    std::uint32_t type, flags;
    std::uint64_t offset, address, physical_address, file_size, memory_size, alignment;
};

/// Where in the file the interpreter's name is.
const ProgramHeader& name_segment()
{
    const auto* header = reinterpret_cast<const ProgramHeader*>(auxiliary(kAuxProgramHeaders));
    while (header->type != kInterpreterSegment) {
        ++header;
    }
    return *header;
}

std::int64_t pwrite(std::int64_t file, const char* bytes, std::size_t count, std::uint64_t offset)
{
    return system_call(uapi::Syscall::Pwrite64, static_cast<std::uint64_t>(file),
                       reinterpret_cast<std::uint64_t>(bytes), count, offset);
}

/// A copy of this program with `name`, of `size` bytes, where the interpreter's stands.
void make_copy(const char* name, std::size_t size)
{
    constexpr std::uint64_t kAll = 1 << 20, kExecutable = 0755;
    const std::int64_t from = open("/interpreted");
    const std::int64_t copy =
        system_call(uapi::Syscall::Open, reinterpret_cast<std::uint64_t>("/copy"),
                    uapi::open_flag::kWriteOnly | uapi::open_flag::kCreate | uapi::open_flag::kTruncate, kExecutable);
    check(system_call(uapi::Syscall::Sendfile, static_cast<std::uint64_t>(copy), static_cast<std::uint64_t>(from), 0,
                      kAll) > 0,
          "a program can be copied\n");
    check(pwrite(copy, name, size, name_segment().offset) == static_cast<std::int64_t>(size), "and changed\n");
    close(from);
    close(copy);
}

std::int64_t execute_copy()
{
    const char* const words[] = {"copy", "again", nullptr};
    return system_call(uapi::Syscall::Execve, reinterpret_cast<std::uint64_t>("/copy"),
                       reinterpret_cast<std::uint64_t>(words), reinterpret_cast<std::uint64_t>(words + 2));
}

template <std::size_t N> void fails_with(const char (&name)[N], Error error)
{
    make_copy(name, N - 1);
    check(execute_copy() == minus(error), "a bad interpreter is refused\n");
}

} // namespace

int main()
{
    if (equal(arguments[1], "again")) {
        print("and again\n");
        return 3;
    }
    check(auxiliary(kAuxEntry) == reinterpret_cast<std::uint64_t>(&first_instruction), "AT_ENTRY is the program's\n");
    fails_with("/nothing\0", Error::Enoent);
    fails_with("\0", Error::Enoent);
    fails_with("/etc\0", Error::Eacces);
    fails_with("/etc/motd\0", Error::Eacces);
    fails_with("/hello/x\0", Error::Enotdir);
    fails_with("/interpreter!", Error::Enoexec); // no NUL at its end
    fails_with("/L01_empty\0", Error::Eio);
    fails_with("/L01_magic\0", Error::Elibbad);
    fails_with("/L04_data\0", Error::Elibbad);
    fails_with("/hello\0", Error::Elibbad); // where this program is
    make_copy("interpreter\0", sizeof "interpreter");
    const std::int64_t child = fork();
    if (child == 0) {
        execute_copy();
        user::exit(1);
    }
    std::uint32_t status = 0;
    check(wait4(child, &status) == child && status == 3 << 8, "the copy has run too\n");
    print("refused as it should be\n");
    return 0;
}
