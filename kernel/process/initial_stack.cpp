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
#include "base/min_max.h"

namespace kernel {

using arch::kPageSize;
using arch::VirtAddr;
using base::Result;

namespace {

using Word = std::uint64_t;
using Run = ArgumentBlock::Run;

/// RSP at the entry of a process is a multiple of this.
constexpr std::uint64_t kStackAlignment = 16;
constexpr std::uint64_t kTopPadding = sizeof(Word);
/// The auxiliary vector's pairs that write_auxiliary always writes, AT_NULL among them.
constexpr std::uint64_t kAuxiliaryPairs = 16;
/// Ticks a second of times(2), Linux's USER_HZ.
constexpr Word kClockTicks = 100;
constexpr std::uint64_t kMaximumBytes = layout::kUserStackLimit / 4;

/// The stack's pages, which appear as they are written; two cursors go upwards through them: one in the words, one in
/// the strings above them.
class StackImage {
public:
    StackImage(UserMemory& memory, VirtAddr words, VirtAddr strings)
        : memory_(memory), word_{words, {}, nullptr}, string_{strings, {}, nullptr}
    {
    }

    Result<void> word(Word value) { return write(word_, reinterpret_cast<const std::uint8_t*>(&value), sizeof value); }
    Result<void> pair(Word tag, Word value)
    {
        TRY(word(tag));
        return word(value);
    }
    VirtAddr string_cursor() const { return string_.at; }
    Result<void> bytes(const std::uint8_t* from, std::uint64_t count) { return write(string_, from, count); }
    /// The strings of a run, and a word for each of them.
    Result<void> strings_of(const ArgumentBlock& block, Run run)
    {
        bool begins = true; // a string, at the byte that comes next
        while (run.bytes > 0) {
            const base::Bytes piece = block.piece(run.begin);
            const std::uint64_t count = base::min<std::uint64_t>(piece.size(), run.bytes);
            const VirtAddr place = string_.at;
            TRY(write(string_, piece.data(), count));
            for (std::uint64_t i = 0; i < count; ++i) {
                if (begins) {
                    TRY(word((place + i).value));
                }
                begins = piece[i] == 0;
            }
            run.begin += count;
            run.bytes -= count;
        }
        return {};
    }

private:
    struct Cursor {
        VirtAddr at, page;
        std::uint8_t* bytes; ///< of the page, once it is there
    };

    Result<void> write(Cursor& cursor, const std::uint8_t* from, std::uint64_t count)
    {
        while (count > 0) {
            if (const VirtAddr page = cursor.at.page_floor(); cursor.bytes == nullptr || page != cursor.page) {
                cursor.bytes = TRY(memory_.populate(page, {.write = true}));
                cursor.page = page;
            }
            const std::uint64_t offset = cursor.at.page_offset();
            const std::uint64_t step = base::min(count, kPageSize - offset);
            __builtin_memcpy(cursor.bytes + offset, from, step);
            cursor.at += step;
            from += step;
            count -= step;
        }
        return {};
    }

    UserMemory& memory_;
    Cursor word_, string_;
};

Result<void> write_auxiliary(StackImage& image, const InitialStack& stack, VirtAddr name, VirtAddr random)
{
    using namespace arch::elf;
    const Word pairs[kAuxiliaryPairs][2] = {
        {kAuxVdso, stack.vdso.value},
        {kAuxProgramHeaders, stack.program_headers.value},
        {kAuxProgramHeaderSize, sizeof(ProgramHeader)},
        {kAuxProgramHeaderCount, stack.program_header_count},
        {kAuxPageSize, kPageSize},
        {kAuxEntry, stack.entry.value},
        {kAuxUid, 0},
        {kAuxEuid, 0},
        {kAuxGid, 0},
        {kAuxEgid, 0},
        {kAuxSecure, 0},
        {kAuxHardwareCapabilities, stack.hardware_capabilities},
        {kAuxClockTicks, kClockTicks},
        {kAuxExecutableName, name.value},
        {kAuxRandom, random.value},
        {kAuxNull, 0},
    };
    if (stack.has_interpreter) {
        TRY(image.pair(kAuxBase, stack.interpreter_base));
    }
    for (const auto& [tag, value] : pairs) {
        TRY(image.pair(tag, value));
    }
    return {};
}

constexpr std::uint64_t rounded(std::uint64_t bytes)
{
    return (bytes + kStackAlignment - 1) & ~(kStackAlignment - 1);
}

} // namespace

Result<VirtAddr> build_initial_stack(UserMemory& memory, VirtAddr top, const InitialStack& stack)
{
    const ArgumentBlock& block = *stack.strings;
    const std::uint64_t lists = stack.script.bytes + stack.arguments.bytes + stack.environment.bytes;
    const std::uint64_t strings = lists + stack.executable_name.bytes + sizeof stack.random;
    const std::uint64_t arguments = stack.script.count + stack.arguments.count;
    const std::uint64_t words =
        1 + arguments + 1 + stack.environment.count + 1 + 2 * (kAuxiliaryPairs + (stack.has_interpreter ? 1 : 0));
    const std::uint64_t used = rounded(rounded(kTopPadding + strings) + words * sizeof(Word));
    if (used > kMaximumBytes) {
        return base::fail(uapi::Error::E2big);
    }
    TRY(memory.add_area({.begin = (top - used).page_floor(),
                         .end = top,
                         .kind = VmaKind::Stack,
                         .protection = {.read = true, .write = true}}));

    StackImage image(memory, top - used, top - kTopPadding - strings);
    const VirtAddr name = image.string_cursor() + lists;
    TRY(image.word(arguments));
    TRY(image.strings_of(block, stack.script));
    TRY(image.strings_of(block, stack.arguments));
    TRY(image.word(0));
    TRY(image.strings_of(block, stack.environment));
    TRY(image.word(0));
    TRY(write_auxiliary(image, stack, name, name + stack.executable_name.bytes));
    for (Run run = stack.executable_name; run.bytes > 0;) {
        const base::Bytes piece = block.piece(run.begin);
        const std::uint64_t count = base::min<std::uint64_t>(piece.size(), run.bytes);
        TRY(image.bytes(piece.data(), count));
        run.begin += count;
        run.bytes -= count;
    }
    TRY(image.bytes(stack.random, sizeof stack.random));
    return top - used;
}

} // namespace kernel
