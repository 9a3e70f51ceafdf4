// SPDX-License-Identifier: MIT
// Prints its environment, a line for each variable.
// Expected: status 0.
#include "lib/arguments.h"
#include "lib/syscall.h"

int main()
{
    // Behind argv and its NULL.
    for (const char* const* word = user::arguments.words + user::arguments.count + 1; *word != nullptr; ++word) {
        std::size_t length = 0;
        while ((*word)[length] != '\0') {
            ++length;
        }
        user::write(uapi::kStandardOutput, *word, length);
        user::print("\n");
    }
    return 0;
}
