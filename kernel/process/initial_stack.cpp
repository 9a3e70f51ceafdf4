// SPDX-License-Identifier: MIT
//
//   top       8 zero bytes
//             strings: argv[], envp[], executable name, each with its NUL; then the 16 random bytes
//             padding to 16
//             auxiliary vector, ended by AT_NULL
//             envp[], 0
//             argv[], 0
//   RSP ->    argc
#include "process/initial_stack.h"

#include "arch/elf.h"

namespace kernel {

using arch::VirtAddr;

namespace {

using Word = std::uint64_t;

/// RSP at the entry of a process is a multiple of this.
constexpr std::uint64_t kStackAlignment = 16;
constexpr std::uint64_t kTopPadding = sizeof(Word);
/// The auxiliary vector's pairs that write_auxiliary writes, AT_NULL among them.
constexpr std::uint64_t kAuxiliaryPairs = 15;
/// Ticks a second of times(2), Linux's USER_HZ.
constexpr Word kClockTicks = 100;

std::uint64_t size_with_nul(base::StringView string)
{
    return string.size() + 1;
}

std::uint64_t size_with_nuls(base::Span<const base::StringView> strings)
{
    std::uint64_t size = 0;
    for (const base::StringView string : strings) {
        size += size_with_nul(string);
    }
    return size;
}

/// Two cursors that go upwards through the stack's bytes: one in the words, one in the strings above them.
class StackImage {
public:
    StackImage(base::Span<std::uint8_t> bytes, VirtAddr begin, std::uint64_t words, std::uint64_t strings)
        : bytes_(bytes), begin_(begin), word_(words), string_(strings)
    {
    }

    void word(Word value)
    {
        __builtin_memcpy(bytes_.data() + word_, &value, sizeof value);
        word_ += sizeof value;
    }
    void pair(Word tag, Word value)
    {
        word(tag);
        word(value);
    }
    /// The address at which the bytes stand; a string's NUL is there already.
    Word string(const void* data, std::size_t size, std::uint64_t room)
    {
        const Word address = begin_.value + string_;
        __builtin_memcpy(bytes_.data() + string_, data, size);
        string_ += room;
        return address;
    }
    Word string(base::StringView text) { return string(text.data(), text.size(), size_with_nul(text)); }
    void string_pointers(base::Span<const base::StringView> strings)
    {
        for (const base::StringView text : strings) {
            word(string(text));
        }
        word(0);
    }

private:
    base::Span<std::uint8_t> bytes_;
    VirtAddr begin_;
    std::uint64_t word_;
    std::uint64_t string_;
};

void write_auxiliary(StackImage& image, const InitialStack& stack)
{
    using namespace arch::elf;
    image.pair(kAuxProgramHeaders, stack.program_headers.value);
    image.pair(kAuxProgramHeaderSize, sizeof(ProgramHeader));
    image.pair(kAuxProgramHeaderCount, stack.program_header_count);
    image.pair(kAuxPageSize, arch::kPageSize);
    image.pair(kAuxEntry, stack.entry.value);
    image.pair(kAuxUid, 0);
    image.pair(kAuxEuid, 0);
    image.pair(kAuxGid, 0);
    image.pair(kAuxEgid, 0);
    image.pair(kAuxSecure, 0);
    image.pair(kAuxHardwareCapabilities, stack.hardware_capabilities);
    image.pair(kAuxClockTicks, kClockTicks);
    image.pair(kAuxExecutableName, image.string(stack.executable_name));
    image.pair(kAuxRandom, image.string(stack.random, sizeof stack.random, sizeof stack.random));
    image.pair(kAuxNull, 0);
}

} // namespace

base::Result<VirtAddr> build_initial_stack(base::Span<std::uint8_t> bytes, VirtAddr top, const InitialStack& stack)
{
    const std::uint64_t strings = size_with_nuls(stack.arguments) + size_with_nuls(stack.environment) +
                                  size_with_nul(stack.executable_name) + sizeof stack.random;
    const std::uint64_t words = 1 + stack.arguments.size() + 1 + stack.environment.size() + 1 + 2 * kAuxiliaryPairs;
    const std::uint64_t above_words = (kTopPadding + strings + kStackAlignment - 1) & ~(kStackAlignment - 1);
    const std::uint64_t used = (above_words + words * sizeof(Word) + kStackAlignment - 1) & ~(kStackAlignment - 1);
    if (used > bytes.size()) {
        return base::fail(uapi::Error::E2big);
    }

    __builtin_memset(bytes.data(), 0, bytes.size());
    StackImage image(bytes, top - bytes.size(), bytes.size() - used, bytes.size() - kTopPadding - strings);
    image.word(stack.arguments.size());
    image.string_pointers(stack.arguments);
    image.string_pointers(stack.environment);
    write_auxiliary(image, stack);
    return top - used;
}

} // namespace kernel
