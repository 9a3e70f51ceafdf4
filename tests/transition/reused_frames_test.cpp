// SPDX-License-Identifier: MIT
// Property: a program runs its own code also where frames hold what an earlier one left, code and translations alike.
#include "support/booted_kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace support {
namespace {

using testing::HasSubstr;

TEST(ReusedFrames, RunEachProgramsOwnCode)
{
    for (const ringcheck::ExecutionMode mode : {ringcheck::ExecutionMode::Fast, ringcheck::ExecutionMode::Step}) {
        BootedKernel kernel({"run hello", "run read_kernel", "run execute_cli", "run hello", "poweroff"},
                            {.ram_bytes = 16u << 20, .mode = mode});
        kernel.run_to_end();
        const std::string& console = kernel.machine->console();
        EXPECT_THAT(console, HasSubstr("reading kernel memory\r\n[vessel 3 read_kernel] killed by SIGSEGV"));
        EXPECT_THAT(console, HasSubstr("switching interrupts off\r\n[vessel 4 execute_cli] killed by SIGSEGV"));
        EXPECT_THAT(console, HasSubstr("Hello from user space! (Ring 3)\r\n[vessel 5 hello] exited with status 0"));
    }
}

} // namespace
} // namespace support
