// SPDX-License-Identifier: MIT
// A position-independent program (ET_DYN, static): its words that hold addresses are right wherever the kernel has put
// it, the auxiliary vector says where that is, and each address that it gives the kernel works.
#include "lib/check.h"
#include "lib/elf.h"

#include <cstddef>
#include <cstdint>

using namespace user::elf;

/// The file's own header, which the linker names, and its first instruction.
extern const Header kOwnHeader __asm__("__ehdr_start") __attribute__((visibility("hidden")));
void first_instruction() __asm__("_start");

namespace {

const char kFirst[] = "every address that I hold ";
const char kSecond[] = "is where the kernel has put me\n";

/// Words that only a relocation can make right: they are in the file as distances from its begin.
const char* volatile const kTexts[] = {kFirst, kSecond};
void (*volatile const kEntry)() = &first_instruction;
int written = 0;
int* volatile pointer = &written;

std::size_t length(const char* text)
{
    std::size_t count = 0;
    while (text[count] != '\0') {
        ++count;
    }
    return count;
}

} // namespace

int main()
{
    const auto base = reinterpret_cast<std::uint64_t>(&kOwnHeader);
    user::check(kOwnHeader.type == kTypeShared, "this file is not position-independent\n");
    user::check(base >= 0x5555'5555'4000 && base % 4096 == 0, "the base is not where such programs go\n");
    user::check(reinterpret_cast<std::uint64_t>(kEntry) == base + kOwnHeader.entry,
                "a pointer to code was not relocated\n");
    *pointer = 42;
    user::check(written == 42, "a pointer to data was not relocated\n");
    user::check(auxiliary(kAuxEntry) == base + kOwnHeader.entry, "AT_ENTRY has no base\n");
    user::check(auxiliary(kAuxProgramHeaders) == base + kOwnHeader.program_header_offset, "AT_PHDR has no base\n");
    user::check(auxiliary(kAuxProgramHeaderCount) == kOwnHeader.program_header_count, "AT_PHNUM is wrong\n");
    user::check(auxiliary(kAuxBase) == 0, "AT_BASE names an interpreter\n");
    for (const char* text : kTexts) {
        user::write(uapi::kStandardOutput, text, length(text));
    }
    return 0;
}
