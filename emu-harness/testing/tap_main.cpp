// SPDX-License-Identifier: GPL-2.0-or-later
// The main function of a test binary, in place of GoogleTest's own: with --tap it also prints the Test Anything
// Protocol on stdout, and GoogleTest's text goes away.  [testanything.org "TAP version 14 specification"]
#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <string>

namespace {

class TapPrinter final : public ::testing::EmptyTestEventListener {
    void OnTestProgramStart(const ::testing::UnitTest& all) override
    {
        std::printf("TAP version 14\n1..%d\n", all.test_to_run_count());
    }
    void OnTestPartResult(const ::testing::TestPartResult& result) override
    {
        if (result.failed()) {
            diagnosis_ += std::string(result.file_name() == nullptr ? "?" : result.file_name()) + ":" +
                          std::to_string(result.line_number()) + "\n" + result.message() + "\n";
        }
    }
    void OnTestEnd(const ::testing::TestInfo& test) override
    {
        const ::testing::TestResult& result = *test.result();
        std::printf("%sok %d - %s.%s%s\n", result.Failed() ? "not " : "", ++number_, test.test_suite_name(),
                    test.name(), result.Skipped() ? " # SKIP" : "");
        for (std::size_t at = 0; at < diagnosis_.size();) {
            const std::size_t end = diagnosis_.find('\n', at);
            std::printf("# %s\n", diagnosis_.substr(at, end - at).c_str());
            at = end + 1;
        }
        diagnosis_.clear();
    }
    int number_ = 0;
    std::string diagnosis_;
};

} // namespace

int main(int count, char** arguments)
{
    ::testing::InitGoogleTest(&count, arguments);
    if (count == 2 && std::strcmp(arguments[1], "--tap") == 0) {
        auto& listeners = ::testing::UnitTest::GetInstance()->listeners();
        delete listeners.Release(listeners.default_result_printer());
        listeners.Append(new TapPrinter);
    } else if (count > 1) {
        std::fprintf(stderr, "%s: unknown option %s; there is --tap, and --help lists GoogleTest's\n", arguments[0],
                     arguments[1]);
        return 2;
    }
    return RUN_ALL_TESTS();
}
