// SPDX-License-Identifier: MIT
// The table can say LOST: one test for each thing that must be as it was before an attempt.
#include "attack/judge.h"

#include <gtest/gtest.h>

namespace {

using namespace attack;

const std::vector<Attempt> kAttempts = attempts_of("X13_privileged", "// expect cli: killed by SIGSEGV: #GP\n"
                                                                     "// expect cli in qemu: killed by SIGILL\n");

constexpr const char* kOpening = "AethelOS\n"
                                 "eldarin> run canary\n[vessel 1 canary] exited with status 0\n"
                                 "eldarin> run hello\nHello!\n[vessel 2 hello] exited with status 0\n"
                                 "eldarin> mem\ntotal 100 frames\nfree 90 frames\n"
                                 "eldarin> ps\nTHREAD NAME\n1 (kernel)\n2 canary\n";
constexpr const char* kRun =
    "eldarin> run X13_privileged cli\n[vessel 3 X13_privileged] killed by SIGSEGV: #GP at 0x1\n";
constexpr const char* kMem = "eldarin> mem\ntotal 100 frames\nfree 90 frames\n";
constexpr const char* kPs = "eldarin> ps\nTHREAD NAME\n1 (kernel)\n2 canary\n";
constexpr const char* kEnd = "eldarin> poweroff\n";

Verdict verdict(const std::string& console, const char* column = "ringcheck-intel")
{
    const Judged judged = judge(console, kAttempts, column, "the machine stopped", true);
    EXPECT_EQ(judged.verdicts.size(), 1u);
    return judged.verdicts.at(0);
}

TEST(AttackJudge, LetsAHealthyKernelSurvive)
{
    EXPECT_EQ(verdict(std::string(kOpening) + kRun + kMem + kPs + kEnd).fate, Fate::Survived);
}

TEST(AttackJudge, TakesTheExpectationOfTheColumn)
{
    const std::string run = "eldarin> run X13_privileged cli\n[vessel 3 X13_privileged] killed by SIGILL: #UD\n";
    EXPECT_EQ(verdict(std::string(kOpening) + run + kMem + kPs + kEnd, "qemu-max").fate, Fate::Survived);
    const Verdict elsewhere = verdict(std::string(kOpening) + run + kMem + kPs + kEnd);
    EXPECT_EQ(elsewhere.fate, Fate::Lost);
    EXPECT_EQ(elsewhere.reason,
              "run X13_privileged cli: expected 'killed by SIGSEGV: #GP', got 'killed by SIGILL: #UD'");
}

TEST(AttackJudge, NeedNotBeToldTheCodeOfASignal)
{
    const std::string run = "eldarin> run X13_privileged cli\n"
                            "[vessel 3 X13_privileged] killed by SIGSEGV (SI_KERNEL, address 0x0): #GP at 0x1\n";
    EXPECT_EQ(verdict(std::string(kOpening) + run + kMem + kPs + kEnd).fate, Fate::Survived);
}

TEST(AttackJudge, CountsFrames)
{
    const std::string mem = "eldarin> mem\ntotal 100 frames\nfree 89 frames\n";
    EXPECT_EQ(verdict(std::string(kOpening) + kRun + mem + kPs + kEnd).reason,
              "run X13_privileged cli: 89 frames are free, 90 were before");
}

TEST(AttackJudge, LooksForProcessesThatAreLeft)
{
    const std::string ps = "eldarin> ps\nTHREAD NAME\n1 (kernel)\n2 canary\n3 X13_privileged\n";
    EXPECT_EQ(verdict(std::string(kOpening) + kRun + kMem + ps + kEnd).fate, Fate::Lost);
    const std::string without_canary = "eldarin> ps\nTHREAD NAME\n1 (kernel)\n";
    EXPECT_EQ(verdict(std::string(kOpening) + kRun + kMem + without_canary + kEnd).fate, Fate::Lost);
}

TEST(AttackJudge, HearsTheCanary)
{
    const std::string mem = "eldarin> mem\ncanary: a register has changed\ntotal 100 frames\nfree 90 frames\n";
    EXPECT_EQ(verdict(std::string(kOpening) + kRun + mem + kPs + kEnd).reason,
              "run X13_privileged cli: the canary was harmed");
}

TEST(AttackJudge, NoticesThatTheShellNoLongerAnswers)
{
    EXPECT_EQ(verdict(std::string(kOpening) + kRun).reason, "run X13_privileged cli: the machine stopped");
    EXPECT_EQ(verdict(std::string(kOpening) + kRun + kMem + "eldarin> ps\nTHREAD").fate, Fate::Lost);
    EXPECT_EQ(verdict("AethelOS\n").reason, "the kernel did not come up: the machine stopped");
}

TEST(AttackJudge, TellsWhatTheCpuLacks)
{
    const std::string run = "eldarin> run X13_privileged cli\nno such CPU\n"
                            "[vessel 3 X13_privileged] exited with status 77\n";
    const Verdict absent = verdict(std::string(kOpening) + run + kMem + kPs + kEnd);
    EXPECT_EQ(absent.fate, Fate::NotHere);
    EXPECT_EQ(absent.reason, "no such CPU");
}

TEST(AttackJudge, KnowsARefusedFile)
{
    const std::vector<Attempt> attempts{{"L01_magic", "", {{"", "", "refused: not a program"}}}};
    const std::string run = "eldarin> run L01_magic\nL01_magic: not a program (ENOEXEC)\n";
    const Judged judged = judge(std::string(kOpening) + run + kMem + kPs + kEnd, attempts, "qemu-max", "", true);
    ASSERT_EQ(judged.verdicts.size(), 1u);
    EXPECT_EQ(judged.verdicts[0].fate, Fate::Survived) << judged.verdicts[0].reason;
}

TEST(AttackJudge, BelievesATestThatSaysOk)
{
    const std::string output = "[ RUN      ] A.One/x\n[       OK ] A.One/x (1 ms)\n"
                               "[ RUN      ] A.One/y\n[  FAILED  ] A.One/y (1 ms)\n"
                               "[ RUN      ] A.Two/x\n[       OK ] A.Two/x (1 ms)\n"
                               "[ RUN      ] A.Two/y\n[       OK ] A.Two/y (1 ms)\n"
                               "[ RUN      ] A.Three\n"; // and then it crashed
    EXPECT_EQ(judge_tests(output, "A.One/x").fate, Fate::Survived);
    EXPECT_EQ(judge_tests(output, "A.Two/*").fate, Fate::Survived);
    for (const char* const test : {"A.One/y", "A.One/*", "A.Three", "A.Four", "A.Four/*", "A.On"}) {
        EXPECT_EQ(judge_tests(output, test).fate, Fate::Lost) << test;
    }
}

TEST(AttackVerdict, OfSeveralAttemptsIsTheWorst)
{
    Verdict all{Fate::NotHere, "nothing here"};
    all.add({});
    EXPECT_EQ(all.fate, Fate::Survived);
    all.add({Fate::Lost, "this one"});
    all.add({});
    EXPECT_EQ(all.fate, Fate::Lost);
    EXPECT_EQ(all.reason, "this one");
}

} // namespace
