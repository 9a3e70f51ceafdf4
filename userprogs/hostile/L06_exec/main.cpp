// SPDX-License-Identifier: MIT
// Hostile (catalogue L06): executes what is no program, with what are no arguments, again and again, and from two
// threads at once.  The old program goes on as if nothing had been asked for.
// expect malformed: exited with status 0
// expect arguments: exited with status 0
#include "lib/cases.h"
#include "lib/hostile_addresses.h"
#include "lib/linux.h"

namespace {

volatile std::uint64_t witness = 0x600d;

std::int64_t execute(const char* path, std::uint64_t arguments, std::uint64_t environment)
{
    return user::raw_call(linux_abi::kExecve, reinterpret_cast<std::uint64_t>(path), arguments, environment);
}

int malformed()
{
    constexpr const char* kFiles[] = {"L01_empty",     "L01_magic",         "L01_phnum",     "L01_phoff_wraps",
                                      "L02_huge",      "L02_offset_wraps",  "L03_kernel",    "L03_overlapping",
                                      "L03_last_page", "L03_writable_code", "L04_unmapped",  "L04_data",
                                      "etc/loop",      "etc/nameless",      "etc/not_there", "etc"};
    for (unsigned round = 0; round < 20; ++round) {
        for (const char* file : kFiles) {
            if (!linux_abi::is_error(execute(file, 0, 0)) || witness != 0x600d) {
                return user::broke("a file that is no program was executed\n");
            }
        }
    }
    return user::kSurvived;
}

int arguments()
{
    static const char* words[600];
    for (const char*& word : words) {
        word = "hello";
    }
    for (const std::uint64_t bad : hostile::kBad) {
        words[599] = reinterpret_cast<const char*>(bad == 0 ? 1 : bad);
        if (!linux_abi::is_error(execute("hello", reinterpret_cast<std::uint64_t>(words), 0)) ||
            !linux_abi::is_error(execute("hello", 0, reinterpret_cast<std::uint64_t>(words)))) {
            return user::broke("a program was executed with a bad argument\n");
        }
    }
    return user::kSurvived;
}

constexpr user::Case kCases[] = {{"malformed", malformed}, {"arguments", arguments}};

} // namespace

int main()
{
    return user::run_case(kCases);
}
