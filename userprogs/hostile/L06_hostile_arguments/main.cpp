// SPDX-License-Identifier: MIT
// Hostile (catalogue L06, U05, U08): arguments and environments that are longer than there is room for, that have no
// end, that another thread takes away or changes while they are read.  execve answers at once, with nothing lost, or
// the new program has what was there.
// expect lengths: exited with status 0
// expect many_words: exited with status 0
// expect vector: exited with status 0
// expect timer_raced: exited with status 0
// expect timer_changed: exited with status 0
#include "lib/cases.h"
#include "lib/elf.h"
#include "lib/linux.h"
#include "lib/memory.h"
#include "lib/process.h"
#include "lib/thread.h"

namespace {

using linux_abi::error;
using uapi::Error;

constexpr std::uint64_t kPage = 4096, kArgumentMax = 32 * kPage; ///< of one string, its NUL included
constexpr std::int64_t kTooBig = error(Error::E2big), kBad = error(Error::Efault);
constexpr const char* kOwnName = "L06_hostile_arguments";
constexpr int kContent = 9;

using Words = const char* const*;

std::int64_t execute(Words arguments, Words environment)
{
    return user::raw_call(linux_abi::kExecve, reinterpret_cast<std::uint64_t>(kOwnName),
                          reinterpret_cast<std::uint64_t>(arguments), reinterpret_cast<std::uint64_t>(environment));
}

std::uint64_t map(std::uint64_t length)
{
    return static_cast<std::uint64_t>(
        user::mmap(0, length, uapi::kProtRead | uapi::kProtWrite, uapi::kMapPrivate | uapi::kMapAnonymous));
}

/// `length` letters and a NUL.
char* string_of(std::uint64_t length)
{
    char* const text = reinterpret_cast<char*>(map(length + 1));
    for (std::uint64_t i = 0; i < length; ++i) {
        text[i] = 'a';
    }
    return text;
}

std::uint64_t length_of(const char* text)
{
    std::uint64_t length = 0;
    while (text[length] == 'a') {
        ++length;
    }
    return text[length] == '\0' ? length : 0;
}

/// Whether the new program finds words of these kinds, so long, and nothing of its parent's rights in the vector.
int be_the_program()
{
    constexpr std::uint64_t kSecure = 23; // AT_SECURE
    const user::Arguments& words = user::arguments;
    for (unsigned i = 2; i < words.count; ++i) {
        if (length_of(words[i]) == 0) {
            return 1;
        }
    }
    return user::elf::auxiliary(kSecure) == 0 ? kContent : 1;
}

/// @return what execve gives, or kContent
std::int64_t execute_in_child(Words arguments, Words environment)
{
    const std::int64_t child = user::fork();
    if (child == 0) {
        user::exit(static_cast<int>(-execute(arguments, environment)));
    }
    std::uint32_t status = 0;
    if (child < 0 || user::wait4(child, &status) != child || (status & 0xff) != 0) {
        return -1;
    }
    const auto code = static_cast<std::int64_t>(status >> 8);
    return code == kContent ? code : -code;
}

int lengths()
{
    const char* none[] = {nullptr};
    const auto with = [&none](const char* text, bool in_environment) {
        const char* const words[] = {kOwnName, "program", in_environment ? nullptr : text, nullptr};
        const char* const environment[] = {text, nullptr};
        return execute_in_child(words, in_environment ? environment : none);
    };
    char* const longest = string_of(kArgumentMax - 1);
    char* const too_long = string_of(kArgumentMax);
    bool all = true;
    for (const bool in_environment : {false, true}) {
        all = all && with(longest, in_environment) == kContent && with(too_long, in_environment) == kTooBig;
    }
    // Without an end: memory ends first, or the limit comes first.
    const std::uint64_t page = map(2 * kPage);
    __builtin_memset(reinterpret_cast<void*>(page), 'a', kPage);
    all = all && user::munmap(page + kPage, kPage) == 0 && with(reinterpret_cast<const char*>(page), false) == kBad;
    return all ? user::kSurvived : user::broke("a word was too long, or not long enough\n");
}

/// Words that are there once and named so often that no program has room for them: more than 2 MiB.
int many_words()
{
    constexpr std::uint64_t kWords = 1'000'000;
    auto** const words = reinterpret_cast<const char**>(map((kWords + 1) * sizeof(char*)));
    const char* none[] = {nullptr};
    const char* const page = string_of(kPage);
    words[0] = kOwnName;
    words[1] = "program";
    bool all = true;
    for (const char* const text : {page, ""}) {
        for (std::uint64_t i = 2; i < kWords; ++i) {
            words[i] = text;
        }
        all = all && execute(words, none) == kTooBig && execute(none, words) == kTooBig;
    }
    // As many as there is room for reach the program.
    for (std::uint64_t count = 400; count < 500; count += 50) {
        words[count] = nullptr;
        for (std::uint64_t i = 2; i < count; ++i) {
            words[i] = page;
        }
        const std::int64_t result = execute_in_child(words, none);
        all = all && (result == kContent || result == kTooBig);
        words[count] = page;
    }
    return all ? user::kSurvived : user::broke("there was room for a million words\n");
}

int vector()
{
    const char* none[] = {nullptr};
    const std::uint64_t page = map(2 * kPage);
    bool all = user::munmap(page + kPage, kPage) == 0;
    // The list of words has no end: memory ends first.
    auto** const words = reinterpret_cast<const char**>(page);
    for (std::uint64_t i = 0; i < kPage / sizeof(char*); ++i) {
        words[i] = kOwnName;
    }
    all = all && execute(words, none) == kBad && execute(none, words) == kBad;
    // It ends in the middle of a word, and at an odd address.
    all = all && execute(reinterpret_cast<Words>(page + kPage - 3), none) == kBad &&
          execute(reinterpret_cast<Words>(page + kPage - 13), none) == kBad;
    // It is the words themselves.
    words[0] = reinterpret_cast<const char*>(words);
    words[1] = reinterpret_cast<const char*>(words + 1);
    words[2] = nullptr;
    const std::int64_t child = user::fork();
    if (child == 0) {
        user::raw_call(linux_abi::kExecve, reinterpret_cast<std::uint64_t>("/ringtiny"), page, page);
        user::exit(1);
    }
    std::uint32_t status = 0;
    all = all && user::wait4(child, &status) == child && status == 0;
    return all ? user::kSurvived : user::broke("a list of words went on behind its end\n");
}

// ---- Another thread.

user::Thread thread;
const char* raced_words[64];
volatile bool over = false;
volatile std::uint64_t raced_page = 0;

void take_away(void*)
{
    while (!over) {
        user::munmap(raced_page, kPage);
        user::mmap(raced_page, kPage, uapi::kProtRead | uapi::kProtWrite,
                   uapi::kMapPrivate | uapi::kMapAnonymous | uapi::kMapFixed);
    }
    user::exit(0);
}

/// Each of these fails in the end, by the last word, if not before.
int timer_raced()
{
    const char* none[] = {nullptr};
    raced_page = map(kPage);
    for (unsigned i = 0; i < 62; ++i) {
        raced_words[i] = i % 3 == 0 ? reinterpret_cast<const char*>(raced_page + i) : kOwnName;
    }
    raced_words[62] = reinterpret_cast<const char*>(1);
    thread.start(take_away, nullptr);
    bool all = true;
    for (unsigned i = 0; i < 200; ++i) {
        all = all && execute(raced_words, none) == kBad && execute(none, raced_words) == kBad;
        if (i % 10 == 0) {
            user::yield();
        }
    }
    over = true;
    thread.join();
    return all ? user::kSurvived : user::broke("words that were taken away reached a program\n");
}

char raced_text[3 * kPage];

void change(void*)
{
    while (!over) {
        raced_text[100] = '\0';
        raced_text[100] = 'a';
        raced_words[2] = raced_words[2] == raced_text ? raced_text + 5 : raced_text;
    }
    user::exit(0);
}

/// A string that ends here or there, by turns, behind a pointer that changes: the program has one of them, whole.
int timer_changed()
{
    const char* none[] = {nullptr};
    __builtin_memset(raced_text, 'a', sizeof raced_text - 1);
    raced_words[0] = kOwnName;
    raced_words[1] = "program";
    raced_words[2] = raced_text;
    raced_words[3] = raced_text;
    raced_words[4] = nullptr;
    bool all = true;
    for (unsigned i = 0; i < 20; ++i) {
        const std::int64_t child = user::fork();
        if (child == 0) {
            over = false;
            thread.start(change, nullptr);
            user::yield();
            execute(raced_words, none);
            user::exit_group(1);
        }
        std::uint32_t status = 0;
        all = all && user::wait4(child, &status) == child && status == kContent << 8;
    }
    return all ? user::kSurvived : user::broke("a word was made of two\n");
}

constexpr user::Case kCases[] = {{"lengths", lengths},
                                 {"many_words", many_words},
                                 {"vector", vector},
                                 {"timer_raced", timer_raced},
                                 {"timer_changed", timer_changed}};

} // namespace

int main()
{
    if (user::equal(user::arguments[1], "program")) {
        return be_the_program();
    }
    return user::run_case(kCases);
}
