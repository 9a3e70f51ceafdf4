// SPDX-License-Identifier: MIT
// Property: the console's `wards` tells what the CPU and the page tables say: all on where the CPU has it.
#include "eldarin/ward_table.h"
#include "support/booted_kernel.h"

#include <gtest/gtest.h>

#include <sstream>

namespace support {
namespace {

TEST(Wards, AreAllOnWhereTheCpuHasThem)
{
    BootedKernel booted{{"wards", "poweroff"}};
    EXPECT_EQ(booted.run_to_end().kind, ringcheck::EndKind::PowerOff);
    unsigned rows = 0;
    std::istringstream console(booted.machine->console());
    for (std::string line; std::getline(console, line);) {
        std::istringstream words(line);
        std::string name, supported, state;
        words >> name >> supported >> state;
        for (const ::kernel::WardText& ward : ::kernel::kWards) {
            if (name == ward.name) {
                ++rows;
                EXPECT_EQ(state, supported == "yes" ? "on" : "off") << line;
                EXPECT_NE(line.find(ward.test), std::string::npos) << line;
            }
        }
    }
    EXPECT_EQ(rows, std::size(::kernel::kWards)) << booted.machine->console();
}

} // namespace
} // namespace support
