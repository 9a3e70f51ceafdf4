// SPDX-License-Identifier: MIT
// Property: AethelOS keeps every rule, the strict ones too, with each of its programs, on both vendors' CPUs, fast and
// step by step.
#include "guest/built_in.h"
#include "machine/cpu_option.h"
#include "support/booted_kernel.h"
#include "watch/guest_watch.h"
#include "watch/rules.h"

#include <gtest/gtest.h>

namespace {

using namespace ringcheck;

void expect_no_violation(const std::vector<std::string>& lines, const MachineConfig& config, bool strict)
{
    support::BootedKernel boot(lines, config);
    MachineMemory memory(*boot.machine);
    GuestDescription guest = support::value_or_throw(describe_guest(boot.kernel));
    const Symbols symbols(guest, &boot.kernel, nullptr);
    GuestWatch watch(guest, memory);
    RuleChecker rules({guest, memory, watch.processes(), symbols, &boot.kernel, [&] { return boot.machine->floats(); }},
                      strict);
    watch.add(rules);
    watch.attach(*boot.machine);
    const RunEnd end = boot.run_to_end();
    EXPECT_EQ(end.kind, EndKind::PowerOff) << end.text;
    EXPECT_GT(rules.report().checks(), strict ? 100'000u : 30u);
    for (const Violation& violation : rules.report().violations()) {
        ADD_FAILURE() << format_violation(violation);
    }
}

/// One of each kind; `./aethel attack` does the same with every hostile program.
constexpr const char* kPrograms[] = {"hello", "execute_cli", "read_kernel", "initial_state"};
/// The one that runs long enough for the timer.
constexpr const char* kLongProgram = "counter";

TEST(Rules, AreKeptByEachProgram)
{
    for (const std::string name : kPrograms) {
        for (const model::Vendor vendor : {model::Vendor::Intel, model::Vendor::Amd}) {
            for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
                SCOPED_TRACE(name);
                expect_no_violation({"run " + name, "poweroff"}, {.vendor = vendor, .mode = mode}, false);
            }
        }
    }
}

TEST(Rules, AreKeptStrictlyByEachProgram)
{
    for (const std::string name : kPrograms) {
        SCOPED_TRACE(name);
        expect_no_violation({"run " + name, "poweroff"}, {}, true);
    }
}

TEST(Rules, AreKeptStrictlyWherePagesComeAndGo)
{
    expect_no_violation({"run memory", "poweroff"}, {}, true);
}

TEST(Rules, AreKeptStrictlyWhereSignalsComeAndCallsAreMadeAgain)
{
    expect_no_violation({"run signals", "poweroff"}, {}, true);
}

TEST(Rules, AreKeptStrictlyUnderTheTimer)
{
    expect_no_violation({std::string("run ") + kLongProgram, "poweroff"}, {}, true);
}

TEST(Rules, AreKeptStrictlyOnTheOtherVendorsCpu)
{
    expect_no_violation({"run hello", "run read_kernel", "poweroff"}, {.vendor = model::Vendor::Amd}, true);
}

/// AethelOS uses what it finds and needs none of these.
TEST(Rules, AreKeptOnCpusWithoutFeatures)
{
    for (const char* const cpu :
         {"intel,-smap,-smep,-umip", "intel,-smap", "amd,-pge,-umip,-fsgsbase,-rdtscp",
          "intel,-apic,-x2apic,-tsc-deadline,-rdrand,-pse,-de", "intel,+pcid,+invpcid,+rdseed,+pku"}) {
        SCOPED_TRACE(cpu);
        const auto choice = support::value_or_throw(parse_cpu(cpu));
        for (const ExecutionMode mode : {ExecutionMode::Fast, ExecutionMode::Step}) {
            expect_no_violation({"run hello", "run read_kernel", "poweroff"},
                                {.vendor = choice.vendor, .features = choice.features, .mode = mode}, false);
        }
    }
}

TEST(Rules, AreKeptStrictlyStepByStep)
{
    expect_no_violation({"run hello", "poweroff"}, {.mode = ExecutionMode::Step}, true);
}

TEST(Rules, AreKeptByProgramsThatPreemptEachOther)
{
    expect_no_violation({"run counter &", "run counter &", "run counter", "run hello", "poweroff"}, {}, false);
}

} // namespace
