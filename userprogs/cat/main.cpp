// SPDX-License-Identifier: MIT
// Copies the files that its arguments name to the console; without arguments, what is typed, line by line, up to ^D.
// Expected: status 0; 1 when a file cannot be read, which a line tells.
#include "lib/arguments.h"
#include "lib/files.h"

namespace {

std::size_t length(const char* text)
{
    std::size_t count = 0;
    while (text[count] != '\0') {
        ++count;
    }
    return count;
}

/// False when it cannot be read to its end.
bool copy(std::int64_t fd)
{
    char bytes[128];
    for (;;) {
        const std::int64_t count = user::read(fd, bytes, sizeof bytes);
        if (count <= 0) {
            return count == 0;
        }
        if (user::write(uapi::kStandardOutput, bytes, static_cast<std::size_t>(count)) != count) {
            return false;
        }
    }
}

bool copy_file(const char* path)
{
    const std::int64_t fd = user::open(path);
    const bool copied = fd >= 0 && copy(fd);
    user::close(fd);
    if (!copied) {
        user::write(uapi::kStandardError, path, length(path));
        user::print(": cannot be read\n");
    }
    return copied;
}

} // namespace

int main()
{
    if (user::arguments.count < 2) {
        return copy(uapi::kStandardInput) ? 0 : 1;
    }
    bool good = true;
    for (unsigned i = 1; i < user::arguments.count; ++i) {
        good = copy_file(user::arguments[i]) && good;
    }
    return good ? 0 : 1;
}
