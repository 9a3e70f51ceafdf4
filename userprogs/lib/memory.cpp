// SPDX-License-Identifier: MIT
// What the compiler expects of every environment, a freestanding one too.  [GCC manual "Language Standards Supported"]
#include <cstddef>

// Without the attribute the compiler would take these loops for what they are and call them.
#define NOT_A_CALL __attribute__((no_builtin))

extern "C" {

NOT_A_CALL void* memset(void* to, int byte, std::size_t count)
{
    auto* const bytes = static_cast<unsigned char*>(to);
    for (std::size_t i = 0; i < count; ++i) {
        bytes[i] = static_cast<unsigned char>(byte);
    }
    return to;
}

NOT_A_CALL void* memcpy(void* to, const void* from, std::size_t count)
{
    auto* const bytes = static_cast<unsigned char*>(to);
    const auto* const source = static_cast<const unsigned char*>(from);
    for (std::size_t i = 0; i < count; ++i) {
        bytes[i] = source[i];
    }
    return to;
}

NOT_A_CALL int memcmp(const void* a, const void* b, std::size_t count)
{
    const auto* const left = static_cast<const unsigned char*>(a);
    const auto* const right = static_cast<const unsigned char*>(b);
    for (std::size_t i = 0; i < count; ++i) {
        if (left[i] != right[i]) {
            return left[i] < right[i] ? -1 : 1;
        }
    }
    return 0;
}

} // extern "C"
