// SPDX-License-Identifier: MIT
// Three walks through page tables that share no code: the engine's MMU, as the conformance kernel has seen it access by
// access, the model's, and the kernel's own.  Every combination of P, W, U and NX in two levels, of the kind of access
// and its ring, and of the controls that change the rights; pages of each size, used and reserved bits.  [SDM 3A
// "Determination of Access Rights"]
#include "arch/control_registers.h"
#include "conformance/compare/log.h"
#include "kernel/permissions.h"
#include "machine/machine.h"
#include "mm/page_walk.h"
#include "model/page_walk.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <sstream>

namespace {

using arch::PageEntry;
using arch::PhysAddr;
using conformance::LogLine;
using ringcheck::model::AccessKind;
using ringcheck::model::CpuState;
namespace permissions = conformance::permissions;
namespace model = ringcheck::model;

constexpr std::uint64_t kTable = PageEntry::kPresent | PageEntry::kWritable | PageEntry::kUser;
constexpr std::uint64_t kAddress = 0x100'0000'0000;

/// What the line of one kind of access is about.
struct Subject {
    const permissions::Shape* shape = nullptr;
    permissions::Controls controls{};
    AccessKind kind{};
    bool user = false;
};

/// The kernel's log in ringcheck, from one boot for all tests.
const std::vector<LogLine>& log()
{
    static const std::vector<LogLine> lines = [] {
        const auto kernel = ringcheck::ElfImage::load(CONFORMANCE_KERNEL);
        auto machine = ringcheck::Machine::create({});
        EXPECT_TRUE(kernel && machine && (*machine)->load_pvh(*kernel, {}, ""));
        (*machine)->run();
        std::istringstream text((*machine)->console());
        auto parsed = conformance::parse_log(text);
        EXPECT_TRUE(parsed) << parsed.error();
        return parsed.value_or(std::vector<LogLine>{});
    }();
    return lines;
}

/// Four tables for one address, of which two levels hold the flags under test.  The page is at 0.
class Tables {
public:
    void set(const permissions::Shape& shape, std::uint64_t upper_flags, std::uint64_t lower_flags)
    {
        for (unsigned level = arch::kTopLevel; level > shape.lower_level; --level) {
            const bool tested = level == shape.lower_level + 1;
            memory_.write_u64(place(level), PageEntry(table(level - 1), 0).raw() |
                                                (tested ? upper_flags | shape.upper_bits : kTable));
        }
        memory_.write_u64(place(shape.lower_level), lower_flags | shape.lower_bits);
    }
    PageEntry entry(unsigned level) const { return PageEntry{*memory_.read_u64(place(level))}; }
    const model::PhysicalMemory& memory() const { return memory_; }
    static PhysAddr table(unsigned level) { return PhysAddr{arch::kPageSize * level}; }

    /// For kernel::walk.
    std::uint64_t read_u64(PhysAddr address) const { return *memory_.read_u64(address); }

private:
    static PhysAddr place(unsigned level)
    {
        return table(level) + sizeof(PageEntry) * arch::table_index(kAddress, level);
    }

    std::vector<std::byte> ram_ = std::vector<std::byte>(0x5000);
    model::PhysicalMemory memory_{ram_};
};

CpuState state_for(const Subject& subject)
{
    namespace cr0 = arch::cr0;
    namespace cr4 = arch::cr4;
    namespace efer = arch::efer;
    const permissions::Controls& controls = subject.controls;
    CpuState state;
    state.cpl = subject.user ? 3 : 0;
    state.cr0 = cr0::kPaging | cr0::kProtectionEnable | (controls.write_protect ? cr0::kWriteProtect : 0);
    state.cr3 = Tables::table(arch::kTopLevel).value;
    state.cr4 = cr4::kPhysicalAddressExtension | (controls.smep ? cr4::kSmep : 0) | (controls.smap ? cr4::kSmap : 0);
    state.efer = efer::kLongModeEnable | efer::kLongModeActive | (controls.no_execute ? efer::kNoExecuteEnable : 0);
    state.rflags |= controls.ac ? arch::rflags::kAlignmentCheck : 0;
    state.cs.attributes = 1u << 21; // L
    return state;
}

unsigned outcome_by_model(const Subject& subject, Tables& tables)
{
    const CpuState state = state_for(subject);
    model::WalkTrace trace;
    const auto translation =
        model::walk(state, tables.memory(), kAddress, model::by_program(state, subject.kind), &trace);
    if (!translation) {
        return permissions::kFault | translation.error().error_code.value_or(permissions::kUnexpected);
    }
    model::mark_used(tables.memory(), trace, subject.kind);
    const PageEntry upper = tables.entry(subject.shape->lower_level + 1),
                    lower = tables.entry(subject.shape->lower_level);
    return (upper.has(PageEntry::kAccessed) ? permissions::kUpperAccessed : 0) |
           (lower.has(PageEntry::kAccessed) ? permissions::kLowerAccessed : 0) |
           (lower.has(PageEntry::kDirty) ? permissions::kLowerDirty : 0);
}

std::string name_of(const Subject& subject)
{
    constexpr const char* kKinds[] = {"read", "write", "fetch"};
    const permissions::Controls& c = subject.controls;
    return fmt::format("permissions-{}-wp{:d}-nxe{:d}-smep{:d}-smap{:d}-ac{:d}-{}-r{}", subject.shape->name,
                       int{c.write_protect}, int{c.no_execute}, int{c.smep}, int{c.smap}, int{c.ac},
                       kKinds[static_cast<unsigned>(subject.kind)], subject.user ? 3 : 0);
}

/// The kinds of access that the log has a line for.
std::vector<Subject> subjects()
{
    std::vector<Subject> all;
    for (const permissions::Shape& shape : permissions::kShapes) {
        for (unsigned combination = 0; combination != permissions::kControlCombinations; ++combination) {
            const permissions::Controls controls = permissions::controls_of(combination);
            for (const AccessKind kind : {AccessKind::Read, AccessKind::Write, AccessKind::Fetch}) {
                for (const bool user : {false, true}) {
                    if (permissions::is_tried(shape, controls)) {
                        all.push_back({&shape, controls, kind, user});
                    }
                }
            }
        }
    }
    return all;
}

/// Calls `check` with each access of the log: its subject, its tables, what came of it.
template <typename Check> unsigned for_each_access(const Check& check)
{
    unsigned cases = 0;
    Tables tables;
    for (const Subject& subject : subjects()) {
        const std::string name = name_of(subject);
        const auto line = std::ranges::find(log(), name, &LogLine::name);
        if (line == log().end()) {
            ADD_FAILURE() << "no line " << name;
            return cases;
        }
        for (unsigned entries = 0; entries != 256; ++entries) {
            const unsigned upper = entries / 16, lower = entries % 16;
            const std::string digits = line->fields.at(fmt::format("upper{}", upper)).substr(std::size_t{2} * lower, 2);
            tables.set(*subject.shape, permissions::flags_of(upper), permissions::flags_of(lower));
            check(subject, tables, static_cast<unsigned>(std::stoul(digits, nullptr, 16)),
                  fmt::format("{} upper {:04b} lower {:04b}", name, upper, lower));
            ++cases;
        }
    }
    return cases;
}

TEST(PagePermissions, EngineAgreesWithTheModelForEveryAccess)
{
    const unsigned cases =
        for_each_access([](const Subject& subject, Tables& tables, unsigned seen, const std::string& name) {
            const unsigned expected = outcome_by_model(subject, tables);
            if (seen != expected) {
                ADD_FAILURE() << name << fmt::format(": engine {:#x}, model {:#x}", seen, expected);
            }
        });
    EXPECT_EQ(cases, 90'624u);
    std::cout << cases << " accesses of the engine agree with the model's walk\n";
}

TEST(PagePermissions, EngineAgreesWithTheKernelsWalkUnderTheKernelsControls)
{
    unsigned cases = 0;
    for_each_access([&](const Subject& subject, const Tables& tables, unsigned seen, const std::string& name) {
        const permissions::Controls& controls = subject.controls;
        if (!controls.write_protect || !controls.no_execute || controls.smep || controls.smap ||
            subject.shape->reserved_bits) {
            return; // the kernel's walk knows no others
        }
        const auto walked =
            kernel::walk(tables, Tables::table(arch::kTopLevel), arch::VirtAddr{kAddress},
                         {subject.kind == AccessKind::Write, subject.user, subject.kind == AccessKind::Fetch});
        const bool faulted = (seen & permissions::kFault) != 0, present = (seen & arch::page_fault::kProtection) != 0;
        const bool agree = walked ? !faulted : faulted && present == (walked.error() == kernel::WalkError::Protection);
        EXPECT_TRUE(agree) << name;
        ++cases;
    });
    EXPECT_EQ(cases, 9'216u);
    std::cout << cases << " accesses of the engine agree with the kernel's walk\n";
}

} // namespace
