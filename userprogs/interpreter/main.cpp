// SPDX-License-Identifier: MIT
// A program's interpreter (PT_INTERP), position-independent: it says that it was here, sees that the auxiliary vector
// tells where it is itself and where the program is, and goes to the program.
#include "lib/check.h"
#include "lib/elf.h"

using namespace user::elf;

extern const Header kOwnHeader __asm__("__ehdr_start") __attribute__((visibility("hidden")));

namespace user {

constinit Arguments arguments;

} // namespace user

/// @param stack  argc and what is behind it
/// @return where the program begins
extern "C" std::uint64_t prepare_program(const std::uint64_t* stack)
{
    user::arguments = {static_cast<unsigned>(stack[0]), reinterpret_cast<const char* const*>(stack + 1)};
    const auto base = reinterpret_cast<std::uint64_t>(&kOwnHeader);
    user::check(auxiliary(kAuxBase) == base, "AT_BASE is not where the interpreter is\n");
    user::check(base > auxiliary(kAuxProgramHeaders), "the interpreter is not above the program\n");
    user::print("interpreted by me\n");
    return auxiliary(kAuxEntry);
}
