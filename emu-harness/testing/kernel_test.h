// SPDX-License-Identifier: GPL-2.0-or-later
// The fixture: a kernel that was booted once, at the same place at the beginning of each test.  For GoogleTest.
// A test that fails leaves its last good point and the steps from there in ringcheck-failures/SUITE.TEST, or below the
// folder that the environment variable RINGCHECK_FAILURES names.
#pragma once

#include "testing/guest.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>

namespace ringcheck::testing {

class KernelTest : public ::testing::Test {
protected:
    explicit KernelTest(const Boot& boot) : guest_(booted(boot)) {}

    void SetUp() override
    {
        ASSERT_NE(guest_, nullptr) << "the kernel does not start: " << boot_error();
        const auto restarted = guest_->restart();
        ASSERT_TRUE(restarted) << restarted.error();
    }
    void TearDown() override
    {
        if (guest_ != nullptr && HasFailure()) {
            keep_failure();
        }
    }

    Guest& guest() { return *guest_; }
    Machine& machine() { return guest_->machine(); }
    model::CpuState state() { return machine().state(); }
    const RunLog& log() const { return guest_->log(); }

    // Each begins where everything was still as expected, if nothing has failed so far.
    RunEnd run(std::uint64_t instructions) { return marked().run(instructions); }
    RunEnd run_to_end() { return marked().run_to_end(); }
    /// As Guest::run_to(); a place that is not reached is a failure of the test.
    void run_to(const std::string& symbol)
    {
        const RunEnd end = marked().run_to(symbol);
        EXPECT_EQ(end.kind, EndKind::WatchedAddress) << end.text;
    }
    void run_to_ring(unsigned cpl)
    {
        const RunEnd end = marked().run_to_ring(cpl);
        EXPECT_EQ(end.kind, EndKind::WatchedAddress) << end.text;
    }

private:
    Guest& marked()
    {
        if (!HasFailure()) {
            guest_->mark();
        }
        return *guest_;
    }
    static std::string& boot_error()
    {
        static std::string error;
        return error;
    }
    /// nullptr: it does not start, and boot_error() says why.
    static Guest* booted(const Boot& boot)
    {
        static std::map<Boot, std::unique_ptr<Guest>> guests;
        const auto [entry, is_new] = guests.try_emplace(boot);
        if (entry->second == nullptr) {
            auto started = Guest::boot(boot);
            if (!started) {
                boot_error() = started.error();
                return nullptr;
            }
            entry->second = std::move(*started);
        }
        return entry->second.get();
    }
    void keep_failure()
    {
        const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
        std::string name = std::string(test.test_suite_name()) + "." + test.name();
        std::error_code unknown;
        const std::string binary = std::filesystem::read_symlink("/proc/self/exe", unknown).string();
        std::cout << "to repeat it: " << binary << " --gtest_filter=" << name << "\n";
        std::ranges::replace(name, '/', '_');
        const char* const folder = std::getenv("RINGCHECK_FAILURES");
        const auto kept = guest_->keep((folder == nullptr ? "ringcheck-failures" : folder) + ("/" + name));
        std::cout << (kept ? "from the last good point on:\n" + *kept : "nothing was kept: " + kept.error() + "\n");
    }

    Guest* guest_;
};

} // namespace ringcheck::testing
