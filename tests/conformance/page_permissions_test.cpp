// SPDX-License-Identifier: MIT
// Three walks through page tables that share no code: the engine's MMU, as the conformance kernel has seen it access by
// access, the model's, and the kernel's own.  Every combination of P, W, U and NX in two levels, of the kind of access
// and its ring, and of the controls that change the rights.  [SDM 3A "Determination of Access Rights"]
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
constexpr PhysAddr kTop{0x1000}, kDirectoryPointers{0x2000}, kDirectory{0x3000}, kPageTable{0x4000}, kFrame{0x5000};
constexpr std::uint64_t kAddress = 0x100'0000'0000;

/// What the line of one kind of access is about.
struct Subject {
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

/// Four tables for one address, of which the lower two hold the flags under test.
class Tables {
public:
    Tables()
    {
        put(kTop, arch::kTopLevel, kDirectoryPointers, kTable);
        put(kDirectoryPointers, 3, kDirectory, kTable);
    }
    void set(std::uint64_t directory_flags, std::uint64_t table_flags)
    {
        put(kDirectory, 2, kPageTable, directory_flags);
        put(kPageTable, 1, kFrame, table_flags);
    }
    PageEntry directory_entry() const { return PageEntry{*memory_.read_u64(kDirectory + offset(2))}; }
    PageEntry table_entry() const { return PageEntry{*memory_.read_u64(kPageTable + offset(1))}; }
    const model::PhysicalMemory& memory() const { return memory_; }

    /// For kernel::walk.
    std::uint64_t read_u64(PhysAddr address) const { return *memory_.read_u64(address); }

private:
    static std::uint64_t offset(unsigned level) { return sizeof(PageEntry) * arch::table_index(kAddress, level); }
    void put(PhysAddr table, unsigned level, PhysAddr next, std::uint64_t flags)
    {
        memory_.write_u64(table + offset(level), PageEntry(next, flags).raw());
    }

    std::vector<std::byte> ram_ = std::vector<std::byte>(0x6000);
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
    state.cr3 = kTop.value;
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
    return (tables.directory_entry().has(PageEntry::kAccessed) ? permissions::kDirectoryAccessed : 0) |
           (tables.table_entry().has(PageEntry::kAccessed) ? permissions::kTableAccessed : 0) |
           (tables.table_entry().has(PageEntry::kDirty) ? permissions::kTableDirty : 0);
}

/// Calls `check` with each access of the log: its subject, its tables, what came of it.
template <typename Check> unsigned for_each_access(const Check& check)
{
    unsigned cases = 0;
    Tables tables;
    for (unsigned combination = 0; combination != permissions::kControlCombinations; ++combination) {
        for (const AccessKind kind : {AccessKind::Read, AccessKind::Write, AccessKind::Fetch}) {
            for (const bool user : {false, true}) {
                const permissions::Controls c = permissions::controls_of(combination);
                constexpr const char* kKinds[] = {"read", "write", "fetch"};
                const std::string name = fmt::format("permissions-wp{:d}-nxe{:d}-smep{:d}-smap{:d}-ac{:d}-{}-r{}",
                                                     int{c.write_protect}, int{c.no_execute}, int{c.smep}, int{c.smap},
                                                     int{c.ac}, kKinds[static_cast<unsigned>(kind)], user ? 3 : 0);
                const auto line = std::ranges::find(log(), name, &LogLine::name);
                if (line == log().end()) {
                    ADD_FAILURE() << "no line " << name;
                    return cases;
                }
                for (unsigned entries = 0; entries != 256; ++entries) {
                    const unsigned directory = entries / 16, table = entries % 16;
                    const std::string digits =
                        line->fields.at(fmt::format("pde{}", directory)).substr(std::size_t{2} * table, 2);
                    tables.set(permissions::flags_of(directory), permissions::flags_of(table));
                    check(Subject{c, kind, user}, tables, static_cast<unsigned>(std::stoul(digits, nullptr, 16)),
                          fmt::format("{} pde {:04b} pte {:04b}", name, directory, table));
                    ++cases;
                }
            }
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
    EXPECT_EQ(cases, 49'152u);
    std::cout << cases << " accesses of the engine agree with the model's walk\n";
}

TEST(PagePermissions, EngineAgreesWithTheKernelsWalkUnderTheKernelsControls)
{
    unsigned cases = 0;
    for_each_access([&](const Subject& subject, const Tables& tables, unsigned seen, const std::string& name) {
        const permissions::Controls& controls = subject.controls;
        if (!controls.write_protect || !controls.no_execute || controls.smep || controls.smap) {
            return; // the kernel's walk knows no others
        }
        const auto walked =
            kernel::walk(tables, kTop, arch::VirtAddr{kAddress},
                         {subject.kind == AccessKind::Write, subject.user, subject.kind == AccessKind::Fetch});
        const bool faulted = (seen & permissions::kFault) != 0, present = (seen & arch::page_fault::kProtection) != 0;
        const bool agree = walked ? !faulted : faulted && present == (walked.error() == kernel::WalkError::Protection);
        EXPECT_TRUE(agree) << name;
        ++cases;
    });
    EXPECT_EQ(cases, 3'072u);
    std::cout << cases << " accesses of the engine agree with the kernel's walk\n";
}

} // namespace
