// SPDX-License-Identifier: MIT
// What start.S calls: main, then exit with its result.
#include "lib/arguments.h"
#include "lib/syscall.h"

int main();

namespace user {

constinit Arguments arguments;

} // namespace user

extern "C" [[noreturn]] void start_main(int count, const char* const* words)
{
    user::arguments = {static_cast<unsigned>(count), words};
    user::exit(main());
}
