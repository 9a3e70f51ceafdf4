// SPDX-License-Identifier: MIT
// The local APIC: priorities, timer, registers and commands.
#include "arch/local_apic.h"
#include "arch/msr.h"
#include "machine/devices/local_apic.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

namespace apic = arch::local_apic;
using apic::Register;
using apic::TimerMode;
using ringcheck::ApicPriority;
using ringcheck::ApicTimer;
using ringcheck::LocalApic;
using ringcheck::VectorSet;

TEST(VectorSet, KnowsItsHighest)
{
    VectorSet set;
    EXPECT_EQ(set.highest(), std::nullopt);
    for (unsigned vector = 0; vector < 256; ++vector) {
        set.insert(static_cast<std::uint8_t>(vector));
        EXPECT_EQ(set.highest(), vector);
        EXPECT_EQ(set.word(vector / 32) >> vector % 32, 1u);
    }
    set.erase(255);
    EXPECT_EQ(set.highest(), 254);
    EXPECT_FALSE(set.contains(255));
    EXPECT_TRUE(set.contains(0));
}

/// Every request against every task priority and every interrupt in service: the manual's sentence, said anew.
TEST(ApicPriority, DeliversWhatIsAboveBothClasses)
{
    for (unsigned service = 0; service < 256; service += 5) {
        for (unsigned task = 0; task < 256; task += 3) {
            for (unsigned wanted = 16; wanted < 256; ++wanted) {
                ApicPriority priority;
                if (service >= 16) {
                    priority.request(static_cast<std::uint8_t>(service), false);
                    priority.take(static_cast<std::uint8_t>(service));
                }
                priority.set_task_priority(static_cast<std::uint8_t>(task));
                priority.request(static_cast<std::uint8_t>(wanted), false);
                const bool above = wanted / 16 > task / 16 && (service < 16 || wanted / 16 > service / 16);
                ASSERT_EQ(priority.deliverable().has_value(), above)
                    << "vector " << wanted << " task " << task << " service " << service;
            }
        }
    }
}

TEST(ApicPriority, ShowsTheProcessorsPriority)
{
    ApicPriority priority;
    priority.set_task_priority(0x35);
    EXPECT_EQ(priority.processor_priority(), 0x35);
    priority.request(0x41, false);
    priority.take(0x41);
    EXPECT_EQ(priority.processor_priority(), 0x40) << "of an interrupt in service, the class alone";
    priority.set_task_priority(0x47);
    EXPECT_EQ(priority.processor_priority(), 0x47);
}

TEST(ApicPriority, EndsTheHighestInServiceAndTellsOfLevels)
{
    ApicPriority priority;
    priority.request(0x30, true);
    priority.take(0x30);
    priority.request(0x50, false);
    EXPECT_EQ(priority.deliverable(), 0x50);
    priority.take(0x50);
    EXPECT_EQ(priority.end_of_interrupt(), std::nullopt) << "0x50 was an edge";
    EXPECT_EQ(priority.end_of_interrupt(), 0x30);
    EXPECT_EQ(priority.end_of_interrupt(), std::nullopt) << "nothing is in service";
    priority.request(0x30, false);
    priority.take(0x30);
    EXPECT_EQ(priority.end_of_interrupt(), std::nullopt) << "the vector has become an edge";
}

TEST(ApicTimer, CountsDownOnceByItsDivisor)
{
    constexpr struct {
        std::uint32_t configuration, divisor;
    } kRows[] = {{0, 2}, {1, 4}, {2, 8}, {3, 16}, {8, 32}, {9, 64}, {10, 128}, {11, 1}};
    for (const auto& row : kRows) {
        ApicTimer timer;
        timer.set_divide(row.configuration, 0);
        timer.set_initial_count(100, 1000);
        EXPECT_EQ(timer.deadline(), 1000u + 100 * row.divisor);
        EXPECT_EQ(timer.current_count(1000), 100u);
        EXPECT_EQ(timer.current_count(1000 + 40 * row.divisor), 60u);
        EXPECT_FALSE(timer.advance(1000 + 100 * row.divisor - 1));
        EXPECT_TRUE(timer.advance(1000 + 100 * row.divisor));
        EXPECT_EQ(timer.current_count(1000 + 100 * row.divisor), 0u);
        EXPECT_EQ(timer.deadline(), std::nullopt);
    }
}

TEST(ApicTimer, RepeatsWithoutDrift)
{
    ApicTimer timer;
    timer.set_divide(11, 0);
    timer.set_mode(TimerMode::Periodic);
    timer.set_initial_count(10, 5);
    EXPECT_TRUE(timer.advance(15));
    EXPECT_EQ(timer.deadline(), 25u);
    EXPECT_TRUE(timer.advance(48)) << "several at once are one";
    EXPECT_EQ(timer.deadline(), 55u);
    EXPECT_EQ(timer.current_count(50), 5u);
    timer.set_initial_count(0, 50);
    EXPECT_EQ(timer.deadline(), std::nullopt);
}

TEST(ApicTimer, ADeadlineIsATimeStampAndOfItsModeAlone)
{
    ApicTimer timer;
    timer.set_tsc_deadline(100);
    EXPECT_EQ(timer.deadline(), std::nullopt) << "in one-shot mode the MSR counts for nothing";
    timer.set_initial_count(1000, 0);
    timer.set_mode(TimerMode::TscDeadline);
    EXPECT_EQ(timer.deadline(), std::nullopt) << "the change of mode disarms";
    timer.set_initial_count(1000, 0);
    EXPECT_EQ(timer.deadline(), std::nullopt);
    timer.set_tsc_deadline(100);
    EXPECT_EQ(timer.tsc_deadline(), 100u);
    EXPECT_EQ(timer.current_count(0), 0u);
    EXPECT_FALSE(timer.advance(99));
    EXPECT_TRUE(timer.advance(100));
    EXPECT_EQ(timer.tsc_deadline(), 0u);
    timer.set_tsc_deadline(200);
    timer.set_mode(TimerMode::Periodic);
    EXPECT_EQ(timer.deadline(), std::nullopt);
}

class LocalApicTest : public testing::Test {
protected:
    std::uint64_t read(Register which, unsigned index = 0)
    {
        return unit.read(static_cast<std::uint32_t>(which) + index * apic::kRegisterStride, 4);
    }
    void write(Register which, std::uint32_t value) { unit.write(static_cast<std::uint32_t>(which), 4, value); }
    static std::uint32_t msr(Register which)
    {
        return apic::kX2ApicFirst + static_cast<std::uint32_t>(which) / apic::kRegisterStride;
    }
    bool write_base(std::uint64_t value) { return unit.write_msr(kBase, value); }
    void go_to_x2apic() { EXPECT_TRUE(write_base(apic::kDefaultBase | apic::base::kEnable | apic::base::kX2Apic)); }
    std::uint64_t take()
    {
        const auto vector = unit.deliverable();
        if (vector) {
            unit.take(*vector);
        }
        return vector.value_or(0);
    }

    static constexpr auto kBase = static_cast<std::uint32_t>(arch::Msr::IA32_APIC_BASE);
    std::uint64_t now = 0;
    std::vector<unsigned> ended;
    std::vector<std::string> reports;
    LocalApic unit{{.apic = true, .x2apic = true, .tsc_deadline = true},
                   [this] { return now; },
                   [this](std::uint8_t vector) { ended.push_back(vector); },
                   [this](const std::string& what) { reports.push_back(what); }};
};

TEST_F(LocalApicTest, StartsAsFirmwareLeavesIt)
{
    EXPECT_EQ(unit.read_msr(kBase), 0xfee0'0900u);
    EXPECT_TRUE(unit.in_memory());
    EXPECT_TRUE(unit.passes_external_interrupts());
    EXPECT_EQ(read(Register::Id), 0u);
    EXPECT_EQ(read(Register::Version), 0x50014u);
    EXPECT_EQ(read(Register::SpuriousVector), 0x1ffu);
    EXPECT_EQ(read(Register::LvtLint0), 0x700u);
    EXPECT_EQ(read(Register::LvtTimer), 0x10000u);
    EXPECT_EQ(read(Register::DestinationFormat), 0xffff'ffffu);
    EXPECT_EQ(unit.next_event(), std::nullopt);
}

TEST_F(LocalApicTest, TheTimerInterruptsUnlessMasked)
{
    write(Register::DivideConfiguration, 11);
    write(Register::LvtTimer, 0x10040);
    write(Register::InitialCount, 100);
    now = 100;
    unit.advance();
    EXPECT_EQ(unit.deliverable(), std::nullopt);
    write(Register::LvtTimer, 0x20040); // periodic
    write(Register::InitialCount, 100);
    EXPECT_EQ(unit.next_event(), 200u);
    now = 200;
    unit.advance();
    EXPECT_EQ(read(Register::Request, 2), 1u);
    EXPECT_EQ(take(), 0x40u);
    EXPECT_EQ(read(Register::Request, 2), 0u);
    EXPECT_EQ(read(Register::InService, 2), 1u);
    now = 300;
    unit.advance();
    EXPECT_EQ(unit.deliverable(), std::nullopt) << "its class is in service";
    write(Register::EndOfInterrupt, 0);
    EXPECT_EQ(take(), 0x40u);
}

TEST_F(LocalApicTest, SendsToItselfByEveryAddressThatMeansIt)
{
    write(Register::LogicalDestination, 0x0400'0000);
    constexpr struct {
        std::uint32_t high, low;
        bool here;
    } kRows[] = {
        {0, 0x50, true},               // physical 0
        {0x0100'0000, 0x50, false},    // physical 1
        {0xff00'0000, 0x50, true},     // everybody
        {0x0600'0000, 0x850, true},    // logical, flat model
        {0x0300'0000, 0x850, false},   //
        {0x0100'0000, 0x4'0050, true}, // self
        {0, 0x8'0050, true},           // all
        {0, 0xc'0050, false},          // all but self
        {0, 0x150, true},              // lowest priority
    };
    for (const auto& row : kRows) {
        write(Register::CommandHigh, row.high);
        write(Register::CommandLow, row.low);
        EXPECT_EQ(take() == 0x50, row.here) << std::hex << row.high << " " << row.low;
        write(Register::EndOfInterrupt, 0);
    }
    write(Register::DestinationFormat, 0x0fff'ffff); // clusters
    write(Register::LogicalDestination, 0x2400'0000);
    write(Register::CommandHigh, 0x2600'0000);
    write(Register::CommandLow, 0x850);
    EXPECT_EQ(take(), 0x50u);
    write(Register::EndOfInterrupt, 0);
    write(Register::CommandHigh, 0x3600'0000);
    write(Register::CommandLow, 0x850);
    EXPECT_EQ(take(), 0u);
}

TEST_F(LocalApicTest, NmiGoesItsOwnWayAndInitStartsNobody)
{
    write(Register::CommandLow, 0x4'0400);
    EXPECT_TRUE(unit.nmi_pending());
    unit.take_nmi();
    EXPECT_FALSE(unit.nmi_pending());
    write(Register::CommandHigh, 0x0100'0000);
    write(Register::CommandLow, 0x4500);
    write(Register::CommandLow, 0x4608);
    EXPECT_EQ(unit.deliverable(), std::nullopt);
    EXPECT_FALSE(unit.nmi_pending());
    EXPECT_TRUE(reports.empty());
    EXPECT_EQ(read(Register::CommandLow), 0x4608u) << "and the delivery status says: idle";
}

TEST_F(LocalApicTest, DisabledBySoftwareItMasksEverything)
{
    write(Register::SpuriousVector, 0xff);
    EXPECT_FALSE(unit.passes_external_interrupts());
    write(Register::LvtLint0, 0x700);
    EXPECT_EQ(read(Register::LvtLint0), 0x10700u);
    write(Register::CommandLow, 0x4'0050);
    EXPECT_EQ(take(), 0u);
    write(Register::CommandLow, 0x4'0400);
    EXPECT_TRUE(unit.nmi_pending());
}

TEST_F(LocalApicTest, DisabledByItsMsrThe8259IsWiredToTheCpu)
{
    write(Register::LvtLint0, 0x10000);
    EXPECT_FALSE(unit.passes_external_interrupts());
    EXPECT_TRUE(write_base(apic::kDefaultBase));
    EXPECT_FALSE(unit.enabled());
    EXPECT_TRUE(unit.passes_external_interrupts());
    EXPECT_TRUE(write_base(apic::kDefaultBase | apic::base::kEnable));
    EXPECT_FALSE(unit.passes_external_interrupts()) << "as after a reset, no firmware ran";
    EXPECT_EQ(read(Register::SpuriousVector), 0xffu);
}

TEST_F(LocalApicTest, ErrorsShowAfterAWriteAndInterruptOnce)
{
    write(Register::LvtError, 0x33);
    write(Register::CommandLow, 0x4'0005); // vector 5
    EXPECT_EQ(read(Register::ErrorStatus), 0u);
    write(Register::ErrorStatus, 0);
    EXPECT_EQ(read(Register::ErrorStatus), apic::error::kSendIllegalVector);
    EXPECT_EQ(take(), 0x33u);
    write(Register::EndOfInterrupt, 0);
    EXPECT_EQ(unit.read(0x40, 4), 0u);
    unit.write(static_cast<std::uint32_t>(Register::Version), 4, 0);
    write(Register::ErrorStatus, 0);
    EXPECT_EQ(read(Register::ErrorStatus), apic::error::kIllegalRegister);
    write(Register::ErrorStatus, 0);
    EXPECT_EQ(read(Register::ErrorStatus), 0u);
    write(Register::LvtTimer, 0x7);
    write(Register::InitialCount, 1);
    now = 10;
    unit.advance();
    write(Register::ErrorStatus, 0);
    EXPECT_EQ(read(Register::ErrorStatus), apic::error::kReceivedIllegalVector);
}

TEST_F(LocalApicTest, LevelInterruptsAreEndedByName)
{
    unit.receive({apic::Delivery::Fixed, 0x61, true});
    EXPECT_EQ(read(Register::TriggerMode, 3), 2u);
    EXPECT_EQ(take(), 0x61u);
    write(Register::EndOfInterrupt, 0);
    EXPECT_EQ(ended, std::vector<unsigned>{0x61});
}

TEST_F(LocalApicTest, Cr8IsTheUpperHalfOfTheTaskPriority)
{
    write(Register::TaskPriority, 0x57);
    EXPECT_EQ(unit.cr8(), 5u);
    unit.set_cr8(9);
    EXPECT_EQ(read(Register::TaskPriority), 0x90u);
    EXPECT_EQ(read(Register::ProcessorPriority), 0x90u);
}

TEST_F(LocalApicTest, X2ApicAnswersByMsrAlone)
{
    EXPECT_FALSE(unit.write_msr(msr(Register::TaskPriority), 0x20)) << "not in this mode";
    go_to_x2apic();
    EXPECT_FALSE(unit.in_memory());
    EXPECT_TRUE(unit.write_msr(msr(Register::TaskPriority), 0x20));
    EXPECT_EQ(unit.read_msr(msr(Register::TaskPriority)), 0x20u);
    EXPECT_FALSE(unit.write_msr(msr(Register::TaskPriority), 0x100));
    EXPECT_EQ(unit.read_msr(msr(Register::LogicalDestination)), 1u);
    EXPECT_TRUE(unit.write_msr(msr(Register::CommandLow), 0x50)) << "to x2APIC ID 0";
    EXPECT_EQ(take(), 0x50u);
    EXPECT_TRUE(unit.write_msr(msr(Register::EndOfInterrupt), 0));
    EXPECT_FALSE(unit.write_msr(msr(Register::EndOfInterrupt), 1));
    EXPECT_TRUE(unit.write_msr(msr(Register::CommandLow), 0x1'0000'0050)) << "to nobody";
    EXPECT_EQ(take(), 0u);
    EXPECT_EQ(unit.read_msr(msr(Register::CommandLow)), 0x1'0000'0050u);
    EXPECT_TRUE(unit.write_msr(msr(Register::SelfIpi), 0x51));
    EXPECT_EQ(take(), 0x51u);
    for (const Register gone : {Register::DestinationFormat, Register::CommandHigh, Register::ArbitrationPriority}) {
        EXPECT_EQ(unit.read_msr(msr(gone)), std::nullopt);
        EXPECT_FALSE(unit.write_msr(msr(gone), 0));
    }
    EXPECT_FALSE(unit.write_msr(msr(Register::Id), 0)) << "read-only";
    EXPECT_EQ(unit.read_msr(0x8ff), std::nullopt);
    EXPECT_FALSE(unit.write_msr(msr(Register::LvtTimer), 1ull << 32));
}

TEST_F(LocalApicTest, ItsModesFollowTheManualsTransitions)
{
    using namespace apic::base;
    EXPECT_FALSE(write_base(apic::kDefaultBase | kX2Apic)) << "extended but not enabled";
    EXPECT_FALSE(write_base(apic::kDefaultBase | kEnable | 1)) << "reserved bit";
    EXPECT_FALSE(write_base(std::uint64_t{1} << 40 | apic::kDefaultBase | kEnable));
    go_to_x2apic();
    EXPECT_FALSE(write_base(apic::kDefaultBase | kEnable)) << "not back without switching off";
    EXPECT_TRUE(write_base(apic::kDefaultBase));
    EXPECT_FALSE(write_base(apic::kDefaultBase | kEnable | kX2Apic)) << "not from off to x2APIC";
    EXPECT_TRUE(write_base(apic::kDefaultBase | kEnable));
    EXPECT_EQ(unit.read_msr(kBase), 0xfee0'0800u) << "the boot processor's bit is the writer's too";
    EXPECT_TRUE(write_base(0xfed0'0000 | kEnable));
    EXPECT_EQ(reports.size(), 1u);
}

TEST_F(LocalApicTest, OffersByCpuid)
{
    LocalApic plain{{.apic = true}, [] { return std::uint64_t{0}; }, [](std::uint8_t) {}, [](const std::string&) {}};
    EXPECT_TRUE(plain.has_msr(kBase));
    EXPECT_FALSE(plain.has_msr(apic::kTscDeadline));
    EXPECT_FALSE(plain.has_msr(msr(Register::Id)));
    EXPECT_FALSE(plain.write_msr(kBase, apic::kDefaultBase | apic::base::kEnable | apic::base::kX2Apic));
    EXPECT_TRUE(unit.has_msr(apic::kTscDeadline));
}

} // namespace
